/// How often each class was found, missed, and taken for another.
struct ClassCounts {
  private(set) var truePositives: [Double]
  private(set) var falsePositives: [Double]
  private(set) var falseNegatives: [Double]
  private(set) var trueNegatives: [Double]

  init(classCount: Int) {
    truePositives = Array(repeating: 0, count: classCount)
    falsePositives = truePositives
    falseNegatives = truePositives
    trueNegatives = truePositives
  }

  /// - Parameter threshold: above it an output counts as found; nil takes the largest of a row.
  mutating func add(_ batch: ScoredBatch, threshold: Float?) {
    for row in 0..<batch.rowCount {
      let largest = threshold == nil ? batch.predictedClass(row) : 0
      for number in 0..<batch.classCount {
        let isFound =
          threshold.map { batch.outputs[row * batch.classCount + number] > $0 } ?? (number == largest)
        switch (isFound, batch.label(row, number) != 0) {
        case (true, true): truePositives[number] += 1
        case (true, false): falsePositives[number] += 1
        case (false, true): falseNegatives[number] += 1
        case (false, false): trueNegatives[number] += 1
        }
      }
    }
  }

  /// A ratio of one class's counts, or of all classes' together; 0 where there is nothing to divide by, as
  /// in Keras.
  func value(_ measure: Metric.Measure, of number: Int?) -> Double {
    func count(_ counts: [Double]) -> Double { number.map { counts[$0] } ?? counts.reduce(0, +) }
    let (tp, fp) = (count(truePositives), count(falsePositives))
    let (fn, tn) = (count(falseNegatives), count(trueNegatives))
    return switch measure {
    case .recall: ratio(tp, tp + fn)
    case .precision: ratio(tp, tp + fp)
    case .specificity: ratio(tn, tn + fp)
    default: ratio(2 * tp, 2 * tp + fp + fn)
    }
  }
}

/// 0 where there is nothing to divide by.
func ratio(_ part: Double, _ whole: Double) -> Double { whole == 0 ? 0 : part / whole }
