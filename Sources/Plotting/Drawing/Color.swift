/// A colour in sRGB, with components from 0 to 1.
struct Color: Sendable, Equatable {
  var red: Double
  var green: Double
  var blue: Double
  var alpha = 1.0

  /// From 0xRRGGBB.
  init(_ hex: UInt32, alpha: Double = 1) {
    red = Double(hex >> 16 & 0xFF) / 255
    green = Double(hex >> 8 & 0xFF) / 255
    blue = Double(hex & 0xFF) / 255
    self.alpha = alpha
  }

  func withAlpha(_ alpha: Double) -> Color {
    var copy = self
    copy.alpha = alpha
    return copy
  }

  /// Part of the way from this colour to another.
  func mixed(with other: Color, _ amount: Double) -> Color {
    var copy = self
    copy.red += (other.red - red) * amount
    copy.green += (other.green - green) * amount
    copy.blue += (other.blue - blue) * amount
    return copy
  }

  /// Relative luminance as WCAG 2 defines it, with a plain 2.2 gamma.
  var luminance: Double {
    func linear(_ value: Double) -> Double { value * value * (value * 0.2 + 0.8) }
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }

  /// 0xFFRRGGBB.
  var pixel: UInt32 {
    func byte(_ value: Double) -> UInt32 { UInt32(max(0, min(255, (value * 255).rounded()))) }
    return 0xFF00_0000 | byte(red) << 16 | byte(green) << 8 | byte(blue)
  }
}
