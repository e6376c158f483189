import Glibc
import Kernels

/// The numbers of one step of an optimizer, and what they do to weights.
struct StepSettings: Sendable {
  let rule: Optimizer.Rule
  /// The learning rate of this step.
  let rate: Double
  /// The share of each weight that goes.
  let decay: Double
  /// Steps made, with this one.
  let step: Int
  private let nadam: NadamSchedule?
  /// What each parameter's gradient is multiplied by; none where nothing is clipped.
  private(set) var scales: [Float] = []
  private var limit: Float?

  init(_ optimizer: Optimizer, at step: Int, schedule: NadamSchedule?) {
    rule = optimizer.rule
    rate = optimizer.learningRate.value(at: step)
    decay = optimizer.weightDecay * rate
    self.step = step + 1
    nadam = schedule
  }

  /// Decides what gradients are multiplied by.
  mutating func clip(_ gathered: [OptimizerState.Gathered], by clipping: Optimizer.Clipping?) {
    func scale(_ norm: Double, _ limit: Double) -> Float { Float(limit / max(norm, limit)) }
    switch clipping {
    case nil: break
    case .value(let value): limit = Float(value)
    case .norm(let limit): scales = gathered.map { scale($0.squares.squareRoot(), limit) }
    case .globalNorm(let limit):
      let norm = gathered.reduce(0) { $0 + $1.squares }.squareRoot()
      scales = gathered.map { _ in scale(norm, limit) }
    }
  }

  /// Moves some weights of a parameter; the gradient is clipped in its place.
  func move(
    _ weights: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>,
    _ moments: [UnsafeMutablePointer<Float>], parameter: Int, count: Int, instructionSet: Int32
  ) {
    if let limit {
      for index in 0..<count { gradient[index] = min(max(gradient[index], -limit), limit) }
    } else if scales.indices.contains(parameter), scales[parameter] != 1 {
      let scale = scales[parameter]
      for index in 0..<count { gradient[index] *= scale }
    }
    if decay > 0 {
      let decay = Float(decay)
      for index in 0..<count { weights[index] -= weights[index] * decay }
    }
    switch rule {
    case .adam(let beta1, let beta2, let epsilon):
      // m += (g − m)(1 − β₁), v += (g² − v)(1 − β₂), w −= scale · m / (√v + ε).
      var adam = kernels_adam(
        scale: Float(adamScale(beta1, beta2)), rate1: Float(1 - beta1), rate2: Float(1 - beta2),
        epsilon: Float(epsilon))
      kernels_adam_step(instructionSet, &adam, weights, gradient, moments[0], moments[1], count)
    case .nadam(let beta1, let beta2, let epsilon):
      moveNadam(weights, gradient, moments, count, beta1: beta1, beta2: beta2, epsilon: Float(epsilon))
    case .sgd(let momentum, let nesterov):
      moveDown(weights, gradient, moments.first, count, momentum: Float(momentum), nesterov: nesterov)
    case .rmsprop(let rho, let momentum, let epsilon, let centered):
      moveRMSprop(
        weights, gradient, moments, count, rho: Float(rho), momentum: Float(momentum),
        epsilon: Float(epsilon), centered: centered)
    case .adagrad(_, let epsilon):
      let (rate, epsilon) = (Float(rate), Float(epsilon))
      let sums = moments[0]
      for index in 0..<count {
        let g = gradient[index]
        sums[index] += g * g
        weights[index] -= rate * g / (sums[index] + epsilon).squareRoot()
      }
    }
  }

  func adamScale(_ beta1: Double, _ beta2: Double) -> Double {
    rate * (1 - pow(beta2, Double(step))).squareRoot() / (1 - pow(beta1, Double(step)))
  }

  private func moveDown(
    _ weights: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>,
    _ velocity: UnsafeMutablePointer<Float>?, _ count: Int, momentum: Float, nesterov: Bool
  ) {
    let rate = Float(rate)
    guard let velocity else {
      for index in 0..<count { weights[index] -= rate * gradient[index] }
      return
    }
    for index in 0..<count {
      let next = velocity[index] * momentum - rate * gradient[index]
      velocity[index] = next
      weights[index] += nesterov ? next * momentum - rate * gradient[index] : next
    }
  }

  private func moveNadam(
    _ weights: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>,
    _ moments: [UnsafeMutablePointer<Float>], _ count: Int, beta1: Double, beta2: Double, epsilon: Float
  ) {
    guard let nadam else { return }
    let (own, next) = nadam.factors(step: step)
    // m̂ = u′m / (1 − Πu′) + (1 − u)g / (1 − Πu), v̂ = v / (1 − β₂ᵗ).
    let factor1 = Float(next.momentum / (1 - next.product))
    let factor2 = Float((1 - own.momentum) / (1 - own.product))
    let correction = Float(1 / (1 - pow(beta2, Double(step))))
    let (rate, rate1, rate2) = (Float(rate), Float(1 - beta1), Float(1 - beta2))
    let (first, second) = (moments[0], moments[1])
    for index in 0..<count {
      let g = gradient[index]
      first[index] += (g - first[index]) * rate1
      second[index] += (g * g - second[index]) * rate2
      weights[index] -=
        rate * (factor1 * first[index] + factor2 * g)
        / ((second[index] * correction).squareRoot() + epsilon)
    }
  }

  private func moveRMSprop(
    _ weights: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>,
    _ moments: [UnsafeMutablePointer<Float>], _ count: Int, rho: Float, momentum: Float, epsilon: Float,
    centered: Bool
  ) {
    let rate = Float(rate)
    let squares = moments[0]
    let velocity = momentum > 0 ? moments[1] : nil
    let means = centered ? moments[moments.count - 1] : nil
    for index in 0..<count {
      let g = gradient[index]
      squares[index] = rho * squares[index] + (1 - rho) * g * g
      var variance = squares[index]
      if let means {
        means[index] = rho * means[index] + (1 - rho) * g
        // Not below 0, where rounding would take it: Keras gets NaN from its root there.
        variance = max(0, variance - means[index] * means[index])
      }
      let increment = rate * g / (variance + epsilon).squareRoot()
      if let velocity {
        velocity[index] = momentum * velocity[index] + increment
        weights[index] -= velocity[index]
      } else {
        weights[index] -= increment
      }
    }
  }
}

extension Optimizer.Rule {
  /// The arrays that it gathers for each parameter, by the names that files give them.
  var momentNames: [String] {
    switch self {
    case .adam, .nadam: ["momentum", "velocity"]
    case .sgd(let momentum, _): momentum > 0 ? ["momentum"] : []
    case .rmsprop(_, let momentum, _, let centered):
      ["velocity"] + (momentum > 0 ? ["momentum"] : []) + (centered ? ["average_gradient"] : [])
    case .adagrad: ["accumulator"]
    }
  }
}

/// Nadam's momentum, which grows from step to step: u = β₁(1 − 0.96ᵗ / 2), and the product of all so far.
struct NadamSchedule: Sendable {
  let beta1: Double
  private var product = 1.0
  /// Whether the product is 0, and stays so.
  var isSpent: Bool { product == 0 }

  init(beta1: Double) { self.beta1 = beta1 }

  private func momentum(_ step: Int) -> Double { beta1 * (1 - 0.5 * pow(0.96, Double(step))) }

  /// Momentum and product of a step and of the one after it, before `advance(to:)` that step.
  func factors(
    step: Int
  ) -> (own: (momentum: Double, product: Double), next: (momentum: Double, product: Double)) {
    let (own, next) = (momentum(step), momentum(step + 1))
    return ((own, product * own), (next, product * own * next))
  }

  /// After a step, counted from 1.
  mutating func advance(to step: Int) { product *= momentum(step) }
}
