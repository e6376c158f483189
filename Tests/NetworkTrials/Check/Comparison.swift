/// The largest error so far, in parts of what it may be, and of what.
struct Strain {
  private(set) var value = 0.0
  private(set) var name = ""

  mutating func note(_ part: Double, _ name: String) {
    if part > value { (value, self.name) = (part, name) }
  }
}

/// What may be off, and what is.
struct Comparison {
  /// How much plain results are disturbed to learn how far rounding carries: a few units of the last place of
  /// the largest number, as Winograd's sums lose.
  static let noise = 1e-6
  /// How many times what that disturbance does is still rounding.
  static let factor = 8.0

  /// How far an array may be off: by what the disturbed runs are, and the last digits.
  static func tolerance(_ exact: Field, _ disturbed: [Field]) -> Double {
    let response = disturbed.reduce(0.0) { largest, field in
      zip(exact.values, field.values).reduce(largest) { largest, pair in
        let difference = abs(pair.0 - pair.1)
        // What is no number once disturbed may be anything.
        return difference.isNaN ? .infinity : max(largest, difference)
      }
    }
    // Of few numbers, none may have happened to be disturbed much.
    let few = exact.values.count < 8 ? 2.0 : 1
    return few * (factor * response + 2e-6 * exact.peak) + 1e-30
  }

  /// The place where two arrays differ most, and by how much; NaN differs from all but NaN.
  static func worst(_ actual: Field, _ expected: Field) -> (index: Int, difference: Double) {
    var worst = (index: 0, difference: 0.0)
    for (index, (a, e)) in zip(actual.values, expected.values).enumerated() {
      let difference = a.isNaN || e.isNaN ? (a.isNaN && e.isNaN ? 0 : .infinity) : a == e ? 0 : abs(a - e)
      if difference > worst.difference { worst = (index, difference) }
    }
    return worst
  }

  /// Says what differs by more than it may; nil where nothing does.
  static func complaint(
    _ name: String, _ actual: Field, _ expected: Field, within tolerance: Double, _ strain: inout Strain
  ) -> String? {
    guard actual.shape == expected.shape else {
      return "\(name) has the shape \(actual.shape) instead of \(expected.shape)"
    }
    let (index, difference) = worst(actual, expected)
    strain.note(difference / tolerance, name)
    guard difference != 0, !(difference <= tolerance) else { return nil }
    return "\(name)[\(index)] is \(Float(actual.values[index])) instead of \(Float(expected.values[index])) "
      + "(off by \(Float(difference)), may be \(Float(tolerance)); the largest is \(Float(expected.peak)))"
  }
}
