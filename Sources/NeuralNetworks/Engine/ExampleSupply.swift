import Essentials
import Tensors

/// Hands examples to the threads that score them, a few at a time and in order.
///
/// Who finds too few waiting gets the next ones from the source itself (decodes, say), one after the other,
/// and others take those meanwhile. So two threads never become three, and none waits for another while
/// there is anything to do.
final class ExampleSupply: @unchecked Sendable {
  /// Makes an example, on any thread.
  typealias Example = @Sendable () throws -> any TensorSource

  /// Neighbouring examples.
  struct Group {
    let start: Int
    let examples: [Example]
  }

  private struct State {
    /// What came and was not taken, from the example number `taken` on.
    var waiting: [Example] = []
    var taken = 0
    /// Whether a thread is getting the next one.
    var isGetting = false
    var isAtEnd = false
    var failure: (index: Int, error: any Error)?

    mutating func note(_ error: any Error, at index: Int) {
      if let failure, failure.index <= index { return }
      failure = (index, error)
    }
  }

  /// How many examples will come, as far as it is known.
  let count: Int?
  /// Called by one thread at a time, but not always the same.
  private let source: () throws -> Example?
  private let state = Monitor(State())

  /// - Parameter lock: held by who waits for the examples; what makes them passes it by.
  init(count: Int?, serving lock: RecursiveLock, source: @escaping () throws -> Example?) {
    self.count = count
    self.source = {
      guard let example = try lock.serve(source) else { return nil }
      return { try lock.serve(example) }
    }
  }

  /// Examples that are there.
  convenience init(_ examples: some Sequence<any TensorSource>, serving lock: RecursiveLock) {
    var iterator = examples.makeIterator()
    let count = examples.underestimatedCount
    self.init(count: count > 0 ? count : nil, serving: lock) {
      guard let example = iterator.next() else { return nil }
      return { example }
    }
  }

  /// The first example, made before the threads start; nil where there is none.
  func makeFirst() throws -> (any TensorSource)? {
    guard let example = try source() else {
      state.withLock { $0.isAtEnd = true }
      return nil
    }
    let made = try example()
    state.withLock { $0.waiting.append({ made }) }
    return made
  }

  /// Up to `size` examples; nil at the end, or after a failure. Only the last group is smaller, or with
  /// `isFlexible` any for which that keeps all threads busy: towards the end they get smaller, so that
  /// all threads end at the same time.
  func take(_ size: Int, isFlexible: Bool) -> Group? {
    while true {
      let (group, isEnd) = state.wait(until: { canGoOn($0, size, isFlexible) }) { state -> (Group?, Bool) in
        let wanted = groupSize(state, size, isFlexible)
        if state.waiting.count < wanted, !state.isAtEnd, !state.isGetting {
          state.isGetting = true
          return (nil, false)
        }
        let examples = Array(state.waiting.prefix(wanted))
        if examples.isEmpty { return (nil, true) }
        state.waiting.removeFirst(examples.count)
        defer { state.taken += examples.count }
        return (Group(start: state.taken, examples: examples), false)
      }
      if let group { return group }
      if isEnd { return nil }
      let next = Result { try source() }
      state.withLock { state in
        state.isGetting = false
        switch next {
        case .success(let example?): if state.failure == nil { state.waiting.append(example) }
        case .success(nil): state.isAtEnd = true
        case .failure(let error):
          state.isAtEnd = true
          state.note(error, at: state.taken + state.waiting.count)
        }
      }
      state.signal()
    }
  }

  private func canGoOn(_ state: State, _ size: Int, _ isFlexible: Bool) -> Bool {
    state.isAtEnd || !state.isGetting || state.waiting.count >= (isFlexible ? 1 : size)
  }

  private func groupSize(_ state: State, _ size: Int, _ isFlexible: Bool) -> Int {
    guard isFlexible else { return size }
    let rest = state.isAtEnd ? state.waiting.count : count.map { $0 - state.taken } ?? Int.max
    let shares = 2 * WorkerPool.threadCount
    return max(1, min(size, rest / shares + (rest % shares == 0 ? 0 : 1)))
  }

  /// Ends the supply: an example failed. The failure of the lowest number counts.
  func fail(_ error: any Error, at index: Int) {
    state.withLock { state in
      state.isAtEnd = true
      state.waiting = []
      state.note(error, at: index)
    }
    state.signal()
  }

  /// - Throws: the failure that ended it.
  func finish() throws {
    if let failure = state.withLock({ $0.failure }) { throw failure.error }
  }
}
