import Glibc

/// What an axis measures; decides the words of its label and its round numbers.
enum AxisUnit: Sendable, Equatable {
  /// A plain number, with the name of its unit if it has one.
  case number(String? = nil)
  case seconds
  case hertz
  /// How many: whole numbers only.
  case count
}

/// What stands at an axis's ticks.
enum TickContent: Sendable {
  case numbers
  /// Names at 0, 1, 2, …
  case categories([String])
  case none
}

/// One direction of a panel.
struct Axis: Sendable {
  /// The words of the label, without unit.
  var label: String?
  /// A label that replaces words and unit; the numbers are then left in the data's unit.
  var customLabel: String?
  var unit = AxisUnit.number()
  var scale = AxisScale.linear
  /// Fixed ends; nil for those of the data.
  var range: ClosedRange<Double>?
  /// Added at either end of the data's range, as a part of it.
  var padding = 0.05
  /// Ends that the data's range is widened to at least.
  var atLeast: ClosedRange<Double>?
  /// Set where padding must not lead beyond: a share does not exceed 1.
  var within: ClosedRange<Double>?
  var ticks = TickContent.numbers
  /// Whether the first value is at the far end: rows of a matrix run downwards.
  var isReversed = false
  /// Whether labels are left to a neighbouring panel.
  var hidesLabels = false

  /// The axis's ends for data within `extent`.
  func ends(for extent: ClosedRange<Double>?) -> ClosedRange<Double> {
    if let range, range.lowerBound.isFinite, range.upperBound.isFinite {
      return scale == .log ? Self.positive(range) : Self.widened(range)
    }
    guard let extent else { return scale == .log ? 1...10 : atLeast ?? 0...1 }
    var low = extent.lowerBound
    var high = extent.upperBound
    if let atLeast {
      low = min(low, atLeast.lowerBound)
      high = max(high, atLeast.upperBound)
    }
    if scale == .log {
      let ends = Self.positive(low...high)
      let part = (log10(ends.upperBound) - log10(ends.lowerBound)) * padding
      return Self.positive(ends.lowerBound / pow(10, part)...ends.upperBound * pow(10, part))
    }
    let room = (high / 2 - low / 2) * 2 * padding
    if room.isFinite {
      // Data that starts at a limit of `atLeast` (bars at 0) stands on the axis without a gap.
      if atLeast.map({ low < $0.lowerBound }) ?? true { low -= room }
      if atLeast.map({ high > $0.upperBound }) ?? true { high += room }
    }
    if let within {
      low = max(low, min(within.lowerBound, extent.lowerBound))
      high = min(high, max(within.upperBound, extent.upperBound))
    }
    return Self.widened(low <= high ? low...high : extent)
  }

  /// Ends that differ by enough to be told apart.
  private static func widened(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
    let limit = 1e300
    let low = max(-limit, min(limit, range.lowerBound))
    let high = max(-limit, min(limit, range.upperBound))
    let size = max(abs(low), abs(high))
    if high - low > size * 1e-9, high - low > 1e-300 { return low...high }
    let room = size > 1e-290 ? size * 0.05 : 1
    return (low - room)...(high + room)
  }

  /// Ends for a logarithmic axis: above 0, not where numbers end, and far enough apart.
  private static func positive(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
    let limit = 1e-290...1e290
    let high = range.upperBound > 0 ? max(limit.lowerBound, min(limit.upperBound, range.upperBound)) : 1
    let low = range.lowerBound > 0 ? max(limit.lowerBound, min(high, range.lowerBound)) : high / 1000
    return high / low > 1 + 1e-9 ? low...high : low / 1.5...high * 1.5
  }
}
