/// Which stretch of a recording each row of a tensor speaks of: row `i` covers the seconds from
/// `i * step` to `i * step + length`.
///
/// Scores that a model gave to consecutive windows carry it, so that pictures and call lists can count
/// in seconds.
public struct Windowing: Sendable, Equatable {
  /// The length of a window in seconds.
  public let length: Double
  /// The distance between the starts of two windows, in seconds.
  public let step: Double
  /// Where the first window starts, in seconds.
  public let start: Double
  /// The recording, as a path; nil if it came from none.
  public let source: String?

  /// Windows of `length` seconds that start every `step` seconds, the first one at `start`.
  public init(length: Double, step: Double, start: Double = 0, source: String? = nil) {
    self.length = length
    self.step = step
    self.start = start
    self.source = source
  }

  /// The windows that remain when every `stride`-th row from `first` on is kept.
  func selecting(from first: Int, every stride: Int) -> Windowing? {
    guard stride > 0 else { return nil }
    return Windowing(
      length: length, step: step * Double(stride), start: start + step * Double(first), source: source)
  }
}
