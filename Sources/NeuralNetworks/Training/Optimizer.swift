import Essentials

/// How weights follow their gradients. Names, defaults and formulas are those of Keras.
///
/// In each step gradients are clipped, then weights decay, then the rule moves them.
public struct Optimizer: Sendable, Equatable {
  /// The rule that makes a step of a gradient.
  public enum Rule: Sendable, Equatable {
    /// Gradient descent; with a momentum, `velocity = momentum · velocity − learningRate · gradient`.
    case sgd(momentum: Double, nesterov: Bool)
    /// Adam (Kingma and Ba, 2015).
    case adam(beta1: Double, beta2: Double, epsilon: Double)
    /// Adam with Nesterov's momentum (Dozat, 2016).
    case nadam(beta1: Double, beta2: Double, epsilon: Double)
    /// Gradients over the root of their mean square (Tieleman and Hinton, 2012).
    case rmsprop(rho: Double, momentum: Double, epsilon: Double, centered: Bool)
    /// Gradients over the root of the sum of their squares (Duchi and others, 2011).
    case adagrad(initialAccumulator: Double, epsilon: Double)
  }

  /// What is done to gradients that are too large.
  public enum Clipping: Sendable, Equatable {
    /// Each array of gradients is scaled down to this Euclidean norm.
    case norm(Double)
    /// All gradients together are scaled down to this Euclidean norm.
    case globalNorm(Double)
    /// Each number is brought between minus and plus this.
    case value(Double)
  }

  /// The name in scripts and files.
  public let name: String
  /// The rule that makes a step of a gradient.
  public let rule: Rule
  /// The size of the steps.
  public var learningRate: LearningRate
  /// The share of each weight that a step takes away, times the learning rate.
  public let weightDecay: Double
  /// What is done to gradients that are too large.
  public let clipping: Clipping?

  init(
    name: String, rule: Rule, learningRate: LearningRate, weightDecay: Double, clipping: Clipping?
  ) {
    self.name = name
    self.rule = rule
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.clipping = clipping
  }

  /// Adam (Kingma and Ba, 2015).
  public static func adam(
    learningRate: LearningRate = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7,
    weightDecay: Double = 0, clipping: Clipping? = nil
  ) -> Optimizer {
    Optimizer(
      name: "adam", rule: .adam(beta1: beta1, beta2: beta2, epsilon: epsilon), learningRate: learningRate,
      weightDecay: weightDecay, clipping: clipping)
  }

  /// Adam with weights that decay by themselves (Loshchilov and Hutter, 2019).
  public static func adamw(
    learningRate: LearningRate = 0.001, weightDecay: Double = 0.004, beta1: Double = 0.9,
    beta2: Double = 0.999, epsilon: Double = 1e-7, clipping: Clipping? = nil
  ) -> Optimizer {
    Optimizer(
      name: "adamw", rule: .adam(beta1: beta1, beta2: beta2, epsilon: epsilon), learningRate: learningRate,
      weightDecay: weightDecay, clipping: clipping)
  }

  /// Adam with Nesterov's momentum (Dozat, 2016).
  public static func nadam(
    learningRate: LearningRate = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7,
    weightDecay: Double = 0, clipping: Clipping? = nil
  ) -> Optimizer {
    Optimizer(
      name: "nadam", rule: .nadam(beta1: beta1, beta2: beta2, epsilon: epsilon), learningRate: learningRate,
      weightDecay: weightDecay, clipping: clipping)
  }

  /// Gradient descent, with momentum or without.
  public static func sgd(
    learningRate: LearningRate = 0.01, momentum: Double = 0, nesterov: Bool = false, weightDecay: Double = 0,
    clipping: Clipping? = nil
  ) -> Optimizer {
    Optimizer(
      name: "sgd", rule: .sgd(momentum: momentum, nesterov: nesterov), learningRate: learningRate,
      weightDecay: weightDecay, clipping: clipping)
  }

  /// Gradients over the root of their mean square; `centered` takes the mean away from it.
  public static func rmsprop(
    learningRate: LearningRate = 0.001, rho: Double = 0.9, momentum: Double = 0, epsilon: Double = 1e-7,
    centered: Bool = false, weightDecay: Double = 0, clipping: Clipping? = nil
  ) -> Optimizer {
    Optimizer(
      name: "rmsprop", rule: .rmsprop(rho: rho, momentum: momentum, epsilon: epsilon, centered: centered),
      learningRate: learningRate, weightDecay: weightDecay, clipping: clipping)
  }

  /// Gradients over the root of the sum of their squares.
  public static func adagrad(
    learningRate: LearningRate = 0.001, initialAccumulator: Double = 0.1, epsilon: Double = 1e-7,
    weightDecay: Double = 0, clipping: Clipping? = nil
  ) -> Optimizer {
    Optimizer(
      name: "adagrad", rule: .adagrad(initialAccumulator: initialAccumulator, epsilon: epsilon),
      learningRate: learningRate, weightDecay: weightDecay, clipping: clipping)
  }

  /// - Throws: a `value` failure that names the setting out of its range.
  public func check() throws(Failure) {
    func require(_ holds: Bool, _ name: String, _ value: Double, _ range: String) throws(Failure) {
      guard holds else {
        throw Failure(.value, "\(name) is \(value); it is \(range)", parameter: name)
      }
    }
    func decay(_ value: Double, _ name: String) throws(Failure) {
      try require(value >= 0 && value < 1, name, value, "at least 0 and less than 1")
    }
    func positive(_ value: Double, _ name: String) throws(Failure) {
      try require(value > 0 && value.isFinite, name, value, "positive")
    }
    try learningRate.check()
    try require(
      weightDecay >= 0 && weightDecay.isFinite, "weight_decay", weightDecay, "a number from 0")
    switch clipping {
    case nil: break
    case .norm(let limit): try positive(limit, "clipnorm")
    case .globalNorm(let limit): try positive(limit, "global_clipnorm")
    case .value(let limit): try positive(limit, "clipvalue")
    }
    switch rule {
    case .adam(let beta1, let beta2, let epsilon), .nadam(let beta1, let beta2, let epsilon):
      try decay(beta1, "beta_1")
      try decay(beta2, "beta_2")
      try positive(epsilon, "epsilon")
    case .sgd(let momentum, _): try require((0...1).contains(momentum), "momentum", momentum, "from 0 to 1")
    case .rmsprop(let rho, let momentum, let epsilon, _):
      try decay(rho, "rho")
      try require((0...1).contains(momentum), "momentum", momentum, "from 0 to 1")
      try positive(epsilon, "epsilon")
    case .adagrad(let initial, let epsilon):
      try require(
        initial >= 0 && initial.isFinite, "initial_accumulator_value", initial, "a number from 0")
      try positive(epsilon, "epsilon")
    }
  }
}

extension Optimizer {
  /// The settings beside the rule's numbers, for people: those that are set.
  public var summary: String {
    var parts = ["learning_rate=\(learningRate.summary)"]
    switch rule {
    case .sgd(let momentum, let nesterov):
      parts.append("momentum=\(JSON.number(momentum).text)")
      if nesterov { parts.append("nesterov=true") }
    case .rmsprop(_, let momentum, _, let centered):
      if momentum > 0 { parts.append("momentum=\(JSON.number(momentum).text)") }
      if centered { parts.append("centered=true") }
    case .adam, .nadam, .adagrad: break
    }
    for (name, value) in jsonMembers where name.contains("clip") || name == "weight_decay" {
      parts.append("\(name)=\(value.text)")
    }
    return "\(name)(\(parts.joined(separator: ", ")))"
  }

  /// The names and settings as a model file keeps them.
  var jsonMembers: [(name: String, value: JSON)] {
    var members: [(name: String, value: JSON)] = [
      ("optimizer", .string(name)), ("learning_rate", learningRate.json),
    ]
    switch rule {
    case .adam(let beta1, let beta2, let epsilon), .nadam(let beta1, let beta2, let epsilon):
      members += [("beta_1", .number(beta1)), ("beta_2", .number(beta2)), ("epsilon", .number(epsilon))]
    case .sgd(let momentum, let nesterov):
      members += [("momentum", .number(momentum)), ("nesterov", .bool(nesterov))]
    case .rmsprop(let rho, let momentum, let epsilon, let centered):
      members += [
        ("rho", .number(rho)), ("momentum", .number(momentum)), ("epsilon", .number(epsilon)),
        ("centered", .bool(centered)),
      ]
    case .adagrad(let initial, let epsilon):
      members += [("initial_accumulator_value", .number(initial)), ("epsilon", .number(epsilon))]
    }
    if weightDecay > 0 { members.append(("weight_decay", .number(weightDecay))) }
    switch clipping {
    case nil: break
    case .norm(let limit): members.append(("clipnorm", .number(limit)))
    case .globalNorm(let limit): members.append(("global_clipnorm", .number(limit)))
    case .value(let limit): members.append(("clipvalue", .number(limit)))
    }
    return members
  }

  /// - Throws: a `format` or `value` failure that says what is wrong.
  init(json: JSON) throws(Failure) {
    func number(_ name: String) throws(Failure) -> Double {
      guard let value = json[name]?.number else {
        throw Failure(.format, "its compile setting '\(name)' is no number")
      }
      return value
    }
    name = json["optimizer"]?.string ?? ""
    switch name {
    case "adam", "adamw":
      rule = .adam(
        beta1: try number("beta_1"), beta2: try number("beta_2"), epsilon: try number("epsilon"))
    case "nadam":
      rule = .nadam(
        beta1: try number("beta_1"), beta2: try number("beta_2"), epsilon: try number("epsilon"))
    case "sgd": rule = .sgd(momentum: try number("momentum"), nesterov: json["nesterov"] == .bool(true))
    case "rmsprop":
      rule = .rmsprop(
        rho: try number("rho"), momentum: try number("momentum"), epsilon: try number("epsilon"),
        centered: json["centered"] == .bool(true))
    case "adagrad":
      rule = .adagrad(
        initialAccumulator: try number("initial_accumulator_value"), epsilon: try number("epsilon"))
    default: throw Failure(.format, "its optimizer is unknown")
    }
    guard let rate = json["learning_rate"] else { throw Failure(.format, "its learning_rate is missing") }
    learningRate = try LearningRate(json: rate)
    weightDecay = json["weight_decay"]?.number ?? 0
    clipping =
      json["clipnorm"]?.number.map { .norm($0) } ?? json["global_clipnorm"]?.number.map { .globalNorm($0) }
      ?? json["clipvalue"]?.number.map { .value($0) }
    try check()
  }
}
