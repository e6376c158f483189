import CapLanguage
import Essentials
import NeuralNetworks
import Tensors

/// What the functions of training share: the model, and the data in their arguments.
enum TrainingArguments {
  static let modelParameter = Parameter("m", .object("model", ModelObject.self), "The model")

  static func model(_ arguments: Arguments) throws -> Sequential {
    try arguments.object("m", as: ModelObject.self).model
  }

  static let exampleModel = "m = sequential([dense(1, activation=\"sigmoid\")], input_shape=[2])\n"

  static func batches(_ arguments: Arguments, shuffle: Bool, seed: UInt64) throws -> any BatchSource {
    if case .object(let object as DatasetObject) = arguments["x"] {
      guard arguments.isNothing("y") else {
        throw Failure(.value, "a dataset brings its own labels", hint: "leave 'y' out", parameter: "y")
      }
      return try DatasetBatches(object, parameter: "x")
    }
    guard !arguments.isNothing("y") else {
      throw Failure(.value, "'y' is missing: the labels of the examples in 'x'", parameter: "x")
    }
    return try TensorBatches(
      x: try Conversions.tensor(arguments["x"], name: "x"),
      y: try Conversions.tensor(arguments["y"], name: "y"),
      batchSize: try arguments.int("batch_size"), shuffle: shuffle, seed: seed)
  }

  static func validationBatches(_ arguments: Arguments) throws -> (any BatchSource)? {
    switch arguments["validation"] {
    case .nothing: return nil
    case .object(let object as DatasetObject): return try DatasetBatches(object, parameter: "validation")
    case .list(let pair) where pair.count == 2:
      return try TensorBatches(
        x: try Conversions.tensor(pair[0], name: "validation"),
        y: try Conversions.tensor(pair[1], name: "validation"),
        batchSize: try arguments.int("batch_size"))
    default:
      throw Failure(
        .type, "'validation' takes a dataset of batches or [x, y], not \(arguments["validation"].kindPhrase)",
        parameter: "validation")
    }
  }
}
