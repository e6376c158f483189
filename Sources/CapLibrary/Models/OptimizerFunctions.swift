import CapLanguage
import Essentials
import NeuralNetworks

/// How weights follow their gradients.
enum OptimizerFunctions {
  static let all: [FunctionDeclaration] = [adam, adamw, nadam, sgd, rmsprop, adagrad, setLearningRate]

  /// The optimizer of each name, as it is without settings.
  static let byName: [(name: String, optimizer: Optimizer)] = [
    ("adam", .adam()), ("adamw", .adamw()), ("nadam", .nadam()), ("sgd", .sgd()), ("rmsprop", .rmsprop()),
    ("adagrad", .adagrad()),
  ]

  // MARK: What all have

  private static let rateKind =
    ParameterKind.oneOf([.number(.nonNegative), .object("schedule", ScheduleObject.self)])

  private static func rateParameter(_ value: Double) -> Parameter {
    Parameter(
      "learning_rate", rateKind, default: .number(value),
      "The size of a step: a number or a schedule such as cosine_decay(…)")
  }

  private static func decayParameter(_ value: Value = .nothing) -> Parameter {
    Parameter(
      "weight_decay", .optional(.number(.nonNegative)), default: value,
      "The share of each weight that a step takes away, times the learning rate")
  }

  private static let clippingParameters = [
    Parameter(
      "clipnorm", .optional(.number(.positive)), default: .nothing,
      "The norm down to which each array of gradients is scaled"),
    Parameter(
      "clipvalue", .optional(.number(.positive)), default: .nothing,
      "Gradients are brought between minus and plus this"),
    Parameter(
      "global_clipnorm", .optional(.number(.positive)), default: .nothing,
      "The norm down to which all gradients together are scaled"),
  ]

  private static let betaParameters = [
    Parameter(
      "beta_1", .number(.between(0, 1, includesHigh: false)), default: 0.9, "Decay of the mean of gradients"),
    Parameter(
      "beta_2", .number(.between(0, 1, includesHigh: false)), default: 0.999,
      "Decay of the mean of their squares"),
    epsilonParameter,
  ]

  private static let epsilonParameter = Parameter(
    "epsilon", .number(.positive), default: 1e-7, "Keeps the division finite")

  private static func rate(_ arguments: Arguments) throws -> LearningRate {
    if case .object(let object as ScheduleObject) = arguments["learning_rate"] { return object.rate }
    return .constant(try arguments.number("learning_rate"))
  }

  private static func decay(_ arguments: Arguments) throws -> Double {
    try arguments.optionalNumber("weight_decay") ?? 0
  }

  private static func clipping(_ arguments: Arguments) throws -> Optimizer.Clipping? {
    let given = ["clipnorm", "clipvalue", "global_clipnorm"].filter { !arguments.isNothing($0) }
    guard given.count < 2 else {
      throw Failure(
        .value, "\(given.joined(separator: " and ")) are both given", hint: "keep one of them",
        parameter: given[1])
    }
    return try arguments.optionalNumber("clipnorm").map { .norm($0) } ?? arguments.optionalNumber("clipvalue")
      .map { .value($0) } ?? arguments.optionalNumber("global_clipnorm").map { .globalNorm($0) }
  }

  private static let clippingNotes =
    "Gradients are clipped first, then weights decay, then they move. Only one of the three limits may be given."

  // MARK: The optimizers

  private static let adam = FunctionDeclaration(
    "adam", topic: "training", "The Adam optimizer, with its settings",
    parameters: [rateParameter(0.001)] + betaParameters + [decayParameter()] + clippingParameters,
    returns: "an optimizer for compile",
    examples: [
      FunctionDeclaration.Example("adam(learning_rate=0.01)", output: "Optimizer adam(learning_rate=0.01)"),
      FunctionDeclaration.Example(
        "adam(cosine_decay(0.001, 1000), clipnorm=1)",
        output:
          "Optimizer adam(learning_rate=cosine_decay(initial_learning_rate=0.001, decay_steps=1000, alpha=0, warmup_steps=0), clipnorm=1)"
      ),
    ],
    notes: clippingNotes,
    source: "Kingma and Ba, 2015; keras.optimizers.Adam",
    seeAlso: ["adamw", "sgd", "compile", "cosine_decay"]
  ) { arguments, _ in
    .object(
      OptimizerObject(
        .adam(
          learningRate: try rate(arguments), beta1: try arguments.number("beta_1"),
          beta2: try arguments.number("beta_2"), epsilon: try arguments.number("epsilon"),
          weightDecay: try decay(arguments), clipping: try clipping(arguments))))
  }

  private static let adamw = FunctionDeclaration(
    "adamw", topic: "training", "Adam with weights that decay by themselves",
    parameters: [rateParameter(0.001), decayParameter(0.004)] + betaParameters + clippingParameters,
    returns: "an optimizer for compile",
    examples: [
      FunctionDeclaration.Example(
        "adamw()", output: "Optimizer adamw(learning_rate=0.001, weight_decay=0.004)")
    ],
    notes:
      "Each step takes learning_rate · weight_decay of every weight away; biases decay too, as in Keras. "
      + clippingNotes,
    source: "Loshchilov and Hutter, 2019; keras.optimizers.AdamW", seeAlso: ["adam", "compile"]
  ) { arguments, _ in
    .object(
      OptimizerObject(
        .adamw(
          learningRate: try rate(arguments), weightDecay: try decay(arguments),
          beta1: try arguments.number("beta_1"), beta2: try arguments.number("beta_2"),
          epsilon: try arguments.number("epsilon"), clipping: try clipping(arguments))))
  }

  private static let nadam = FunctionDeclaration(
    "nadam", topic: "training", "Adam with Nesterov's momentum",
    parameters: [rateParameter(0.001)] + betaParameters + [decayParameter()] + clippingParameters,
    returns: "an optimizer for compile",
    examples: [FunctionDeclaration.Example("nadam()", output: "Optimizer nadam(learning_rate=0.001)")],
    notes: clippingNotes,
    source: "Dozat, 2016; keras.optimizers.Nadam", seeAlso: ["adam", "compile"]
  ) { arguments, _ in
    .object(
      OptimizerObject(
        .nadam(
          learningRate: try rate(arguments), beta1: try arguments.number("beta_1"),
          beta2: try arguments.number("beta_2"), epsilon: try arguments.number("epsilon"),
          weightDecay: try decay(arguments), clipping: try clipping(arguments))))
  }

  private static let sgd = FunctionDeclaration(
    "sgd", topic: "training", "Plain gradient descent, with its settings",
    parameters: [
      rateParameter(0.01),
      Parameter("momentum", .number(.between(0, 1)), default: 0, "The share of the last step that goes on"),
      Parameter("nesterov", .bool, default: false, "Whether momentum looks ahead"),
      decayParameter(),
    ] + clippingParameters,
    returns: "an optimizer for compile",
    examples: [
      FunctionDeclaration.Example(
        "sgd(0.1, momentum=0.9)", output: "Optimizer sgd(learning_rate=0.1, momentum=0.9)")
    ],
    notes: clippingNotes,
    source: "keras.optimizers.SGD", seeAlso: ["adam", "compile"]
  ) { arguments, _ in
    .object(
      OptimizerObject(
        .sgd(
          learningRate: try rate(arguments), momentum: try arguments.number("momentum"),
          nesterov: try arguments.bool("nesterov"), weightDecay: try decay(arguments),
          clipping: try clipping(arguments))))
  }

  private static let rmsprop = FunctionDeclaration(
    "rmsprop", topic: "training", "Gradients over the root of their mean square",
    parameters: [
      rateParameter(0.001),
      Parameter(
        "rho", .number(.between(0, 1, includesHigh: false)), default: 0.9, "Decay of the mean of squares"),
      Parameter("momentum", .number(.between(0, 1)), default: 0, "The share of the last step that goes on"),
      epsilonParameter,
      Parameter(
        "centered", .bool, default: false, "Whether the mean gradient is taken away: the variance divides"),
      decayParameter(),
    ] + clippingParameters,
    returns: "an optimizer for compile",
    examples: [
      FunctionDeclaration.Example(
        "rmsprop(0.01, centered=true)", output: "Optimizer rmsprop(learning_rate=0.01, centered=true)")
    ],
    notes: clippingNotes
      + " A variance that rounding would take below 0 counts as 0, where Keras gets NaN.",
    source: "Tieleman and Hinton, 2012; keras.optimizers.RMSprop", seeAlso: ["adam", "compile"]
  ) { arguments, _ in
    .object(
      OptimizerObject(
        .rmsprop(
          learningRate: try rate(arguments), rho: try arguments.number("rho"),
          momentum: try arguments.number("momentum"), epsilon: try arguments.number("epsilon"),
          centered: try arguments.bool("centered"), weightDecay: try decay(arguments),
          clipping: try clipping(arguments))))
  }

  private static let adagrad = FunctionDeclaration(
    "adagrad", topic: "training", "Gradients over the root of the sum of their squares",
    parameters: [
      rateParameter(0.001),
      Parameter(
        "initial_accumulator_value", .number(.nonNegative), default: 0.1, "What the sums begin with"),
      epsilonParameter, decayParameter(),
    ] + clippingParameters,
    returns: "an optimizer for compile",
    examples: [FunctionDeclaration.Example("adagrad(0.01)", output: "Optimizer adagrad(learning_rate=0.01)")],
    notes: clippingNotes,
    source: "Duchi, Hazan and Singer, 2011; keras.optimizers.Adagrad", seeAlso: ["rmsprop", "compile"]
  ) { arguments, _ in
    .object(
      OptimizerObject(
        .adagrad(
          learningRate: try rate(arguments),
          initialAccumulator: try arguments.number("initial_accumulator_value"),
          epsilon: try arguments.number("epsilon"), weightDecay: try decay(arguments),
          clipping: try clipping(arguments))))
  }

  private static let setLearningRate = FunctionDeclaration(
    "set_learning_rate", topic: "training", "Goes on with another learning rate",
    parameters: [
      TrainingArguments.modelParameter,
      Parameter("learning_rate", rateKind, "The size of a step: a number or a schedule"),
    ],
    returns: "none; what the optimizer has gathered stays. m.learning_rate tells the rate of the next step",
    errors: ["state: the model was not compiled"],
    examples: [
      FunctionDeclaration.Example(
        inFolder: "set_learning_rate(model, 0.0001)\nmodel.learning_rate", output: "0.0001")
    ],
    notes: "A schedule counts the steps since compile: it does not begin anew.",
    source: "keras.optimizers.Optimizer.learning_rate", seeAlso: ["learning_rate_scheduler", "compile"]
  ) { arguments, _ in
    try TrainingArguments.model(arguments).setLearningRate(try rate(arguments))
    return .nothing
  }
}
