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
      guard arguments.isNothing("sample_weight") else {
        throw Failure(
          .value, "sample_weight goes with tensors, and this is a dataset",
          hint: "give weights by class, class_weight=[…], or x, y and sample_weight as tensors",
          parameter: "sample_weight")
      }
      return try datasetBatches(object, arguments, "x", steps: steps, continues: continues, tell)
    }
    guard !arguments.isNothing("y") else {
      throw Failure(.value, "'y' is missing: the labels of the examples in 'x'", parameter: "x")
    }
    let (x, y) = try tensors(arguments["x"], arguments["y"], model(arguments), names: ("x", "y"), tell)
    let batches = try TensorBatches(
      x: x, y: y, weights: try sampleWeight(arguments["sample_weight"], "sample_weight"),
      batchSize: try arguments.int("batch_size"), shuffle: shuffle, seed: seed)
    return try limited(batches, arguments, steps, continues: continues)
  }

  /// The two parts of `validation_split`.
  /// - Throws: a `value` failure for a dataset, which is split before it is shuffled and batched, or for a part
  ///   without examples.
  static func splitBatches(
    _ arguments: Arguments, shuffle: Bool, seed: UInt64, tell: (String) -> Void
  ) throws -> (data: any BatchSource, validation: any BatchSource) {
    func refused(_ what: String, _ hint: String) -> Failure {
      Failure(.value, what, hint: hint, parameter: "validation_split")
    }
    guard arguments.isNothing("validation") else {
      throw refused("validation and validation_split are both given", "keep one of them")
    }
    if case .object(let object as DatasetObject) = arguments["x"] {
      let isShuffled = object.dataset.description.contains("shuffle")
      throw refused(
        "validation_split takes tensors, and this is a dataset"
          + (isShuffled
            ? "; it is shuffled anew in each epoch, so that a part would leak into the other" : ""),
        "train, test = split(examples, 0.8) before batch, then fit(m, batch(train, 16), validation=batch(test, 16))"
      )
    }
    guard !arguments.isNothing("y") else {
      throw Failure(.value, "'y' is missing: the labels of the examples in 'x'", parameter: "x")
    }
    let (x, y) = try tensors(arguments["x"], arguments["y"], model(arguments), names: ("x", "y"), tell)
    let weights = try sampleWeight(arguments["sample_weight"], "sample_weight")
    let count = x.shape.first ?? 0
    let share = try arguments.number("validation_split")
    let end = Int((Double(count) * (1 - share)).rounded(.down))
    guard end > 0, end < count else {
      throw refused(
        "validation_split=\(Value.number(share)) of \(count) examples leaves none to "
          + (end > 0 ? "validate on" : "train on"), "give more examples, or another share")
    }
    let size = try arguments.int("batch_size")
    // What does not go together is told of the whole.
    _ = try TensorBatches(x: x, y: y, weights: weights, batchSize: size)
    func part(_ rows: Range<Int>, shuffle: Bool) throws -> TensorBatches {
      try TensorBatches(
        x: x.rows(rows), y: y.rows(rows), weights: try weights?.rows(rows), batchSize: size, shuffle: shuffle,
        seed: seed)
    }
    return (
      try limited(part(0..<end, shuffle: shuffle), arguments, "steps_per_epoch", continues: true),
      try limited(part(end..<count, shuffle: false), arguments, "validation_steps")
    )
  }

  private static func sampleWeight(_ value: Value, _ name: String) throws -> Tensor? {
    value.isNothing ? nil : try Conversions.tensor(value, name: name)
  }

  static let sampleWeightParameter = Parameter(
    "sample_weight", .any, default: .nothing,
    "What each example's loss is multiplied by, where `x` is a tensor: one number an example")

  /// Weights of classes: a list, by class number, or a record whose names are class numbers.
  static func classWeights(_ arguments: Arguments) throws -> ClassWeights? {
    switch arguments["class_weight"] {
    case .nothing: return nil
    case .record(let record):
      var weights: [Int: Double] = [:]
      for (name, value) in zip(record.keys, record.values) {
        guard let number = try Int(name) ?? model(arguments).classNames?.firstIndex(of: name) else {
          throw Failure(
            .value, "class_weight has the name '\(name)', which is no class's number or name",
            hint: "write {\"0\": 1, \"1\": 5} or [1, 5]", parameter: "class_weight")
        }
        guard case .number(let weight) = value else {
          throw Failure(
            .type, "the weight of class \(number) is \(value.kindPhrase), not a number",
            parameter: "class_weight")
        }
        weights[number] = weight
      }
      return try ClassWeights(weights)
    default:
      let weights = try arguments.numbers("class_weight")
      return try ClassWeights(Dictionary(uniqueKeysWithValues: zip(weights.indices, weights)))
    }
  }

  static func validationBatches(_ arguments: Arguments) throws -> (any BatchSource)? {
    let (name, steps) = ("validation", "validation_steps")
    switch arguments[name] {
    case .nothing: return nil
    case .object(let object as DatasetObject):
      return try datasetBatches(object, arguments, name, steps: steps, continues: false) { _ in }
    case .list(let pair) where pair.count == 2 || pair.count == 3:
      let (x, y) = try tensors(pair[0], pair[1], model(arguments), names: (name, name)) { _ in }
      return try limited(
        TensorBatches(
          x: x, y: y, weights: try sampleWeight(pair.count > 2 ? pair[2] : .nothing, name),
          batchSize: try arguments.int("batch_size")), arguments, steps)
    default:
      throw Failure(
        .type,
        "'validation' takes a dataset of batches, [x, y] or [x, y, sample_weight], not "
          + arguments[name].kindPhrase, parameter: name)
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
