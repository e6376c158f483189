import CapLanguage
import NeuralNetworks

/// How weights follow their gradients.
enum OptimizerFunctions {
  static let all: [FunctionDeclaration] = [adam, sgd]

  private static let adam = FunctionDeclaration(
    "adam", topic: "training", "The Adam optimizer, with its settings",
    parameters: [
      Parameter("learning_rate", .number(.nonNegative), default: 0.001, "The size of a step"),
      Parameter(
        "beta_1", .number(.between(0, 1, includesHigh: false)), default: 0.9, "Decay of the mean of gradients"
      ),
      Parameter(
        "beta_2", .number(.between(0, 1, includesHigh: false)), default: 0.999,
        "Decay of the mean of their squares"),
      Parameter("epsilon", .number(.positive), default: 1e-7, "Keeps the division finite"),
    ],
    returns: "an optimizer for compile",
    examples: [
      FunctionDeclaration.Example("adam(learning_rate=0.01)", output: "Optimizer adam(learning_rate=0.01)")
    ],
    source: "Kingma and Ba, 2015; keras.optimizers.Adam", seeAlso: ["sgd", "compile"]
  ) { arguments, _ in
    .object(
      OptimizerObject(
        .adam(
          learningRate: try arguments.number("learning_rate"), beta1: try arguments.number("beta_1"),
          beta2: try arguments.number("beta_2"), epsilon: try arguments.number("epsilon"))))
  }

  private static let sgd = FunctionDeclaration(
    "sgd", topic: "training", "Plain gradient descent, with its settings",
    parameters: [
      Parameter("learning_rate", .number(.nonNegative), default: 0.01, "The size of a step"),
      Parameter("momentum", .number(.between(0, 1)), default: 0, "The share of the last step that goes on"),
      Parameter("nesterov", .bool, default: false, "Whether momentum looks ahead"),
    ],
    returns: "an optimizer for compile",
    examples: [
      FunctionDeclaration.Example(
        "sgd(0.1, momentum=0.9)", output: "Optimizer sgd(learning_rate=0.1, momentum=0.9)")
    ],
    source: "keras.optimizers.SGD", seeAlso: ["adam", "compile"]
  ) { arguments, _ in
    .object(
      OptimizerObject(
        .sgd(
          learningRate: try arguments.number("learning_rate"), momentum: try arguments.number("momentum"),
          nesterov: try arguments.bool("nesterov"))))
  }
}
