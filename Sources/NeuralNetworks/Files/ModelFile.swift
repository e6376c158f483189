import Essentials
import Tensors

extension Sequential {
  /// Writes weights, architecture and compile settings into one `.safetensors` file.
  ///
  /// - Parameter includesOptimizer: whether to keep what the optimizer has gathered, so that training goes on
  ///   after loading as if nothing had been; else it begins with fresh moments.
  /// - Throws: a `state` failure for a model without weights, a `file` failure that names `path`.
  public func save(_ path: String, includesOptimizer: Bool = true) throws {
    try lock.withReading("save") { try fileContent(includesOptimizer: includesOptimizer).write(path) }
  }

  /// What `save` writes.
  func fileContent(includesOptimizer: Bool) throws -> SafeTensors {
    let network = try builtNetwork()
    let description = ModelDescription(
      name: name, seed: seed, inputShape: network.inputShape, layers: layers, training: training,
      classNames: classNames)
    var file = SafeTensors(metadata: [(ModelDescription.key, description.json.text)], tensors: weights)
    if includesOptimizer {
      let optimizer = OptimizerFile.content(of: optimizerState, network)
      file.metadata += optimizer.metadata + [(Self.stepsKey, String(stepsTaken))]
      file.tensors += optimizer.tensors
    }
    return file
  }

  /// The name of the number of steps, which dropout goes on from, among a file's metadata.
  private static let stepsKey = "capuchin.steps"

  /// Reads a model that `save` wrote.
  /// - Throws: a `file` or `format` failure that names the file and what is wrong with it.
  public static func load(_ path: String) throws -> Sequential {
    let file = try SafeTensors(reading: path)
    guard let text = file.metadata.first(where: { $0.name == ModelDescription.key })?.value else {
      throw Failure(
        .format, "'\(path)' has weights, but no description of a model",
        hint: "build the model and use load_weights")
    }
    let model: Sequential
    do {
      let description = try ModelDescription(json: JSON(parsing: Array(text.utf8)))
      model = try Sequential(
        description.layers, inputShape: description.inputShape, name: description.name,
        seed: description.seed)
      if let names = description.classNames { try model.nameClasses(names) }
      if let training = description.training {
        try model.compile(
          optimizer: training.optimizer, loss: training.loss, metrics: training.metrics)
      }
    } catch let failure as Failure {
      throw Failure(
        .format, "the model described in '\(path)' cannot be made: \(failure.message)", hint: failure.hint)
    }
    try model.takeWeights(file, from: path)
    if let settings = model.training {
      let network = try model.builtNetwork()
      let state = try OptimizerState(
        settings.optimizer, parameters: network.parameters, kernels: model.engineOptions.kernels)
      if try OptimizerFile.restore(file, path: path, into: state, network) { model.optimizerState = state }
    }
    model.stepsTaken = file.metadata.first { $0.name == stepsKey }.flatMap { UInt64($0.value) } ?? 0
    return model
  }

  /// Writes the weights alone, as `layers.N.kernel` and so on, in Keras's layouts.
  /// - Throws: a `state` failure for a model without weights, a `file` failure that names `path`.
  public func saveWeights(_ path: String) throws {
    try lock.withReading("save_weights") {
      _ = try builtNetwork()
      try SafeTensors(metadata: [], tensors: weights).write(path)
    }
  }

  /// Takes the weights from a file whose names and shapes are exactly the model's.
  /// - Throws: a `file` or `format` failure; a `shape` failure that names each array that differs; a
  ///   `state` failure where the model's input shape is not known yet, or where it is called by what makes
  ///   examples for this model's own prediction; `interrupt`.
  public func loadWeights(_ path: String) throws {
    try lock.withChanges("load_weights") {
      _ = try builtNetwork()
      try takeWeights(SafeTensors(reading: path), from: path)
    }
  }

  /// Sets all weights, in the order of `weights`.
  /// - Throws: a `shape` failure where counts or shapes differ from the model's; a `state` failure where it is
  ///   called by what makes examples for this model's own prediction; `interrupt`.
  public func setWeights(_ tensors: [Tensor]) throws {
    try lock.withChanges("setWeights") {
      let network = try builtNetwork()
      guard tensors.count == network.parameters.count else {
        throw Failure(
          .shape,
          "the model has \(network.parameters.count) arrays of weights, but \(tensors.count) are given")
      }
      for (parameter, tensor) in zip(network.parameters, tensors)
      where parameter.description.shape != tensor.shape {
        throw Failure(
          .shape,
          "\(parameter.fileName) has the shape \(parameter.description.shape.shapeDescription), but "
            + "\(tensor.shape.shapeDescription) is given")
      }
      for (parameter, tensor) in zip(network.parameters, tensors) { parameter.assign(tensor) }
      network.weightsChanged()
    }
  }

  /// Takes the weights, and leaves what else a model file keeps.
  func takeWeights(_ file: SafeTensors, from path: String) throws {
    let network = try builtNetwork()
    var differences: [String] = []
    for parameter in network.parameters {
      guard let tensor = file[parameter.fileName] else {
        differences.append("\(parameter.fileName) is missing")
        continue
      }
      if tensor.shape != parameter.description.shape {
        differences.append(
          "\(parameter.fileName) is \(tensor.shape.shapeDescription) instead of "
            + parameter.description.shape.shapeDescription)
      }
    }
    let known = Set(network.parameters.map(\.fileName))
    for (name, _) in file.tensors
    where !known.contains(name) && !name.hasPrefix(OptimizerFile.prefix)
      && !name.hasPrefix(TrainingBackup.prefix)
    {
      differences.append("\(name) belongs to no layer of the model")
    }
    guard differences.isEmpty else {
      let shown = differences.prefix(4).joined(separator: "; ")
      let rest = differences.count > 4 ? "; and \(differences.count - 4) more" : ""
      throw Failure(.shape, "the weights in '\(path)' do not fit the model: \(shown)\(rest)")
    }
    for parameter in network.parameters {
      if let tensor = file[parameter.fileName] { parameter.assign(tensor) }
    }
    network.weightsChanged()
  }
}
