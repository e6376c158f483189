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
  /// The text on one line: without control characters (a C string would end at the first zero), and without
  /// more marks on a letter than any script uses, which would tower over the line.
  static func printable(_ text: String) -> String {
    func isControl(_ scalar: Unicode.Scalar) -> Bool {
      scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || (0x2028...0x2029).contains(scalar.value)
    }
    let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
    if isPlain { return text }
    var result = String.UnicodeScalarView()
    for character in text {
      for scalar in character.unicodeScalars.prefix(mostScalars) {
        result.append(isControl(scalar) ? " " : scalar)
      }
    }
    return String(result)
  }

  /// A family of four, the longest sign in use, takes 7 scalars; a flag of a region 7 as well.
  private static let mostScalars = 10

  /// Where the `…` of a shortened text stands.
  enum Shortening {
    case end
    /// The end is kept as well: file names often differ there.
    case middle
  }

  /// The printable text, shortened by a `…` where it is longer than `width` points.
  static func fitted(
    _ text: String, _ style: TextStyle, width: Double, on canvas: Canvas, shortening: Shortening = .end
  ) -> String {
    // No more characters than could fit at a fifth of their usual width are looked at.
    let most = max(8, Int(max(width, 0) / style.size * 10))
    let start = text.prefix(most + 1)
    let isWhole = start.count <= most
    let head = printable(String(isWhole ? start : start.dropLast()))
    if isWhole, canvas.measure(head, style).width <= width { return head }
    let tail = shortening == .middle ? printable(String(text.suffix(most))) : ""
    func shortened(_ count: Int) -> String {
      let last = shortening == .middle ? count / 2 : 0
      var first = head.prefix(count - last)
      while first.last == " " { first.removeLast() }
      return first + "…" + tail.suffix(last)
    }
    var low = 0
    var high = min(most, head.count)
    while low < high {
      let middle = (low + high + 1) / 2
      if canvas.measure(shortened(middle), style).width <= width {
        low = middle
      } else {
        high = middle - 1
      }
    }
    return low > 0 || canvas.measure("…", style).width <= width ? shortened(low) : ""
  }
}
