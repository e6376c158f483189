import Essentials

/// How weights follow their gradients. Defaults and formulas are those of Keras.
public enum Optimizer: Sendable, Equatable {
  /// Adam (Kingma and Ba, 2015).
  case adam(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7)
  /// Gradient descent; with a momentum, `velocity = momentum · velocity − learningRate · gradient`.
  case sgd(learningRate: Double = 0.01, momentum: Double = 0, nesterov: Bool = false)

  /// The name in scripts and files.
  public var name: String {
    switch self {
    case .adam: "adam"
    case .sgd: "sgd"
    }
  }

  /// - Throws: a `value` failure that names the setting out of its range.
  public func check() throws(Failure) {
    func require(_ holds: Bool, _ name: String, _ value: Double, _ range: String) throws(Failure) {
      guard holds else {
        throw Failure(.value, "\(name) is \(value); it is \(range)", parameter: name)
      }
    }
    switch self {
    case .adam(let rate, let beta1, let beta2, let epsilon):
      try require(rate >= 0 && rate.isFinite, "learning_rate", rate, "a number from 0")
      try require(beta1 >= 0 && beta1 < 1, "beta_1", beta1, "at least 0 and less than 1")
      try require(beta2 >= 0 && beta2 < 1, "beta_2", beta2, "at least 0 and less than 1")
      try require(epsilon > 0 && epsilon.isFinite, "epsilon", epsilon, "positive")
    case .sgd(let rate, let momentum, _):
      try require(rate >= 0 && rate.isFinite, "learning_rate", rate, "a number from 0")
      try require(momentum >= 0 && momentum <= 1, "momentum", momentum, "from 0 to 1")
    }
  }
}
