import Glibc

/// The logarithm of the sum of exponentials, and so of what a softmax divides by.
private func logSum(_ logits: UnsafePointer<Float>, _ count: Int) -> Double {
  var largest = -Double.infinity
  for index in 0..<count where !(Double(logits[index]) <= largest) { largest = Double(logits[index]) }
  var sum = 0.0
  for index in 0..<count { sum += exp(Double(logits[index]) - largest) }
  return largest + log(sum)
}

/// −log p of the true class.
struct SparseCategoricalCrossentropy: LossFunction {
  let fromLogits: Bool

  var isMean: Bool { false }
  var takesClassNumbers: Bool { true }
  var fusedActivation: Activation? { .softmax }

  func row(
    _ row: LossRow, labels: UnsafePointer<Float>, slope: UnsafeMutablePointer<Float>?, scale: Float
  ) -> Double {
    let right = Int(labels[0])
    if let logits = row.logits {
      let whole = logSum(logits, row.count)
      if let slope {
        for index in 0..<row.count {
          let p = fromLogits ? Float(exp(Double(logits[index]) - whole)) : row.output[index]
          slope[index] = (p - (index == right ? 1 : 0)) * scale
        }
      }
      return whole - Double(logits[right])
    }
    // Of numbers that need not be a distribution: Keras clips first, then divides by their sum.
    var sum: Float = 0
    for index in 0..<row.count { sum += Probability.clip(row.output[index]).value }
    let chosen = Probability.clip(row.output[right]).value
    if let slope {
      for index in 0..<row.count {
        let own = 1 / sum - (index == right ? 1 / chosen : 0)
        slope[index] = Probability.clip(row.output[index]).isInside ? own * scale : 0
      }
    }
    return -log(Double(chosen) / Double(sum))
  }
}

/// −Σ y·log p.
struct CategoricalCrossentropy: LossFunction {
  let fromLogits: Bool
  let smoothing: Float

  var isMean: Bool { false }
  var fusedActivation: Activation? { .softmax }

  private func label(_ label: Float, _ count: Int) -> Float {
    smoothing == 0 ? label : label * (1 - smoothing) + smoothing / Float(count)
  }

  func row(
    _ row: LossRow, labels: UnsafePointer<Float>, slope: UnsafeMutablePointer<Float>?, scale: Float
  ) -> Double {
    var total = 0.0
    if let logits = row.logits {
      let whole = logSum(logits, row.count)
      var labelSum: Float = 0
      for index in 0..<row.count { labelSum += label(labels[index], row.count) }
      for index in 0..<row.count {
        let label = label(labels[index], row.count)
        if label != 0 { total += Double(label) * (whole - Double(logits[index])) }
        if let slope {
          let p = fromLogits ? Float(exp(Double(logits[index]) - whole)) : row.output[index]
          slope[index] = (p * labelSum - label) * scale
        }
      }
      return total
    }
    // Of numbers that need not be a distribution: Keras divides them by their sum.
    var sum: Float = 0
    for index in 0..<row.count { sum += row.output[index] }
    var weighted: Float = 0
    for index in 0..<row.count {
      let label = label(labels[index], row.count)
      let (share, isInside) = Probability.clip(row.output[index] / sum)
      total -= Double(label) * log(Double(share))
      let own = isInside ? -label / share : 0
      slope?[index] = own
      weighted += own * share
    }
    if let slope { for index in 0..<row.count { slope[index] = (slope[index] - weighted) / sum * scale } }
    return total
  }
}

/// −Σ alpha·(1 − p)^gamma·y·log p.
struct CategoricalFocalCrossentropy: LossFunction {
  let fromLogits: Bool
  let smoothing: Double
  let gamma: Double
  let alpha: Double

  var isMean: Bool { false }

  func row(
    _ row: LossRow, labels: UnsafePointer<Float>, slope: UnsafeMutablePointer<Float>?, scale: Float
  ) -> Double {
    let whole = row.logits.map { logSum($0, row.count) }
    func probability(_ index: Int) -> Double {
      if let whole, let logits = row.logits { return exp(Double(logits[index]) - whole) }
      return Double(row.output[index])
    }
    var sum = 0.0
    for index in 0..<row.count { sum += probability(index) }
    /// A class's loss, and its slope by the class's share of the sum.
    func part(_ index: Int) -> (loss: Double, slope: Double, share: Double) {
      let label = Double(labels[index]) * (1 - smoothing) + smoothing / Double(row.count)
      let share = probability(index) / sum
      let (low, high) = (Double(Probability.epsilon), 1 - Double(Probability.epsilon))
      let clipped = share < low ? low : share > high ? high : share
      let factor = alpha * pow(1 - clipped, gamma)
      let loss = -label * factor * log(clipped)
      guard clipped == share else { return (loss, 0, share) }
      let factorSlope = gamma == 0 ? 0 : -alpha * gamma * pow(1 - clipped, gamma - 1)
      return (loss, -label * (factorSlope * log(clipped) + factor / clipped), share)
    }
    var (total, weighted) = (0.0, 0.0)
    for index in 0..<row.count {
      let part = part(index)
      total += part.loss
      weighted += part.slope * part.share
    }
    if let slope {
      for index in 0..<row.count {
        let part = part(index)
        // Through the division by the sum, and through the softmax, whose slope has the same form.
        let own = (part.slope - weighted) * (row.logits == nil ? 1 / sum : part.share)
        slope[index] = Float(own) * scale
      }
    }
    return total
  }
}
