import Essentials
import Tensors

/// A convolution over height and width.
///
/// (height, width, channels) → (rows, columns, filters); kernel (kh, kw, channels / groups, filters), bias (filters,).
public struct Conv2D: ConvolutionLayer {
  /// The name in scripts and files.
  public static let kind = "conv2d"
  /// The class in a Keras summary.
  public static let kerasClass = "Conv2D"
  /// Keras's name for the first one in a model.
  public static let kerasName = "conv2d"

  /// Output channels.
  public let filters: Int
  /// Parts of the channels that are convolved each with its own filters.
  public let groups: Int
  /// The window, and what becomes of the sums.
  public internal(set) var convolution: ConvolutionSettings

  /// A convolution with these settings.
  /// - Throws: a `value` failure for a number that is not positive, or filters that the groups do not divide.
  public init(filters: Int, groups: Int = 1, _ convolution: ConvolutionSettings) throws(Failure) {
    try ConvolutionSettings.check("filters", filters)
    try ConvolutionSettings.check("groups", groups)
    guard filters % groups == 0 else {
      throw Failure(
        .value, "\(filters) filters are not divisible into \(groups) groups", parameter: "groups")
    }
    guard convolution.padding != .causal else {
      throw Failure(.value, "padding=\"causal\" is for sequences", hint: "use conv1d", parameter: "padding")
    }
    self.filters = filters
    self.groups = groups
    self.convolution = convolution
  }

  /// A convolution; `strides` 1, `padding` valid and no activation unless given, as in Keras.
  /// - Throws: a `value` failure for a number that is not positive.
  public init(
    filters: Int, kernel: Extent, strides: Extent = Extent(1), padding: Padding = .valid,
    activation: Activation = .linear, inputShape: Shape? = nil
  ) throws(Failure) {
    try self.init(
      filters: filters,
      ConvolutionSettings(
        kernel: kernel, strides: strides, padding: padding, activation: activation, inputShape: inputShape))
  }

  /// Whether its outputs are the plain sums of products of windows and kernel, which our own kernels compute.
  var isPlain: Bool { groups == 1 && convolution.dilation == Extent(1) }

  private func channels(of input: Shape) throws(Failure) -> Int {
    let channels = try windowPlan(for: input).channels
    guard channels % groups == 0 else {
      throw Failure(
        .shape, "\(channels) channels are not divisible into \(groups) groups",
        hint: "choose groups that divide the input's channels")
    }
    return channels
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    _ = try channels(of: input)
    return try windowPlan(for: input).outputShape(channels: filters)
  }

  /// The weights for this input shape.
  public func parameters(for input: Shape) throws(Failure) -> [LayerParameter] {
    let shape = ConvolutionFilters(count: filters, groups: groups).kernelShape(
      kernel, channels: try channels(of: input))
    return [try convolution.kernelWeights(shape)] + convolution.bias(filters)
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = convolution.settings
    settings["filters"] = .number(Double(filters))
    settings["groups"] = .number(Double(groups))
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    try self.init(
      filters: settings.integer("filters"), groups: settings.integer("groups", default: 1),
      ConvolutionSettings(settings))
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension Conv2D: FoldedConvolution {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    let operation = try ConvolutionOperation(
      builder, convolution, ConvolutionFilters(count: filters, groups: groups), windowPlan(for: flow.shape),
      index: index, flow: flow, activation: activation)
    builder.append(operation)
    return operation.output
  }
}
