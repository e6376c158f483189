import Essentials

extension Dataset {
  /// What `collate` makes of each `size` elements in a row. The last batch may be smaller, unless
  /// `dropRemainder` leaves it out.
  ///
  /// The elements of a batch are made on all cores where they can be made by index.
  /// - Throws: a `value` failure for a size of less than 1.
  public func batch<Result: Sendable>(
    _ size: Int, dropRemainder: Bool = false,
    collate: @escaping @Sendable ([Element]) throws -> Result
  ) throws -> Dataset<Result> {
    guard size >= 1 else {
      throw Failure(.value, "a batch holds 1 or more elements, not \(size)", parameter: "batch_size")
    }
    let batches: @Sendable (Int) -> Int = { $0 / size + (dropRemainder || $0 % size == 0 ? 0 : 1) }
    let known = stage.cardinality
    return Dataset<Result>(
      stage: stage.adding(
        "batch(\(size))", cardinality: { known().mapKnown(batches) }, isBatched: true
      ) { [stage] pass in
        switch try stage.view(pass) {
        case .indexed(let view):
          return .indexed(
            IndexedView(
              count: batches(view.count),
              evaluation: view.evaluation == .serial ? .serial : .parallelWithin,
              element: { index in
                let start = index * size
                let end = view.count - start > size ? start + size : view.count
                return try collate(view.elements(start..<end, threads: WorkerPool.threadCount))
              }))
        case .stream(let view):
          return .stream(
            StreamView(evaluation: view.evaluation == .serial ? .serial : .parallelWithin) {
              let iterator = try view.makeIterator()
              return DatasetIterator {
                var elements: [Element] = []
                while elements.count < size, let element = try iterator.next() { elements.append(element) }
                if elements.isEmpty || (dropRemainder && elements.count < size) { return nil }
                return try collate(elements)
              }
            })
        }
      })
  }

  /// Lists of `size` elements in a row; the last may be shorter, unless `dropRemainder` leaves it out.
  public func batch(_ size: Int, dropRemainder: Bool = false) throws -> Dataset<[Element]> {
    try batch(size, dropRemainder: dropRemainder) { $0 }
  }
}
