import Synchronization

/// The one flag behind Ctrl-C.
///
/// A signal handler requests, long work checks: loops and calls of the language, training steps,
/// decoded blocks, drawn figures. Checking costs one relaxed load.
public enum Interruption {
  private static let flag = Atomic<Bool>(false)

  /// Asks all running work to stop. Safe in a signal handler once `prepare()` has run.
  public static func request() { flag.store(true, ordering: .relaxed) }

  /// Forgets an earlier request; a front end calls this before it runs a cell.
  public static func clear() { flag.store(false, ordering: .relaxed) }

  /// Makes sure that the flag exists before a signal handler can reach it.
  public static func prepare() { clear() }

  /// Whether the user asked to stop.
  @inline(__always)
  public static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Hands out `0 ..< count` in stretches, and checks before each: for loops that are too quick to check at
  /// every turn.
  /// - Parameter length: The items of a stretch, which should take no more than a few milliseconds.
  public static func stretches(
    of count: Int, length: Int = 1 << 16, _ body: (Range<Int>) throws(Failure) -> Void
  ) throws(Failure) {
    var start = 0
    while start < count {
      try check()
      let end = start + min(length, count - start)
      try body(start..<end)
      start = end
    }
  }

  /// Throws an `interrupt` failure if the user asked to stop.
  public static func check() throws(Failure) {
    if isRequested { throw Failure(.interrupt, "interrupted") }
  }
}
