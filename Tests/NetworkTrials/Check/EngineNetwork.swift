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
    guard let loss = Loss(rawValue: description.loss.name) else {
      throw Malformed("the engine has no loss '\(description.loss.name)'")
    }
    self.loss = loss
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
  static let optimizers = ["sgd", "adam"]

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

  private static func optimizer(_ item: Item) throws -> Optimizer {
    switch item.name {
    case "sgd":
      .sgd(
        learningRate: .constant(try item.number("learning_rate")), momentum: try item.number("momentum"),
        nesterov: try item.flag("nesterov"))
    case "adam":
      .adam(
        learningRate: .constant(try item.number("learning_rate")), beta1: try item.number("beta_1"),
        beta2: try item.number("beta_2"), epsilon: try item.number("epsilon"))
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
