import Essentials

extension Dataset {
  /// Makes up to `count` elements ahead, on a thread of its own, while the consumer works on others.
  ///
  /// A failure reaches the consumer at its place. The thread ends at the end of the pass, after a
  /// failure or an interrupt, and when the iterator is let go; whatever it makes at that moment is
  /// finished first.
  /// - Parameters:
  ///   - count: the most elements that wait, at least 1.
  ///   - byteCount: the size of an element, for the budget.
  ///   - byteBudget: the most bytes that wait; one element may wait whatever its size. A quarter of
  ///     the machine's memory by default.
  ///   - isShown: whether the dataset's description names this stage.
  /// - Throws: a `value` failure for a count of less than 1.
  public func prefetch(
    _ count: Int, byteCount: (@Sendable (Element) -> Int)? = nil,
    byteBudget: Int = ByteCount.physicalMemory / 4, isShown: Bool = true
  ) throws -> Dataset<Element> {
    guard count >= 1 else {
      throw Failure(.value, "prefetch takes 1 or more elements, not \(count)", parameter: "buffer_size")
    }
    return Dataset(
      stage: stage.adding(isShown ? "prefetch(\(count))" : nil) { [stage] pass in
        let upstream = try stage.view(pass)
        // A frozen pass needs its indices; the stage that asked has its own way of working ahead.
        // A consumer with threads of its own needs no other one.
        if pass.isFrozen || !pass.worksAhead { return upstream }
        return .stream(
          StreamView(evaluation: upstream.evaluation == .parallel ? .parallelWithin : upstream.evaluation) {
            let queue = PrefetchQueue<Element>(count: count, byteCount: byteCount, byteBudget: byteBudget)
            let inheritance = Inheritance.current
            guard Thread.detach({ Inheritance.with(inheritance) { queue.fill(from: upstream) } }) else {
              throw Failure(.memory, "the system has no thread to give to prefetch")
            }
            let consumer = PrefetchConsumer(queue: queue)
            return DatasetIterator { try consumer.next() }
          })
      })
  }
}

/// The consumer's end of the queue: when it is let go, the producer stops.
private final class PrefetchConsumer<Element: Sendable> {
  private let queue: PrefetchQueue<Element>

  init(queue: PrefetchQueue<Element>) { self.queue = queue }

  deinit { queue.close() }

  func next() throws -> Element? { try queue.take() }
}

/// Elements made ahead, between the producing thread and the consumer.
private final class PrefetchQueue<Element: Sendable>: Sendable {
  private struct State {
    var waiting: [(element: Element, bytes: Int)] = []
    var byteCount = 0
    /// What the next element probably takes: as much as the last one.
    var expectedBytes = 0
    var isAtEnd = false
    var isClosed = false
    var failure: (any Error)?
  }

  private let count: Int
  private let size: (@Sendable (Element) -> Int)?
  private let byteBudget: Int
  private let state = Monitor(State())

  init(count: Int, byteCount: (@Sendable (Element) -> Int)?, byteBudget: Int) {
    self.count = count
    size = byteCount
    self.byteBudget = byteBudget
  }

  func close() {
    let dropped = state.withLock { state in
      defer { state.waiting = [] }
      state.isClosed = true
      return state.waiting
    }
    // Elements are let go outside the lock.
    _ = dropped
    state.signal()
  }

  /// The producing thread's work.
  func fill(from view: View<Element>) {
    do {
      let iterator = try view.makeIterator()
      while true {
        let isClosed = state.wait(until: hasRoom) { $0.isClosed }
        if isClosed { return }
        guard let element = try iterator.next() else { break }
        let bytes = size?(element) ?? 0
        state.withLock { state in
          if state.isClosed { return }
          state.waiting.append((element, bytes))
          state.byteCount += bytes
          state.expectedBytes = bytes
        }
        state.signal()
      }
    } catch {
      state.withLock { $0.failure = error }
    }
    state.withLock { $0.isAtEnd = true }
    state.signal()
  }

  private func hasRoom(_ state: State) -> Bool {
    if state.isClosed || state.waiting.isEmpty { return true }
    return state.waiting.count < count && state.expectedBytes <= byteBudget - state.byteCount
  }

  func take() throws -> Element? {
    let element = try state.wait(until: { !$0.waiting.isEmpty || $0.isAtEnd }) { state -> Element? in
      guard !state.waiting.isEmpty else {
        if let failure = state.failure { throw failure }
        return nil
      }
      let (element, bytes) = state.waiting.removeFirst()
      state.byteCount -= bytes
      return element
    }
    state.signal()
    return element
  }
}
