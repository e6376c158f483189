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

  static let classesParameter = Parameter(
    "classes", .optional(.list(.string)), default: .nothing,
    "The names of the classes in the order of class numbers, for labels that are words; none: sorted")

  static func nameClasses(_ arguments: Arguments, of model: Sequential) throws {
    if !arguments.isNothing("classes") { try model.nameClasses(try arguments.strings("classes")) }
  }

  /// A model's outputs, which know the names of its classes.
  static func scores(_ outputs: Tensor, of model: Sequential, windowing: Windowing? = nil) -> Value {
    let classes = model.classNames.map {
      ScoreClasses(names: $0, isExclusive: model.takesOneClass, unitCount: outputs.shape.last ?? 1)
    }
    return .object(TensorObject(outputs, windowing: windowing, scores: classes))
  }

  /// A parameter that ends a pass after so many batches.
  static func stepsParameter(_ name: String, _ documentation: String) -> Parameter {
    Parameter(name, .optional(.integer(.atLeast(1))), default: .nothing, documentation)
  }

  /// So many batches of `data`, where the parameter `name` says how many.
  static func limited(
    _ data: any BatchSource, _ arguments: Arguments, _ name: String, continues: Bool = false
  ) throws -> any BatchSource {
    if arguments.isNothing(name) { return data }
    return LimitedBatches(data, steps: try arguments.int(name), continues: continues)
  }

  /// The batches of `x` and `y`. Labels that are words give a model without classes its own.
  static func batches(
    _ arguments: Arguments, shuffle: Bool, seed: UInt64, steps: String, tell: (String) -> Void = { _ in }
  ) throws -> any BatchSource {
    let continues = steps == "steps_per_epoch"
    if case .object(let object as DatasetObject) = arguments["x"] {
      guard arguments.isNothing("y") else {
        throw Failure(.value, "a dataset brings its own labels", hint: "leave 'y' out", parameter: "y")
      }
      return try datasetBatches(object, arguments, "x", steps: steps, continues: continues, tell)
    }
    guard !arguments.isNothing("y") else {
      throw Failure(.value, "'y' is missing: the labels of the examples in 'x'", parameter: "x")
    }
    let (x, y) = try tensors(arguments["x"], arguments["y"], model(arguments), names: ("x", "y"), tell)
    let batches = try TensorBatches(
      x: x, y: y, batchSize: try arguments.int("batch_size"), shuffle: shuffle, seed: seed)
    return try limited(batches, arguments, steps, continues: continues)
  }

  static func validationBatches(_ arguments: Arguments) throws -> (any BatchSource)? {
    let (name, steps) = ("validation", "validation_steps")
    switch arguments[name] {
    case .nothing: return nil
    case .object(let object as DatasetObject):
      return try datasetBatches(object, arguments, name, steps: steps, continues: false) { _ in }
    case .list(let pair) where pair.count == 2:
      let (x, y) = try tensors(pair[0], pair[1], model(arguments), names: (name, name)) { _ in }
      return try limited(
        TensorBatches(x: x, y: y, batchSize: try arguments.int("batch_size")), arguments, steps)
    default:
      throw Failure(
        .type, "'validation' takes a dataset of batches or [x, y], not \(arguments[name].kindPhrase)",
        parameter: name)
    }
  }

  private static func datasetBatches(
    _ object: DatasetObject, _ arguments: Arguments, _ name: String, steps: String, continues: Bool,
    _ tell: (String) -> Void
  ) throws -> any BatchSource {
    let model = try model(arguments)
    let batches = try DatasetBatches(
      object, for: model, parameter: name, steps: steps, isLimited: !arguments.isNothing(steps))
    if let news = try LabelEncoding.nameClasses(object.labels, of: model, name: name) { tell(news) }
    return try limited(batches, arguments, steps, continues: continues)
  }

  /// Examples and labels as numbers; labels may be words.
  static func tensors(
    _ x: Value, _ y: Value, _ model: Sequential, names: (String, String), _ tell: (String) -> Void
  ) throws -> (x: Tensor, y: Tensor) {
    let x = try Conversions.tensor(x, name: names.0)
    if case .list(let labels) = y,
      let news = try LabelEncoding.nameClasses(
        LabelKind.of(labels: labels, names.1), of: model, name: names.1)
    {
      tell(news)
    }
    let shape = Array(x.shape.dropFirst())
    return (x, try LabelEncoding.tensor(y, of: model, exampleShape: shape, name: names.1))
  }
}
