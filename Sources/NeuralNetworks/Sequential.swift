import Essentials
import Tensors

/// A network of layers, one after the other.
///
/// A model is a reference: `fit` changes the weights that everyone sees who holds it. It may be used
/// from several threads; one call at a time works on it, the others wait.
public final class Sequential: @unchecked Sendable {
  /// The layers, first to last.
  public let layers: [any Layer]
  /// Keras's name for it: `sequential`.
  public let name: String
  /// Decides fresh weights and dropout.
  public let seed: UInt64

  // Everything below is guarded by `lock`.
  let lock = RecursiveLock()
  var network: Network? { didSet { reportedMixedVersion = nil } }
  /// The weights whose mixed prediction was compared with float32's.
  var reportedMixedVersion: Int?
  var training: TrainingSettings?
  /// Whether what is compiled was looked at, since the shapes are known.
  var isSetupChecked = false
  private var names: [String]?
  var optimizerState: OptimizerState?
  var stepsTaken: UInt64 = 0
  /// Predictions with what training draws, each of which draws anew.
  var trainingPredictions: UInt64 = 0
  var executor: Executor?
  private var options = EngineOptions()

  /// How the engine makes its choices. Setting it forgets those that were made.
  public var engineOptions: EngineOptions {
    get { lock.with { options } }
    set {
      lock.with {
        options = newValue
        if let network { executor = Executor(layers: layers, network: network, options: newValue) }
      }
    }
  }

  /// A model of these layers. With `inputShape` (one example's shape, without the batch axis), or
  /// where the first layer states its own, it is built at once; otherwise the first data builds it.
  /// - Throws: a `shape` failure that names the layer which cannot take its input, a `value` failure
  ///   for no layers.
  public init(
    _ layers: [any Layer], inputShape: Shape? = nil, name: String = "sequential", seed: UInt64 = 0
  ) throws {
    guard !layers.isEmpty else {
      throw Failure(.value, "a model needs at least one layer", parameter: "layers")
    }
    self.layers = layers
    self.name = name
    self.seed = seed
    if let stated = inputShape ?? layers.first?.inputShape { try build(inputShape: stated) }
  }

  /// Keras's name of each layer: `conv2d`, `conv2d_1`, `flatten`, ….
  public var layerNames: [String] {
    var seen: [String: Int] = [:]
    return layers.map { layer in
      let base = type(of: layer).kerasName
      let count = seen[base, default: 0]
      seen[base] = count + 1
      return count == 0 ? base : "\(base)_\(count)"
    }
  }

  /// One example's shape, once the model is built.
  public var inputShape: Shape? { lock.with { network?.inputShape } }
  /// One example's output shape, once the model is built.
  public var outputShape: Shape? { lock.with { network?.outputShape } }
  /// Whether the shapes are known and the weights exist.
  public var isBuilt: Bool { lock.with { network != nil } }
  /// Whether `compile` has been called.
  public var isCompiled: Bool { lock.with { training != nil } }

  /// Makes the weights for examples of this shape; does nothing where that is done already.
  /// - Throws: a `shape` failure for another shape than the model was built for, or one that names
  ///   the layer which cannot take its input.
  public func build(inputShape: Shape) throws {
    try lock.with {
      if let network {
        guard network.inputShape == inputShape else {
          throw Failure(
            .shape,
            "the model takes examples of shape \(network.inputShape.shapeDescription), "
              + "but gets \(inputShape.shapeDescription)",
            parameter: "x")
        }
        return
      }
      let built = try Network(layers: layers, names: layerNames, inputShape: inputShape, seed: seed)
      network = built
      executor = Executor(layers: layers, network: built, options: options)
    }
  }

  /// Sets what training does. Forgets what an optimizer has gathered before.
  /// - Returns: what will be learnt badly this way, a sentence each, where the shapes are known; else `fit` tells.
  /// - Throws: a `value` failure for what cannot be learnt at all; a `value` failure for an optimizer's setting out of its range; a `state` failure where it is
  ///   called by what makes examples for this model's own prediction; `interrupt`.
  @discardableResult
  public func compile(optimizer: Optimizer = .adam(), loss: Loss, metrics: [Metric] = []) throws -> [String] {
    try optimizer.check()
    try loss.check()
    return try lock.withChanges("compile") {
      let settings = TrainingSettings(optimizer: optimizer, loss: loss, metrics: metrics)
      isSetupChecked = false
      let advice = try checkSetup(settings)
      training = settings
      optimizerState = nil
      return advice
    }
  }

  /// The names of the classes that the outputs score, in the order of class numbers; of one output, what 0
  /// and 1 mean. Nil where they have none.
  public var classNames: [String]? { lock.with { names } }

  /// Names the classes.
  /// - Throws: a `value` failure for fewer than two names, or one that is there twice; a `state` failure where
  ///   it is called by what makes examples for this model's own prediction; `interrupt`.
  public func nameClasses(_ classes: [String]) throws {
    guard classes.count >= 2 else {
      throw Failure(
        .value,
        "there \(classes.isEmpty ? "are no classes" : "is one class, '\(classes[0])'"), and a model tells "
          + "two or more from one another", parameter: "classes")
    }
    var seen: Set<String> = []
    for name in classes where !seen.insert(name).inserted {
      throw Failure(.value, "the class '\(name)' is named twice", parameter: "classes")
    }
    try lock.withChanges("classes") {
      if let network { try checkClassCount(classes.count, units: network.outputShape.last ?? 1) }
      names = classes
    }
  }

  /// - Throws: a `shape` failure where so many classes have not each an output.
  func checkClassCount(_ count: Int, units: Int) throws(Failure) {
    guard count != max(units, 2) else { return }
    throw Failure(
      .shape, "\(count) classes do not go with \(units) output\(units == 1 ? "" : "s")",
      hint: count == 2
        ? "write dense(1, activation=\"sigmoid\") or dense(2, activation=\"softmax\")"
        : "write dense(\(count), activation=\"softmax\")", parameter: "classes")
  }

  /// What the model consists of, as Keras tells it.
  public var summary: ModelSummary {
    lock.with {
      let names = layerNames
      let rows = layers.indices.map { index in
        ModelSummary.Row(
          name: names[index], layerClass: type(of: layers[index]).kerasClass,
          outputShape: network?.shapes[index + 1],
          parameterCount: network?.parameters.reduce(0) {
            $0 + ($1.layer == index ? $1.value.count : 0)
          } ?? 0)
      }
      func count(_ trainable: Bool) -> Int {
        network?.parameters.reduce(0) {
          $0 + ($1.description.isTrainable == trainable ? $1.value.count : 0)
        } ?? 0
      }
      return ModelSummary(
        name: name, rows: rows, trainableCount: count(true), nonTrainableCount: count(false))
    }
  }

  /// A copy of each array of weights, by its name in a weight file (`layers.0.kernel`), in order.
  public var weights: [(name: String, value: Tensor)] {
    lock.with { network?.parameters.map { ($0.fileName, $0.tensor) } ?? [] }
  }

  /// `weights`, for whoever may be called by what makes examples.
  /// - Throws: a `state` failure where the model is being trained on those; `interrupt`.
  public func readWeights() throws -> [(name: String, value: Tensor)] {
    try lock.withReading("weights") { weights }
  }

  /// What the engine chose for a step on batches of this size: a training step where the model is
  /// compiled, else a prediction. What was not measured yet is measured now.
  /// - Throws: a `state` failure where the model is not built.
  public func planReport(batchSize: Int = 32) throws -> PlanReport? {
    try lock.withReading("summary") {
      _ = try builtNetwork()
      let share = max(1, (batchSize + WorkerPool.threadCount - 1) / WorkerPool.threadCount)
      let purpose =
        training.map { PlanKey.Purpose.training(fusedLoss: self.isFused($0.loss)) }
        ?? .inference(keepsHead: false)
      return try readingExecutor?.report(for: purpose, count: share)
    }
  }

  /// What to predict with: to who makes examples for a prediction under way, one of its own.
  var readingExecutor: Executor? {
    guard lock.isServed, let network else { return executor }
    return Executor(layers: layers, network: network, options: options)
  }

  /// The built network.
  /// - Throws: a `state` failure where no shape is known yet.
  func builtNetwork() throws -> Network {
    guard let network else {
      throw Failure(
        .state, "the model has no weights yet, because its input shape is not known",
        hint: "give the first layer an input_shape, or fit the model")
    }
    return network
  }
}

/// What `compile` set.
struct TrainingSettings: Sendable, Equatable {
  var optimizer: Optimizer
  let loss: Loss
  let metrics: [Metric]
}
