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

  /// Columns that a terminal gives to a scalar: 0 for combining marks, 2 for wide ones.
  static func width(_ scalar: Unicode.Scalar) -> Int {
    let value = scalar.value
    if value < 0x300 { return value < 0x20 || (0x7F..<0xA0).contains(value) ? 0 : 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
      0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
      0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }

  /// Columns that a text takes on a terminal.
  static func width(of text: some StringProtocol) -> Int {
    text.unicodeScalars.reduce(0) { $0 + width($1) }
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
