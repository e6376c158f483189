/// How many terminal cells a text takes.
public enum TextWidth {
  /// The cells of `text` in a terminal: 0 for marks that combine, 2 for wide characters, escape
  /// sequences not counted. Widths are those of Unicode's East Asian Wide and emoji blocks.
  public static func of(_ text: some StringProtocol) -> Int {
    var width = 0
    for character in text { width += of(character) }
    return width
  }

  /// The longest beginning of `text` that fits into `limit` cells, ended by `…` if something is cut.
  public static func fitting(_ text: String, _ limit: Int) -> String {
    guard limit > 0 else { return "" }
    if text.utf8.count <= limit || of(text) <= limit { return text }
    var width = 0
    var end = text.startIndex
    for index in text.indices {
      let next = width + of(text[index])
      if next > limit - 1 { break }
      width = next
      end = text.index(after: index)
    }
    return text[..<end] + "…"
  }

  /// The cells of a character: those of its first scalar, on which the others stand.
  public static func of(_ character: Character) -> Int {
    character.unicodeScalars.first.map { of($0) } ?? 0
  }

  /// The cells of a scalar that stands alone.
  public static func of(_ scalar: Unicode.Scalar) -> Int {
    let value = scalar.value
    if value < 0x300 { return value < 0x20 || (0x7f..<0xa0).contains(value) ? 0 : 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    switch value {
    case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x4dbf, 0x4e00...0xa4cf, 0xa960...0xa97c, 0xac00...0xd7a3,
      0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f,
      0x1f680...0x1f6ff,
      0x1f900...0x1f9ff, 0x20000...0x3fffd:
      return 2
    default: return 1
    }
  }
}
