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
    var text = text
    let counted = text.withUTF8 { bytes in
      var counted = 0
      for byte in bytes where byte & 0xC0 != 0x80 { counted += 1 }
      return counted
    }
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
  public func character(at position: Int) -> String { characterObject(at: position).text }

  func characterObject(at position: Int) -> StringObject {
    let scalars = text.unicodeScalars
    if isASCII {
      return SingleCharacters.object(scalars[text.utf8.index(text.utf8.startIndex, offsetBy: position)])
    }
    return SingleCharacters.object(scalars[scalars.index(scalars.startIndex, offsetBy: position)])
  }

  /// Each scalar as a string.
  public var characters: [String] { text.unicodeScalars.map { String($0) } }

  /// A hash of the bytes, seeded once a process.
  @inline(__always) var hash: Int {
    let known = cachedHash.load(ordering: .relaxed)
    return known != 0 ? known : computeHash()
  }

  @inline(never) private func computeHash() -> Int {
    let hash = TextHash.hash(text)
    cachedHash.store(hash, ordering: .relaxed)
    return hash
  }

  /// Whether both have the same scalars: `==` of the language, and what makes two keys one.
  @inline(__always) func isSame(as other: StringObject) -> Bool {
    self === other || TextBits.areSame(text, other.text)
  }
}

/// Strings of one ASCII character, made once.
enum SingleCharacters {
  private static let ascii = (0..<128).map { StringObject(String(Unicode.Scalar(UInt8($0)))) }

  static func object(_ scalar: Unicode.Scalar) -> StringObject {
    scalar.value < 128 ? ascii[Int(scalar.value)] : StringObject(String(scalar))
  }
}
