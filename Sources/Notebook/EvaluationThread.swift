import Essentials
import Glibc

/// The one thread on which cells run: its stack is large, and what lives per thread lives on.
final class EvaluationThread: Sendable {
  private struct State {
    var job: (@Sendable () -> Void)?
    var isRunning = false
    var thread: pthread_t?
    var isEnding = false
  }

  private let state = Monitor(State())

  /// Runs `body` on the thread and waits for it; at once if this is the thread already.
  /// - Throws: a `memory` failure if the system has no thread to give.
  func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) throws -> Result {
    if let thread = state.withLock({ $0.thread }), pthread_equal(thread, pthread_self()) != 0 {
      return body()
    }
    try startIfNeeded()
    let box = Monitor<Result?>(nil)
    state.wait(until: { $0.job == nil }) { state in
      state.job = {
        let result = body()
        box.withLock { $0 = result }
        box.signal()
      }
    }
    state.signal()
    return try box.wait(until: { $0 != nil }) { result in
      guard let result else { throw Failure(.state, "the evaluation thread has gone") }
      return result
    }
  }

  deinit {
    state.withLock { $0.isEnding = true }
    state.signal()
  }

  private func startIfNeeded() throws {
    let mustStart = state.withLock { state -> Bool in
      defer { state.isRunning = true }
      return !state.isRunning
    }
    guard mustStart else { return }
    let state = self.state
    let started = Thread.detach {
      state.withLock { $0.thread = pthread_self() }
      while true {
        let job = state.wait(until: { $0.job != nil || $0.isEnding }) { state in
          defer { state.job = nil }
          return state.job
        }
        guard let job else { return }
        state.signal()
        job()
      }
    }
    guard started else {
      state.withLock { $0.isRunning = false }
      throw Failure(.memory, "the system has no thread with a stack of \(Thread.largeStack >> 20) MB to give")
    }
  }
}
