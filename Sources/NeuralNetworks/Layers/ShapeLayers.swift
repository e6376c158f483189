import Essentials
import Tensors

/// All axes of an example as one, row-major with channels last, as Keras flattens.
public struct Flatten: Layer {
  /// The name in scripts and files.
  public static let kind = "flatten"
  /// The class in a Keras summary.
  public static let kerasClass = "Flatten"
  /// Keras's name for the first one in a model.
  public static let kerasName = "flatten"

  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// Any shape → (elements,).
  public init(inputShape: Shape? = nil) { self.inputShape = inputShape }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    [try input.checkedElementCount()]
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = LayerSettings()
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    inputShape = try settings.shape("input_shape")
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

/// Zeroes a random part of its inputs in training and divides the rest by what is kept, so that
/// inference passes everything through unchanged.
///
/// The zeros of an example depend on the model's seed, the step, the layer and the example's place
/// in the batch, never on threads.
public struct Dropout: Layer {
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

  /// - Throws: a `value` failure for a rate outside 0 ..< 1.
  public init(rate: Double, inputShape: Shape? = nil) throws(Failure) {
    guard rate >= 0, rate < 1 else {
      throw Failure(.value, "rate is \(rate); it is at least 0 and less than 1", parameter: "rate")
    }
    self.rate = rate
    self.inputShape = inputShape
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
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

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension Flatten: CompilableLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    let elements = flow.shape.reduce(1, *)
    return try builder.plain(flow, dims: [builder.count, elements], shape: [elements])
  }
}
