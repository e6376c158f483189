import Essentials

/// A lazy pipeline in the manner of tf.data: a source and the stages behind it.
///
/// Nothing is made until a pass asks for it. Each pass (`makeIterator()`) over the same dataset is
/// its next epoch; epoch numbers decide the orders of `shuffle` and reach the closures of `map`, so
/// the same seeds give the same elements. Datasets are values that may be used from any thread;
/// copies of one dataset share its epoch counter and its caches.
public struct Dataset<Element: Sendable>: Sendable {
  let stage: Stage<Element>
  private let epochs = EpochCounter()

  init(stage: Stage<Element>) { self.stage = stage }

  /// The elements of an array.
  public init(_ elements: [Element]) {
    self.init(count: elements.count, evaluation: .immediate) { elements[$0] }
  }

  /// `count` elements, the `index`-th made by `element(index)` whenever it is needed, on any thread.
  /// - Throws: a `value` failure for a negative count.
  public init(count: Int, element: @escaping @Sendable (_ index: Int) throws -> Element) throws {
    guard count >= 0 else {
      throw Failure(.value, "a dataset has no negative count: \(count)", parameter: "count")
    }
    self.init(count: count, evaluation: .parallel, element: element)
  }

  /// Elements that come one after the other: each pass calls `makeNext` once, and what that gives
  /// until it gives nil. `count` tells how many that will be, where it is known.
  public init(
    count: Int? = nil, generator makeNext: @escaping @Sendable () throws -> () throws -> Element?
  ) {
    stage = Stage(
      labels: [], cardinality: { count.map { .known($0) } ?? .unknown }, examples: { count },
      view: { pass in
        let stream = StreamView(evaluation: .immediate) { DatasetIterator(try makeNext()) }
        return pass.isFrozen ? .indexed(try collected(stream)) : .stream(stream)
      })
  }

  private init(
    count: Int, evaluation: Evaluation, element: @escaping @Sendable (Int) throws -> Element
  ) {
    stage = Stage(
      labels: [], cardinality: { .known(count) }, examples: { count },
      view: { _ in .indexed(IndexedView(count: count, evaluation: evaluation, element: element)) })
  }

  /// How many elements a pass gives, as far as that is known without making them.
  public var cardinality: Cardinality { stage.cardinality() }

  /// The number of elements, where it is known and finite: nil after `filter`, or `repeated()`.
  public var count: Int? { cardinality.count }

  /// The bytes that the caches of this pipeline hold now, as far as they were told how to count.
  public var cachedByteCount: Int { stage.cachedByteCount() }

  /// Starts the next epoch: 0 the first time, then 1, 2, ….
  public func makeIterator() throws -> DatasetIterator<Element> {
    try makeIterator(epoch: epochs.next())
  }

  /// Starts a pass with a given epoch number, which leaves the dataset's own counter alone.
  public func makeIterator(epoch: Int) throws -> DatasetIterator<Element> {
    try stage.view(Pass(epoch: epoch)).makeIterator()
  }

  /// Starts the next epoch for a consumer that keeps several threads busy itself: nothing is made ahead, no
  /// `prefetch` starts a thread, and `nextJob()` leaves to the consumer what may be done on any thread.
  public func makeJobIterator() throws -> DatasetIterator<Element> {
    try stage.view(Pass(epoch: epochs.next(), worksAhead: false)).makeIterator()
  }

  /// Passes over some epochs, as if their elements had been asked for.
  public func skipEpochs(_ count: Int) { epochs.skip(max(0, min(count, 1 << 40))) }

  /// The first element of epoch 0, or nil from an empty dataset. Makes no other element where the
  /// pipeline allows that, and starts no epoch.
  public func first() throws -> Element? {
    switch try stage.view(Pass(epoch: 0)) {
    case .indexed(let view): return view.count > 0 ? try view.element(0) : nil
    case .stream(let view): return try view.makeIterator().next()
    }
  }

  /// All elements of the next epoch.
  /// - Throws: a `value` failure where the dataset never ends, and what making the elements meets.
  public func elements() throws -> [Element] {
    if cardinality == .infinite {
      throw Failure(.value, "a dataset that never ends cannot become a list", hint: "take a part of it")
    }
    var result: [Element] = []
    let iterator = try makeIterator()
    while let element = try iterator.next() { result.append(element) }
    return result
  }

  /// Calls `body` with each element of the next epoch.
  public func forEach(_ body: (Element) throws -> Void) throws {
    let iterator = try makeIterator()
    while let element = try iterator.next() { try body(element) }
  }
}

extension Dataset: CustomStringConvertible {
  /// The length and the stages:
  /// `Dataset of 810 examples · map · cache · shuffle(1000) · batch(16) → 51 batches`.
  public var description: String {
    var text = "Dataset of "
    switch (stage.examples(), cardinality) {
    case (1?, _): text += "1 example"
    case (let count?, _): text += "\(count) examples"
    case (nil, .infinite): text += "endless examples"
    default: text += "unknown length"
    }
    for label in stage.labels { text += " · \(label)" }
    if stage.isBatched, let count { text += " → \(count) \(count == 1 ? "batch" : "batches")" }
    return text
  }
}

/// Counts the passes over one dataset.
private final class EpochCounter: Sendable {
  private let epoch = Monitor(0)

  func skip(_ count: Int) { epoch.withLock { $0 += count } }

  func next() -> Int {
    epoch.withLock { epoch in
      defer { epoch += 1 }
      return epoch
    }
  }
}
