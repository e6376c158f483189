import Essentials
import Glibc
import Tensors

/// Everything that a training needs to go on with the same bits: weights, moments, steps, learning rate, epoch,
/// history, and what callbacks remember.
///
/// It is a model file with more in it: `load_model` reads it too.
struct TrainingBackup {
  let path: String

  static let key = "capuchin.training"
  static let prefix = "callbacks."

  /// Where a training stood.
  struct Place {
    /// Whole epochs.
    var epochs: Int
    var history: History
    var stepsTaken: UInt64
    var dataSeed: UInt64?
    /// Whether it ended by itself.
    var isFinished: Bool
    /// One for each callback that is at work.
    var callbacks: [CallbackState?]
  }

  var exists: Bool { access(path, F_OK) == 0 }

  func remove() { unlink(path) }

  // MARK: Writing

  /// - Throws: a `file` failure that names the file; it is the old one then.
  func write(_ place: Place, of model: Sequential) throws {
    var file = try model.fileContent(includesOptimizer: true)
    var states: [JSON] = []
    for (index, state) in place.callbacks.enumerated() {
      states.append(
        .object((state?.numbers ?? []).map { ($0.name, $0.value.map { .string("\($0)") } ?? .null) }))
      let names = model.weights.map(\.name)
      for (name, tensor) in zip(names, state?.weights ?? []) {
        file.tensors.append(("\(Self.prefix)\(index).\(name)", tensor))
      }
    }
    let json = JSON.object([
      ("epochs", .number(Double(place.epochs))), ("steps_taken", .string(String(place.stepsTaken))),
      ("data_seed", place.dataSeed.map { .string(String($0)) } ?? .null),
      ("finished", .bool(place.isFinished)),
      ("seconds", Self.numbers(place.history.epochSeconds)),
      ("history", .object(place.history.columns.map { ($0.name, Self.numbers($0.values)) })),
      ("callbacks", .array(states)),
    ])
    file.metadata.append((Self.key, json.text))
    try file.write(path)
  }

  // As words: JSON has no NaN.
  private static func numbers(_ values: [Double]) -> JSON { .array(values.map { .string("\($0)") }) }

  private static func numbers(_ json: JSON?) -> [Double]? {
    guard let items = json?.array else { return nil }
    let values = items.compactMap { $0.string.flatMap(Double.init) }
    return values.count == items.count ? values : nil
  }

  // MARK: Reading

  /// Brings a model to where the training of the file stood.
  /// - Throws: a `file` or `format` failure for a broken file; a `value` failure where it is that of another
  ///   training.
  func restore(_ model: Sequential, callbackCount: Int) throws -> Place {
    let file = try SafeTensors(reading: path)
    func text(_ key: String) -> String? { file.metadata.first { $0.name == key }?.value }
    guard let trainingText = text(Self.key), let modelText = text(ModelDescription.key) else {
      throw Failure(
        .format, "'\(path)' is no backup of a training", hint: "give backup_and_restore a path of its own",
        parameter: "path")
    }
    func other(_ what: String) -> Failure {
      Failure(
        .value, "'\(path)' is the backup of another training: \(what)",
        hint: "remove the file to begin anew, or give another path", parameter: "path")
    }
    let description = try ModelDescription(json: JSON(parsing: Array(modelText.utf8)))
    guard description.seed == model.seed else {
      throw other("its model was made with another seed, so dropout would differ (is --seed the same?)")
    }
    try model.build(inputShape: description.inputShape)
    let settings = try model.compiledSettings("fit")
    guard let old = description.training, old.loss == settings.loss,
      old.optimizer.jsonMembers.filter({ $0.name != "learning_rate" }).map(\.value)
        == settings.optimizer.jsonMembers.filter({ $0.name != "learning_rate" }).map(\.value)
    else {
      throw other(
        "it has \(description.training.map { "\($0.optimizer.summary) and \($0.loss.rawValue)" } ?? "no compile"), "
          + "this one \(settings.optimizer.summary) and \(settings.loss.rawValue)")
    }
    let json = try JSON(parsing: Array(trainingText.utf8))
    guard let epochs = json["epochs"]?.integer, epochs >= 0,
      let steps = json["steps_taken"]?.string.flatMap({ UInt64($0) }),
      let seconds = Self.numbers(json["seconds"]), let history = json["history"]?.members,
      let callbacks = json["callbacks"]?.array
    else { throw Failure(.format, "the backup '\(path)' is broken") }
    let columns = history.map { ($0.name, Self.numbers($0.value) ?? []) }
    guard seconds.count == epochs, columns.allSatisfy({ $0.1.count == epochs }) else {
      throw Failure(.format, "the history in the backup '\(path)' has not \(epochs) epochs")
    }
    guard callbacks.count == callbackCount else {
      throw other("it has \(callbacks.count) callbacks, this one \(callbackCount)")
    }
    let network = try model.builtNetwork()
    let state = try OptimizerState(
      settings.optimizer, parameters: network.parameters, kernels: model.engineOptions.kernels)
    guard try OptimizerFile.restore(file, path: path, into: state, network) else {
      throw Failure(.format, "the backup '\(path)' has no optimizer")
    }
    try model.takeWeights(file, from: path)
    model.optimizerState = state
    model.stepsTaken = steps
    // What a callback had set. A schedule goes on by the optimizer's steps.
    if old.optimizer.learningRate.isConstant, settings.optimizer.learningRate.isConstant {
      model.training?.optimizer.learningRate = old.optimizer.learningRate
    } else if old.optimizer.learningRate != settings.optimizer.learningRate {
      throw other(
        "its learning rate was \(old.optimizer.learningRate.summary), this one's is "
          + settings.optimizer.learningRate.summary)
    }
    var states: [CallbackState?] = []
    for (index, item) in callbacks.enumerated() {
      let weights = network.parameters.compactMap { parameter in
        file["\(Self.prefix)\(index).\(parameter.fileName)"].flatMap {
          $0.shape == parameter.description.shape ? $0 : nil
        }
      }
      states.append(
        CallbackState(
          numbers: (item.members ?? []).map { ($0.name, $0.value.string.flatMap(Double.init)) },
          weights: weights.count == network.parameters.count ? weights : nil))
    }
    return Place(
      epochs: epochs,
      history: History(columns: columns, epochSeconds: seconds),
      stepsTaken: steps, dataSeed: json["data_seed"]?.string.flatMap { UInt64($0) },
      isFinished: json["finished"] == .bool(true), callbacks: states)
  }
}
