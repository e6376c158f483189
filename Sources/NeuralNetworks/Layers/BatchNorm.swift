import Essentials
import Tensors

/// Batch normalisation over the last axis (Ioffe and Szegedy, 2015), as Keras does it.
///
/// (…, channels) → the same; gamma, beta, moving_mean and moving_variance of (channels,). Training
/// normalises by the mean and variance of the whole batch and moves the moving ones towards them;
/// inference normalises by the moving ones.
public struct BatchNorm: Layer {
  /// The name in scripts and files.
  public static let kind = "batch_norm"
  /// The class in a Keras summary.
  public static let kerasClass = "BatchNormalization"
  /// Keras's name for the first one in a model.
  public static let kerasName = "batch_normalization"

  /// How much of the moving statistics stays at each step.
  public let momentum: Double
  /// Added to the variance.
  public let epsilon: Double
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// Keras's `momentum` 0.99 and `epsilon` 0.001 unless given.
  /// - Throws: a `value` failure for a momentum outside 0 ... 1 or an epsilon that is not positive.
  public init(
    momentum: Double = 0.99, epsilon: Double = 1e-3, inputShape: Shape? = nil
  ) throws(Failure) {
    guard (0...1).contains(momentum) else {
      throw Failure(.value, "momentum is \(momentum); it is from 0 to 1", parameter: "momentum")
    }
    guard epsilon > 0, epsilon.isFinite else {
      throw Failure(.value, "epsilon is \(epsilon); it is positive", parameter: "epsilon")
    }
    self.momentum = momentum
    self.epsilon = epsilon
    self.inputShape = inputShape
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    guard (1...4).contains(input.count) else {
      throw Failure(.shape, "it takes 1 to 4 axes, but gets \(input.shapeDescription)")
    }
    return input
  }

  /// The weights for this input shape.
  public func parameters(for input: Shape) throws(Failure) -> [LayerParameter] {
    let channels = [try outputShape(for: input)[input.count - 1]]
    return [
      LayerParameter(name: "gamma", shape: channels, initializer: .ones),
      LayerParameter(name: "beta", shape: channels, initializer: .zeros),
      LayerParameter(name: "moving_mean", shape: channels, initializer: .zeros, isTrainable: false),
      LayerParameter(name: "moving_variance", shape: channels, initializer: .ones, isTrainable: false),
    ]
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = LayerSettings()
    settings["momentum"] = .number(momentum)
    settings["epsilon"] = .number(epsilon)
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    try self.init(
      momentum: settings.number("momentum"), epsilon: settings.number("epsilon"),
      inputShape: settings.shape("input_shape"))
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}
