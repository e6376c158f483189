import Essentials

/// One score for each window of a recording, with where the windows stand in time.
public struct WindowScores: Sendable, Equatable {
  /// The scores, in the windows' order: 0 for surely no call to 1 for surely one.
  public let scores: [Float]
  /// The length of a window in seconds.
  public let windowLength: Double
  /// The distance from the start of one window to the start of the next, in seconds.
  public let step: Double

  /// Scores of windows of `windowLength` seconds, one every `step` seconds (`windowLength` when nil:
  /// windows that touch).
  /// - Throws: a `value` failure for a score that is NaN, or a length or step that is not positive.
  public init(_ scores: [Float], windowLength: Double, step: Double? = nil) throws {
    let step = step ?? windowLength
    guard windowLength > 0, windowLength.isFinite else {
      throw Failure(
        .value, "a window is longer than 0 seconds, not \(windowLength)", parameter: "length")
    }
    guard step > 0, step.isFinite else {
      throw Failure(.value, "windows are more than 0 seconds apart, not \(step)", parameter: "step")
    }
    if let odd = scores.firstIndex(where: \.isNaN) {
      throw Failure(.value, "the score of window \(odd) is not a number", parameter: "scores")
    }
    self.scores = scores
    self.windowLength = windowLength
    self.step = step
  }

  /// Where a window starts, in seconds.
  public func start(of window: Int) -> Double { Double(window) * step }

  /// Where a window ends, in seconds.
  public func end(of window: Int) -> Double { Double(window) * step + windowLength }

  /// Which windows fire: those whose score is above the threshold.
  public func classes(threshold: Double) -> [Bool] { Flags.classes(scores, threshold: threshold) }

  /// The share of windows that fire, 0 to 1; 0 without windows.
  public func firingShare(threshold: Double) -> Double { Flags.share(classes(threshold: threshold)) }
}
