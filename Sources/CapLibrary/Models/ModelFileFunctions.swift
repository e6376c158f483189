import CapLanguage
import Essentials
import NeuralNetworks

/// Models and weights in files.
enum ModelFileFunctions {
  static let all: [FunctionDeclaration] = [save, loadModel, saveWeights, loadWeights]

  private static let pathParameter = Argument("path", .path, "The file; .safetensors is usual")
  private static let writeErrors = ["file: the file cannot be written, or the disk is full"]
  private static let readErrors = [
    "file: the file is missing or unreadable", "format: it is no such file, or a broken one",
  ]

  private static let save = FunctionDeclaration(
    "save", topic: "weights", "Writes a model: its layers, settings and weights",
    takes: ArgumentList(
      TrainingArguments.model,
      pathParameter,
      Argument(
        "include_optimizer", .bool, default: true,
        "Whether to keep what the optimizer has gathered, so that training goes on as if nothing had been"
      )),
    returns: "none", errors: writeErrors,
    examples: [
      FunctionDeclaration.Example(inFolder: "save(model, \"capuchin.safetensors\")", output: "")
    ],
    notes:
      "One .safetensors file, the architecture in its metadata. It appears whole or not at all.",
    seeAlso: ["load_model", "save_weights"]
  ) { _, m, path, includeOptimizer in
    try m.save(
      path, includesOptimizer: includeOptimizer)
    return .nothing
  }

  private static let loadModel = FunctionDeclaration(
    "load_model", topic: "weights", "Reads a model that save wrote",
    takes: ArgumentList(
      pathParameter),
    gives: ModelObject.self, returns: "a model, compiled if it was when it was saved",
    errors: readErrors,
    examples: [
      FunctionDeclaration.Example(
        inFolder: "model = load_model(\"capuchin.safetensors\")\nmodel.parameters", output: "3")
    ],
    seeAlso: ["save"]
  ) { _, path in
    return .object(ModelObject(try Path.reading(path, name: "path") { try Sequential.load(path) }))
  }

  private static let saveWeights = FunctionDeclaration(
    "save_weights", topic: "weights", "Writes a model's weights alone",
    takes: ArgumentList(
      TrainingArguments.model,
      pathParameter),
    returns: "none", errors: writeErrors,
    examples: [
      FunctionDeclaration.Example(
        inFolder: "save_weights(model, \"weights.safetensors\")", output: "")
    ],
    notes:
      "Tensors layers.N.kernel, layers.N.bias, … (N counts every layer from 0), float32, in Keras's layouts.",
    seeAlso: ["load_weights", "save"]
  ) { _, m, path in
    try m.saveWeights(path)
    return .nothing
  }

  private static let loadWeights = FunctionDeclaration(
    "load_weights", topic: "weights", "Gives a model the weights of a file",
    takes: ArgumentList(
      TrainingArguments.model,
      pathParameter),
    returns: "none; the model is changed",
    errors: readErrors + ["shape: names or shapes that are not the model's"],
    examples: [
      FunctionDeclaration.Example(
        inFolder: "load_weights(model, \"weights.safetensors\")", output: "")
    ],
    seeAlso: ["save_weights"]
  ) { _, m, path in
    try Path.reading(path, name: "path") { try m.loadWeights(path) }
    return .nothing
  }
}
