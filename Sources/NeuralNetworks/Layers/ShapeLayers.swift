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

extension Flatten: CompilableLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    let elements = flow.shape.reduce(1, *)
    return try builder.plain(flow, dims: [builder.count, elements], shape: [elements])
  }
}
