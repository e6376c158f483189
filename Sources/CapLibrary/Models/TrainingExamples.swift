import CapLanguage
import Essentials
import NeuralNetworks
import Tensors

/// The examples and labels that a call of fit, evaluate or find_learning_rate names, for its model.
struct TrainingExamples {
  let model: Sequential
  /// A dataset of labelled batches, or a tensor.
  let x: ArgumentValue
  /// Labels, where `x` is a tensor.
  let y: ArgumentValue
  /// Weights of examples, where `x` is a tensor; nil for a function without.
  var weights: ArgumentValue?
  let batchSize: Int
  let steps: StepLimit

  /// The batches of `x` and `y`. Labels that are words give a model without classes its own. Where it `continues`,
  /// each epoch goes on where the one before ended.
  func batches(
    shuffle: Bool, seed: UInt64, continues: Bool = false, tell: (String) -> Void = { _ in }
  ) throws -> any BatchSource {
    if case .object(let object as DatasetObject) = x.value {
      guard y.value.isNothing else {
        throw Failure(
          .value, "a dataset brings its own labels", hint: "leave 'y' out", parameter: y.name)
      }
      guard weights?.value.isNothing ?? true else {
        throw Failure(
          .value, "sample_weight goes with tensors, and this is a dataset",
          hint: "give weights by class, class_weight=[…], or x, y and sample_weight as tensors",
          parameter: "sample_weight")
      }
      return try datasetBatches(object, x.name, steps, continues: continues, tell)
    }
    let whole = try tensors(tell)
    let batches = try TensorBatches(
      x: whole.x, y: whole.y, weights: whole.weights, batchSize: batchSize, shuffle: shuffle,
      seed: seed)
    return steps.limiting(batches, continues: continues)
  }

  /// The two parts of `validation_split`.
  /// - Throws: a `value` failure for a dataset, which is split before it is shuffled and batched, or for a part
  ///   without examples.
  func parts(
    validationShare share: Double, validationSteps: StepLimit, shuffle: Bool, seed: UInt64,
    tell: (String) -> Void
  ) throws -> (data: any BatchSource, validation: any BatchSource) {
    func refused(_ what: String, _ hint: String) -> Failure {
      Failure(.value, what, hint: hint, parameter: "validation_split")
    }
    if case .object(let object as DatasetObject) = x.value {
      let isShuffled = object.dataset.description.contains("shuffle")
      throw refused(
        "validation_split takes tensors, and this is a dataset"
          + (isShuffled
            ? "; it is shuffled anew in each epoch, so that a part would leak into the other" : ""),
        "train, test = split(examples, 0.8) before batch, then fit(m, batch(train, 16), validation=batch(test, 16))"
      )
    }
    let whole = try tensors(tell)
    let count = whole.x.shape.first ?? 0
    let end = Int((Double(count) * (1 - share)).rounded(.down))
    guard end > 0, end < count else {
      throw refused(
        "validation_split=\(Value.number(share)) of \(count) examples leaves none to "
          + (end > 0 ? "validate on" : "train on"), "give more examples, or another share")
    }
    // What does not go together is told of the whole.
    _ = try TensorBatches(x: whole.x, y: whole.y, weights: whole.weights, batchSize: batchSize)
    func part(_ rows: Range<Int>, shuffle: Bool) throws -> TensorBatches {
      try TensorBatches(
        x: whole.x.rows(rows), y: whole.y.rows(rows), weights: try whole.weights?.rows(rows),
        batchSize: batchSize, shuffle: shuffle, seed: seed)
    }
    return (
      steps.limiting(try part(0..<end, shuffle: shuffle), continues: true),
      validationSteps.limiting(try part(end..<count, shuffle: false))
    )
  }

  /// What `validation` names: a dataset of batches, `[x, y]` or `[x, y, sample_weight]`; nil for none.
  func validationBatches(_ validation: ArgumentValue, _ steps: StepLimit) throws -> (
    any BatchSource
  )? {
    let name = validation.name
    switch validation.value {
    case .nothing: return nil
    case .object(let object as DatasetObject):
      return try datasetBatches(object, name, steps, continues: false) { _ in }
    case .list(let pair) where pair.count == 2 || pair.count == 3:
      let (x, y) = try Self.tensors(pair[0], pair[1], model, names: (name, name)) { _ in }
      return steps.limiting(
        try TensorBatches(
          x: x, y: y, weights: try Self.weights(pair.count > 2 ? pair[2] : .nothing, name),
          batchSize: batchSize))
    default:
      throw Failure(
        .type,
        "'validation' takes a dataset of batches, [x, y] or [x, y, sample_weight], not "
          + validation.value.kindPhrase, parameter: name)
    }
  }

  /// Examples and labels as numbers; labels may be words.
  static func tensors(
    _ x: Value, _ y: Value, _ model: Sequential, names: (String, String),
    _ tell: (String) -> Void = { _ in }
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

  private func tensors(_ tell: (String) -> Void) throws -> (x: Tensor, y: Tensor, weights: Tensor?) {
    guard !y.value.isNothing else {
      throw Failure(.value, "'y' is missing: the labels of the examples in 'x'", parameter: x.name)
    }
    let (x, y) = try Self.tensors(x.value, y.value, model, names: (x.name, y.name), tell)
    return (x, y, try weights.flatMap { try Self.weights($0.value, $0.name) })
  }

  private static func weights(_ value: Value, _ name: String) throws -> Tensor? {
    value.isNothing ? nil : try Conversions.tensor(value, name: name)
  }

  private func datasetBatches(
    _ object: DatasetObject, _ name: String, _ steps: StepLimit, continues: Bool,
    _ tell: (String) -> Void
  ) throws -> any BatchSource {
    let batches = try DatasetBatches(
      object, for: model, parameter: name, steps: steps.name, isLimited: steps.count != nil)
    if let news = try LabelEncoding.nameClasses(object.labels, of: model, name: name) { tell(news) }
    return steps.limiting(batches, continues: continues)
  }
}
