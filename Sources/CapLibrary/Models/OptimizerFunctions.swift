import CapLanguage
import Essentials
import NeuralNetworks

/// How weights follow their gradients.
enum OptimizerFunctions {
  static let all: [FunctionDeclaration] = [
    adam, adamw, nadam, sgd, rmsprop, adagrad, setLearningRate,
  ]

  /// The optimizer of each name, as it is without settings.
  static let byName: [(name: String, optimizer: Optimizer)] = [
    ("adam", .adam()), ("adamw", .adamw()), ("nadam", .nadam()), ("sgd", .sgd()),
    ("rmsprop", .rmsprop()),
    ("adagrad", .adagrad()),
  ]

  /// A name, or an optimizer with settings.
  static let kind = ArgumentKind<Optimizer>.oneOf(
    .choice(byName.map { (name: $0.name, value: $0.optimizer) }),
    ArgumentKind<OptimizerObject>.object("optimizer", OptimizerObject.self).map { $0.optimizer })

  // MARK: What all have

  private static let rateKind = ArgumentKind<LearningRate>.oneOf(
    ArgumentKind<Double>.number(.nonNegative).map { .constant($0) },
    ArgumentKind<ScheduleObject>.object("schedule", ScheduleObject.self).map { $0.rate })

  private static func rate(_ value: Double) -> Argument<LearningRate> {
    Argument(
      "learning_rate", rateKind, default: .number(value),
      "The size of a step: a number or a schedule such as cosine_decay(…)")
  }

  private static func decay(_ value: Value = .nothing) -> Argument<Double> {
    Argument(
      "weight_decay", .optional(.number(.nonNegative)), default: value,
      "The share of each weight that a step takes away, times the learning rate"
    ).map { $0 ?? 0 }
  }

  private static let clipping = Argument<Optimizer.Clipping?>.group(
    Argument(
      "clipnorm", .optional(.number(.positive)), default: .nothing,
      "The norm down to which each array of gradients is scaled"),
    Argument(
      "clipvalue", .optional(.number(.positive)), default: .nothing,
      "Gradients are brought between minus and plus this"),
    Argument(
      "global_clipnorm", .optional(.number(.positive)), default: .nothing,
      "The norm down to which all gradients together are scaled")
  ) { norm, value, globalNorm in
    let given: [(name: String, clipping: Optimizer.Clipping)] =
      [
        norm.map { ("clipnorm", .norm($0)) }, value.map { ("clipvalue", .value($0)) },
        globalNorm.map { ("global_clipnorm", .globalNorm($0)) },
      ].compactMap { $0 }
    guard given.count < 2 else {
      throw Failure(
        .value, "\(given.map(\.name).joined(separator: " and ")) are both given",
        hint: "keep one of them",
        parameter: given[1].name)
    }
    return given.first?.clipping
  }

  private static let beta1 = Argument(
    "beta_1", .number(.between(0, 1, includesHigh: false)), default: 0.9,
    "Decay of the mean of gradients")
  private static let beta2 = Argument(
    "beta_2", .number(.between(0, 1, includesHigh: false)), default: 0.999,
    "Decay of the mean of their squares")
  private static let epsilon = Argument(
    "epsilon", .number(.positive), default: 1e-7, "Keeps the division finite")

  private static let clippingNotes =
    "Gradients are clipped first, then weights decay, then they move. Only one of the three limits may be given."

  // MARK: The optimizers

  private static let adam = FunctionDeclaration(
    "adam", topic: "training", "The Adam optimizer, with its settings",
    takes: ArgumentList(
      rate(0.001),
      beta1,
      beta2,
      epsilon,
      decay(),
      clipping),
    returns: "an optimizer for compile",
    examples: [
      FunctionDeclaration.Example(
        "adam(learning_rate=0.01)", output: "Optimizer adam(learning_rate=0.01)"),
      FunctionDeclaration.Example(
        "adam(cosine_decay(0.001, 1000), clipnorm=1)",
        output:
          "Optimizer adam(learning_rate=cosine_decay(initial_learning_rate=0.001, decay_steps=1000, alpha=0, warmup_steps=0), clipnorm=1)"
      ),
    ],
    notes: clippingNotes,
    source: "Kingma and Ba, 2015; keras.optimizers.Adam",
    seeAlso: ["adamw", "sgd", "compile", "cosine_decay"]
  ) { _, learningRate, beta1, beta2, epsilon, weightDecay, clipping in
    .object(
      OptimizerObject(
        .adam(
          learningRate: learningRate, beta1: beta1,
          beta2: beta2, epsilon: epsilon,
          weightDecay: weightDecay, clipping: clipping)))
  }

  private static let adamw = FunctionDeclaration(
    "adamw", topic: "training", "Adam with weights that decay by themselves",
    takes: ArgumentList(
      rate(0.001),
      decay(0.004),
      beta1,
      beta2,
      epsilon,
      clipping),
    returns: "an optimizer for compile",
    examples: [
      FunctionDeclaration.Example(
        "adamw()", output: "Optimizer adamw(learning_rate=0.001, weight_decay=0.004)")
    ],
    notes:
      "Each step takes learning_rate · weight_decay of every weight away; biases decay too, as in Keras. "
      + clippingNotes,
    source: "Loshchilov and Hutter, 2019; keras.optimizers.AdamW", seeAlso: ["adam", "compile"]
  ) { _, learningRate, weightDecay, beta1, beta2, epsilon, clipping in
    .object(
      OptimizerObject(
        .adamw(
          learningRate: learningRate, weightDecay: weightDecay,
          beta1: beta1, beta2: beta2,
          epsilon: epsilon, clipping: clipping)))
  }

  private static let nadam = FunctionDeclaration(
    "nadam", topic: "training", "Adam with Nesterov's momentum",
    takes: ArgumentList(
      rate(0.001),
      beta1,
      beta2,
      epsilon,
      decay(),
      clipping),
    returns: "an optimizer for compile",
    examples: [
      FunctionDeclaration.Example("nadam()", output: "Optimizer nadam(learning_rate=0.001)")
    ],
    notes: clippingNotes,
    source: "Dozat, 2016; keras.optimizers.Nadam", seeAlso: ["adam", "compile"]
  ) { _, learningRate, beta1, beta2, epsilon, weightDecay, clipping in
    .object(
      OptimizerObject(
        .nadam(
          learningRate: learningRate, beta1: beta1,
          beta2: beta2, epsilon: epsilon,
          weightDecay: weightDecay, clipping: clipping)))
  }

  private static let sgd = FunctionDeclaration(
    "sgd", topic: "training", "Plain gradient descent, with its settings",
    takes: ArgumentList(
      rate(0.01),
      Argument(
        "momentum", .number(.between(0, 1)), default: 0, "The share of the last step that goes on"),
      Argument("nesterov", .bool, default: false, "Whether momentum looks ahead"),
      decay(),
      clipping),
    returns: "an optimizer for compile",
    examples: [
      FunctionDeclaration.Example(
        "sgd(0.1, momentum=0.9)", output: "Optimizer sgd(learning_rate=0.1, momentum=0.9)")
    ],
    notes: clippingNotes,
    source: "keras.optimizers.SGD", seeAlso: ["adam", "compile"]
  ) { _, learningRate, momentum, nesterov, weightDecay, clipping in
    .object(
      OptimizerObject(
        .sgd(
          learningRate: learningRate, momentum: momentum,
          nesterov: nesterov, weightDecay: weightDecay,
          clipping: clipping)))
  }

  private static let rmsprop = FunctionDeclaration(
    "rmsprop", topic: "training", "Gradients over the root of their mean square",
    takes: ArgumentList(
      rate(0.001),
      Argument(
        "rho", .number(.between(0, 1, includesHigh: false)), default: 0.9,
        "Decay of the mean of squares"),
      Argument(
        "momentum", .number(.between(0, 1)), default: 0, "The share of the last step that goes on"),
      epsilon,
      Argument(
        "centered", .bool, default: false,
        "Whether the mean gradient is taken away: the variance divides"),
      decay(),
      clipping),
    returns: "an optimizer for compile",
    examples: [
      FunctionDeclaration.Example(
        "rmsprop(0.01, centered=true)",
        output: "Optimizer rmsprop(learning_rate=0.01, centered=true)")
    ],
    notes: clippingNotes
      + " A variance that rounding would take below 0 counts as 0, where Keras gets NaN.",
    source: "Tieleman and Hinton, 2012; keras.optimizers.RMSprop", seeAlso: ["adam", "compile"]
  ) { _, learningRate, rho, momentum, epsilon, centered, weightDecay, clipping in
    .object(
      OptimizerObject(
        .rmsprop(
          learningRate: learningRate, rho: rho,
          momentum: momentum, epsilon: epsilon,
          centered: centered, weightDecay: weightDecay,
          clipping: clipping)))
  }

  private static let adagrad = FunctionDeclaration(
    "adagrad", topic: "training", "Gradients over the root of the sum of their squares",
    takes: ArgumentList(
      rate(0.001),
      Argument(
        "initial_accumulator_value", .number(.nonNegative), default: 0.1, "What the sums begin with"),
      epsilon,
      decay(),
      clipping),
    returns: "an optimizer for compile",
    examples: [
      FunctionDeclaration.Example("adagrad(0.01)", output: "Optimizer adagrad(learning_rate=0.01)")
    ],
    notes: clippingNotes,
    source: "Duchi, Hazan and Singer, 2011; keras.optimizers.Adagrad",
    seeAlso: ["rmsprop", "compile"]
  ) { _, learningRate, initialAccumulator, epsilon, weightDecay, clipping in
    .object(
      OptimizerObject(
        .adagrad(
          learningRate: learningRate,
          initialAccumulator: initialAccumulator,
          epsilon: epsilon, weightDecay: weightDecay,
          clipping: clipping)))
  }

  private static let setLearningRate = FunctionDeclaration(
    "set_learning_rate", topic: "training", "Goes on with another learning rate",
    takes: ArgumentList(
      TrainingArguments.model,
      Argument("learning_rate", rateKind, "The size of a step: a number or a schedule")),
    returns:
      "none; what the optimizer has gathered stays. m.learning_rate tells the rate of the next step",
    errors: ["state: the model was not compiled"],
    examples: [
      FunctionDeclaration.Example(
        inFolder: "set_learning_rate(model, 0.0001)\nmodel.learning_rate", output: "0.0001")
    ],
    notes: "A schedule counts the steps since compile: it does not begin anew.",
    source: "keras.optimizers.Optimizer.learning_rate",
    seeAlso: ["learning_rate_scheduler", "compile"]
  ) { _, m, learningRate in
    try m.setLearningRate(learningRate)
    return .nothing
  }
}
