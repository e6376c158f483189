import Essentials
import Glibc

/// A lock that its holder may take again, so that a callback of `fit` can ask its model to predict.
///
/// Who makes examples for a prediction may also ask that model, on whatever thread that happens: the holder
/// waits for what is made, so the lock is passed by there (`serve`), and only reading is allowed.
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

  func with<Result>(_ body: () throws -> Result) rethrows -> Result {
    if isServed { return try body() }
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }

  /// `with`, for what changes what the lock guards.
  /// - Throws: a `state` failure where this thread serves a holder; `interrupt` while it waits; what `body` throws.
  func withChanges<Result>(_ action: String, _ body: () throws -> Result) throws -> Result {
    if isServed {
      throw Failure(
        .state, "\(action) is called by what makes examples for this model's own prediction",
        hint: "make the examples first, or use another model there")
    }
    return try withInterrupts(body)
  }

  /// `with`, but an interrupt ends the wait for another thread.
  /// - Throws: `interrupt` while it waits; what `body` throws.
  func withInterrupts<Result>(_ body: () throws -> Result) throws -> Result {
    if isServed { return try body() }
    while pthread_mutex_trylock(mutex) != 0 {
      try Interruption.check()
      usleep(1000)
    }
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }

  // MARK: Serving the holder

  private struct Service {
    let lock: ObjectIdentifier
    let outer: UnsafeMutableRawPointer?
  }

  /// The innermost service of a thread.
  private static let services: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  /// Runs what the lock's holder waits for.
  func serve<Result>(_ body: () throws -> Result) rethrows -> Result {
    let outer = pthread_getspecific(Self.services)
    var service = Service(lock: ObjectIdentifier(self), outer: outer)
    return try withUnsafeMutablePointer(to: &service) { pointer in
      pthread_setspecific(Self.services, pointer)
      defer { pthread_setspecific(Self.services, outer) }
      return try body()
    }
  }

  /// Whether this thread works for the lock's holder.
  var isServed: Bool {
    var next = pthread_getspecific(Self.services)
    while let service = next?.assumingMemoryBound(to: Service.self).pointee {
      if service.lock == ObjectIdentifier(self) { return true }
      next = service.outer
    }
    return false
  }
}
