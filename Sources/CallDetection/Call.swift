import Essentials

/// A call found in a recording.
public struct Call: Sendable, Equatable {
  /// From the recording's start, in seconds.
  public let start: Double
  /// From the recording's start, in seconds.
  public let end: Double
  /// The highest score of its windows.
  public let peakScore: Double
  /// The mean score of its windows, those that bridged a gap included.
  public let meanScore: Double

  /// A call from `start` to `end`; one from a reference has a score of 1.
  public init(start: Double, end: Double, peakScore: Double = 1, meanScore: Double = 1) {
    self.start = start
    self.end = end
    self.peakScore = peakScore
    self.meanScore = meanScore
  }

  /// In seconds.
  public var duration: Double { end - start }
}

extension WindowScores {
  /// The calls that the windows above the threshold make: windows that fire in a row are one call.
  ///
  /// - Parameters:
  ///   - maximalGap: runs become one call where the windows between them that do not fire take no
  ///     more than this many seconds (their number times the step). 0 joins nothing.
  ///   - minimalLength: calls shorter than this many seconds are left out.
  ///   - duration: the recording's length in seconds, if calls are to end with it.
  /// - Throws: a `value` failure for a negative gap or length, or a threshold that is no number.
  public func calls(
    threshold: Double, maximalGap: Double = 0, minimalLength: Double = 0, duration: Double? = nil
  ) throws -> [Call] {
    guard !threshold.isNaN else {
      throw Failure(.value, "a threshold is a number, and not NaN", parameter: "threshold")
    }
    guard maximalGap >= 0 else {
      throw Failure(.value, "a gap is 0 seconds or more, not \(maximalGap)", parameter: "max_gap")
    }
    guard minimalLength >= 0 else {
      throw Failure(.value, "a length is 0 seconds or more, not \(minimalLength)", parameter: "min_length")
    }
    var groups: [Range<Int>] = []
    for run in Flags.runs(classes(threshold: threshold)) {
      // Steps add up with rounding errors, a gap is given in decimals.
      if let last = groups.last,
        Double(run.lowerBound - last.upperBound) * windowing.step <= maximalGap * (1 + 1e-9)
      {
        groups[groups.count - 1] = last.lowerBound..<run.upperBound
      } else {
        groups.append(run)
      }
    }
    return groups.compactMap { windows in
      let members = scores[windows]
      let call = Call(
        start: windowing.start(of: windows.lowerBound),
        end: min(windowing.end(of: windows.upperBound - 1), duration ?? .infinity),
        peakScore: Double(members.max() ?? 0),
        meanScore: members.reduce(0.0) { $0 + Double($1) } / Double(members.count))
      return call.duration >= minimalLength * (1 - 1e-9) ? call : nil
    }
  }
}
