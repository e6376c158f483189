import Glibc

/// The look of a line of text.
struct TextStyle: Sendable, Equatable {
  /// In points.
  var size: Double
  var isBold = false
}

/// The room of a line of text, in points.
struct TextSize: Sendable, Equatable {
  var width: Double
  var ascent: Double
  var descent: Double
  var height: Double { ascent + descent }
}

/// Which point of a text's box is put at the given place: 0 is left and top, 1 is right and bottom.
struct TextAnchor: Sendable {
  var horizontal: Double
  var vertical: Double

  static let center = TextAnchor(horizontal: 0.5, vertical: 0.5)
  static let top = TextAnchor(horizontal: 0.5, vertical: 0)
  static let bottom = TextAnchor(horizontal: 0.5, vertical: 1)
  static let left = TextAnchor(horizontal: 0, vertical: 0.5)
  static let right = TextAnchor(horizontal: 1, vertical: 0.5)
}

/// A turn about the origin; clockwise, since y points down.
struct Rotation: Sendable {
  private let cosine: Double
  private let sine: Double

  init(degrees: Double) {
    cosine = cos(degrees * .pi / 180)
    sine = sin(degrees * .pi / 180)
  }

  func apply(_ x: Double, _ y: Double) -> Point {
    Point(x: x * cosine - y * sine, y: x * sine + y * cosine)
  }
}

enum Text {
  /// The text on one line, without control characters (a C string would end at the first zero).
  static func printable(_ text: String) -> String {
    let needsWork = text.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
    guard needsWork else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
      result.append(isControl ? " " : scalar)
    }
    return String(result)
  }

  /// The printable text, ended by `…` where it is longer than `width` points.
  static func fitted(_ text: String, _ style: TextStyle, width: Double, on canvas: Canvas) -> String {
    // No more characters than could fit at a fifth of their usual width are looked at.
    let most = max(8, Int(max(width, 0) / style.size * 10))
    let start = String(text.prefix(most + 1))
    let line = printable(start)
    let isWhole = start.count <= most
    if isWhole, canvas.measure(line, style).width <= width { return line }
    var low = 0
    var high = min(most, line.count)
    while low < high {
      let middle = (low + high + 1) / 2
      if canvas.measure(line.prefix(middle) + "…", style).width <= width {
        low = middle
      } else {
        high = middle - 1
      }
    }
    if low == 0 { return canvas.measure("…", style).width <= width ? "…" : "" }
    var kept = line.prefix(low)
    while kept.last == " " { kept.removeLast() }
    return kept + "…"
  }
}
