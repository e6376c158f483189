import CapLanguage
import NeuralNetworks

/// Losses with settings.
enum LossFunctions {
  static let all: [FunctionDeclaration] = [
    binaryCrossentropy, categoricalCrossentropy, sparseCategoricalCrossentropy, binaryFocalCrossentropy,
    categoricalFocalCrossentropy, huber,
  ]

  /// A name, or a loss with settings.
  static let kind = ParameterKind.oneOf([
    .choice(Loss.allCases.map(\.rawValue)), .object("loss", LossObject.self),
  ])

  static func loss(_ arguments: Arguments, _ name: String = "loss") throws -> Loss {
    if case .object(let object as LossObject) = arguments[name] { return object.loss }
    return Loss(rawValue: try arguments.string(name)) ?? .binaryCrossentropy
  }

  private static let logitsParameter = Parameter(
    "from_logits", .bool, default: false,
    "Whether outputs are what the sigmoid or softmax would take: a last layer without activation")
  private static let smoothingParameter = Parameter(
    "label_smoothing", .number(.between(0, 1)), default: 0,
    "The share by which labels move towards the middle, against over-confidence")
  private static let gammaParameter = Parameter(
    "gamma", .number(.nonNegative), default: 2, "How little the easy examples count")
  private static let returns = "a loss for compile"

  private static func value(_ loss: Loss) throws -> Value {
    try loss.check()
    return .object(LossObject(loss))
  }

  private static let binaryCrossentropy = FunctionDeclaration(
    "binary_crossentropy", topic: "training", "The loss of probabilities, each yes or no, with its settings",
    parameters: [logitsParameter, smoothingParameter], returns: returns,
    examples: [
      FunctionDeclaration.Example(
        "m = sequential([dense(1)], input_shape=[2])\ncompile(m, loss=binary_crossentropy(from_logits=true))\nbinary_crossentropy(label_smoothing=0.1)",
        output: "Loss binary_crossentropy(label_smoothing=0.1)")
    ],
    source: "keras.losses.BinaryCrossentropy: -mean(y·log p + (1 - y)·log(1 - p))",
    seeAlso: ["compile", "binary_focal_crossentropy"]
  ) { arguments, _ in
    try value(
      .binaryCrossentropy(
        fromLogits: try arguments.bool("from_logits"),
        labelSmoothing: try arguments.number("label_smoothing")))
  }

  private static let categoricalCrossentropy = FunctionDeclaration(
    "categorical_crossentropy", topic: "training", "The loss of one-hot labels, with its settings",
    parameters: [logitsParameter, smoothingParameter], returns: returns,
    examples: [
      FunctionDeclaration.Example(
        "categorical_crossentropy(label_smoothing=0.1)",
        output: "Loss categorical_crossentropy(label_smoothing=0.1)")
    ],
    source: "keras.losses.CategoricalCrossentropy: -Σ y·log p",
    seeAlso: ["compile", "sparse_categorical_crossentropy"]
  ) { arguments, _ in
    try value(
      .categoricalCrossentropy(
        fromLogits: try arguments.bool("from_logits"),
        labelSmoothing: try arguments.number("label_smoothing")))
  }

  private static let sparseCategoricalCrossentropy = FunctionDeclaration(
    "sparse_categorical_crossentropy", topic: "training", "The loss of class numbers, with its settings",
    parameters: [logitsParameter], returns: returns,
    examples: [
      FunctionDeclaration.Example(
        "sparse_categorical_crossentropy(from_logits=true)",
        output: "Loss sparse_categorical_crossentropy(from_logits=true)")
    ],
    source: "keras.losses.SparseCategoricalCrossentropy: -log p of the class",
    seeAlso: ["compile", "categorical_crossentropy"]
  ) { arguments, _ in
    try value(.sparseCategoricalCrossentropy(fromLogits: try arguments.bool("from_logits")))
  }

  private static let binaryFocalCrossentropy = FunctionDeclaration(
    "binary_focal_crossentropy", topic: "training",
    "Binary cross-entropy in which easy examples count little: for rare calls",
    parameters: [
      Parameter(
        "apply_class_balancing", .bool, default: false, "Whether positives weigh alpha, negatives 1 - alpha"),
      Parameter("alpha", .number(.between(0, 1)), default: 0.25, "The weight of positives, where balanced"),
      gammaParameter, logitsParameter, smoothingParameter,
    ], returns: returns,
    examples: [
      FunctionDeclaration.Example(
        "binary_focal_crossentropy(gamma=3)", output: "Loss binary_focal_crossentropy(gamma=3)")
    ],
    source:
      "keras.losses.BinaryFocalCrossentropy (Lin and others, 2017): (1 - p of the truth)^gamma · entropy",
    seeAlso: ["compile", "binary_crossentropy"]
  ) { arguments, _ in
    try value(
      .binaryFocalCrossentropy(
        appliesClassBalancing: try arguments.bool("apply_class_balancing"),
        alpha: try arguments.number("alpha"), gamma: try arguments.number("gamma"),
        fromLogits: try arguments.bool("from_logits"),
        labelSmoothing: try arguments.number("label_smoothing")))
  }

  private static let categoricalFocalCrossentropy = FunctionDeclaration(
    "categorical_focal_crossentropy", topic: "training",
    "Cross-entropy of one-hot labels in which easy examples count little",
    parameters: [
      Parameter("alpha", .number(.nonNegative), default: 0.25, "The weight of all classes"), gammaParameter,
      logitsParameter, smoothingParameter,
    ], returns: returns,
    examples: [
      FunctionDeclaration.Example(
        "categorical_focal_crossentropy(alpha=0.5)", output: "Loss categorical_focal_crossentropy(alpha=0.5)")
    ],
    source: "keras.losses.CategoricalFocalCrossentropy: -Σ alpha·(1 - p)^gamma·y·log p",
    seeAlso: ["compile", "categorical_crossentropy"]
  ) { arguments, _ in
    try value(
      .categoricalFocalCrossentropy(
        alpha: try arguments.number("alpha"), gamma: try arguments.number("gamma"),
        fromLogits: try arguments.bool("from_logits"),
        labelSmoothing: try arguments.number("label_smoothing")))
  }

  private static let huber = FunctionDeclaration(
    "huber", topic: "training",
    "The squared error, but a straight line beyond delta: for numbers with outliers",
    parameters: [
      Parameter("delta", .number(.positive), default: 1, "The difference where the line begins")
    ], returns: returns,
    examples: [FunctionDeclaration.Example("huber(delta=0.5)", output: "Loss huber(delta=0.5)")],
    source: "keras.losses.Huber (1964)", seeAlso: ["compile"]
  ) { arguments, _ in try value(.huber(delta: try arguments.number("delta"))) }
}
