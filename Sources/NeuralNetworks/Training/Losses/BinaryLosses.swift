import Glibc

/// −(y·log p + (1 − y)·log(1 − p)); of logits max(z, 0) − z·y + log(1 + exp(−|z|)).
struct BinaryCrossentropy: LossFunction {
  let fromLogits: Bool
  let smoothing: Float

  var fusedActivation: Activation? { .sigmoid }

  func row(
    _ row: LossRow, labels: UnsafePointer<Float>, slope: UnsafeMutablePointer<Float>?, scale: Float
  ) -> Double {
    var total = 0.0
    for index in 0..<row.count {
      let label = smoothing == 0 ? labels[index] : labels[index] * (1 - smoothing) + 0.5 * smoothing
      if let logits = row.logits {
        let (x, y) = (Double(logits[index]), Double(label))
        let decay = exp(-abs(x))
        total += (x > 0 ? x : x.isNaN ? x : 0) - x * y + log1p(decay)
        if let slope {
          // Where the outputs are logits the probabilities are not there yet.
          let p = fromLogits ? Float(x >= 0 ? 1 / (1 + decay) : decay / (1 + decay)) : row.output[index]
          slope[index] = (p - label) * scale
        }
        continue
      }
      let (clipped, isInside) = Probability.clip(row.output[index])
      total -= Double(label) * log(Double(clipped)) + Double(1 - label) * log(Double(1 - clipped))
      slope?[index] = isInside ? ((1 - label) / (1 - clipped) - label / clipped) * scale : 0
    }
    return total
  }
}

/// Binary cross-entropy times (1 − p of the truth)^gamma (Lin and others, 2017).
struct BinaryFocalCrossentropy: LossFunction {
  let fromLogits: Bool
  let smoothing: Double
  let gamma: Double
  /// The weight of positives; nil where classes are not balanced.
  let alpha: Double?

  var fusedActivation: Activation? { .sigmoid }

  func row(
    _ row: LossRow, labels: UnsafePointer<Float>, slope: UnsafeMutablePointer<Float>?, scale: Float
  ) -> Double {
    var total = 0.0
    for index in 0..<row.count {
      let label = Double(labels[index]) * (1 - smoothing) + 0.5 * smoothing
      let entropy: Double
      let p: Double
      /// The slopes of entropy and p.
      let (entropySlope, outputSlope): (Double, Double)
      if let logits = row.logits {
        let x = Double(logits[index])
        let decay = exp(-abs(x))
        p = x >= 0 ? 1 / (1 + decay) : decay / (1 + decay)
        entropy = (x > 0 ? x : x.isNaN ? x : 0) - x * label + log1p(decay)
        (entropySlope, outputSlope) = (p - label, p * (1 - p))
      } else {
        let (clipped, isInside) = Probability.clip(row.output[index])
        p = Double(row.output[index])
        let q = Double(clipped)
        entropy = -(label * log(q) + (1 - label) * log(1 - q))
        (entropySlope, outputSlope) = (isInside ? (1 - label) / (1 - q) - label / q : 0, 1)
      }
      // How far from the truth, and how that changes with p.
      let miss = max(0, 1 - (label * p + (1 - label) * (1 - p)))
      let factor = pow(miss, gamma)
      let weight = alpha.map { label * $0 + (1 - label) * (1 - $0) } ?? 1
      total += weight * factor * entropy
      guard let slope else { continue }
      let factorSlope = gamma == 0 || miss == 0 ? 0 : gamma * pow(miss, gamma - 1) * (1 - 2 * label)
      slope[index] =
        Float(weight * (factorSlope * outputSlope * entropy + factor * entropySlope)) * scale
    }
    return total
  }
}
