import Essentials
import NeuralNetworks
import Tensors

/// The engine's network of a description.
struct EngineNetwork {
  let model: Sequential
  let loss: Loss
  let optimizer: Optimizer

  /// Every kind of layer that a model file may hold.
  static let kinds: [any Layer.Type] = LayerKinds.all

  init(_ description: NetworkDescription) throws {
    let layers = try description.layers.map(Self.layer)
    model = try Sequential(layers, inputShape: description.input, seed: UInt64(description.seed))
    let choice: EngineOptions.Choice =
      switch description.choice {
      case "rule": .rule
      case "measured": .measured
      case "varied": .varied(UInt64(description.seed))
      default: try .only(Self.word(description.choice))
      }
    let kernels: FusedKernels =
      switch description.kernels {
      case "best": .best
      case "off": .off
      default: .only(try Self.word(description.kernels))
      }
    model.engineOptions = EngineOptions(choice: choice, cachePath: nil, kernels: kernels)
    loss = try Self.loss(description.loss)
    optimizer = try Self.optimizer(description.optimizer)
    try model.compile(optimizer: optimizer, loss: loss)
  }

  /// The plain layers that the engine has too.
  static let shared: [any PlainLayer.Type] = PlainLayers.kinds.filter { plain in
    kinds.contains { $0.kind == plain.kind }
  }

  /// Whether the engine's convolutions have dilation, groups and leave out a bias: they came with `conv1d`.
  static let hasOptions = kinds.contains { $0.kind == "conv1d" }

  /// Whether the engine's loss has the regularizers' part.
  static let regularizes = true

  /// The optimizers that the engine has too.
  static let optimizers = PlainOptimizer.names

  /// The functions that the engine has too.
  static let functions = PlainFunction.names.filter { Activation(rawValue: $0) != nil }

  static func layer(_ item: Item) throws -> any Layer {
    guard let type = kinds.first(where: { $0.kind == item.name }) else {
      throw Malformed("the engine has no layer '\(item.name)'")
    }
    return try type.init(settings: settings(item))
  }

  private static func settings(_ item: Item) -> LayerSettings {
    var settings = LayerSettings()
    for (name, setting) in item.settings {
      settings[name] =
        switch setting {
        case .number(let value): .number(value)
        case .word(let word): .word(word)
        case .integers(let list): .integers(list)
        case .flag(let flag): .flag(flag)
        case .item(let item): .group(Self.settings(item))
        }
    }
    return settings
  }

  private static func loss(_ item: Item) throws -> Loss {
    func number(_ name: String) throws -> Double { try item.number(name) }
    func flag(_ name: String) throws -> Bool { try item.flag(name) }
    return switch item.name {
    case "binary_crossentropy":
      try .binaryCrossentropy(
        fromLogits: flag("from_logits"), labelSmoothing: number("label_smoothing"))
    case "categorical_crossentropy":
      try .categoricalCrossentropy(
        fromLogits: flag("from_logits"), labelSmoothing: number("label_smoothing"))
    case "sparse_categorical_crossentropy":
      try .sparseCategoricalCrossentropy(fromLogits: flag("from_logits"))
    case "binary_focal_crossentropy":
      try .binaryFocalCrossentropy(
        appliesClassBalancing: flag("apply_class_balancing"), alpha: number("alpha"),
        gamma: number("gamma"), fromLogits: flag("from_logits"), labelSmoothing: number("label_smoothing"))
    case "categorical_focal_crossentropy":
      try .categoricalFocalCrossentropy(
        alpha: number("alpha"), gamma: number("gamma"), fromLogits: flag("from_logits"),
        labelSmoothing: number("label_smoothing"))
    case "huber": try .huber(delta: number("delta"))
    default: try named(item.name)
    }
  }

  private static func named(_ name: String) throws -> Loss {
    guard let loss = Loss(rawValue: name) else { throw Malformed("the engine has no loss '\(name)'") }
    return loss
  }

  private static func optimizer(_ item: Item) throws -> Optimizer {
    let rate = LearningRate.constant(try item.number("learning_rate"))
    let decay = try item.number("weight_decay")
    func number(_ name: String) throws -> Double { try item.number(name) }
    let clipping: Optimizer.Clipping? =
      if let limit = try? item.number("clipnorm") {
        .norm(limit)
      } else if let limit = try? item.number("global_clipnorm") {
        .globalNorm(limit)
      } else if let limit = try? item.number("clipvalue") { .value(limit) } else { nil }
    switch item.name {
    case "sgd":
      return .sgd(
        learningRate: rate, momentum: try number("momentum"), nesterov: try item.flag("nesterov"),
        weightDecay: decay, clipping: clipping)
    case "rmsprop":
      return .rmsprop(
        learningRate: rate, rho: try number("rho"), momentum: try number("momentum"),
        epsilon: try number("epsilon"), centered: try item.flag("centered"), weightDecay: decay,
        clipping: clipping)
    case "adagrad":
      return .adagrad(
        learningRate: rate, initialAccumulator: try number("initial_accumulator_value"),
        epsilon: try number("epsilon"), weightDecay: decay, clipping: clipping)
    case "adam", "adamw", "nadam":
      let (beta1, beta2, epsilon) = (try number("beta_1"), try number("beta_2"), try number("epsilon"))
      if item.name == "adam" {
        return .adam(
          learningRate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: decay,
          clipping: clipping)
      }
      if item.name == "adamw" {
        return .adamw(
          learningRate: rate, weightDecay: decay, beta1: beta1, beta2: beta2, epsilon: epsilon,
          clipping: clipping)
      }
      return .nadam(
        learningRate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: decay,
        clipping: clipping)
    default: throw Malformed("the engine has no optimizer '\(item.name)'")
    }
  }

  private static func word<Choice: RawRepresentable>(
    _ word: String
  ) throws -> Choice where Choice.RawValue == String {
    guard let choice = Choice(rawValue: word) else { throw Malformed("the engine has no '\(word)'") }
    return choice
  }
}

extension Field {
  init(_ tensor: Tensor) { self.init(tensor.shape, tensor.elements.map(Double.init)) }

  var tensor: Tensor {
    get throws { try Tensor(shape: shape, elements: values.map { Float($0) }) }
  }

  /// The nearest numbers of single precision.
  var rounded: Field { map { Double(Float($0)) } }
}
