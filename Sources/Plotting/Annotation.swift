/// Something that is marked in a picture beside its data, at a place in the data's units.
public enum Annotation: Sendable, Equatable {
  /// A line from the lower to the upper edge, at a place of the horizontal axis.
  case verticalLine(x: Double, label: String? = nil)
  /// A line from the left to the right edge, at a place of the vertical axis.
  case horizontalLine(y: Double, label: String? = nil)
  /// A stretch of the horizontal axis, shaded from the lower to the upper edge.
  case verticalSpan(from: Double, to: Double, label: String? = nil)
  /// A stretch of the vertical axis, shaded from the left to the right edge.
  case horizontalSpan(from: Double, to: Double, label: String? = nil)
  /// A dot with words beside it.
  case text(String, x: Double, y: Double)

  /// Whether it belongs to the horizontal axis alone, and so to every panel that shares one.
  var isVertical: Bool {
    switch self {
    case .verticalLine, .verticalSpan: true
    case .horizontalLine, .horizontalSpan, .text: false
    }
  }

  /// What stands beside it.
  public var label: String? {
    switch self {
    case .verticalLine(_, let label), .horizontalLine(_, let label): label
    case .verticalSpan(_, _, let label), .horizontalSpan(_, _, let label): label
    case .text(let text, _, _): text
    }
  }

  /// Its places on the horizontal axis.
  var xs: [Double] {
    switch self {
    case .verticalLine(let x, _), .text(_, let x, _): [x]
    case .verticalSpan(let from, let to, _): [from, to]
    case .horizontalLine, .horizontalSpan: []
    }
  }

  /// Its places on the vertical axis.
  var ys: [Double] {
    switch self {
    case .horizontalLine(let y, _), .text(_, _, let y): [y]
    case .horizontalSpan(let from, let to, _): [from, to]
    case .verticalLine, .verticalSpan: []
    }
  }

  var isFinite: Bool { xs.allSatisfy(\.isFinite) && ys.allSatisfy(\.isFinite) }
}
