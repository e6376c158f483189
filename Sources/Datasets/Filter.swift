import Essentials

extension Dataset {
  /// The elements that `isIncluded` accepts. Their number is not known before a pass.
  ///
  /// A `split` behind a filter runs the filter once, over everything, to know what passes.
  public func filter(
    parallel: Bool = true, _ isIncluded: @escaping @Sendable (Element) throws -> Bool
  ) -> Dataset<Element> {
    let frozen = Monitor<[Int]?>(nil)
    return Dataset(
      stage: stage.adding("filter", cardinality: filteredCardinality) { [stage] pass in
        let upstream = try stage.view(pass)
        if pass.isFrozen, case .indexed(let view) = upstream {
          let passing = try frozen.withLock { known in
            if let known { return known }
            let found = try passingIndices(view, parallel: parallel, isIncluded)
            known = found
            return found
          }
          return .indexed(
            IndexedView(count: passing.count, evaluation: view.evaluation) { try view.element(passing[$0]) })
        }
        let all = StreamView(evaluation: upstream.evaluation) { try upstream.makeIterator() }
        let judged = transformed(all, epoch: pass.epoch, parallel: parallel) { element, _ in
          try isIncluded(element) ? element : nil
        }
        return .stream(
          StreamView(evaluation: .immediate) {
            let iterator = try judged.makeIterator()
            return DatasetIterator {
              while let element = try iterator.next() {
                if let element { return element }
              }
              return nil
            }
          })
      })
  }

  private var filteredCardinality: @Sendable () -> Cardinality {
    { [stage] in
      switch stage.cardinality() {
      case .known(0): .known(0)
      case .known, .unknown: .unknown
      case .infinite: .infinite
      }
    }
  }
}

/// The indices whose elements pass, found on all cores; elements are let go at once.
private func passingIndices<Element: Sendable>(
  _ view: IndexedView<Element>, parallel: Bool, _ isIncluded: @escaping @Sendable (Element) throws -> Bool
) throws -> [Int] {
  let evaluation = view.evaluation.addingWork(parallel: parallel)
  let flags = IndexedView(count: view.count, evaluation: evaluation) { try isIncluded(view.element($0)) }
  let iterator = try View.indexed(flags).makeIterator()
  var passing: [Int] = []
  var index = 0
  while let flag = try iterator.next() {
    if flag { passing.append(index) }
    index += 1
  }
  return passing
}
