import Essentials
import Tensors

/// A metric over the batches of an epoch.
struct MetricAccumulator {
  let metric: Metric
  private var right = 0.0
  private var total = 0.0
  private var truePositives = 0.0
  private var falsePositives = 0.0
  private var falseNegatives = 0.0
  /// Scores by Keras's 200 thresholds: how many fall between each and the next.
  private var positives = [Double](repeating: 0, count: thresholdCount)
  private var negatives = [Double](repeating: 0, count: thresholdCount)

  private static let thresholdCount = 200

  init(_ metric: Metric) { self.metric = metric }

  /// - Throws: a `shape` failure where labels do not go with the outputs for this metric.
  mutating func add(outputs: UnsafeBufferPointer<Float>, outputShape: Shape, labels: Tensor) throws(Failure) {
    let classes = outputShape.last ?? 1
    switch metric {
    case .accuracy: addAccuracy(outputs, classes, labels.elements)
    case .recall, .precision, .auc:
      guard labels.count == outputs.count else {
        throw Failure(
          .shape,
          "\(metric.rawValue) takes a label for each output, but there are \(labels.count) labels for "
            + "\(outputs.count) outputs",
          hint: "with class numbers as labels, measure accuracy", parameter: "metrics")
      }
      for (index, score) in outputs.enumerated() {
        let isPositive = labels.elements[index] != 0
        if metric == .auc {
          add(score: score, isPositive: isPositive)
        } else {
          switch (score > 0.5, isPositive) {
          case (true, true): truePositives += 1
          case (true, false): falsePositives += 1
          case (false, true): falseNegatives += 1
          case (false, false): break
          }
        }
      }
    }
  }

  /// As Keras picks: one output is binary, class numbers are sparse, else one-hot.
  private mutating func addAccuracy(_ outputs: UnsafeBufferPointer<Float>, _ classes: Int, _ labels: [Float])
  {
    let rows = outputs.count / classes
    total += Double(rows)
    let isSparse = labels.count == rows
    for row in 0..<rows {
      let own = outputs[row * classes..<(row + 1) * classes]
      if classes == 1 {
        if labels[row] == (outputs[row] > 0.5 ? 1 : 0) { right += 1 }
      } else if isSparse {
        if Self.largest(own) == Int(labels[row]) { right += 1 }
      } else if Self.largest(own) == Self.largest(labels[row * classes..<(row + 1) * classes]) {
        right += 1
      }
    }
  }

  private static func largest<Values: RandomAccessCollection>(_ values: Values) -> Int
  where Values.Element == Float, Values.Index == Int {
    var best = values.startIndex
    for index in values.indices where values[index] > values[best] { best = index }
    return best - values.startIndex
  }

  private mutating func add(score: Float, isPositive: Bool) {
    guard score.isFinite else { return }
    let last = Self.thresholdCount - 1
    let bucket = Int(min(max((score * Float(last)).rounded(.up) - 1, 0), Float(last)))
    if isPositive { positives[bucket] += 1 } else { negatives[bucket] += 1 }
  }

  /// The metric so far; 0 where there is nothing to divide by, as in Keras.
  var value: Double {
    func ratio(_ part: Double, _ whole: Double) -> Double { whole == 0 ? 0 : part / whole }
    switch metric {
    case .accuracy: return ratio(right, total)
    case .recall: return ratio(truePositives, truePositives + falseNegatives)
    case .precision: return ratio(truePositives, truePositives + falsePositives)
    case .auc:
      let allPositives = positives.reduce(0, +)
      let allNegatives = negatives.reduce(0, +)
      var (above, aboveNegatives) = (0.0, 0.0)
      var previous = (0.0, 0.0)
      var area = 0.0
      // From the highest threshold down: a bucket holds the scores above its threshold.
      for bucket in (0..<Self.thresholdCount).reversed() {
        above += positives[bucket]
        aboveNegatives += negatives[bucket]
        let point = (ratio(aboveNegatives, allNegatives), ratio(above, allPositives))
        area += (point.0 - previous.0) * (point.1 + previous.1) / 2
        previous = point
      }
      return area
    }
  }
}
