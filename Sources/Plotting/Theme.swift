/// Light for paper, dark for screens at night.
public enum Theme: String, Sendable, CaseIterable {
  /// Dark on white.
  case light
  /// Light on near-black.
  case dark

  var background: Color { self == .light ? Color(0xFFFFFF) : Color(0x14171C) }
  var text: Color { self == .light ? Color(0x1F2328) : Color(0xE6E8EB) }
  /// Notes, and what stands behind.
  var faintText: Color { self == .light ? Color(0x59636E) : Color(0x9AA4AF) }
  var spine: Color { self == .light ? Color(0x6E7781) : Color(0x848D97) }
  var grid: Color { self == .light ? Color(0xE7E9EC) : Color(0x2A2F37) }
  /// Where an image has no value.
  var missing: Color { self == .light ? Color(0xD8DCE0) : Color(0x3A414B) }
  var legendBackground: Color { background.withAlpha(0.88) }
  /// Calls and thresholds.
  var accent: Color { self == .light ? Color(0xD55E00) : Color(0xF28E2B) }

  /// Okabe and Ito's colours (2008), which colour-blind readers can tell apart, in an order that
  /// keeps the first few far from one another on this background.
  var palette: [Color] {
    switch self {
    case .light:
      return [0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9, 0x4D4D4D].map { Color($0) }
    case .dark:
      return [0x56B4E9, 0xE69F00, 0x2FC79A, 0xE39AC4, 0xF0E442, 0xF2743A, 0xB8BEC6].map { Color($0) }
    }
  }

  /// Whether the n-th of several has a colour that another has already, and needs another look.
  static func repeats(_ index: Int) -> Bool { index / Theme.light.palette.count % 2 == 1 }

  func color(_ index: Int) -> Color { palette[index % palette.count] }
}
