import Essentials
import Glibc

/// The lock of a model. Its holder may take it again, so that a callback of `fit` can ask its model to predict.
///
/// A holder waits for others that may ask the same model: threads that make its examples. So holding it is
/// a `Loan` that those threads inherit: they pass the lock by and read, while the weights stand still, or are
/// told that they must not, while the weights move. Nobody waits for a holder who waits for him.
final class RecursiveLock: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>

  init() {
    mutex = .allocate(capacity: 1)
    var attributes = pthread_mutexattr_t()
    pthread_mutexattr_init(&attributes)
    pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_RECURSIVE))
    pthread_mutex_init(mutex, &attributes)
    pthread_mutexattr_destroy(&attributes)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  // MARK: Taking it

  /// For a look at what seldom changes, such as shapes.
  func with<Result>(_ body: () throws -> Result) rethrows -> Result {
    // Who works for the holder looks without it, and so does who would wait for ever.
    guard standing == .free, (try? take()) != nil else { return try body() }
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }

  /// For what reads the weights and changes none.
  /// - Throws: a `state` failure where this thread makes what the holder trains on, or where two models wait
  ///   for one another; `interrupt` while it waits; what `body` throws.
  func withReading<Result>(_ action: String, _ body: () throws -> Result) throws -> Result {
    while true {
      switch standing {
      case .free:
        try take()
        defer { pthread_mutex_unlock(mutex) }
        return try Loan.with(self, .reading, isHoldersOwn: true, body)
      case .served(let loan):
        guard loan.enter() else { continue }
        defer { loan.leave() }
        return try body()
      case .refused: throw Self.refusal(action)
      }
    }
  }

  /// For what changes what the lock guards.
  /// - Throws: a `state` failure where this thread makes examples for a holder, or where two models wait for
  ///   one another; `interrupt` while it waits; what `body` throws.
  func withChanges<Result>(_ action: String, _ body: () throws -> Result) throws -> Result {
    switch standing {
    case .free: break
    case .served:
      throw Failure(
        .state, "\(action) is called by what makes examples for this model's own prediction",
        hint: "make the examples first, or use another model there")
    case .refused: throw Self.refusal(action)
    }
    try take()
    defer { pthread_mutex_unlock(mutex) }
    return try Loan.with(self, .nothing, isHoldersOwn: true, body)
  }

  private static func refusal(_ action: String) -> Failure {
    Failure(
      .state, "\(action) asks a model that is being trained, from what makes its training examples",
      hint: "its weights change meanwhile: predict before fit and keep that in a tensor or a list, or ask "
        + "another model, such as load_model(path) of this one as it was saved")
  }

  // MARK: For who holds it

  /// Runs what may ask the model while the holder waits, on this thread or others: reading is allowed.
  func serve<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Loan.with(self, .reading, isHoldersOwn: false, body)
  }

  /// Runs what may ask the model between two changes: the holder's thread may do anything, others read.
  func lend<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Loan.with(self, .reading, isHoldersOwn: true, body)
  }

  /// Runs what must not ask the model, on this thread or others, since its weights move meanwhile.
  func refuse<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Loan.with(self, .nothing, isHoldersOwn: false, body)
  }

  /// Whether this thread works for the lock's holder.
  var isServed: Bool { if case .served = standing { true } else { false } }

  // MARK: Standing

  /// How this thread stands to the lock.
  private enum Standing: Equatable {
    /// Like anyone, or as its holder.
    case free
    /// It works for the holder, who lets it read.
    case served(Loan)
    /// It works for the holder, who changes the weights.
    case refused
  }

  private var standing: Standing {
    guard let loan = Loan.innermost(of: self) else { return .free }
    if let holder = loan.holder, pthread_equal(holder, pthread_self()) != 0 { return .free }
    return loan.allowance == .reading ? .served(loan) : .refused
  }

  /// Takes the mutex.
  /// - Throws: `interrupt` while it waits; a `state` failure where its holder waits for what this thread or
  ///   those that it works for hold.
  private func take() throws {
    if pthread_mutex_trylock(mutex) == 0 { return }
    let waiter = Waiter(wanted: ObjectIdentifier(self), held: Loan.heldLocks())
    Waiter.all.withLock { $0.append(waiter) }
    defer { Waiter.all.withLock { $0.removeAll { $0 === waiter } } }
    while pthread_mutex_trylock(mutex) != 0 {
      try Interruption.check()
      if waiter.waitsForItself {
        throw Failure(
          .state, "two models ask one another for their examples, and each waits for the other",
          hint: "predict with one of them first and keep that in a tensor or a list")
      }
      usleep(1000)
    }
  }

  /// A thread that waits for a lock.
  private final class Waiter: Sendable {
    let wanted: ObjectIdentifier
    /// What its own holders hold.
    let held: Set<ObjectIdentifier>
    static let all = Monitor<[Waiter]>([])

    init(wanted: ObjectIdentifier, held: Set<ObjectIdentifier>) {
      self.wanted = wanted
      self.held = held
    }

    /// Whether the wanted lock's holder waits, over any number of others, for a lock that is held here.
    var waitsForItself: Bool {
      if held.isEmpty { return false }
      return Self.all.withLock { waiters in
        var reached: Set<ObjectIdentifier> = [wanted]
        var isGrowing = true
        while isGrowing {
          isGrowing = false
          for waiter in waiters where !waiter.held.isDisjoint(with: reached) {
            if held.contains(waiter.wanted) { return true }
            if reached.insert(waiter.wanted).inserted { isGrowing = true }
          }
        }
        return false
      }
    }
  }
}

/// What the holder of a model's lock lets others do who work for him, as long as some work of his lasts.
private final class Loan: Sendable, Equatable {
  enum Allowance { case reading, nothing }

  private struct State {
    var isOpen = true
    var readers = 0
  }

  let lock: ObjectIdentifier
  let allowance: Allowance
  /// The holder's thread, where it stays free to do anything.
  let holder: pthread_t?
  let outer: Loan?
  private let state = Monitor(State())

  private init(_ lock: RecursiveLock, _ allowance: Allowance, holder: pthread_t?, outer: Loan?) {
    self.lock = ObjectIdentifier(lock)
    self.allowance = allowance
    self.holder = holder
    self.outer = outer
  }

  static func == (a: Loan, b: Loan) -> Bool { a === b }

  /// Runs `body`, whose helpers may do what `allowance` says; ends when the last of them has left.
  static func with<Result>(
    _ lock: RecursiveLock, _ allowance: Allowance, isHoldersOwn: Bool, _ body: () throws -> Result
  ) rethrows -> Result {
    let loan = Loan(
      lock, allowance, holder: isHoldersOwn ? pthread_self() : nil, outer: Inheritance.current as? Loan)
    defer { loan.close() }
    return try Inheritance.with(loan, body)
  }

  /// The loan that counts for this thread.
  static func innermost(of lock: RecursiveLock) -> Loan? {
    var next = Inheritance.current as? Loan
    while let loan = next {
      if loan.lock == ObjectIdentifier(lock), loan.isOpen { return loan }
      next = loan.outer
    }
    return nil
  }

  /// The locks that this thread holds, or those do that it works for.
  static func heldLocks() -> Set<ObjectIdentifier> {
    var locks: Set<ObjectIdentifier> = []
    var next = Inheritance.current as? Loan
    while let loan = next {
      if loan.isOpen { locks.insert(loan.lock) }
      next = loan.outer
    }
    return locks
  }

  private var isOpen: Bool { state.withLock { $0.isOpen } }

  /// A reader begins; false where it is too late.
  func enter() -> Bool {
    state.withLock { state in
      if state.isOpen { state.readers += 1 }
      return state.isOpen
    }
  }

  func leave() {
    state.withLock { $0.readers -= 1 }
    state.signal()
  }

  private func close() {
    state.withLock { $0.isOpen = false }
    state.wait(until: { $0.readers == 0 })
  }
}
