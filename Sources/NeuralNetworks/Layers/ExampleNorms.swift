import Essentials
import Tensors

/// Normalisation of each example over its last axes (Ba and others, 2016), as Keras does it.
///
/// Any shape → the same; gamma and beta of the shape of the normalised axes.
public struct LayerNorm: Layer {
  /// The name in scripts and files.
  public static let kind = "layer_norm"
  /// The class in a Keras summary.
  public static let kerasClass = "LayerNormalization"
  /// Keras's name for the first one in a model.
  public static let kerasName = "layer_normalization"

  /// How many of the last axes are normalised together.
  public let axes: Int
  /// Added to the variance.
  public let epsilon: Double
  /// Whether beta is added.
  public let centers: Bool
  /// Whether gamma multiplies.
  public let scales: Bool
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// Keras's one axis and `epsilon` 0.001 unless given.
  /// - Throws: a `value` failure for no axis or an epsilon that is not positive.
  public init(
    axes: Int = 1, epsilon: Double = 1e-3, centers: Bool = true, scales: Bool = true, inputShape: Shape? = nil
  ) throws(Failure) {
    guard axes >= 1 else {
      throw Failure(.value, "at least one axis is normalised", parameter: "axis")
    }
    guard epsilon > 0, epsilon.isFinite else {
      throw Failure(.value, "epsilon is \(epsilon); it is positive", parameter: "epsilon")
    }
    self.axes = axes
    self.epsilon = epsilon
    self.centers = centers
    self.scales = scales
    self.inputShape = inputShape
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    guard input.count >= axes else {
      throw Failure(
        .shape,
        "it normalises the last \(axes == 1 ? "axis" : "\(axes) axes"), but gets \(input.shapeDescription)")
    }
    return input
  }

  /// The weights for this input shape.
  public func parameters(for input: Shape) throws(Failure) -> [LayerParameter] {
    let shape = Array(try outputShape(for: input).suffix(axes))
    return (scales ? [LayerParameter(name: "gamma", shape: shape, initializer: .ones)] : [])
      + (centers ? [LayerParameter(name: "beta", shape: shape, initializer: .zeros)] : [])
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = LayerSettings()
    settings["axes"] = .number(Double(axes))
    settings["epsilon"] = .number(epsilon)
    settings["center"] = .flag(centers)
    settings["scale"] = .flag(scales)
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    try self.init(
      axes: settings.integer("axes"), epsilon: settings.number("epsilon"),
      centers: settings.flag("center", default: true), scales: settings.flag("scale", default: true),
      inputShape: settings.shape("input_shape"))
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension LayerNorm: CompilableLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    let size = flow.shape.suffix(axes).reduce(1, *)
    return try GroupNormOperation.append(
      to: builder, index: index, flow: flow, epsilon: epsilon, rows: flow.shape.dropLast(axes).reduce(1, *),
      positions: 1, channels: size, groups: 1)
  }
}

/// Normalisation of each example in groups of channels (Wu and He, 2018), as Keras does it.
///
/// (…, channels) → the same; gamma and beta of (channels,).
public struct GroupNorm: Layer {
  /// The name in scripts and files.
  public static let kind = "group_norm"
  /// The class in a Keras summary.
  public static let kerasClass = "GroupNormalization"
  /// Keras's name for the first one in a model.
  public static let kerasName = "group_normalization"

  /// How many groups; −1 for as many as channels.
  public let groups: Int
  /// Added to the variance.
  public let epsilon: Double
  /// Whether beta is added.
  public let centers: Bool
  /// Whether gamma multiplies.
  public let scales: Bool
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// Keras's 32 groups and `epsilon` 0.001 unless given.
  /// - Throws: a `value` failure for a number of groups below 1 that is not −1, or an epsilon that is not positive.
  public init(
    groups: Int = 32, epsilon: Double = 1e-3, centers: Bool = true, scales: Bool = true,
    inputShape: Shape? = nil
  ) throws(Failure) {
    guard groups == -1 || (1...Extent.limit).contains(groups) else {
      throw Failure(
        .value, "groups is \(groups); it is 1 or more, or -1 for as many as channels", parameter: "groups")
    }
    guard epsilon > 0, epsilon.isFinite else {
      throw Failure(.value, "epsilon is \(epsilon); it is positive", parameter: "epsilon")
    }
    self.groups = groups
    self.epsilon = epsilon
    self.centers = centers
    self.scales = scales
    self.inputShape = inputShape
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    guard let channels = input.last else {
      throw Failure(.shape, "it takes channels, but gets single numbers")
    }
    guard groups == -1 || channels % groups == 0 else {
      throw Failure(
        .shape, "\(channels) channels of \(input.shapeDescription) are not divisible into \(groups) groups",
        hint: "choose groups that divide the channels, or -1")
    }
    return input
  }

  /// The weights for this input shape.
  public func parameters(for input: Shape) throws(Failure) -> [LayerParameter] {
    let channels = [try outputShape(for: input)[input.count - 1]]
    return (scales ? [LayerParameter(name: "gamma", shape: channels, initializer: .ones)] : [])
      + (centers ? [LayerParameter(name: "beta", shape: channels, initializer: .zeros)] : [])
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = LayerSettings()
    settings["groups"] = .number(Double(groups))
    settings["epsilon"] = .number(epsilon)
    settings["center"] = .flag(centers)
    settings["scale"] = .flag(scales)
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    try self.init(
      groups: settings.integer("groups"), epsilon: settings.number("epsilon"),
      centers: settings.flag("center", default: true), scales: settings.flag("scale", default: true),
      inputShape: settings.shape("input_shape"))
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension GroupNorm: CompilableLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    let channels = flow.shape.last ?? 1
    return try GroupNormOperation.append(
      to: builder, index: index, flow: flow, epsilon: epsilon, rows: 1,
      positions: flow.shape.dropLast().reduce(1, *), channels: channels,
      groups: groups == -1 ? channels : groups)
  }
}
