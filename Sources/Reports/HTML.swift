/// Text in HTML.
enum HTML {
  /// `text` as it can stand in an element or between the quotes of an attribute: signs of markup as references,
  /// characters that no page may hold as pictures of them.
  static func escaped(_ text: some StringProtocol) -> String {
    if !text.utf8.contains(where: isSuspect) { return String(text) }
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      default: result.unicodeScalars.append(shown(scalar))
      }
    }
    return result
  }

  /// What a terminal would show, escaped.
  static func plain(_ text: String) -> String { escaped(TerminalText.plain(text)) }

  private static func isSuspect(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"): true
    case 10, 9: false
    // C0, DEL, and the lead bytes of C1 and of the characters that are none.
    case ..<0x20, 0x7F, 0xC2, 0xEF, 0xF0...: true
    default: false
    }
  }

  private static func shown(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case ..<0x20: Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}"
    case 0x7F: "\u{2421}"
    case 0x80..<0xA0, 0xFDD0...0xFDEF: "\u{FFFD}"
    case let value where value & 0xFFFE == 0xFFFE: "\u{FFFD}"
    default: scalar
    }
  }
}
