import Glibc

/// Reaches into strings of up to 15 bytes, which Swift keeps in the two words of the `String` itself: bytes in
/// the order of memory, their number and a mark in the last byte. `ValueLayout.isAsAssumed` asserts it.
enum TextBits {
  /// The mark of such a string in its second word.
  @inline(__always) private static var smallMark: UInt64 { 0x2000_0000_0000_0000 }
  /// The second word without mark and whether all is ASCII: seven bytes and the count.
  @inline(__always) private static var contentMask: UInt64 { 0x0fff_ffff_ffff_ffff }

  @inline(__always) static func words(_ text: String) -> (UInt64, UInt64) {
    unsafeBitCast(text, to: (UInt64, UInt64).self)
  }
  @inline(__always) static func isSmall(_ words: (UInt64, UInt64)) -> Bool { words.1 & smallMark != 0 }

  /// The content of a small string: equal for equal bytes.
  @inline(__always) static func content(_ words: (UInt64, UInt64)) -> (UInt64, UInt64) {
    (UInt64(littleEndian: words.0), UInt64(littleEndian: words.1) & contentMask)
  }

  /// The content of at most 15 bytes that lie elsewhere.
  static func content(_ bytes: UnsafeBufferPointer<UInt8>) -> (UInt64, UInt64) {
    var words: (UInt64, UInt64) = (0, 0)
    for (position, byte) in bytes.enumerated() {
      if position < 8 {
        words.0 |= UInt64(byte) << UInt64(8 * position)
      } else {
        words.1 |= UInt64(byte) << UInt64(8 * (position - 8))
      }
    }
    words.1 |= UInt64(bytes.count) << 56
    return words
  }

  /// A string of `count` bytes of UTF-8, at most 15, of 16 bytes that can be read.
  @inline(__always) static func small(_ bytes: UnsafePointer<UInt8>, count: Int) -> String {
    let raw = UnsafeRawPointer(bytes)
    var first = UInt64(littleEndian: raw.loadUnaligned(as: UInt64.self))
    var second = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    if count < 8 {
      first &= (1 << UInt64(truncatingIfNeeded: 8 &* count)) &- 1
      second = 0
    } else {
      second &= (1 << UInt64(truncatingIfNeeded: 8 &* (count &- 8))) &- 1
    }
    let isASCII = (first | second) & 0x8080_8080_8080_8080 == 0
    second |= UInt64(truncatingIfNeeded: (isASCII ? 0xE0 : 0xA0) | count) << 56
    return unsafeBitCast((first.littleEndian, second.littleEndian), to: String.self)
  }

  /// Whether two texts have the same bytes.
  @inline(__always) static func areSame(_ left: String, _ right: String) -> Bool {
    let (a, b) = (words(left), words(right))
    if a == b { return true }
    if isSmall(a), isSmall(b) { return false }
    return areSameBytes(left, right)
  }

  @inline(never) private static func areSameBytes(_ left: String, _ right: String) -> Bool {
    var (left, right) = (left, right)
    return left.withUTF8 { left in
      right.withUTF8 { right in
        guard left.count == right.count else { return false }
        guard let a = left.baseAddress, let b = right.baseAddress else { return true }
        return memcmp(a, b, left.count) == 0
      }
    }
  }
}

/// A hash of bytes, seeded once a process so that keys from a file cannot be chosen to collide. Two words at a
/// time are mixed by the folded product of 64 × 64 bits, as in wyhash.
enum TextHash {
  private static let seeds = (
    UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max)
  )

  /// Never 0.
  static func hash(_ text: String) -> Int {
    let seeds = seeds
    let words = TextBits.words(text)
    if TextBits.isSmall(words) { return finish(TextBits.content(words), seeds) }
    var text = text
    return text.withUTF8 { bytes in
      guard bytes.count > 15, let base = bytes.baseAddress else {
        return finish(TextBits.content(bytes), seeds)
      }
      let raw = UnsafeRawPointer(base)
      var mixed = seeds.2 ^ UInt64(truncatingIfNeeded: bytes.count)
      func mix(at offset: Int) {
        let first = raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        let second = raw.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
        mixed = folded(first ^ seeds.0, second ^ mixed)
      }
      var offset = 0
      while offset + 16 < bytes.count {
        mix(at: offset)
        offset += 16
      }
      mix(at: bytes.count - 16)
      return finish((mixed, UInt64(truncatingIfNeeded: bytes.count)), seeds)
    }
  }

  @inline(__always) private static func finish(
    _ words: (UInt64, UInt64), _ seeds: (UInt64, UInt64, UInt64)
  ) -> Int {
    let mixed = folded(folded(words.0 ^ seeds.0, words.1 ^ seeds.1), seeds.2 | 1)
    return Int(truncatingIfNeeded: mixed | 1 << 62) & Int.max
  }

  @inline(__always) private static func folded(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }
}
