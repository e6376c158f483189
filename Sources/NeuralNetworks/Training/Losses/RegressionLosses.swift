import Glibc

/// (p − y)².
struct SquaredError: LossFunction {
  func row(
    _ row: LossRow, labels: UnsafePointer<Float>, slope: UnsafeMutablePointer<Float>?, scale: Float
  ) -> Double {
    var total = 0.0
    for index in 0..<row.count {
      let difference = row.output[index] - labels[index]
      total += Double(difference) * Double(difference)
      slope?[index] = 2 * difference * scale
    }
    return total
  }
}

/// |p − y|.
struct AbsoluteError: ElementLoss {
  func value(_ output: Double, _ label: Double) -> (loss: Double, slope: Double) {
    let difference = output - label
    return (abs(difference), difference > 0 ? 1 : difference < 0 ? -1 : difference)
  }
}

/// Half the square of the difference up to `delta`, a straight line beyond (Huber, 1964).
struct Huber: ElementLoss {
  let delta: Double

  func value(_ output: Double, _ label: Double) -> (loss: Double, slope: Double) {
    let difference = output - label
    let size = abs(difference)
    if size <= delta { return (0.5 * difference * difference, difference) }
    return (delta * size - 0.5 * delta * delta, difference > 0 ? delta : difference < 0 ? -delta : difference)
  }
}

/// log(cosh(p − y)), as |d| + log(1 + exp(−2|d|)) − log 2.
struct LogCosh: ElementLoss {
  func value(_ output: Double, _ label: Double) -> (loss: Double, slope: Double) {
    let difference = output - label
    return (abs(difference) + log1p(exp(-2 * abs(difference))) - log(2.0), tanh(difference))
  }
}

/// p − y·log(p + 1e-7).
struct Poisson: ElementLoss {
  func value(_ output: Double, _ label: Double) -> (loss: Double, slope: Double) {
    let shifted = output + Double(Probability.epsilon)
    return (output - label * log(shifted), 1 - label / shifted)
  }
}

/// max(1 − y·p, 0), or its square, for labels −1 and 1.
struct Hinge: ElementLoss {
  /// Whether labels are 0 and 1, and 0 means −1.
  let areBinary: Bool
  let isSquared: Bool

  func value(_ output: Double, _ label: Double) -> (loss: Double, slope: Double) {
    let label = areBinary ? 2 * label - 1 : label
    let margin = 1 - label * output
    if margin <= 0 { return (0, 0) }
    return isSquared ? (margin * margin, -2 * margin * label) : (margin, -label)
  }
}

/// Σ y·log(y / p), both clipped to 1e-7 ... 1.
struct KLDivergence: LossFunction {
  var isMean: Bool { false }

  func row(
    _ row: LossRow, labels: UnsafePointer<Float>, slope: UnsafeMutablePointer<Float>?, scale: Float
  ) -> Double {
    var total = 0.0
    for index in 0..<row.count {
      let label = max(Double(Probability.epsilon), min(1, Double(labels[index])))
      let output = row.output[index]
      let isInside = output >= Probability.epsilon && output <= 1
      // NaN is passed on.
      let clipped = output.isNaN ? Double.nan : max(Double(Probability.epsilon), min(1, Double(output)))
      total += label * log(label / clipped)
      slope?[index] = isInside || output.isNaN ? Float(-label / clipped) * scale : 0
    }
    return total
  }
}
