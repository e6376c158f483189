extension Dataset {
  /// The elements of the lists that `expand` makes of each element, one after the other: the windows
  /// of each recording, the rows of each batch.
  ///
  /// A `split` behind it holds all elements in memory, since it has to know how many there are.
  public func flatMap<Result: Sendable>(
    parallel: Bool = true, label: String = "flat_map",
    _ expand: @escaping @Sendable (Element, ItemContext) throws -> [Result]
  ) -> Dataset<Result> {
    let known = stage.cardinality
    let cardinality: @Sendable () -> Cardinality = {
      switch known() {
      case .known(0): .known(0)
      case .infinite: .infinite
      default: .unknown
      }
    }
    return Dataset<Result>(
      stage: stage.adding(label, cardinality: cardinality, isBatched: false) { [stage] pass in
        let upstream = try stage.view(pass)
        let all = StreamView(evaluation: upstream.evaluation) { try upstream.makeIterator() }
        let lists = transformed(all, epoch: pass.epoch, parallel: parallel, expand)
        let flat = StreamView<Result>(evaluation: .immediate) {
          let iterator = try lists.makeIterator()
          var current: ArraySlice<Result> = []
          return DatasetIterator {
            while true {
              if let element = current.popFirst() { return element }
              guard let list = try iterator.next() else { return nil }
              current = list[...]
            }
          }
        }
        return pass.isFrozen ? .indexed(try collected(flat)) : .stream(flat)
      })
  }
}
