import Essentials

extension Dataset {
  /// The first `count` elements of each pass, or all where there are fewer.
  ///
  /// Behind a `shuffle` these are other elements in each epoch; to take a part of the data for good,
  /// `split` it.
  /// - Throws: a `value` failure for a negative count.
  public func take(_ count: Int) throws -> Dataset<Element> {
    guard count >= 0 else {
      throw Failure(.value, "cannot take \(count) elements", parameter: "count")
    }
    return sliced("take(\(count))", from: 0, count: count)
  }

  /// All but the first `count` elements of each pass.
  /// - Throws: a `value` failure for a negative count.
  public func skip(_ count: Int) throws -> Dataset<Element> {
    guard count >= 0 else {
      throw Failure(.value, "cannot skip \(count) elements", parameter: "count")
    }
    return sliced("skip(\(count))", from: count, count: Int.max)
  }

  /// Every `count`-th element, starting with the one at `index`: the share of one of several workers.
  /// - Throws: a `value` failure unless 0 ≤ index < count.
  public func shard(count: Int, index: Int) throws -> Dataset<Element> {
    guard count >= 1 else {
      throw Failure(.value, "a dataset is shared among 1 or more, not \(count)", parameter: "count")
    }
    guard (0..<count).contains(index) else {
      throw Failure(
        .value, "there is no share \(index) of \(count); the first is 0, the last \(count - 1)",
        parameter: "index")
    }
    let known = stage.cardinality
    return Dataset(
      stage: stage.adding(
        "shard(\(index) of \(count))",
        cardinality: { known().mapKnown { $0 > index ? ($0 - index - 1) / count + 1 : 0 } },
        view: { [stage] pass in
          switch try stage.view(pass) {
          case .indexed(let view):
            let length = view.count > index ? (view.count - index - 1) / count + 1 : 0
            return .indexed(
              IndexedView(count: length, evaluation: view.evaluation) {
                try view.element(index + $0 * count)
              })
          case .stream(let view):
            return .stream(
              StreamView(evaluation: view.evaluation) {
                let iterator = try view.makeIterator()
                var ahead = index
                return DatasetIterator {
                  try iterator.skip(ahead)
                  ahead = count - 1
                  return try iterator.next()
                }
              })
          }
        }))
  }

  private func sliced(_ label: String, from start: Int, count: Int) -> Dataset<Element> {
    let known = stage.cardinality
    let cardinality: @Sendable () -> Cardinality = {
      let upstream = known()
      // Without an end of its own, the slice of an endless dataset has none.
      if upstream == .infinite { return count == Int.max ? .infinite : .known(count) }
      return upstream.mapKnown { min(max($0 - start, 0), count) }
    }
    return Dataset(
      stage: stage.adding(label, cardinality: cardinality) { [stage] pass in
        if pass.isFrozen, stage.cardinality() == .infinite, count != Int.max {
          let endless = try stage.view(Pass(epoch: 0))
          return .indexed(try collected(Self.slice(endless, from: start, count: count)))
        }
        switch try stage.view(pass) {
        case .indexed(let view):
          let length = min(max(view.count - start, 0), count)
          return .indexed(
            IndexedView(count: length, evaluation: view.evaluation) { try view.element(start + $0) })
        case .stream(let view):
          return .stream(Self.slice(.stream(view), from: start, count: count))
        }
      })
  }

  private static func slice(_ view: View<Element>, from start: Int, count: Int) -> StreamView<Element> {
    StreamView(evaluation: view.evaluation) {
      let iterator = try view.makeIterator()
      var ahead = start
      var left = count
      func next<Result>(_ take: () throws -> Result?) throws -> Result? {
        while ahead > 0 {
          ahead -= 1
          if try take() == nil { return nil }
        }
        guard left > 0 else { return nil }
        left -= 1
        return try take()
      }
      return DatasetIterator({ try next(iterator.next) }, jobs: { try next(iterator.nextJob) })
    }
  }
}
