import CapLanguage
import Essentials
import NeuralNetworks
import Notebook

/// What a model is to learn.
enum CompileFunctions {
  static let all: [FunctionDeclaration] = [compile]

  private static let compile = FunctionDeclaration(
    "compile", topic: "training",
    "Says what a model is to learn, how, and what to measure on the way",
    takes: ArgumentList(
      TrainingArguments.model,
      Argument(
        "optimizer", OptimizerFunctions.kind, default: "adam",
        "How weights follow their gradients: a name, or adam(…), sgd(…) and so on with settings"),
      Argument(
        "loss", LossFunctions.kind, default: "binary_crossentropy",
        "What training makes small: a name, or binary_crossentropy(…) and so on with settings"),
      MetricFunctions.list,
      TrainingArguments.classes),
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
  ) { context, m, optimizer, loss, metrics, classes in
    if let classes { try m.nameClasses(classes) }
    let advice = try m.compile(
      optimizer: optimizer, loss: loss, metrics: try MetricFunctions.metrics(metrics, context))
    for line in advice { (context.host as? Session)?.warn(line) }
    return .nothing
  }
}
