import Essentials

/// Batch normalisation over the last axis.
final class PlainBatchNorm: PlainLayer {
  static let kind = "batch_norm"
  static let defaults: [String: Setting] = ["momentum": .number(0.99), "epsilon": .number(0.001)]

  let output: [Int]
  /// gamma, beta, moving_mean, moving_variance.
  var weights: [PlainWeight]
  private let momentum: Double
  private let epsilon: Double
  private var normalised = Field([0])
  private var deviation = Field([0])
  private var isTraining = false
  /// What the moving statistics are after the step.
  private(set) var moved: [Field] = []

  init(_ item: Item, input: [Int]) throws {
    output = input
    let channels = [input[input.count - 1]]
    weights = [
      PlainWeight("gamma", channels), PlainWeight("beta", channels),
      PlainWeight("moving_mean", channels, isTrainable: false),
      PlainWeight("moving_variance", channels, isTrainable: false),
    ]
    momentum = try item.number("momentum")
    epsilon = try item.number("epsilon")
  }

  func forward(_ x: Field, _ pass: Pass) -> Field {
    isTraining = pass.isTraining
    var (mean, variance) = (weights[2].value, weights[3].value)
    if isTraining {
      let count = Double(x.values.count / x.channels)
      mean = x.channelSums.map { $0 / count }
      let difference = x.combined(mean, -)
      variance = (difference * difference).channelSums.map { $0 / count }
      // The mean's own rounding shifts all that follows.
      pass.disturb(&mean, peak: x.peak)
      // Squares do not cancel: each channel's is off by a part of itself.
      pass.disturbEach(&variance)
      moved = zip([mean, variance], weights[2...]).map { now, weight in
        weight.value.map { $0 * momentum } + now.map { $0 * (1 - momentum) }
      }
    }
    deviation = variance.map { ($0 + epsilon).squareRoot() }
    normalised = x.combined(mean, -).combined(deviation, /)
    var result = normalised.combined(weights[0].value, *).combined(weights[1].value, +)
    // The engine may compute x·scale + shift, of parts that are larger than their sum.
    let parts = x.peak * weights[0].value.combined(deviation, /).peak
    pass.disturb(&result, peak: isTraining ? result.peak : max(result.peak, parts))
    return result
  }

  /// γ/σ·(dy − mean(dy) − x̂·mean(dy·x̂)).
  func backward(_ gradient: Field, _ pass: Pass) -> Field {
    var (gamma, beta) = ((gradient * normalised).channelSums, gradient.channelSums)
    let rows = gradient.values.count / gradient.channels
    pass.disturbSum(&gamma, count: rows, typical: gradient.typical * max(1, normalised.typical), chain: rows)
    pass.disturbSum(&beta, count: rows, typical: gradient.typical, chain: rows)
    weights[0].gradient = gamma
    weights[1].gradient = beta
    let factor = weights[0].value.combined(deviation, /)
    let direct = gradient.combined(factor, *)
    guard isTraining else { return direct }
    let count = Double(rows)
    var back =
      (gradient.combined(beta.map { $0 / count }, -)
      + normalised.combined(gamma.map { -$0 / count }, *)).combined(factor, *)
    pass.disturb(&back, peak: direct.peak)
    return back
  }

  static func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    guard (1...3).contains(input.count) else { return nil }
    return [
      "momentum": .number(random.pick([0.99, 0.9, 0.5, 0])),
      "epsilon": .number(random.pick([0.001, 0.01, 0.1])),
    ]
  }
}
