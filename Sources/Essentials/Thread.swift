import Glibc

/// Operating system threads with a stack of a chosen size.
public enum Thread {
  /// The stack of a thread that may evaluate the language: deep recursion needs room. Only what is
  /// touched takes memory.
  public static let largeStack = 512 << 20

  /// Starts a thread that runs `body` and ends; false if the system has no thread to give.
  public static func detach(stackSize: Int = largeStack, _ body: @escaping @Sendable () -> Void) -> Bool {
    start(stackSize: stackSize, detached: true, body) != nil
  }

  /// Runs `body` on a new thread with a large stack and waits for it.
  /// - Throws: a `memory` failure if the system has no thread to give.
  public static func run(stackSize: Int = largeStack, _ body: @escaping @Sendable () -> Void) throws {
    guard let thread = start(stackSize: stackSize, detached: false, body) else {
      throw Failure(.memory, "the system has no thread with a stack of \(stackSize >> 20) MB to give")
    }
    pthread_join(thread, nil)
  }

  private final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  private static func start(
    stackSize: Int, detached: Bool, _ body: @escaping @Sendable () -> Void
  ) -> pthread_t? {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackSize)
    if detached { pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED)) }
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body))
    let status = pthread_create(
      &thread, &attributes,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      }, box.toOpaque())
    if status != 0 {
      box.release()
      return nil
    }
    return thread
  }
}
