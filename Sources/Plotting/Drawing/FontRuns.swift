import CCairo

/// A stretch of text that one font family has the letters for.
struct FontRun: Sendable, Equatable {
  var family: String
  var text: String
}

/// Splits text between the main font and others for the scripts that it lacks.
///
/// Cairo's plain text interface draws with one font and shows a box for what that font has not.
/// Letters are put side by side as they come: scripts written from right to left, and those whose
/// letters join, are not shaped.
struct FontRuns {
  static let main = "DejaVu Sans"
  /// Tried in this order for letters that the main font lacks; those not installed are passed over.
  private static let others = [
    "Noto Sans", "Noto Sans CJK SC", "Noto Sans CJK JP", "WenQuanYi Zen Hei", "Droid Sans Fallback",
    "Noto Emoji", "Symbola", "FreeSans", "Unifont", "Noto Color Emoji",
  ]

  private var families: [Unicode.Scalar: String] = [:]

  /// The runs of a line, in order.
  mutating func runs(of text: String, on context: OpaquePointer) -> [FontRun] {
    // Latin, Greek and Cyrillic: the main font has them all.
    if text.unicodeScalars.allSatisfy({ $0.value < 0x0500 || (0x2010...0x22FF).contains($0.value) }) {
      return [FontRun(family: Self.main, text: text)]
    }
    var runs: [FontRun] = []
    for character in text {
      guard let scalar = character.unicodeScalars.first else { continue }
      let family = family(for: scalar, on: context)
      if runs.last?.family == family {
        runs[runs.count - 1].text.append(character)
      } else {
        runs.append(FontRun(family: family, text: String(character)))
      }
    }
    return runs
  }

  private mutating func family(for scalar: Unicode.Scalar, on context: OpaquePointer) -> String {
    if scalar.value < 0x0500 { return Self.main }
    if let known = families[scalar] { return known }
    let text = String(Character(scalar))
    let family = ([Self.main] + Self.others).first { Self.has(text, family: $0, on: context) } ?? Self.main
    families[scalar] = family
    return family
  }

  private static func has(_ text: String, family: String, on context: OpaquePointer) -> Bool {
    cairo_select_font_face(context, family, CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL)
    guard let font = cairo_get_scaled_font(context) else { return false }
    var glyphs: UnsafeMutablePointer<cairo_glyph_t>?
    var count: Int32 = 0
    let status = cairo_scaled_font_text_to_glyphs(font, 0, 0, text, -1, &glyphs, &count, nil, nil, nil)
    defer { cairo_glyph_free(glyphs) }
    guard status == CAIRO_STATUS_SUCCESS, count > 0, let glyphs else { return false }
    // Glyph 0 is the box for a letter that is not there.
    return (0..<Int(count)).allSatisfy { glyphs[$0].index != 0 }
  }
}
