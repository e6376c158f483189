import Essentials

/// One score for each window of a recording, with where the windows stand in time.
public struct WindowScores: Sendable, Equatable {
  /// The scores, in the windows' order: 0 for surely no call to 1 for surely one.
  public let scores: [Float]
  /// Where the windows stand.
  public let windowing: Windowing

  /// Scores of such windows.
  /// - Throws: a `value` failure for a score that is NaN, or a length or step that is not positive.
  public init(_ scores: [Float], _ windowing: Windowing) throws(Failure) {
    try windowing.check()
    if let odd = scores.firstIndex(where: \.isNaN) {
      throw Failure(.value, "the score of window \(odd) is not a number", parameter: "scores")
    }
    self.scores = scores
    self.windowing = windowing
  }

  /// Which windows fire: those whose score is above the threshold.
  public func classes(threshold: Double) -> [Bool] { Flags.classes(scores, threshold: threshold) }

  /// The share of windows that fire, 0 to 1; 0 without windows.
  public func firingShare(threshold: Double) -> Double { Flags.share(classes(threshold: threshold)) }
}
