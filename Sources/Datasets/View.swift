/// What a pass asks of a pipeline.
struct Pass: Sendable {
  /// The number of the pass, from 0. Maps see it, and shuffles draw a new order for each.
  var epoch: Int
  /// A frozen pass keeps the order of epoch 0 and must be given as an indexed view, so that an
  /// index means the same element in every epoch.
  var isFrozen = false
  /// Whether stages work ahead of the consumer on threads of their own.
  var worksAhead = true

  /// The epoch whose order shuffles draw.
  var orderEpoch: Int { isFrozen ? 0 : epoch }
}

/// How elements of a view are best made.
enum Evaluation: Sendable {
  /// They are there already.
  case immediate
  /// Making one is work: several are made at the same time.
  case parallel
  /// Making one keeps all cores busy by itself, and one is large: made one at a time.
  case parallelWithin
  /// The maker asked for one at a time.
  case serial

  /// How many elements are made at the same time, ahead of the consumer.
  func lookAhead(threads: Int) -> Int { self == .parallel ? 2 * threads : 1 }

  /// The evaluation once more work is added to each element.
  func addingWork(parallel: Bool) -> Evaluation {
    if !parallel { return .serial }
    return self == .immediate ? .parallel : self
  }

  /// The evaluation of elements that come from either.
  func combined(with other: Evaluation) -> Evaluation {
    for evaluation in [Evaluation.serial, .parallelWithin, .parallel]
    where self == evaluation || other == evaluation {
      return evaluation
    }
    return .immediate
  }
}

/// A pass whose elements can be made in any order, each by its index.
struct IndexedView<Element: Sendable>: Sendable {
  let count: Int
  let evaluation: Evaluation
  let element: @Sendable (Int) throws -> Element

  /// The elements of `range`, in order, on all cores where that helps.
  func elements(_ range: Range<Int>, threads: Int) throws -> [Element] {
    guard evaluation == .parallel, threads > 1 else { return try range.map(element) }
    return try makeParallel(count: range.count) { try element(range.lowerBound + $0) }
  }
}

/// A pass whose elements only come one after the other.
struct StreamView<Element: Sendable>: Sendable {
  let evaluation: Evaluation
  let makeIterator: @Sendable () throws -> DatasetIterator<Element>
}

/// One pass over a pipeline, as its last stage offers it.
///
/// Keeping indices as long as possible is what makes shuffles free of memory, splits free of
/// leaks, and batches parallel.
enum View<Element: Sendable>: Sendable {
  case indexed(IndexedView<Element>)
  case stream(StreamView<Element>)

  var evaluation: Evaluation {
    switch self {
    case .indexed(let view): view.evaluation
    case .stream(let view): view.evaluation
    }
  }

  /// An iterator over the pass; elements of an indexed view are made on all cores, a few ahead.
  func makeIterator() throws -> DatasetIterator<Element> {
    switch self {
    case .stream(let view): return try view.makeIterator()
    case .indexed(let view):
      var index = 0
      return lookAheadIterator(view.evaluation) {
        guard index < view.count else { return nil }
        defer { index += 1 }
        return { [index] in try view.element(index) }
      }
    }
  }
}
