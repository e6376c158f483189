extension Dataset {
  /// The elements of this dataset, then those of `other`.
  public func concatenated(with other: Dataset<Element>) -> Dataset<Element> {
    let (first, second) = (stage, other.stage)
    return Dataset(
      stage: first.joining(
        second, "concatenate", cardinality: { first.cardinality() + second.cardinality() },
        examples: {
          guard let a = first.examples(), let b = second.examples() else { return nil }
          return a.addingReportingOverflow(b).overflow ? nil : a + b
        },
        view: { pass in
          let (a, b) = (try first.view(pass), try second.view(pass))
          let evaluation = a.evaluation.combined(with: b.evaluation)
          if case .indexed(let a) = a, case .indexed(let b) = b {
            return .indexed(
              IndexedView(count: a.count + b.count, evaluation: evaluation) { index in
                index < a.count ? try a.element(index) : try b.element(index - a.count)
              })
          }
          return .stream(
            StreamView(evaluation: evaluation) {
              let front = try a.makeIterator()
              var back: DatasetIterator<Element>?
              func next<Result>(_ take: (DatasetIterator<Element>) throws -> Result?) throws -> Result? {
                if back == nil {
                  if let taken = try take(front) { return taken }
                  back = try b.makeIterator()
                }
                return try back.flatMap(take)
              }
              return DatasetIterator({ try next { try $0.next() } }, jobs: { try next { try $0.nextJob() } })
            })
        }))
  }

  /// The elements of `a`, then those of `b`.
  public static func + (a: Dataset, b: Dataset) -> Dataset { a.concatenated(with: b) }
}
