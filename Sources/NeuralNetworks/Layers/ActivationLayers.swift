import Essentials
import Tensors

/// An activation as a layer of its own.
public struct ActivationLayer: Layer {
  /// The name in scripts and files.
  public static let kind = "activation"
  /// The class in a Keras summary.
  public static let kerasClass = "Activation"
  /// Keras's name for the first one in a model.
  public static let kerasName = "activation"

  /// The function.
  public let activation: Activation
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// Any shape → the same.
  public init(_ activation: Activation, inputShape: Shape? = nil) {
    self.activation = activation
    self.inputShape = inputShape
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    guard !activation.isVectorial || !input.isEmpty else {
      throw Failure(.shape, "\(activation.rawValue) takes vectors, but gets single numbers")
    }
    return input
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = LayerSettings()
    settings["activation"] = .word(activation.rawValue)
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    self.init(try settings.word("activation"), inputShape: try settings.shape("input_shape"))
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension ActivationLayer: ActivatedLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    try ActivationOperation.append(to: builder, flow: flow, activation, hasGradient: hasGradient)
  }
}

/// A layer that puts a function with settings on each number. Any shape → the same.
protocol FunctionLayer: CompilableLayer {
  var function: ElementFunction { get }
}

extension FunctionLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    try ActivationOperation.append(to: builder, flow: flow, function)
  }
}

/// x, or `negativeSlope` · x below 0 (Maas and others, 2013).
public struct LeakyReLU: Layer {
  /// The name in scripts and files.
  public static let kind = "leaky_relu"
  /// The class in a Keras summary.
  public static let kerasClass = "LeakyReLU"
  /// Keras's name for the first one in a model.
  public static let kerasName = "leaky_re_lu"

  /// The slope below 0.
  public let negativeSlope: Double
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// Keras's slope of 0.3 unless given.
  /// - Throws: a `value` failure for a slope that is negative or no number.
  public init(negativeSlope: Double = 0.3, inputShape: Shape? = nil) throws(Failure) {
    guard negativeSlope >= 0, negativeSlope.isFinite else {
      throw Failure(
        .value, "negative_slope is \(negativeSlope); it is 0 or more", parameter: "negative_slope")
    }
    self.negativeSlope = negativeSlope
    self.inputShape = inputShape
  }

  /// The shape of one output example: the input's.
  public func outputShape(for input: Shape) throws(Failure) -> Shape { input }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = LayerSettings()
    settings["negative_slope"] = .number(negativeSlope)
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    try self.init(
      negativeSlope: settings.number("negative_slope"), inputShape: settings.shape("input_shape"))
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension LeakyReLU: FunctionLayer {
  var function: ElementFunction { .relu(slope: Float(negativeSlope)) }
}

/// x, or `alpha` · (exp(x) − 1) below 0 (Clevert and others, 2015).
public struct ELU: Layer {
  /// The name in scripts and files.
  public static let kind = "elu"
  /// The class in a Keras summary.
  public static let kerasClass = "ELU"
  /// Keras's name for the first one in a model.
  public static let kerasName = "elu"

  /// What is reached far below 0, negated.
  public let alpha: Double
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// Keras's alpha of 1 unless given.
  /// - Throws: a `value` failure for an alpha that is negative or no number.
  public init(alpha: Double = 1, inputShape: Shape? = nil) throws(Failure) {
    guard alpha >= 0, alpha.isFinite else {
      throw Failure(.value, "alpha is \(alpha); it is 0 or more", parameter: "alpha")
    }
    self.alpha = alpha
    self.inputShape = inputShape
  }

  /// The shape of one output example: the input's.
  public func outputShape(for input: Shape) throws(Failure) -> Shape { input }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = LayerSettings()
    settings["alpha"] = .number(alpha)
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    try self.init(alpha: settings.number("alpha"), inputShape: settings.shape("input_shape"))
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension ELU: FunctionLayer {
  var function: ElementFunction { .elu(alpha: Float(alpha)) }
}

/// min(x, `maxValue`) from `threshold` on; `negativeSlope` · (x − `threshold`) below.
public struct ReLU: Layer {
  /// The name in scripts and files.
  public static let kind = "re_lu"
  /// The class in a Keras summary.
  public static let kerasClass = "ReLU"
  /// Keras's name for the first one in a model.
  public static let kerasName = "re_lu"

  /// The largest result; infinity for none.
  public let maxValue: Double
  /// The slope below the threshold.
  public let negativeSlope: Double
  /// Where x begins to pass.
  public let threshold: Double
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// max(x, 0) unless given.
  /// - Throws: a `value` failure for a number that is negative or none.
  public init(
    maxValue: Double = .infinity, negativeSlope: Double = 0, threshold: Double = 0, inputShape: Shape? = nil
  ) throws(Failure) {
    for (name, value) in [
      ("max_value", maxValue), ("negative_slope", negativeSlope), ("threshold", threshold),
    ] where !(value >= 0 && (value.isFinite || name == "max_value")) {
      throw Failure(.value, "\(name) is \(value); it is 0 or more", parameter: name)
    }
    self.maxValue = maxValue
    self.negativeSlope = negativeSlope
    self.threshold = threshold
    self.inputShape = inputShape
  }

  /// The shape of one output example: the input's.
  public func outputShape(for input: Shape) throws(Failure) -> Shape { input }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = LayerSettings()
    if maxValue.isFinite { settings["max_value"] = .number(maxValue) }
    settings["negative_slope"] = .number(negativeSlope)
    settings["threshold"] = .number(threshold)
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    try self.init(
      maxValue: settings.number("max_value", default: .infinity),
      negativeSlope: settings.number("negative_slope"), threshold: settings.number("threshold"),
      inputShape: settings.shape("input_shape"))
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension ReLU: FunctionLayer {
  var function: ElementFunction {
    .relu(slope: Float(negativeSlope), limit: Float(maxValue), threshold: Float(threshold))
  }
}
