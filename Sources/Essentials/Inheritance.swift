import Glibc

/// What a thread hands on to the threads that work for it: the helpers of `WorkerPool`, and a thread that
/// makes things ahead.
public enum Inheritance {
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  /// What this thread was handed, or handed itself.
  public static var current: (any AnyObject & Sendable)? {
    guard let pointer = pthread_getspecific(key) else { return nil }
    return Unmanaged<Box>.fromOpaque(pointer).takeUnretainedValue().value
  }

  /// Runs `body` with another inheritance on this thread.
  public static func with<Result>(
    _ value: (any AnyObject & Sendable)?, _ body: () throws -> Result
  ) rethrows -> Result {
    let outer = pthread_getspecific(key)
    guard let value else {
      if outer == nil { return try body() }
      pthread_setspecific(key, nil)
      defer { pthread_setspecific(key, outer) }
      return try body()
    }
    let box = Box(value)
    return try withExtendedLifetime(box) {
      pthread_setspecific(key, Unmanaged.passUnretained(box).toOpaque())
      defer { pthread_setspecific(key, outer) }
      return try body()
    }
  }

  private final class Box: Sendable {
    let value: any AnyObject & Sendable
    init(_ value: any AnyObject & Sendable) { self.value = value }
  }
}
