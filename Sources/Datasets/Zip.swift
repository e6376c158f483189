extension Dataset {
  /// Pairs of the elements of this dataset and of `other` that stand at the same place; ends with
  /// the shorter one.
  public func zipped<Other: Sendable>(with other: Dataset<Other>) -> Dataset<(Element, Other)> {
    let (first, second) = (stage, other.stage)
    let cardinality: @Sendable () -> Cardinality = {
      .shorter(first.cardinality(), second.cardinality())
    }
    return Dataset<(Element, Other)>(
      stage: first.joining(
        second, "zip", cardinality: cardinality,
        examples: {
          guard let a = first.examples(), let b = second.examples() else { return cardinality().count }
          return min(a, b)
        },
        view: { pass in
          let (a, b) = (try first.view(pass), try second.view(pass))
          let evaluation = a.evaluation.combined(with: b.evaluation)
          if case .indexed(let a) = a, case .indexed(let b) = b {
            return .indexed(
              IndexedView(count: min(a.count, b.count), evaluation: evaluation) { index in
                (try a.element(index), try b.element(index))
              })
          }
          return .stream(
            StreamView(evaluation: evaluation) {
              let (left, right) = (try a.makeIterator(), try b.makeIterator())
              return DatasetIterator {
                guard let a = try left.next(), let b = try right.next() else { return nil }
                return (a, b)
              }
            })
        }))
  }

  /// Each element with its position in the pass, counted from `start`.
  public func enumerated(start: Int = 0) -> Dataset<(Int, Element)> {
    Dataset<(Int, Element)>(
      stage: stage.adding("enumerate") { [stage] pass in
        switch try stage.view(pass) {
        case .indexed(let view):
          return .indexed(
            IndexedView(count: view.count, evaluation: view.evaluation) { index in
              (start &+ index, try view.element(index))
            })
        case .stream(let view):
          return .stream(
            StreamView(evaluation: view.evaluation) {
              let iterator = try view.makeIterator()
              var index = start
              return DatasetIterator {
                guard let element = try iterator.next() else { return nil }
                defer { index &+= 1 }
                return (index, element)
              }
            })
        }
      })
  }
}
