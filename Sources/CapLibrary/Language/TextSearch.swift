import Essentials

/// Parts of texts, found as bytes: equal texts are equal byte for byte, as in the language.
enum TextSearch {
  /// The byte offset of the first occurrence, or nil. An empty part is at the start.
  static func firstPosition(of part: String, in text: String) throws -> Int? {
    try scan(for: part, in: text, most: 1).first
  }

  /// The byte offsets of all occurrences that do not overlap, from the left.
  static func positions(of part: String, in text: String, most: Int = .max) throws -> [Int] {
    try scan(for: part, in: text, most: most)
  }

  /// The pieces between the occurrences of `separator`, at most `most` cuts.
  static func split(_ text: String, by separator: String, most: Int = .max) throws -> [String] {
    let bytes = Array(text.utf8)
    var pieces: [String] = []
    var start = 0
    for position in try positions(of: separator, in: text, most: most) {
      try Interruption.check()
      pieces.append(String(decoding: bytes[start..<position], as: UTF8.self))
      start = position + separator.utf8.count
    }
    pieces.append(String(decoding: bytes[start...], as: UTF8.self))
    return pieces
  }

  /// The pieces between white space, at most `most` cuts; the rest stays whole.
  static func words(_ text: String, most: Int = .max) throws -> [String] {
    let scalars = text.unicodeScalars
    var words: [String] = []
    var position = scalars.startIndex
    while true {
      while position < scalars.endIndex, isSpace(scalars[position]) {
        position = scalars.index(after: position)
      }
      if position == scalars.endIndex { return words }
      if words.count == most {
        words.append(stripped(String(scalars[position...])) { isSpace($0) })
        return words
      }
      let start = position
      try Interruption.check()
      while position < scalars.endIndex, !isSpace(scalars[position]) {
        position = scalars.index(after: position)
      }
      words.append(String(scalars[start..<position]))
    }
  }

  /// Whether a scalar is white space.
  static func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }

  /// The text without the scalars at its ends that `isStripped` accepts.
  static func stripped(_ text: String, _ isStripped: (Unicode.Scalar) -> Bool) -> String {
    let scalars = text.unicodeScalars
    var start = scalars.startIndex
    var end = scalars.endIndex
    while start < end, isStripped(scalars[start]) { start = scalars.index(after: start) }
    while end > start, isStripped(scalars[scalars.index(before: end)]) { end = scalars.index(before: end) }
    return String(scalars[start..<end])
  }

  /// What `change` makes of the text, some thousand characters at a time.
  static func mapped(_ text: String, _ change: (Substring) -> String) throws -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    var rest = text[...]
    while !rest.isEmpty {
      try Interruption.check()
      var cut = rest.utf8.index(rest.startIndex, offsetBy: 1 << 16, limitedBy: rest.endIndex) ?? rest.endIndex
      // Not between the bytes of a character.
      while cut < rest.endIndex, rest.utf8[cut] & 0xC0 == 0x80 { cut = rest.utf8.index(after: cut) }
      result += change(rest[..<cut])
      rest = rest[cut...]
    }
    return result
  }

  private static func scan(for part: String, in text: String, most: Int) throws -> [Int] {
    var positions: [Int] = []
    guard most > 0 else { return positions }
    let wanted = Array(part.utf8)
    if wanted.isEmpty { return [0] }
    var text = text
    try text.withUTF8 { bytes in
      var offset = 0
      while offset + wanted.count <= bytes.count {
        if offset & 0xFFFF == 0 { try Interruption.check() }
        var matched = 0
        while matched < wanted.count, bytes[offset + matched] == wanted[matched] { matched += 1 }
        if matched == wanted.count {
          positions.append(offset)
          if positions.count & 0xFFFF == 0 { try Interruption.check() }
          if positions.count == most { return }
          offset += wanted.count
        } else {
          offset += 1
        }
      }
    }
    return positions
  }
}
