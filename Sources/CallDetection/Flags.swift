import Essentials

/// Yes or no for each window of a recording.
public enum Flags {
  /// Which scores are above the threshold. As in NumPy, where a 32-bit score is compared with the
  /// threshold in 32 bits; a score that is not a number is not above.
  public static func classes(_ scores: [Float], threshold: Double) -> [Bool] {
    let threshold = Float(threshold)
    return scores.map { $0 > threshold }
  }

  /// Where flags that are set stand next to one another: the positions of each such run.
  public static func runs(_ flags: [Bool]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var start: Int?
    for (index, flag) in flags.enumerated() {
      if flag {
        start = start ?? index
      } else if let first = start {
        runs.append(first..<index)
        start = nil
      }
    }
    if let start { runs.append(start..<flags.count) }
    return runs
  }

  /// The number of runs: the tutorial's count of calls, for which windows that fire in a row are one
  /// call.
  public static func countRuns(_ flags: [Bool]) -> Int { runs(flags).count }

  /// The share of flags that are set, 0 to 1; 0 without flags.
  public static func share(_ flags: [Bool]) -> Double {
    flags.isEmpty ? 0 : Double(flags.count { $0 }) / Double(flags.count)
  }
}
