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
        "optimizer",
        .oneOf([.choice(OptimizerFunctions.byName.map(\.name)), .object("optimizer", OptimizerObject.self)]),
        default: "adam",
        "How weights follow their gradients: a name, or adam(…), sgd(…) and so on with settings"),
      Parameter(
        "loss", LossFunctions.kind, default: "binary_crossentropy",
        "What training makes small: a name, or binary_crossentropy(…) and so on with settings"),
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
      + "for one-hot labels; the focal ones for classes of which one is rare; mse, mae, huber, log_cosh for numbers; "
      + "poisson for counts; hinge and squared_hinge for labels -1 and 1; kl_divergence for shares.",
    source: "keras.Model.compile", seeAlso: ["fit", "adam", "sgd"]
  ) { arguments, context in
    let optimizer: Optimizer
    switch arguments["optimizer"] {
    case .object(let object as OptimizerObject): optimizer = object.optimizer
    case let name:
      optimizer = OptimizerFunctions.byName.first { $0.name == name.asString }?.optimizer ?? .adam()
    }
    let loss = try LossFunctions.loss(arguments)
    let model = try TrainingArguments.model(arguments)
    try TrainingArguments.nameClasses(arguments, of: model)
    let advice = try model.compile(
      optimizer: optimizer, loss: loss, metrics: try MetricFunctions.metrics(arguments, context))
    for line in advice { (context.host as? Session)?.warn(line) }
    return .nothing
  }
}
