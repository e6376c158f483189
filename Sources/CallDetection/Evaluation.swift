import Essentials

/// Calls that were found beside those that are really there.
public struct Evaluation: Sendable, Equatable {
  /// Pairs of positions: a found call, and the reference call that it meets. No call is in two pairs.
  public let matches: [(found: Int, reference: Int)]
  /// The found calls that meet a reference call.
  public let truePositives: Int
  /// The found calls that meet none.
  public let falsePositives: Int
  /// The reference calls that were not found.
  public let falseNegatives: Int

  /// Matches found calls with reference calls one to one, as many as possible. Two calls meet where
  /// they overlap, once the found one is made longer by `tolerance` seconds at both ends.
  /// - Throws: a `value` failure for a negative tolerance, or a call that ends before it starts.
  public init(found: [Call], reference: [Call], tolerance: Double = 0) throws {
    guard tolerance >= 0 else {
      throw Failure(.value, "a tolerance is 0 seconds or more, not \(tolerance)", parameter: "tolerance")
    }
    for (calls, name) in [(found, "found"), (reference, "reference")] {
      if let odd = calls.firstIndex(where: { !($0.start <= $0.end) }) {
        throw Failure(
          .value, "\(name) call \(odd) goes from \(calls[odd].start) to \(calls[odd].end)", parameter: name)
      }
    }
    let neighbours = try found.map { call in
      try Interruption.check()
      return reference.indices.filter {
        call.start - tolerance <= reference[$0].end && reference[$0].start <= call.end + tolerance
      }
    }
    let partners = try Self.matching(neighbours, count: reference.count)
    matches = partners.enumerated().compactMap { found, reference in
      reference.map { (found, $0) }
    }
    truePositives = matches.count
    falsePositives = found.count - matches.count
    falseNegatives = reference.count - matches.count
  }

  /// The share of the found calls that are real; 0 where nothing was found (as scikit-learn's).
  public var precision: Double { Self.ratio(truePositives, truePositives + falsePositives) }
  /// The share of the real calls that were found; 0 where there are none.
  public var recall: Double { Self.ratio(truePositives, truePositives + falseNegatives) }
  /// The harmonic mean of precision and recall; 0 where there is nothing.
  public var f1: Double {
    Self.ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives)
  }

  /// Whether all numbers and matches agree.
  public static func == (a: Evaluation, b: Evaluation) -> Bool {
    a.matches.elementsEqual(b.matches, by: ==) && a.falsePositives == b.falsePositives
      && a.falseNegatives == b.falseNegatives
  }

  private static func ratio(_ part: Int, _ whole: Int) -> Double {
    whole == 0 ? 0 : Double(part) / Double(whole)
  }

  /// The greatest matching of a bipartite graph, by augmenting paths found breadth first.
  private static func matching(_ neighbours: [[Int]], count: Int) throws -> [Int?] {
    var partnerOfLeft = [Int?](repeating: nil, count: neighbours.count)
    var partnerOfRight = [Int?](repeating: nil, count: count)
    for start in neighbours.indices {
      try Interruption.check()
      // From which left node each right node was reached.
      var reachedFrom: [Int: Int] = [:]
      var queue = [start]
      var end: Int?
      while end == nil, !queue.isEmpty {
        let left = queue.removeFirst()
        for right in neighbours[left] where reachedFrom[right] == nil {
          reachedFrom[right] = left
          if let partner = partnerOfRight[right] {
            queue.append(partner)
          } else {
            end = right
            break
          }
        }
      }
      while let right = end, let left = reachedFrom[right] {
        end = partnerOfLeft[left]
        partnerOfLeft[left] = right
        partnerOfRight[right] = left
        if left == start { break }
      }
    }
    return partnerOfLeft
  }
}

/// Counts of calls per recording beside the true ones.
public struct CountErrors: Sendable, Equatable {
  /// The recordings whose count is right.
  public let exactCount: Int
  /// All calls counted, and all that are there.
  public let found: Int
  /// The calls that are there in all.
  public let reference: Int
  /// The mean of |found - reference| over the recordings; 0 without recordings.
  public let meanAbsoluteError: Double
  /// The mean of found - reference over the recordings: above 0 where too many are counted.
  public let meanError: Double

  /// Compares the counts of each recording.
  /// - Throws: a `shape` failure where there are more of one than of the other.
  public init(found: [Int], reference: [Int]) throws {
    guard found.count == reference.count else {
      throw Failure(
        .shape, "\(found.count) counts cannot be compared with \(reference.count) reference counts")
    }
    // Doubles: differences of any two whole numbers do not overflow.
    let errors = zip(found, reference).map { Double($0) - Double($1) }
    let recordings = Double(max(errors.count, 1))
    exactCount = errors.count { $0 == 0 }
    self.found = found.reduce(0, &+)
    self.reference = reference.reduce(0, &+)
    meanAbsoluteError = errors.reduce(0) { $0 + $1.magnitude } / recordings
    meanError = errors.reduce(0, +) / recordings
  }
}
