import Essentials
import Tensors

/// A layer that zeroes a part of what flows through, or makes as much noise, in training only.
public protocol RateLayer: Layer {
  /// How much, from 0 up to but not including 1.
  var rate: Double { get }
  /// - Throws: a `value` failure for a rate that is not from 0 up to but not including 1.
  init(rate: Double, inputShape: Shape?) throws(Failure)
}

extension RateLayer {
  fileprivate static func checked(_ rate: Double) throws(Failure) -> Double {
    guard rate >= 0, rate < 1 else {
      throw Failure(.value, "rate is \(rate); it is at least 0 and less than 1", parameter: "rate")
    }
    return rate
  }

  /// The shape of one output example: the input's.
  public func outputShape(for input: Shape) throws(Failure) -> Shape { input }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = LayerSettings()
    settings["rate"] = .number(rate)
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    try self.init(rate: settings.number("rate"), inputShape: settings.shape("input_shape"))
  }
}

/// Zeroes a random part of its inputs in training and divides the rest by what is kept, so that
/// inference passes everything through unchanged.
///
/// The zeros of an example depend on the model's seed, the step, the layer and the example's place
/// in the batch, never on threads.
public struct Dropout: RateLayer {
  /// The name in scripts and files.
  public static let kind = "dropout"
  /// The class in a Keras summary.
  public static let kerasClass = "Dropout"
  /// Keras's name for the first one in a model.
  public static let kerasName = "dropout"

  /// The part that is zeroed, from 0 up to but not including 1.
  public let rate: Double
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// - Throws: a `value` failure for a rate that is not from 0 up to but not including 1.
  public init(rate: Double, inputShape: Shape? = nil) throws(Failure) {
    self.rate = try Self.checked(rate)
    self.inputShape = inputShape
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

/// Zeroes whole channels of pictures at random, in training only (Tompson and others, 2015).
public struct SpatialDropout2D: RateLayer, CompilableLayer {
  /// The name in scripts and files.
  public static let kind = "spatial_dropout2d"
  /// The class in a Keras summary.
  public static let kerasClass = "SpatialDropout2D"
  /// Keras's name for the first one in a model.
  public static let kerasName = "spatial_dropout2d"

  /// The part of the channels that is zeroed, from 0 up to but not including 1.
  public let rate: Double
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// - Throws: a `value` failure for a rate that is not from 0 up to but not including 1.
  public init(rate: Double, inputShape: Shape? = nil) throws(Failure) {
    self.rate = try Self.checked(rate)
    self.inputShape = inputShape
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    guard input.count == 3 else {
      throw Failure(.shape, "it takes (height, width, channels), but gets \(input.shapeDescription)")
    }
    return input
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }

  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    guard builder.isTraining, rate > 0 else { return flow }
    return try RandomOperation.append(
      to: builder, index: index, flow: flow, .channels(rate: rate))
  }
}

/// Zeroes whole channels of sequences at random, in training only (Tompson and others, 2015).
public struct SpatialDropout1D: RateLayer, CompilableLayer {
  /// The name in scripts and files.
  public static let kind = "spatial_dropout1d"
  /// The class in a Keras summary.
  public static let kerasClass = "SpatialDropout1D"
  /// Keras's name for the first one in a model.
  public static let kerasName = "spatial_dropout1d"

  /// The part of the channels that is zeroed, from 0 up to but not including 1.
  public let rate: Double
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// - Throws: a `value` failure for a rate that is not from 0 up to but not including 1.
  public init(rate: Double, inputShape: Shape? = nil) throws(Failure) {
    self.rate = try Self.checked(rate)
    self.inputShape = inputShape
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    guard input.count == 2 else {
      throw Failure(.shape, "it takes (steps, channels), but gets \(input.shapeDescription)")
    }
    return input
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }

  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    guard builder.isTraining, rate > 0 else { return flow }
    return try RandomOperation.append(
      to: builder, index: index, flow: flow, .channels(rate: rate))
  }
}

/// Adds normally distributed noise to each number, in training only.
public struct GaussianNoise: Layer {
  /// The name in scripts and files.
  public static let kind = "gaussian_noise"
  /// The class in a Keras summary.
  public static let kerasClass = "GaussianNoise"
  /// Keras's name for the first one in a model.
  public static let kerasName = "gaussian_noise"

  /// The standard deviation of the noise.
  public let stddev: Double
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// - Throws: a `value` failure for a stddev that is negative or no number.
  public init(stddev: Double, inputShape: Shape? = nil) throws(Failure) {
    guard stddev >= 0, stddev.isFinite else {
      throw Failure(
        .value, "stddev is \(stddev); it is 0 or more", parameter: "stddev")
    }
    self.stddev = stddev
    self.inputShape = inputShape
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    input
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = LayerSettings()
    settings["stddev"] = .number(stddev)
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    try self.init(stddev: settings.number("stddev"), inputShape: settings.shape("input_shape"))
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension GaussianNoise: CompilableLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    guard builder.isTraining, stddev > 0 else { return flow }
    return try RandomOperation.append(to: builder, index: index, flow: flow, .sum(deviation: stddev))
  }
}

/// Multiplies each number by a normally distributed one around 1, of deviation √(rate / (1 − rate)), in training only
/// (Srivastava and others, 2014).
public struct GaussianDropout: RateLayer, CompilableLayer {
  /// The name in scripts and files.
  public static let kind = "gaussian_dropout"
  /// The class in a Keras summary.
  public static let kerasClass = "GaussianDropout"
  /// Keras's name for the first one in a model.
  public static let kerasName = "gaussian_dropout"

  /// What a dropout of as much noise would zero, from 0 up to but not including 1.
  public let rate: Double
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// - Throws: a `value` failure for a rate that is not from 0 up to but not including 1.
  public init(rate: Double, inputShape: Shape? = nil) throws(Failure) {
    self.rate = try Self.checked(rate)
    self.inputShape = inputShape
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }

  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    guard builder.isTraining, rate > 0 else { return flow }
    return try RandomOperation.append(
      to: builder, index: index, flow: flow, .product(deviation: (rate / (1 - rate)).squareRoot()))
  }
}
