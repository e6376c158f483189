import Glibc
import Synchronization

/// Runs independent pieces of work on all cores.
///
/// Threads are started once and kept, so that what they keep per thread (FFT plans, scratch memory)
/// lives on. The caller always works along, so a call from inside a piece of work cannot deadlock:
/// at worst it runs alone. Helpers have the caller's `Inheritance`.
public enum WorkerPool {
  /// How many threads work at the same time, the caller included: `--threads N`, else the
  /// machine's cores. At least 1.
  public static var threadCount: Int {
    get { configuredCount.load(ordering: .relaxed) }
    set { configuredCount.store(max(1, min(newValue, 256)), ordering: .relaxed) }
  }

  /// The cores of this machine that are switched on.
  public static var coreCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// Calls `body` for each index of 0 ..< count, on up to `threadCount` threads.
  ///
  /// `slot` is a number from 0 ..< threadCount that no other running piece of this call has, for
  /// scratch memory; slot 0 is the caller. Which slot gets which index is not decided in advance: to
  /// sum in a fixed order, let an index be a whole share of the work.
  /// - Throws: the failure of the lowest index among those that ran and failed; after a failure or
  ///   an interrupt no further index is started.
  public static func forEach(
    count: Int, _ body: @escaping @Sendable (_ index: Int, _ slot: Int) throws -> Void
  ) throws {
    guard count > 0 else { return }
    let helpers = min(threadCount, count) - 1
    if helpers == 0 {
      for index in 0..<count {
        try Interruption.check()
        try body(index, 0)
      }
      return
    }
    let batch = Batch(count: count, body: body)
    for _ in 0..<helpers { Crew.shared.submit(batch) }
    batch.work(slot: 0)
    try batch.finish()
  }

  /// The results of `transform` for each index of 0 ..< count, in order.
  public static func map<Result: Sendable>(
    count: Int, _ transform: @escaping @Sendable (_ index: Int) throws -> Result
  ) throws -> [Result] {
    let results = Mutex<[Result?]>(Array(repeating: nil, count: count))
    try forEach(count: count) { index, _ in
      let result = try transform(index)
      results.withLock { $0[index] = result }
    }
    return results.withLock { $0.compactMap { $0 } }
  }

  private static let configuredCount = Atomic<Int>(coreCount)
}

/// One `forEach` under way.
private final class Batch: Sendable {
  private struct State {
    var running = 0
    var nextSlot = 1
    var closed = false
    var failure: (index: Int, error: any Error)?
  }

  private let count: Int
  private let body: @Sendable (Int, Int) throws -> Void
  private let next = Atomic<Int>(0)
  private let state: Monitor<State>
  private let inheritance = Inheritance.current

  init(count: Int, body: @escaping @Sendable (Int, Int) throws -> Void) {
    self.count = count
    self.body = body
    state = Monitor(State())
  }

  /// A helper thread joins, unless the work is done already.
  func help() {
    let slot: Int? = state.withLock { state in
      if state.closed { return nil }
      state.running += 1
      defer { state.nextSlot += 1 }
      return state.nextSlot
    }
    guard let slot else { return }
    Inheritance.with(inheritance) { work(slot: slot) }
    state.withLock { $0.running -= 1 }
    state.signal()
  }

  func work(slot: Int) {
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if index >= count { return }
      do {
        try Interruption.check()
        try body(index, slot)
      } catch {
        next.store(count, ordering: .relaxed)
        state.withLock { state in
          if let earlier = state.failure, earlier.index < index { return }
          state.failure = (index, error)
        }
        return
      }
    }
  }

  /// The caller waits for the helpers that joined.
  func finish() throws {
    state.withLock { $0.closed = true }
    state.wait(until: { $0.running == 0 })
    if let failure = state.withLock({ $0.failure }) { throw failure.error }
  }
}

/// The kept threads.
private final class Crew: Sendable {
  static let shared = Crew()

  private struct State {
    var jobs: [Batch] = []
    var threads = 0
    var idle = 0
  }

  private let state = Monitor(State())

  func submit(_ batch: Batch) {
    let startThread = state.withLock { state -> Bool in
      state.jobs.append(batch)
      if state.jobs.count <= state.idle || state.threads >= 512 { return false }
      state.threads += 1
      return true
    }
    if startThread, !Thread.detach({ [self] in serve() }) {
      state.withLock { $0.threads -= 1 }
    }
    state.signal()
  }

  private func serve() {
    while true {
      state.withLock { $0.idle += 1 }
      let batch = state.wait(until: { !$0.jobs.isEmpty }) { state -> Batch in
        state.idle -= 1
        return state.jobs.removeFirst()
      }
      batch.help()
    }
  }
}
