import Kernels

/// How far weights and moments can be from zero: what promises, before a step and at no cost, that all of
/// them are finite after it.
///
/// The bounds are loose, by many powers of ten; a float's range has more of them. They grow from step to
/// step, and weights are looked through again where they have grown too far.
struct StepReach {
  private let rule: Optimizer.Rule
  /// No weight is larger.
  private var weight = Double.infinity
  /// No mean of gradients, velocity or gradient so far is larger.
  private var moment: Double
  /// No sum of squares is larger.
  private var squares: Double
  /// The weights that the bounds are for.
  var networkVersion = -1

  /// Far enough from the end of the range for whatever rounding adds.
  private static let limit = 1e37

  init(_ rule: Optimizer.Rule, momentPeak: Double = 0) {
    self.rule = rule
    moment = momentPeak
    squares = momentPeak
    if case .adagrad(let initial, _) = rule { squares = max(squares, initial) }
  }

  /// Whether a step with gradients up to `peak` leaves nothing but finite numbers.
  mutating func isCertain(peak: Double, settings: StepSettings, network: Network) -> Bool {
    moment = max(moment, peak)
    squares = max(squares, peak * peak)
    let rate = settings.rate
    let step: Double
    switch rule {
    case .sgd(let momentum, let nesterov):
      // Here the moment is a velocity.
      let velocity = momentum * moment + rate * peak
      moment = momentum > 0 ? max(moment, velocity) : moment
      step = nesterov ? momentum * velocity + rate * peak : velocity
    case .adam(let beta1, let beta2, let epsilon):
      step = settings.adamScale(beta1, beta2) * moment / epsilon
    case .nadam(_, _, let epsilon): step = rate * 16 * moment / epsilon
    case .rmsprop(_, let momentum, let epsilon, _):
      let increment = rate * peak / epsilon.squareRoot()
      moment = max(moment, momentum * moment + increment)
      step = momentum > 0 ? moment : increment
    case .adagrad(_, let epsilon):
      squares += peak * peak
      step = rate * peak / epsilon.squareRoot()
    }
    func after(_ weight: Double) -> Double { weight * (1 + settings.decay) + step }
    guard squares < Self.limit, moment < Self.limit, step < Self.limit else {
      weight = .infinity
      return false
    }
    if networkVersion != network.version || !(after(weight) < Self.limit) {
      weight = network.parameters.filter(\.description.isTrainable).reduce(0) {
        max($0, Double(kernels_peak($1.value.base, $1.value.count)))
      }
    }
    weight = after(weight)
    return weight < Self.limit
  }
}
