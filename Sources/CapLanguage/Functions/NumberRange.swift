import Essentials

/// A range of numbers, either end open, closed or absent.
public struct NumberRange: Sendable {
  let low: Double
  let high: Double
  let includesLow: Bool
  let includesHigh: Bool

  /// Any number that is not NaN.
  public static let any = NumberRange(low: -.infinity, high: .infinity, includesLow: true, includesHigh: true)
  /// 0 and up.
  public static let nonNegative = NumberRange.atLeast(0)
  /// Above 0.
  public static let positive = NumberRange.above(0)
  /// From 0 to 1.
  public static let fraction = NumberRange.between(0, 1)
  /// `low` and up.
  public static func atLeast(_ low: Double) -> NumberRange {
    NumberRange(low: low, high: .infinity, includesLow: true, includesHigh: true)
  }
  /// Above `low`.
  public static func above(_ low: Double) -> NumberRange {
    NumberRange(low: low, high: .infinity, includesLow: false, includesHigh: true)
  }
  /// From `low` to `high`, ends included or not.
  public static func between(
    _ low: Double, _ high: Double, includesLow: Bool = true, includesHigh: Bool = true
  ) -> NumberRange {
    NumberRange(low: low, high: high, includesLow: includesLow, includesHigh: includesHigh)
  }

  func contains(_ number: Double) -> Bool {
    (includesLow ? number >= low : number > low) && (includesHigh ? number <= high : number < high)
  }

  /// "from 0 to 1", "of at least 1", "above 0"; empty for any number.
  var phrase: String {
    if low == -.infinity, high == .infinity { return "" }
    if high == .infinity {
      return includesLow ? " of at least \(NumberText.plain(low))" : " above \(NumberText.plain(low))"
    }
    if low == -.infinity {
      return includesHigh ? " of at most \(NumberText.plain(high))" : " below \(NumberText.plain(high))"
    }
    if includesLow, includesHigh { return " from \(NumberText.plain(low)) to \(NumberText.plain(high))" }
    let lower = includesLow ? "at least" : "above"
    let upper = includesHigh ? "at most" : "below"
    return " \(lower) \(NumberText.plain(low)) and \(upper) \(NumberText.plain(high))"
  }
}
