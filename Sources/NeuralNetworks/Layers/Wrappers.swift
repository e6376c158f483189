import Essentials
import Tensors

/// A recurrent layer along a sequence, and a fresh one like it back.
///
/// (steps, channels) → as the layer, with twice the channels where the two are put side by side. Weights: the
/// layer's, as `forward.kernel` and so on, then those of the way back, as `backward.kernel`.
public struct Bidirectional: Layer {
  /// The name in scripts and files.
  public static let kind = "bidirectional"
  /// The class in a Keras summary.
  public static let kerasClass = "Bidirectional"
  /// Keras's name for the first one in a model.
  public static let kerasName = "bidirectional"

  /// The layer that goes along.
  public let layer: any RecurrentLayer
  /// How the two become one.
  public let mergeMode: MergeMode

  /// The shape of one input example, where stated, here or by the layer.
  public let inputShape: Shape?

  private let back: any RecurrentLayer

  /// Side by side unless given.
  /// - Throws: nothing that the layer's settings would not have thrown.
  public init(
    _ layer: any RecurrentLayer, mergeMode: MergeMode = .concat, inputShape: Shape? = nil
  ) throws(Failure) {
    self.layer = layer
    self.mergeMode = mergeMode
    self.inputShape = inputShape ?? layer.inputShape
    back = layer.with(try layer.recurrence.reversed)
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    var shape = try layer.outputShape(for: input)
    if mergeMode == .concat { shape[shape.count - 1] *= 2 }
    return shape
  }

  /// The weights for this input shape.
  public func parameters(for input: Shape) throws(Failure) -> [LayerParameter] {
    let own = try layer.parameters(for: input)
    return own.map { $0.named("forward." + $0.name) } + own.map { $0.named("backward." + $0.name) }
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = LayerSettings()
    settings["layer"] = .group(LayerKinds.settings(of: layer))
    settings["merge_mode"] = .word(mergeMode.rawValue)
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    guard let group = try settings.group("layer"),
      let layer = try LayerKinds.layer(group) as? any RecurrentLayer
    else { throw settings.malformed("layer", "a recurrent layer") }
    try self.init(
      layer, mergeMode: settings.word("merge_mode"), inputShape: settings.shape("input_shape"))
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension LayerParameter {
  fileprivate func named(_ name: String) -> LayerParameter {
    LayerParameter(
      name: name, shape: shape, initializer: initializer, isTrainable: isTrainable, regularizer: regularizer)
  }
}

extension Bidirectional: CompilableLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    guard let forward = layer.compilation.layer as? any CompilableRecurrentLayer,
      let backward = back.compilation.layer as? any CompilableRecurrentLayer
    else { throw Failure(.state, "the layer within is not recurrent") }
    return try RecurrentOperation.append(
      to: builder, index: index, flow: flow,
      [
        RecurrentOperation.Way(layer: forward, prefix: "forward."),
        RecurrentOperation.Way(layer: backward, prefix: "backward."),
      ], merge: mergeMode)
  }
}

/// A layer on each step of a sequence, with the same weights.
///
/// (steps, …) → (steps, what the layer makes of …); the layer's weights.
public struct TimeDistributed: Layer {
  /// The name in scripts and files.
  public static let kind = "time_distributed"
  /// The class in a Keras summary.
  public static let kerasClass = "TimeDistributed"
  /// Keras's name for the first one in a model.
  public static let kerasName = "time_distributed"

  /// The layer.
  public let layer: any Layer
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// A layer on each step.
  /// - Throws: a `value` failure for a batch norm, which needs all steps at once.
  public init(_ layer: any Layer, inputShape: Shape? = nil) throws(Failure) {
    guard !(layer is BatchNorm), !((layer as? TimeDistributed)?.layer is BatchNorm) else {
      throw Failure(
        .value, "batch_norm takes all steps at once", hint: "write batch_norm() without time_distributed",
        parameter: "layer")
    }
    self.layer = layer
    self.inputShape = inputShape
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    guard input.count >= 2, input[0] > 0 else {
      throw Failure(
        .shape, "it takes (steps, …), but gets \(input.shapeDescription)",
        hint: "use the layer itself, or add an axis of steps with reshape")
    }
    if let stated = layer.inputShape, stated != Array(input.dropFirst()) {
      throw Failure(
        .shape,
        "the layer within states the input shape \(stated.shapeDescription), but each step has "
          + Array(input.dropFirst()).shapeDescription)
    }
    return [input[0]] + (try layer.outputShape(for: Array(input.dropFirst())))
  }

  /// The weights for this input shape.
  public func parameters(for input: Shape) throws(Failure) -> [LayerParameter] {
    _ = try outputShape(for: input)
    return try layer.parameters(for: Array(input.dropFirst()))
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = LayerSettings()
    settings["layer"] = .group(LayerKinds.settings(of: layer))
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    guard let group = try settings.group("layer") else { throw settings.malformed("layer", "a layer") }
    try self.init(LayerKinds.layer(group), inputShape: settings.shape("input_shape"))
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension TimeDistributed: ActivatedLayer {
  /// The function on the outputs.
  var activation: Activation { layer.finalActivation }

  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    let steps = flow.shape[0]
    let outer = builder.repetition
    var own = try builder.examples(flow)
    own.shape = Array(flow.shape.dropFirst())
    builder.repetition = outer * steps
    defer { builder.repetition = outer }
    own = try builder.examples(own)
    let takesBFloat16 = builder.nextTakesBFloat16
    builder.nextTakesBFloat16 = false
    defer { builder.nextTakesBFloat16 = takesBFloat16 }
    var result = try layer.compilation.layer.append(
      to: builder, index: index, flow: own, activation: activation, hasGradient: hasGradient)
    result = try builder.examples(result)
    builder.repetition = outer
    result.shape = [steps] + result.shape
    return try builder.examples(result)
  }
}
