import Essentials
import Tensors

/// A matrix product over the last axis. (…, inputs) → (…, units); kernel (inputs, units), bias (units,).
public struct Dense: FoldingLayer {
  /// The name in scripts and files.
  public static let kind = "dense"
  /// The class in a Keras summary.
  public static let kerasClass = "Dense"
  /// Keras's name for the first one in a model.
  public static let kerasName = "dense"

  /// Outputs.
  public let units: Int
  /// The function on the outputs.
  public internal(set) var activation: Activation
  /// Whether a number is added to each unit's sum.
  public let useBias: Bool
  /// What training adds to the loss for the kernel.
  public let kernelRegularizer: Regularizer?
  /// What training adds to the loss for the bias.
  public let biasRegularizer: Regularizer?
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// A dense layer; with a bias and no activation unless given.
  /// - Throws: a `value` failure where `units` is not positive.
  public init(
    units: Int, activation: Activation = .linear, useBias: Bool = true, kernelRegularizer: Regularizer? = nil,
    biasRegularizer: Regularizer? = nil, inputShape: Shape? = nil
  ) throws(Failure) {
    guard (1...(1 << 28)).contains(units) else {
      throw Failure(.value, "units is \(units); it is from 1 to \(1 << 28)", parameter: "units")
    }
    self.units = units
    self.activation = activation
    self.useBias = useBias
    self.kernelRegularizer = kernelRegularizer
    self.biasRegularizer = biasRegularizer
    self.inputShape = inputShape
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    guard !input.isEmpty else {
      throw Failure(
        .shape, "it takes vectors, but gets single numbers", hint: "add an axis with expand_dims(x, -1)")
    }
    return input.dropLast() + [units]
  }

  /// The weights for this input shape.
  public func parameters(for input: Shape) throws(Failure) -> [LayerParameter] {
    _ = try outputShape(for: input)
    let inputs = input[input.count - 1]
    _ = try [inputs, units].checkedElementCount()
    return [
      LayerParameter(
        name: "kernel", shape: [inputs, units],
        initializer: .glorotUniform(fanIn: inputs, fanOut: units), regularizer: kernelRegularizer)
    ]
      + (useBias
        ? [LayerParameter(name: "bias", shape: [units], initializer: .zeros, regularizer: biasRegularizer)]
        : [])
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = LayerSettings()
    settings["units"] = .number(Double(units))
    settings["activation"] = .word(activation.rawValue)
    settings["use_bias"] = .flag(useBias)
    settings.set("kernel_regularizer", kernelRegularizer)
    settings.set("bias_regularizer", biasRegularizer)
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    try self.init(
      units: settings.integer("units"), activation: settings.word("activation"),
      useBias: settings.flag("use_bias", default: true),
      kernelRegularizer: settings.regularizer("kernel_regularizer"),
      biasRegularizer: settings.regularizer("bias_regularizer"), inputShape: settings.shape("input_shape"))
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}
