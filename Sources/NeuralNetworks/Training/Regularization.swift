extension Weight {
  /// What its size adds to the loss, l1 · Σ|w| + l2 · Σw²; nil for nothing.
  var penalty: (l1: Double, l2: Double)? { description.regularizer.map { ($0.l1, $0.l2) } }

  /// What its size adds to the loss.
  var penaltyLoss: Double {
    guard let penalty else { return 0 }
    var (magnitudes, squares) = (0.0, 0.0)
    for index in 0..<value.count {
      let weight = Double(value.base[index])
      magnitudes += abs(weight)
      squares += weight * weight
    }
    return penalty.l1 * magnitudes + penalty.l2 * squares
  }

  /// Adds the slope of `penaltyLoss` to a part of the gradient: l1 · sign(w) + 2 · l2 · w.
  func addPenaltySlope(to gradient: UnsafeMutablePointer<Float>, from start: Int, count: Int) {
    guard let penalty else { return }
    let (l1, l2) = (Float(penalty.l1), Float(2 * penalty.l2))
    let weights = value.base + start
    for index in 0..<count {
      let weight = weights[index]
      gradient[index] += l2 * weight + (weight > 0 ? l1 : weight < 0 ? -l1 : 0)
    }
  }
}

extension Network {
  /// What the sizes of weights add to the loss.
  var penaltyLoss: Double { parameters.reduce(0) { $0 + $1.penaltyLoss } }
}
