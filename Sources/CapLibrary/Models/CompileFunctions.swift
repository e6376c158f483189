import CapLanguage
import Essentials
import NeuralNetworks
import Notebook

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
      MetricFunctions.listParameter,
      TrainingArguments.classesParameter,
    ],
    returns: "none; the model is changed",
    errors: [
      "value: what cannot be learnt, such as a softmax of one unit; what is learnt badly is a warning",
      "shape: as many classes as outputs are wanted, two for one output",
    ],
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
  ) { arguments, context in
    let optimizer: Optimizer
    switch arguments["optimizer"] {
    case .object(let object as OptimizerObject): optimizer = object.optimizer
    case .string(let name) where name.text == "sgd": optimizer = .sgd()
    default: optimizer = .adam()
    }
    guard let loss = Loss(rawValue: try arguments.string("loss")) else { return .nothing }
    let model = try TrainingArguments.model(arguments)
    try TrainingArguments.nameClasses(arguments, of: model)
    let advice = try model.compile(
      optimizer: optimizer, loss: loss, metrics: try MetricFunctions.metrics(arguments, context))
    for line in advice { (context.host as? Session)?.warn(line) }
    return .nothing
  }
}
