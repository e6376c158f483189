/// Sums over all but the last axis, and what single precision may be off there.
extension Field {
  /// One sum a channel.
  var channelSums: Field {
    var sums = Field([channels])
    for (index, value) in values.enumerated() { sums.values[index % channels] += value }
    return sums
  }

  /// A number for each channel, for all its places.
  func combined(_ other: Field, _ function: (Double, Double) -> Double) -> Field {
    var result = self
    let width = channels
    for index in values.indices {
      result.values[index] = function(values[index], other.values[index % width])
    }
    return result
  }

  /// The root of the mean square.
  var typical: Double {
    values.isEmpty ? 0 : (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
  }
}

extension Pass {
  /// A sum of `count` numbers of this size may cancel; the rounding on the way does not.
  /// - Parameter chain: how many are added one after the other, as oneDNN adds up biases' gradients: each
  ///   addition rounds the sum so far.
  func disturbSum(_ sum: inout Field, count: Int, typical: Double, chain: Int = 0) {
    disturb(&sum, peak: sum.peak + Double(count) * typical * (1 / 8 + Double(chain) / 256))
  }
}
