/// Which stretch of a recording each of a row of windows covers: window `i` the seconds from `start + i * step` to
/// `start + i * step + length`.
///
/// Scores that a model gave to successive windows carry it, so that pictures and call lists can count in seconds.
public struct Windowing: Sendable, Equatable {
  /// The length of a window in seconds.
  public let length: Double
  /// The distance between the starts of two windows, in seconds.
  public let step: Double
  /// Where the first window starts, in seconds.
  public let start: Double
  /// The recording, as a path; nil if it came from none.
  public let source: String?

  /// Windows of `length` seconds that start every `step` seconds (`length` when nil: windows that touch), the first
  /// one at `start`.
  public init(length: Double, step: Double? = nil, start: Double = 0, source: String? = nil) {
    self.length = length
    self.step = step ?? length
    self.start = start
    self.source = source
  }

  /// Where a window starts, in seconds.
  public func start(of window: Int) -> Double { start + Double(window) * step }

  /// Where a window ends, in seconds.
  public func end(of window: Int) -> Double { start(of: window) + length }

  /// Whether windows follow one another without gap or overlap, but for a hundredth of a step.
  public var touches: Bool { abs(length - step) <= step * 0.01 }

  /// The windows that remain when every `stride`-th one from `first` on is kept; nil for a stride below 1.
  public func selecting(from first: Int, every stride: Int) -> Windowing? {
    guard stride > 0 else { return nil }
    return Windowing(length: length, step: step * Double(stride), start: start(of: first), source: source)
  }

  /// - Throws: a `value` failure for a length or step that is not positive, or a start that is no number, by the
  ///   names `length`, `step` and `start`.
  public func check() throws(Failure) {
    guard length > 0, length.isFinite else {
      throw Failure(.value, "a window is longer than 0 seconds, not \(length)", parameter: "length")
    }
    guard step > 0, step.isFinite else {
      throw Failure(.value, "windows are more than 0 seconds apart, not \(step)", parameter: "step")
    }
    guard start.isFinite else {
      throw Failure(
        .value, "the first window starts at a number of seconds, not \(start)", parameter: "start")
    }
  }
}
