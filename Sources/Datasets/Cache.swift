import Essentials

extension Dataset {
  /// Keeps each element in memory once it was made, so that later passes need not make it again.
  ///
  /// What is in front of a cache is asked for one epoch only, epoch 0: its order, and what random
  /// maps drew there, stay. Unlike tf.data's, a cache whose first pass was abandoned keeps what it
  /// has and goes on from there, and several passes may fill it at the same time.
  ///
  /// - Parameters:
  ///   - compact: what to keep of an element: itself, or a smaller equal that can be rebuilt (a
  ///     spectrogram's samples instead of its magnitudes). The pass that made the element gets it
  ///     as it was made; later ones get what was kept.
  ///   - byteCount: the size of what is kept, for `cachedByteCount` and the limit.
  ///   - byteLimit: what does not fit any more is made anew in each pass; behind a stage that only
  ///     streams (`filter`, `flatMap`) it is a `memory` failure instead. Half of the machine's memory
  ///     by default.
  public func cache(
    compact: (@Sendable (Element) throws -> Element)? = nil,
    byteCount: (@Sendable (Element) -> Int)? = nil,
    byteLimit: Int = ByteCount.physicalMemory / 2
  ) -> Dataset<Element> {
    let store = CacheStore(
      stage: stage, compact: compact ?? { $0 }, byteCount: byteCount ?? { _ in 0 }, byteLimit: byteLimit)
    let upstreamBytes = stage.cachedByteCount
    let upstreamCardinality = stage.cardinality
    var cached = stage.adding(
      "cache", cardinality: { store.finalCount.map { .known($0) } ?? upstreamCardinality() }
    ) { pass in try store.view(pass) }
    cached.cachedByteCount = { upstreamBytes() + store.heldByteCount }
    return Dataset(stage: cached)
  }
}

/// What a cache holds.
private final class CacheStore<Element: Sendable>: Sendable {
  private struct State {
    var upstream: View<Element>?
    /// By index; for a stream without gaps.
    var kept: [Element?] = []
    var keptCount = 0
    var byteCount = 0
    /// Where the filling of a stream stands.
    var stream: DatasetIterator<Element>?
    var isComplete = false
  }

  private let stage: Stage<Element>
  private let compact: @Sendable (Element) throws -> Element
  private let size: @Sendable (Element) -> Int
  private let byteLimit: Int
  private let state = Monitor(State())

  init(
    stage: Stage<Element>, compact: @escaping @Sendable (Element) throws -> Element,
    byteCount: @escaping @Sendable (Element) -> Int, byteLimit: Int
  ) {
    self.stage = stage
    self.compact = compact
    size = byteCount
    self.byteLimit = byteLimit
  }

  var heldByteCount: Int { state.withLock { $0.byteCount } }

  /// The number of elements, once a stream was read to its end.
  var finalCount: Int? { state.withLock { $0.isComplete ? $0.kept.count : nil } }

  func view(_ pass: Pass) throws -> View<Element> {
    let (upstream, isComplete) = try state.withLock { state in
      if let view = state.upstream { return (view, state.isComplete) }
      let view = try stage.view(Pass(epoch: 0))
      state.upstream = view
      if case .indexed(let view) = view {
        state.kept = Array(repeating: nil, count: view.count)
        state.isComplete = view.count == 0
      }
      return (view, state.isComplete)
    }
    switch upstream {
    case .indexed(let view):
      return .indexed(
        IndexedView(count: view.count, evaluation: isComplete ? .immediate : view.evaluation) { [self] in
          try element($0, of: view)
        })
    case .stream(let view):
      if pass.isFrozen {
        var index = 0
        while try streamed(index, from: view) != nil { index += 1 }
      } else if !isComplete {
        return .stream(
          StreamView(evaluation: .immediate) { [self] in
            var index = 0
            return DatasetIterator {
              defer { index += 1 }
              return try self.streamed(index, from: view)
            }
          })
      }
      let kept = state.withLock { $0.kept.compactMap { $0 } }
      return .indexed(IndexedView(count: kept.count, evaluation: .immediate) { kept[$0] })
    }
  }

  /// Two passes that need the same element at the same time may both make it; the first is kept.
  private func element(_ index: Int, of view: IndexedView<Element>) throws -> Element {
    if let element = state.withLock({ $0.kept[index] }) { return element }
    let element = try view.element(index)
    if state.withLock({ $0.byteCount >= byteLimit }) { return element }
    let small = try compact(element)
    let bytes = size(small)
    state.withLock { state in
      guard state.kept[index] == nil, bytes <= byteLimit - state.byteCount else { return }
      state.kept[index] = small
      state.byteCount += bytes
      state.keptCount += 1
      state.isComplete = state.keptCount == state.kept.count
    }
    return element
  }

  /// The element at `index`, at most one behind what is kept. The lock is held while the stream
  /// makes an element: a second pass waits for it rather than making it too.
  private func streamed(_ index: Int, from view: StreamView<Element>) throws -> Element? {
    try state.withLock { state in
      if index < state.kept.count { return state.kept[index] }
      if state.isComplete { return nil }
      do {
        let stream: DatasetIterator<Element>
        if let running = state.stream {
          stream = running
        } else {
          stream = try view.makeIterator()
          try stream.skip(state.kept.count)
          state.stream = stream
        }
        guard let element = try stream.next() else {
          state.isComplete = true
          state.stream = nil
          return nil
        }
        let small = try compact(element)
        let bytes = size(small)
        guard bytes <= byteLimit - state.byteCount else {
          throw Failure(
            .memory, "the cache would hold more than \(ByteCount.text(Double(byteLimit)))",
            hint: "cache after less of the pipeline, or not at all")
        }
        state.kept.append(small)
        state.keptCount += 1
        state.byteCount += bytes
        return element
      } catch {
        // The next pass starts the stream again and passes over what is kept.
        state.stream = nil
        throw error
      }
    }
  }
}
