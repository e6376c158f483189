import Synchronization

/// A string of the language, with its hash kept once computed.
///
/// Positions count Unicode scalars, as Python's do.
public final class StringObject: @unchecked Sendable {
  /// The text. Changes only while one variable alone refers to it.
  @exclusivity(unchecked) public private(set) var text: String
  /// Zero while not computed. Relaxed: two threads may both compute it, and find the same.
  private let cachedHash = Atomic<Int>(0)
  /// -1 while not counted.
  private let cachedCount = Atomic<Int>(-1)

  /// Wraps `text`.
  public init(_ text: String) { self.text = text }

  /// The number of Unicode scalars.
  public var count: Int {
    let known = cachedCount.load(ordering: .relaxed)
    if known >= 0 { return known }
    let counted = text.utf8.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
    cachedCount.store(counted, ordering: .relaxed)
    return counted
  }

  /// Appends in place. Only for a string that nobody else refers to.
  func append(_ more: String) {
    text += more
    cachedHash.store(0, ordering: .relaxed)
    cachedCount.store(-1, ordering: .relaxed)
  }

  /// Whether every scalar is a byte, so that positions are byte offsets.
  var isASCII: Bool { count == text.utf8.count }

  /// The scalar at `position`, which must be in 0 ..< count, as a string.
  public func character(at position: Int) -> String {
    let scalars = text.unicodeScalars
    if isASCII {
      return String(scalars[text.utf8.index(text.utf8.startIndex, offsetBy: position)])
    }
    return String(scalars[scalars.index(scalars.startIndex, offsetBy: position)])
  }

  /// Each scalar as a string.
  public var characters: [String] { text.unicodeScalars.map { String($0) } }

  /// A hash of the bytes, seeded once a process so that keys from a file cannot be chosen to collide.
  @inline(__always) var hash: Int {
    let known = cachedHash.load(ordering: .relaxed)
    return known != 0 ? known : computeHash()
  }

  @inline(never) private func computeHash() -> Int {
    var text = text
    var mixed = Self.seed
    text.withUTF8 { bytes in
      for byte in bytes { mixed = (mixed ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }
    mixed ^= mixed >> 32
    mixed = mixed &* 0x9E37_79B9_7F4A_7C15
    mixed ^= mixed >> 29
    let hash = Int(truncatingIfNeeded: mixed | 1) & Int.max
    cachedHash.store(hash, ordering: .relaxed)
    return hash
  }

  private static let seed = UInt64.random(in: .min ... .max)
}
