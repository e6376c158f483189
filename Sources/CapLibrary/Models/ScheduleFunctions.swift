import CapLanguage
import NeuralNetworks

/// Learning rates that change from step to step.
enum ScheduleFunctions {
  static let all: [FunctionDeclaration] = [
    exponentialDecay, inverseTimeDecay, polynomialDecay, cosineDecay, cosineDecayRestarts, piecewiseConstant,
    scheduleValues,
  ]

  private static let initialParameter = Parameter(
    "initial_learning_rate", .number(.nonNegative), "The learning rate of the first step")
  private static let stepsParameter = Parameter(
    "decay_steps", .integer(.atLeast(1)), "Steps (batches, not epochs) over which it decays")
  private static let alphaParameter = Parameter(
    "alpha", .number(.between(0, 1)), default: 0, "What is left at the end, as a share of the beginning")
  private static let staircaseParameter = Parameter(
    "staircase", .bool, default: false, "Whether it falls once in `decay_steps` rather than in each step")
  private static let returns = "a schedule for the learning_rate of an optimizer"

  private static func schedule(_ rate: LearningRate) throws -> Value {
    try rate.check()
    return .object(ScheduleObject(rate))
  }

  private static func example(_ call: String, _ steps: String, _ output: String) -> [FunctionDeclaration
    .Example]
  {
    [FunctionDeclaration.Example("learning_rates(\(call), \(steps))", output: output)]
  }

  private static let exponentialDecay = FunctionDeclaration(
    "exponential_decay", topic: "training", "A learning rate that falls by the same factor again and again",
    parameters: [
      initialParameter, stepsParameter,
      Parameter("decay_rate", .number(.nonNegative), "The factor in `decay_steps`"), staircaseParameter,
    ],
    returns: returns, errors: ["value: a setting out of its range"],
    examples: example("exponential_decay(0.1, 10, 0.5)", "[0, 10, 20]", "[0.1, 0.05, 0.025]"),
    source: "keras.optimizers.schedules.ExponentialDecay: initial · decay_rate^(step / decay_steps)",
    seeAlso: ["cosine_decay", "adam"]
  ) { arguments, _ in
    try schedule(
      .exponentialDecay(
        initial: try arguments.number("initial_learning_rate"), steps: try arguments.int("decay_steps"),
        rate: try arguments.number("decay_rate"), staircase: try arguments.bool("staircase")))
  }

  private static let inverseTimeDecay = FunctionDeclaration(
    "inverse_time_decay", topic: "training", "A learning rate that falls as one over the steps",
    parameters: [
      initialParameter, stepsParameter,
      Parameter("decay_rate", .number(.nonNegative), "How much the divisor grows in `decay_steps`"),
      staircaseParameter,
    ],
    returns: returns, errors: ["value: a setting out of its range"],
    examples: example("inverse_time_decay(0.1, 10, 1)", "[0, 10, 30]", "[0.1, 0.05, 0.025]"),
    source: "keras.optimizers.schedules.InverseTimeDecay: initial / (1 + decay_rate · step / decay_steps)",
    seeAlso: ["exponential_decay"]
  ) { arguments, _ in
    try schedule(
      .inverseTimeDecay(
        initial: try arguments.number("initial_learning_rate"), steps: try arguments.int("decay_steps"),
        rate: try arguments.number("decay_rate"), staircase: try arguments.bool("staircase")))
  }

  private static let polynomialDecay = FunctionDeclaration(
    "polynomial_decay", topic: "training", "A learning rate that falls along a power of the steps left",
    parameters: [
      initialParameter, stepsParameter,
      Parameter(
        "end_learning_rate", .number(.nonNegative), default: 0.0001, "The rate after `decay_steps`"),
      Parameter("power", .number(.nonNegative), default: 1, "The power; 1 is a straight line"),
      Parameter("cycle", .bool, default: false, "Whether it begins again, each time over a longer way"),
    ],
    returns: returns, errors: ["value: a setting out of its range"],
    examples: example("polynomial_decay(0.1, 10, 0)", "[0, 5, 10, 99]", "[0.1, 0.05, 0, 0]"),
    source: "keras.optimizers.schedules.PolynomialDecay", seeAlso: ["cosine_decay"]
  ) { arguments, _ in
    try schedule(
      .polynomialDecay(
        initial: try arguments.number("initial_learning_rate"), steps: try arguments.int("decay_steps"),
        end: try arguments.number("end_learning_rate"), power: try arguments.number("power"),
        cycle: try arguments.bool("cycle")))
  }

  private static let cosineDecay = FunctionDeclaration(
    "cosine_decay", topic: "training",
    "A learning rate that falls along half a cosine, after a warm-up or none",
    parameters: [
      initialParameter, stepsParameter, alphaParameter,
      Parameter(
        "warmup_target", .optional(.number(.nonNegative)), default: .nothing,
        "The rate up to which a straight line leads first; the cosine begins there"),
      Parameter("warmup_steps", .integer(.nonNegative), default: 0, "The steps of that line"),
    ],
    returns: returns, errors: ["value: a setting out of its range, or warmup_steps without warmup_target"],
    examples: example("cosine_decay(0, 10, warmup_target=0.1, warmup_steps=5)", "[0, 5, 15]", "[0, 0.1, 0]"),
    source: "keras.optimizers.schedules.CosineDecay (Loshchilov and Hutter, 2017)",
    seeAlso: ["cosine_decay_restarts", "adam"]
  ) { arguments, _ in
    try schedule(
      .cosineDecay(
        initial: try arguments.number("initial_learning_rate"), steps: try arguments.int("decay_steps"),
        alpha: try arguments.number("alpha"), warmupTarget: try arguments.optionalNumber("warmup_target"),
        warmupSteps: try arguments.int("warmup_steps")))
  }

  private static let cosineDecayRestarts = FunctionDeclaration(
    "cosine_decay_restarts", topic: "training", "Half cosines one after the other, each longer than the last",
    parameters: [
      initialParameter, Parameter("first_decay_steps", .integer(.atLeast(1)), "Steps of the first one"),
      Parameter("t_mul", .number(.atLeast(1)), default: 2, "How many times as long the next one is"),
      Parameter("m_mul", .number(.nonNegative), default: 1, "How many times as high the next one begins"),
      alphaParameter,
    ],
    returns: returns, errors: ["value: a setting out of its range"],
    examples: example("cosine_decay_restarts(0.1, 10)", "[0, 5, 10, 30]", "[0.1, 0.05, 0.1, 0.1]"),
    source: "keras.optimizers.schedules.CosineDecayRestarts (Loshchilov and Hutter, 2017)",
    seeAlso: ["cosine_decay"]
  ) { arguments, _ in
    try schedule(
      .cosineDecayRestarts(
        initial: try arguments.number("initial_learning_rate"),
        firstSteps: try arguments.int("first_decay_steps"), tMul: try arguments.number("t_mul"),
        mMul: try arguments.number("m_mul"), alpha: try arguments.number("alpha")))
  }

  private static let piecewiseConstant = FunctionDeclaration(
    "piecewise_constant", topic: "training", "A learning rate that changes at given steps",
    parameters: [
      Parameter(
        "boundaries", .list(.integer(.nonNegative)), "The last step of each value but the last, rising"),
      Parameter("values", .list(.number(.nonNegative)), "The rates, one more than boundaries"),
    ],
    returns: returns, errors: ["value: counts that do not fit, or boundaries that do not rise"],
    examples: example(
      "piecewise_constant([10, 20], [0.1, 0.01, 0.001])", "[10, 11, 21]", "[0.1, 0.01, 0.001]"),
    source: "keras.optimizers.schedules.PiecewiseConstantDecay", seeAlso: ["exponential_decay"]
  ) { arguments, _ in
    try schedule(
      .piecewiseConstant(
        boundaries: try arguments.ints("boundaries"), values: try arguments.numbers("values")))
  }

  private static let scheduleValues = FunctionDeclaration(
    "learning_rates", topic: "training", "What a schedule gives for some steps",
    parameters: [
      Parameter("schedule", .object("schedule", ScheduleObject.self), "The schedule"),
      Parameter("steps", .list(.integer(.nonNegative)), "The steps, from 0: a list or a range"),
    ],
    returns: "a list of numbers, one a step",
    examples: [
      FunctionDeclaration.Example(
        "learning_rates(cosine_decay(0.1, 100), range(0, 101, 50))", output: "[0.1, 0.05, 0]")
    ],
    seeAlso: ["cosine_decay", "plot"]
  ) { arguments, _ in
    let rate = try arguments.object("schedule", as: ScheduleObject.self).rate
    return .numbers(try arguments.ints("steps").map { rate.value(at: $0) })
  }
}
