import CapLanguage
import Essentials
import NeuralNetworks

/// What a model is to learn.
enum CompileFunctions {
  static let all: [FunctionDeclaration] = [compile]

  private static let compile = FunctionDeclaration(
    "compile", topic: "training", "Says what a model is to learn, how, and what to measure on the way",
    parameters: [
      TrainingArguments.modelParameter,
      Parameter(
        "optimizer", .oneOf([.choice(["adam", "sgd"]), .object("optimizer", OptimizerObject.self)]),
        default: "adam",
        "How weights follow their gradients: a name, or adam(…) or sgd(…) with settings"),
      Parameter(
        "loss", .choice(Loss.allCases.map(\.rawValue)), default: "binary_crossentropy",
        "What training makes small"),
      Parameter(
        "metrics", .list(.choice(Metric.allCases.map(\.rawValue))), default: [],
        "What is measured beside the loss"),
    ],
    returns: "none; the model is changed",
    examples: [
      FunctionDeclaration.Example(
        TrainingArguments.exampleModel
          + "compile(m, optimizer=adam(learning_rate=0.01), metrics=[\"recall\", \"precision\"])\nm.compiled",
        output: "true")
    ],
    notes: "Losses: binary_crossentropy for one output that is a probability (labels 0 and 1); "
      + "sparse_categorical_crossentropy for several classes (labels 0, 1, 2, …), categorical_crossentropy "
      + "for one-hot labels; mse for numbers.",
    source: "keras.Model.compile", seeAlso: ["fit", "adam", "sgd"]
  ) { arguments, _ in
    let optimizer: Optimizer
    switch arguments["optimizer"] {
    case .object(let object as OptimizerObject): optimizer = object.optimizer
    case .string(let name) where name.text == "sgd": optimizer = .sgd()
    default: optimizer = .adam()
    }
    guard let loss = Loss(rawValue: try arguments.string("loss")) else { return .nothing }
    let metrics = try arguments.strings("metrics").compactMap { Metric(rawValue: $0) }
    try TrainingArguments.model(arguments).compile(optimizer: optimizer, loss: loss, metrics: metrics)
    return .nothing
  }
}
