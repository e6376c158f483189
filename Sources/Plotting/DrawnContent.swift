/// What a picture shows, read off while it is drawn: for tests, for a description in words beside
/// the picture, and for whoever needs to know where a value stands. All places are in pixels from
/// the top left (in points for a vector file).
public struct DrawnContent: Sendable {
  /// The panels, row after row.
  public var axes: [DrawnAxes] = []
  /// Every piece of text.
  public var texts: [DrawnText] = []
  /// Letters that no font has; a box stands for each.
  public var missingGlyphs: [Character] = []

  /// The texts of one role, in the order in which they were drawn.
  public func strings(_ role: DrawnText.Role) -> [String] {
    texts.filter { $0.role == role }.map(\.string)
  }
}

/// One panel.
public struct DrawnAxes: Sendable {
  /// The plot area.
  public var area: Rect
  /// The horizontal axis.
  public var x: DrawnAxis
  /// The vertical axis.
  public var y: DrawnAxis
  /// The legend's entries.
  public var legend: [String] = []
  /// Where the legend stands.
  public var legendBox: Rect?
  /// The colour bar: its box, the values at its ends and its ticks.
  public var colorBar: DrawnAxis?
}

/// One axis.
public struct DrawnAxis: Sendable {
  /// Its label, with the unit.
  public var label: String
  /// The values at its ends.
  public var range: ClosedRange<Double>
  /// The ticks that were drawn along it, in order.
  public var ticks: [DrawnTick]
}

/// One tick.
public struct DrawnTick: Sendable, Equatable {
  /// The value in the data's unit.
  public var value: Double
  /// What stands beside it; empty where a neighbouring panel carries the labels.
  public var label: String
  /// Its place along the axis.
  public var position: Double
}

/// One piece of text.
public struct DrawnText: Sendable {
  /// What a text is there for.
  public enum Role: String, Sendable {
    /// Above a figure or a panel.
    case title
    /// Beside an axis or a colour bar.
    case axisLabel
    /// At a tick.
    case tickLabel
    /// In a legend.
    case legend
    /// The number of a bar or a cell.
    case value
    /// At a mark: a threshold, a call.
    case annotation
    /// A sentence about the data: that there are none, that some are left out.
    case note
  }

  /// The text as drawn, shortened where it was too long.
  public var string: String
  /// What it is there for.
  public var role: Role
  /// The box around it.
  public var box: Rect
  /// The angle in degrees, clockwise.
  public var angle: Double
}
