/// Where an element stands, for transforms that draw random numbers: a `RandomSource` seeded with
/// (seed, epoch, index) draws the same whatever thread runs it.
public struct ItemContext: Sendable, Equatable {
  /// The number of the pass, from 0. Always 0 in front of a `cache`, which asks only once.
  public let epoch: Int
  /// The element's position in front of this stage, in this pass.
  public let index: Int

  /// Names a position in a pass.
  public init(epoch: Int, index: Int) {
    self.epoch = epoch
    self.index = index
  }
}

extension Dataset {
  /// What `transform` makes of each element, in order.
  ///
  /// Elements are transformed on all cores, a few ahead of the consumer; with `parallel: false` one
  /// at a time, in order, on the thread that asks. A transform that throws ends the pass at its
  /// element.
  public func map<Result: Sendable>(
    parallel: Bool = true, _ transform: @escaping @Sendable (Element, ItemContext) throws -> Result
  ) -> Dataset<Result> {
    Dataset<Result>(
      stage: stage.adding("map") { [stage] pass in
        switch try stage.view(pass) {
        case .indexed(let view):
          return .indexed(
            IndexedView(
              count: view.count, evaluation: view.evaluation.addingWork(parallel: parallel),
              element: { index in
                try transform(view.element(index), ItemContext(epoch: pass.epoch, index: index))
              }))
        case .stream(let view):
          return .stream(transformed(view, epoch: pass.epoch, parallel: parallel, transform))
        }
      })
  }

  /// What `transform` makes of each element, in order, for transforms without random numbers.
  public func map<Result: Sendable>(
    parallel: Bool = true, _ transform: @escaping @Sendable (Element) throws -> Result
  ) -> Dataset<Result> {
    map(parallel: parallel) { element, _ in try transform(element) }
  }
}

/// A stream of what `transform` makes of the elements of another.
func transformed<Element: Sendable, Result: Sendable>(
  _ view: StreamView<Element>, epoch: Int, parallel: Bool,
  _ transform: @escaping @Sendable (Element, ItemContext) throws -> Result
) -> StreamView<Result> {
  let evaluation = view.evaluation.addingWork(parallel: parallel)
  return StreamView(evaluation: evaluation) {
    let iterator = try view.makeIterator()
    var index = 0
    return lookAheadIterator(evaluation) {
      // What is made one at a time stays so.
      guard let element = try evaluation == .parallel ? iterator.nextJob() : iterator.nextMade()
      else { return nil }
      let context = ItemContext(epoch: epoch, index: index)
      index += 1
      return { try transform(element(), context) }
    }
  }
}
