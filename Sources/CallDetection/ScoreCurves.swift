import Essentials

/// The receiver operating characteristic: what each threshold costs and gains.
public struct ROCCurve: Sendable, Equatable {
  /// The share of negatives with at least the threshold's score, rising from 0 to 1.
  public let falsePositiveRates: [Double]
  /// The share of positives with at least the threshold's score, rising from 0 to 1.
  public let truePositiveRates: [Double]
  /// The thresholds, falling; the first is infinite.
  public let thresholds: [Double]

  /// As scikit-learn's `roc_curve`. `droppingIntermediate` leaves out points on straight lines.
  /// - Parameter labels: 1 for positives, 0 for negatives.
  /// - Throws: a `shape` failure where there are more of one than of the other; a `value` failure for
  ///   other labels, scores that are not numbers, or where there are no positives or no negatives.
  public init(labels: [Double], scores: [Double], droppingIntermediate: Bool = true) throws {
    var steps = try ThresholdCounts(labels: labels, scores: scores)
    guard steps.positives > 0, steps.negatives > 0 else {
      throw Failure(
        .value,
        "a ROC curve needs positives and negatives, and there are no "
          + (steps.positives == 0 ? "positives" : "negatives"))
    }
    if droppingIntermediate { steps.dropStraight() }
    falsePositiveRates = [0] + steps.falsePositives.map { Double($0) / Double(steps.negatives) }
    truePositiveRates = [0] + steps.truePositives.map { Double($0) / Double(steps.positives) }
    thresholds = [.infinity] + steps.thresholds
  }

  /// The area under the curve, by trapezoids: the chance that a positive scores above a negative.
  public var area: Double {
    zip(falsePositiveRates.indices.dropFirst(), falsePositiveRates.indices).reduce(0) { sum, pair in
      let (right, left) = pair
      return sum + (falsePositiveRates[right] - falsePositiveRates[left])
        * (truePositiveRates[right] + truePositiveRates[left]) / 2
    }
  }
}

/// Precision and recall at each threshold.
public struct PrecisionRecallCurve: Sendable, Equatable {
  /// One for each threshold, then 1.
  public let precisions: [Double]
  /// One for each threshold, falling, then 0.
  public let recalls: [Double]
  /// The different scores, rising.
  public let thresholds: [Double]

  /// As scikit-learn's `precision_recall_curve`.
  /// - Parameter labels: 1 for positives, 0 for negatives.
  /// - Throws: a `shape` failure where there are more of one than of the other; a `value` failure for
  ///   other labels, scores that are not numbers, or where there are no positives.
  public init(labels: [Double], scores: [Double]) throws {
    let steps = try ThresholdCounts(labels: labels, scores: scores)
    guard steps.positives > 0 else {
      throw Failure(.value, "precision and recall need positives, and there are none")
    }
    precisions =
      zip(steps.truePositives, steps.falsePositives).map { Double($0) / Double($0 + $1) }.reversed() + [1]
    recalls = steps.truePositives.map { Double($0) / Double(steps.positives) }.reversed() + [0]
    thresholds = steps.thresholds.reversed()
  }

  /// The mean of the precisions, each weighted with the recall it adds (scikit-learn's
  /// `average_precision_score`).
  public var averagePrecision: Double {
    thresholds.indices.reduce(0) { $0 + (recalls[$1] - recalls[$1 + 1]) * precisions[$1] }
  }
}

/// How many positives and negatives reach each threshold, thresholds falling.
private struct ThresholdCounts {
  var thresholds: [Double] = []
  var truePositives: [Int] = []
  var falsePositives: [Int] = []
  let positives: Int
  let negatives: Int

  init(labels: [Double], scores: [Double]) throws {
    guard labels.count == scores.count else {
      throw Failure(.shape, "\(labels.count) labels do not pair with \(scores.count) scores")
    }
    if let odd = labels.firstIndex(where: { $0 != 0 && $0 != 1 }) {
      throw Failure(.value, "label \(odd) is \(labels[odd]); labels are 0 or 1", parameter: "labels")
    }
    if let odd = scores.firstIndex(where: { !$0.isFinite }) {
      throw Failure(.value, "score \(odd) is \(scores[odd])", parameter: "scores")
    }
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    var (hits, misses) = (0, 0)
    for (place, index) in order.enumerated() {
      if labels[index] == 1 { hits += 1 } else { misses += 1 }
      // Equal scores are reached together.
      if place + 1 < order.count, scores[order[place + 1]] == scores[index] { continue }
      thresholds.append(scores[index])
      truePositives.append(hits)
      falsePositives.append(misses)
    }
    positives = hits
    negatives = misses
  }

  /// Leaves out the points between neighbours that go on in the same direction and distance.
  mutating func dropStraight() {
    guard thresholds.count > 2 else { return }
    let kept = thresholds.indices.filter { index in
      if index == 0 || index == thresholds.count - 1 { return true }
      func bends(_ counts: [Int]) -> Bool { counts[index + 1] - 2 * counts[index] + counts[index - 1] != 0 }
      return bends(truePositives) || bends(falsePositives)
    }
    thresholds = kept.map { thresholds[$0] }
    truePositives = kept.map { truePositives[$0] }
    falsePositives = kept.map { falsePositives[$0] }
  }
}
