import Essentials
import Glibc

/// Scores of positives and negatives by Keras's thresholds: how many fall between each and the next.
struct ScoreHistogram {
  private var positives: [Double]
  private var negatives: [Double]

  init(thresholds: Int) {
    positives = Array(repeating: 0, count: thresholds)
    negatives = positives
  }

  mutating func add(score: Float, isPositive: Bool) {
    guard score.isFinite else { return }
    let last = positives.count - 1
    let bucket = Int(min(max((score * Float(last)).rounded(.up) - 1, 0), Float(last)))
    if isPositive { positives[bucket] += 1 } else { negatives[bucket] += 1 }
  }

  mutating func add(_ other: ScoreHistogram) {
    for index in positives.indices {
      positives[index] += other.positives[index]
      negatives[index] += other.negatives[index]
    }
  }

  func area(under curve: Metric.Curve) -> Double { curve == .roc ? rocArea : precisionRecallArea }

  private var rocArea: Double {
    let (allPositives, allNegatives) = (positives.reduce(0, +), negatives.reduce(0, +))
    var (above, aboveNegatives) = (0.0, 0.0)
    var previous = (0.0, 0.0)
    var area = 0.0
    // From the highest threshold down: a bucket holds the scores above its threshold.
    for bucket in positives.indices.reversed() {
      above += positives[bucket]
      aboveNegatives += negatives[bucket]
      let point = (ratio(aboveNegatives, allNegatives), ratio(above, allPositives))
      area += (point.0 - previous.0) * (point.1 + previous.1) / 2
      previous = point
    }
    return area
  }

  /// Davis and Goadrich, 2006: between two thresholds the false positives are linear in the true ones.
  private var precisionRecallArea: Double {
    // Of each threshold, from the lowest: true positives and all that lie above it.
    var found: [Double] = []
    var all: [Double] = []
    var (tp, p) = (0.0, 0.0)
    for bucket in positives.indices.reversed() {
      tp += positives[bucket]
      p += positives[bucket] + negatives[bucket]
      found.append(tp)
      all.append(p)
    }
    found.reverse()
    all.reverse()
    let missed = found.map { (found.first ?? 0) - $0 }
    var area = 0.0
    for index in 0..<found.count - 1 {
      let (dtp, dp) = (found[index] - found[index + 1], all[index] - all[index + 1])
      let slope = ratio(dtp, max(dp, 0))
      let intercept = found[index + 1] - slope * all[index + 1]
      let quotient = all[index] > 0 && all[index + 1] > 0 ? ratio(all[index], all[index + 1]) : 1
      area += ratio(slope * (dtp + intercept * log(quotient)), found[index + 1] + missed[index + 1])
    }
    return area
  }
}

/// All scores of one output, for what needs their exact order.
struct ExactScores {
  private var scores: [(score: Float, isPositive: Bool)] = []

  mutating func add(score: Float, isPositive: Bool) { scores.append((score, isPositive)) }

  /// scikit-learn's `average_precision_score`; 0 without positives.
  var averagePrecision: Double {
    let ordered = scores.filter { !$0.score.isNaN }.sorted { $0.score > $1.score }
    let positives = Double(ordered.count { $0.isPositive })
    var (found, sum, index) = (0.0, 0.0, 0)
    while index < ordered.count {
      // Equal scores have one threshold.
      let score = ordered[index].score
      let before = found
      while index < ordered.count, ordered[index].score == score {
        if ordered[index].isPositive { found += 1 }
        index += 1
      }
      sum += (found - before) * found / Double(index)
    }
    return ratio(sum, positives)
  }
}
