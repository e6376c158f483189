import CPango

/// A line of text that needs more than letters put side by side: shaped by Pango, with letters from other
/// fonts where the main font lacks them.
///
/// The only file that owns Pango's handles.
final class ShapedLine {
  private let line: OpaquePointer
  private let text: String
  private let family: String
  private let style: TextStyle
  private let context: OpaquePointer

  /// Nil if Pango is not installed, or there is no memory. `context` is Cairo's, and must outlive the line.
  init?(_ text: String, family: String, _ style: TextStyle, on context: OpaquePointer) {
    guard
      let line = cpango_line_create(
        UnsafeMutableRawPointer(context), text, family, style.size, style.isBold ? 1 : 0)
    else { return nil }
    self.line = line
    self.text = text
    self.family = family
    self.style = style
    self.context = context
  }

  deinit { cpango_line_destroy(line) }

  /// In the units of the canvas.
  var width: Double { cpango_line_width(line) }

  /// Draws it in the context's colour; `y` is the baseline.
  func show(x: Double, y: Double) {
    cpango_line_show(line, UnsafeMutableRawPointer(context), x, y)
  }

  /// The letters that no font has.
  var missingGlyphs: [Character] {
    guard cpango_line_unknown_glyphs(line) > 0 else { return [] }
    var seen: Set<Character> = []
    return text.filter { seen.insert($0).inserted }.filter { character in
      let alone = ShapedLine(String(character), family: family, style, on: context)
      return alone.map { cpango_line_unknown_glyphs($0.line) > 0 } ?? false
    }
  }

  /// Whether a line is more than letters of the main font put side by side: any but Latin, Greek and
  /// Cyrillic letters, digits, and the signs that stand in numbers and formulas.
  static func isNeeded(for text: String) -> Bool {
    text.unicodeScalars.contains { scalar in
      switch scalar.value {
      case 0x20..<0x300, 0x370..<0x483, 0x48A..<0x530: false
      case 0x2000...0x200A, 0x2010...0x2027, 0x202F...0x205E, 0x2070..<0x2300: false
      default: true
      }
    }
  }
}
