import CapLanguage
import NeuralNetworks

/// Learning rates that change from step to step.
enum ScheduleFunctions {
  static let all: [FunctionDeclaration] = [
    exponentialDecay, inverseTimeDecay, polynomialDecay, cosineDecay, cosineDecayRestarts,
    piecewiseConstant,
    scheduleValues,
  ]

  private static let initialParameter = Argument(
    "initial_learning_rate", .number(.nonNegative), "The learning rate of the first step")
  private static let stepsParameter = Argument(
    "decay_steps", .integer(.atLeast(1)), "Steps (batches, not epochs) over which it decays")
  private static let alphaParameter = Argument(
    "alpha", .number(.between(0, 1)), default: 0,
    "What is left at the end, as a share of the beginning")
  private static let staircaseParameter = Argument(
    "staircase", .bool, default: false,
    "Whether it falls once in `decay_steps` rather than in each step")
  private static let returns = "a schedule for the learning_rate of an optimizer"

  private static func schedule(_ rate: LearningRate) throws -> Value {
    try rate.check()
    return .object(ScheduleObject(rate))
  }

  private static func example(_ call: String, _ steps: String, _ output: String)
    -> [FunctionDeclaration
    .Example]
  {
    [FunctionDeclaration.Example("learning_rates(\(call), \(steps))", output: output)]
  }

  private static let exponentialDecay = FunctionDeclaration(
    "exponential_decay", topic: "training",
    "A learning rate that falls by the same factor again and again",
    takes: ArgumentList(
      initialParameter,
      stepsParameter,
      Argument("decay_rate", .number(.nonNegative), "The factor in `decay_steps`"),
      staircaseParameter),
    returns: returns, errors: ["value: a setting out of its range"],
    examples: example("exponential_decay(0.1, 10, 0.5)", "[0, 10, 20]", "[0.1, 0.05, 0.025]"),
    source:
      "keras.optimizers.schedules.ExponentialDecay: initial · decay_rate^(step / decay_steps)",
    seeAlso: ["cosine_decay", "adam"]
  ) { _, initialLearningRate, decaySteps, decayRate, staircase in
    try schedule(
      .exponentialDecay(
        initial: initialLearningRate, steps: decaySteps,
        rate: decayRate, staircase: staircase))
  }

  private static let inverseTimeDecay = FunctionDeclaration(
    "inverse_time_decay", topic: "training", "A learning rate that falls as one over the steps",
    takes: ArgumentList(
      initialParameter,
      stepsParameter,
      Argument("decay_rate", .number(.nonNegative), "How much the divisor grows in `decay_steps`"),
      staircaseParameter),
    returns: returns, errors: ["value: a setting out of its range"],
    examples: example("inverse_time_decay(0.1, 10, 1)", "[0, 10, 30]", "[0.1, 0.05, 0.025]"),
    source:
      "keras.optimizers.schedules.InverseTimeDecay: initial / (1 + decay_rate · step / decay_steps)",
    seeAlso: ["exponential_decay"]
  ) { _, initialLearningRate, decaySteps, decayRate, staircase in
    try schedule(
      .inverseTimeDecay(
        initial: initialLearningRate, steps: decaySteps,
        rate: decayRate, staircase: staircase))
  }

  private static let polynomialDecay = FunctionDeclaration(
    "polynomial_decay", topic: "training",
    "A learning rate that falls along a power of the steps left",
    takes: ArgumentList(
      initialParameter,
      stepsParameter,
      Argument(
        "end_learning_rate", .number(.nonNegative), default: 0.0001, "The rate after `decay_steps`"),
      Argument("power", .number(.nonNegative), default: 1, "The power; 1 is a straight line"),
      Argument(
        "cycle", .bool, default: false, "Whether it begins again, each time over a longer way")),
    returns: returns, errors: ["value: a setting out of its range"],
    examples: example("polynomial_decay(0.1, 10, 0)", "[0, 5, 10, 99]", "[0.1, 0.05, 0, 0]"),
    source: "keras.optimizers.schedules.PolynomialDecay", seeAlso: ["cosine_decay"]
  ) { _, initialLearningRate, decaySteps, endLearningRate, power, cycle in
    try schedule(
      .polynomialDecay(
        initial: initialLearningRate, steps: decaySteps,
        end: endLearningRate, power: power,
        cycle: cycle))
  }

  private static let cosineDecay = FunctionDeclaration(
    "cosine_decay", topic: "training",
    "A learning rate that falls along half a cosine, after a warm-up or none",
    takes: ArgumentList(
      initialParameter,
      stepsParameter,
      alphaParameter,
      Argument(
        "warmup_target", .optional(.number(.nonNegative)), default: .nothing,
        "The rate up to which a straight line leads first; the cosine begins there"),
      Argument("warmup_steps", .integer(.nonNegative), default: 0, "The steps of that line")),
    returns: returns,
    errors: ["value: a setting out of its range, or warmup_steps without warmup_target"],
    examples: example(
      "cosine_decay(0, 10, warmup_target=0.1, warmup_steps=5)", "[0, 5, 15]", "[0, 0.1, 0]"),
    source: "keras.optimizers.schedules.CosineDecay (Loshchilov and Hutter, 2017)",
    seeAlso: ["cosine_decay_restarts", "adam"]
  ) { _, initialLearningRate, decaySteps, alpha, warmupTarget, warmupSteps in
    try schedule(
      .cosineDecay(
        initial: initialLearningRate, steps: decaySteps,
        alpha: alpha, warmupTarget: warmupTarget,
        warmupSteps: warmupSteps))
  }

  private static let cosineDecayRestarts = FunctionDeclaration(
    "cosine_decay_restarts", topic: "training",
    "Half cosines one after the other, each longer than the last",
    takes: ArgumentList(
      initialParameter,
      Argument("first_decay_steps", .integer(.atLeast(1)), "Steps of the first one"),
      Argument("t_mul", .number(.atLeast(1)), default: 2, "How many times as long the next one is"),
      Argument(
        "m_mul", .number(.nonNegative), default: 1, "How many times as high the next one begins"),
      alphaParameter),
    returns: returns, errors: ["value: a setting out of its range"],
    examples: example("cosine_decay_restarts(0.1, 10)", "[0, 5, 10, 30]", "[0.1, 0.05, 0.1, 0.1]"),
    source: "keras.optimizers.schedules.CosineDecayRestarts (Loshchilov and Hutter, 2017)",
    seeAlso: ["cosine_decay"]
  ) { _, initialLearningRate, firstDecaySteps, tMul, mMul, alpha in
    try schedule(
      .cosineDecayRestarts(
        initial: initialLearningRate,
        firstSteps: firstDecaySteps, tMul: tMul,
        mMul: mMul, alpha: alpha))
  }

  private static let piecewiseConstant = FunctionDeclaration(
    "piecewise_constant", topic: "training", "A learning rate that changes at given steps",
    takes: ArgumentList(
      Argument(
        "boundaries", .list(.integer(.nonNegative)),
        "The last step of each value but the last, rising"),
      Argument("values", .list(.number(.nonNegative)), "The rates, one more than boundaries")),
    returns: returns, errors: ["value: counts that do not fit, or boundaries that do not rise"],
    examples: example(
      "piecewise_constant([10, 20], [0.1, 0.01, 0.001])", "[10, 11, 21]", "[0.1, 0.01, 0.001]"),
    source: "keras.optimizers.schedules.PiecewiseConstantDecay", seeAlso: ["exponential_decay"]
  ) { _, boundaries, values in
    try schedule(
      .piecewiseConstant(
        boundaries: boundaries, values: values))
  }

  private static let scheduleValues = FunctionDeclaration(
    "learning_rates", topic: "training", "What a schedule gives for some steps",
    takes: ArgumentList(
      Argument("schedule", .object("schedule", ScheduleObject.self), "The schedule"),
      Argument("steps", .list(.integer(.nonNegative)), "The steps, from 0: a list or a range")),
    returns: "a list of numbers, one a step",
    examples: [
      FunctionDeclaration.Example(
        "learning_rates(cosine_decay(0.1, 100), range(0, 101, 50))", output: "[0.1, 0.05, 0]")
    ],
    seeAlso: ["cosine_decay", "plot"]
  ) { _, schedule, steps in
    let rate = schedule.rate
    return .numbers(steps.map { rate.value(at: $0) })
  }
}
