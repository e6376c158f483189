/// A place on the canvas, in points (1/72 inch) from the top left.
struct Point: Sendable, Equatable {
  var x: Double
  var y: Double
}

/// A rectangle, from its top left corner.
public struct Rect: Sendable, Equatable {
  /// The left edge.
  public var x: Double
  /// The top edge.
  public var y: Double
  /// From left to right.
  public var width: Double
  /// From top to bottom.
  public var height: Double

  /// A rectangle from its top left corner.
  public init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// The right edge.
  public var maxX: Double { x + width }
  /// The bottom edge.
  public var maxY: Double { y + height }
  /// Halfway from left to right.
  public var midX: Double { x + width / 2 }
  /// Halfway from top to bottom.
  public var midY: Double { y + height / 2 }

  /// Whether both share more than an edge.
  public func intersects(_ other: Rect) -> Bool {
    x < other.maxX && other.x < maxX && y < other.maxY && other.y < maxY
  }

  /// Whether `other` lies within this rectangle, to half a unit.
  public func contains(_ other: Rect) -> Bool {
    other.x >= x - 0.5 && other.y >= y - 0.5 && other.maxX <= maxX + 0.5 && other.maxY <= maxY + 0.5
  }

  func inset(_ margins: Margins) -> Rect {
    Rect(
      x: x + margins.left, y: y + margins.top, width: max(width - margins.left - margins.right, 1),
      height: max(height - margins.top - margins.bottom, 1))
  }

  /// The part within `other`; nil if there is none.
  func clamped(to other: Rect) -> Rect? {
    let (left, top) = (max(x, other.x), max(y, other.y))
    let (right, bottom) = (min(maxX, other.maxX), min(maxY, other.maxY))
    return left <= right && top <= bottom
      ? Rect(x: left, y: top, width: right - left, height: bottom - top) : nil
  }

  func scaled(_ factor: Double) -> Rect {
    Rect(x: x * factor, y: y * factor, width: width * factor, height: height * factor)
  }
}

/// Room around a plot area for ticks, labels and titles.
struct Margins: Sendable {
  var top = 0.0
  var left = 0.0
  var bottom = 0.0
  var right = 0.0
}
