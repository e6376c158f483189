import CapLanguage
import NeuralNetworks

/// Losses with settings.
enum LossFunctions {
  static let all: [FunctionDeclaration] = [
    binaryCrossentropy, categoricalCrossentropy, sparseCategoricalCrossentropy,
    binaryFocalCrossentropy,
    categoricalFocalCrossentropy, huber,
  ]

  /// A name, or a loss with settings.
  static let kind = ArgumentKind<Loss>.oneOf(
    .choice(Array(Loss.allCases)) { $0.rawValue },
    ArgumentKind<LossObject>.object("loss", LossObject.self).map { $0.loss })

  private static let logitsParameter = Argument(
    "from_logits", .bool, default: false,
    "Whether outputs are what the sigmoid or softmax would take: a last layer without activation")
  private static let smoothingParameter = Argument(
    "label_smoothing", .number(.between(0, 1)), default: 0,
    "The share by which labels move towards the middle, against over-confidence")
  private static let gammaParameter = Argument(
    "gamma", .number(.nonNegative), default: 2, "How little the easy examples count")
  private static let returns = "a loss for compile"

  private static func value(_ loss: Loss) throws -> Value {
    try loss.check()
    return .object(LossObject(loss))
  }

  private static let binaryCrossentropy = FunctionDeclaration(
    "binary_crossentropy", topic: "training",
    "The loss of probabilities, each yes or no, with its settings",
    takes: ArgumentList(
      logitsParameter,
      smoothingParameter), returns: returns,
    examples: [
      FunctionDeclaration.Example(
        "m = sequential([dense(1)], input_shape=[2])\ncompile(m, loss=binary_crossentropy(from_logits=true))\nbinary_crossentropy(label_smoothing=0.1)",
        output: "Loss binary_crossentropy(label_smoothing=0.1)")
    ],
    source: "keras.losses.BinaryCrossentropy: -mean(y·log p + (1 - y)·log(1 - p))",
    seeAlso: ["compile", "binary_focal_crossentropy"]
  ) { _, fromLogits, labelSmoothing in
    try value(
      .binaryCrossentropy(
        fromLogits: fromLogits,
        labelSmoothing: labelSmoothing))
  }

  private static let categoricalCrossentropy = FunctionDeclaration(
    "categorical_crossentropy", topic: "training", "The loss of one-hot labels, with its settings",
    takes: ArgumentList(
      logitsParameter,
      smoothingParameter), returns: returns,
    examples: [
      FunctionDeclaration.Example(
        "categorical_crossentropy(label_smoothing=0.1)",
        output: "Loss categorical_crossentropy(label_smoothing=0.1)")
    ],
    source: "keras.losses.CategoricalCrossentropy: -Σ y·log p",
    seeAlso: ["compile", "sparse_categorical_crossentropy"]
  ) { _, fromLogits, labelSmoothing in
    try value(
      .categoricalCrossentropy(
        fromLogits: fromLogits,
        labelSmoothing: labelSmoothing))
  }

  private static let sparseCategoricalCrossentropy = FunctionDeclaration(
    "sparse_categorical_crossentropy", topic: "training",
    "The loss of class numbers, with its settings",
    takes: ArgumentList(
      logitsParameter), returns: returns,
    examples: [
      FunctionDeclaration.Example(
        "sparse_categorical_crossentropy(from_logits=true)",
        output: "Loss sparse_categorical_crossentropy(from_logits=true)")
    ],
    source: "keras.losses.SparseCategoricalCrossentropy: -log p of the class",
    seeAlso: ["compile", "categorical_crossentropy"]
  ) { _, fromLogits in
    try value(.sparseCategoricalCrossentropy(fromLogits: fromLogits))
  }

  private static let binaryFocalCrossentropy = FunctionDeclaration(
    "binary_focal_crossentropy", topic: "training",
    "Binary cross-entropy in which easy examples count little: for rare calls",
    takes: ArgumentList(
      Argument(
        "apply_class_balancing", .bool, default: false,
        "Whether positives weigh alpha, negatives 1 - alpha"),
      Argument(
        "alpha", .number(.between(0, 1)), default: 0.25, "The weight of positives, where balanced"),
      gammaParameter,
      logitsParameter,
      smoothingParameter), returns: returns,
    examples: [
      FunctionDeclaration.Example(
        "binary_focal_crossentropy(gamma=3)", output: "Loss binary_focal_crossentropy(gamma=3)")
    ],
    source:
      "keras.losses.BinaryFocalCrossentropy (Lin and others, 2017): (1 - p of the truth)^gamma · entropy",
    seeAlso: ["compile", "binary_crossentropy"]
  ) { _, applyClassBalancing, alpha, gamma, fromLogits, labelSmoothing in
    try value(
      .binaryFocalCrossentropy(
        appliesClassBalancing: applyClassBalancing,
        alpha: alpha, gamma: gamma,
        fromLogits: fromLogits,
        labelSmoothing: labelSmoothing))
  }

  private static let categoricalFocalCrossentropy = FunctionDeclaration(
    "categorical_focal_crossentropy", topic: "training",
    "Cross-entropy of one-hot labels in which easy examples count little",
    takes: ArgumentList(
      Argument("alpha", .number(.nonNegative), default: 0.25, "The weight of all classes"),
      gammaParameter,
      logitsParameter,
      smoothingParameter), returns: returns,
    examples: [
      FunctionDeclaration.Example(
        "categorical_focal_crossentropy(alpha=0.5)",
        output: "Loss categorical_focal_crossentropy(alpha=0.5)")
    ],
    source: "keras.losses.CategoricalFocalCrossentropy: -Σ alpha·(1 - p)^gamma·y·log p",
    seeAlso: ["compile", "categorical_crossentropy"]
  ) { _, alpha, gamma, fromLogits, labelSmoothing in
    try value(
      .categoricalFocalCrossentropy(
        alpha: alpha, gamma: gamma,
        fromLogits: fromLogits,
        labelSmoothing: labelSmoothing))
  }

  private static let huber = FunctionDeclaration(
    "huber", topic: "training",
    "The squared error, but a straight line beyond delta: for numbers with outliers",
    takes: ArgumentList(
      Argument(
        "delta", .number(.positive), default: 1, "The difference where the line begins")),
    returns: returns,
    examples: [FunctionDeclaration.Example("huber(delta=0.5)", output: "Loss huber(delta=0.5)")],
    source: "keras.losses.Huber (1964)", seeAlso: ["compile"]
  ) { _, delta in try value(.huber(delta: delta)) }
}
