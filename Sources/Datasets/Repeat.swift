import Essentials

extension Dataset {
  /// The dataset `count` times over, each time in the order of its next epoch; endlessly when
  /// `count` is nil.
  /// - Throws: a `value` failure for a negative count.
  public func repeated(_ count: Int? = nil) throws -> Dataset<Element> {
    if let count, count < 0 {
      throw Failure(.value, "cannot repeat a dataset \(count) times", parameter: "count")
    }
    let known = stage.cardinality
    let cardinality: @Sendable () -> Cardinality = {
      guard let count else { return known() == .known(0) ? .known(0) : .infinite }
      if count == 0 { return .known(0) }
      return known().mapKnown { one in
        let (all, overflow) = one.multipliedReportingOverflow(by: count)
        return overflow ? Int.max : all
      }
    }
    return Dataset(
      stage: stage.adding(count.map { "repeat(\($0))" } ?? "repeat", cardinality: cardinality) {
        [stage] pass in
        if pass.isFrozen {
          guard let length = cardinality().count ?? (cardinality() == .unknown ? Int.max : nil), let count
          else {
            throw Failure(
              .value, "a dataset that never ends cannot be split", hint: "split it before it repeats")
          }
          let view = try stage.frozenView(pass)
          let (all, overflow) = view.count.multipliedReportingOverflow(by: count)
          return .indexed(
            IndexedView(count: overflow ? length : all, evaluation: view.evaluation) {
              try view.element($0 % view.count)
            })
        }
        // Wide apart, so that repetitions of different passes have different epochs.
        let firstEpoch = pass.epoch &* (count ?? 1 << 32)
        let evaluation = try stage.view(pass).evaluation
        return .stream(
          StreamView(evaluation: evaluation) {
            var repetition = 0
            var current: DatasetIterator<Element>?
            return DatasetIterator {
              while true {
                var isFresh = false
                if current == nil {
                  if let count, repetition >= count { return nil }
                  var next = pass
                  next.epoch = firstEpoch &+ repetition
                  current = try stage.view(next).makeIterator()
                  repetition += 1
                  isFresh = true
                }
                if let element = try current?.next() { return element }
                // An empty dataset repeated endlessly is still empty.
                if isFresh { return nil }
                current = nil
              }
            }
          })
      })
  }
}
