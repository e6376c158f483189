/// Classes of bytes and scalars.
enum Characters {
  @inline(__always) static func isDigit(_ byte: UInt8) -> Bool { byte &- 48 < 10 }
  @inline(__always) static func isNameStart(_ byte: UInt8) -> Bool {
    (byte | 32) &- 97 < 26 || byte == 95 || byte >= 128
  }
  @inline(__always) static func isNamePart(_ byte: UInt8) -> Bool { isNameStart(byte) || isDigit(byte) }

  /// Whether `text` can stand as a name (not asking about keywords).
  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, isNameStart(first), !Keyword.isReserved(text) else { return false }
    return text.utf8.allSatisfy { isNamePart($0) && $0 < 128 }
      || (text.utf8.allSatisfy(isNamePart)
        && text.unicodeScalars.allSatisfy { isLetter($0) || $0 == "_" || $0.properties.numericType != nil })
  }

  static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isXIDContinue
  }
}

/// The words that cannot be names.
public enum Keyword {
  /// In alphabetical order.
  public static let all = [
    "and", "break", "catch", "continue", "else", "false", "fn", "for", "from", "if", "import", "in", "none",
    "not", "or", "raise", "return", "true", "try", "while",
  ]
  private static let set = Set(all)
  static func isReserved(_ word: String) -> Bool { set.contains(word) }
}
