import Essentials

/// How far a script may go before it gets a clear error.
public struct Limits: Sendable {
  /// Calls within calls; also bounded by the thread's stack.
  public var callDepth = 10_000
  /// Brackets, blocks and operators within each other in the source.
  public var nestingDepth = 1_000
  /// Variables and arguments of all calls under way, 16 bytes each.
  public var valueStackSlots = 2_000_000

  /// The defaults.
  public init() {}

  /// The most bytes that one list, string or record may take: half of the machine's memory.
  public static let byteLimit = ByteCount.physicalMemory / 2

  /// Checks the size of a list before it is made.
  /// - Throws: a `memory` failure that says the bytes asked for.
  public static func checkListCount(_ count: Int) throws(Failure) {
    if count > byteLimit / 16 { throw tooLarge("a list of \(count) items", Double(count) * 16) }
  }

  /// Checks the size of a string in bytes before it is made.
  /// - Throws: a `memory` failure that says the bytes asked for.
  public static func checkStringBytes(_ bytes: Double) throws(Failure) {
    if !(bytes <= Double(byteLimit)) { throw tooLarge("a string", bytes) }
  }

  static func tooLarge(_ what: String, _ bytes: Double) -> Failure {
    Failure(
      .memory,
      "\(what) would take \(ByteCount.text(bytes)), but one value may take at most \(ByteCount.text(Double(byteLimit)))"
    )
  }
}
