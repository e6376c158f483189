import Essentials
import Tensors

/// A convolution of each channel by itself.
///
/// (height, width, channels) → (rows, columns, channels · multiplier); kernel (kh, kw, channels, multiplier), bias
/// (channels · multiplier,). Filter m of channel c gives output c · multiplier + m.
public struct DepthwiseConv2D: ConvolutionLayer {
  /// The name in scripts and files.
  public static let kind = "depthwise_conv2d"
  /// The class in a Keras summary.
  public static let kerasClass = "DepthwiseConv2D"
  /// Keras's name for the first one in a model.
  public static let kerasName = "depthwise_conv2d"

  /// Filters for each channel.
  public let depthMultiplier: Int
  /// The window, and what becomes of the sums.
  public internal(set) var convolution: ConvolutionSettings

  /// A convolution with these settings; one filter a channel unless given.
  /// - Throws: a `value` failure for a number that is not positive.
  public init(depthMultiplier: Int = 1, _ convolution: ConvolutionSettings) throws(Failure) {
    try ConvolutionSettings.check("depth_multiplier", depthMultiplier)
    guard convolution.padding != .causal else {
      throw Failure(.value, "padding=\"causal\" is for sequences", hint: "use conv1d", parameter: "padding")
    }
    self.depthMultiplier = depthMultiplier
    self.convolution = convolution
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    let plan = try windowPlan(for: input)
    return plan.outputShape(channels: try [plan.channels, depthMultiplier].checkedElementCount())
  }

  /// The weights for this input shape.
  public func parameters(for input: Shape) throws(Failure) -> [LayerParameter] {
    let channels = try windowPlan(for: input).channels
    return [try convolution.kernelWeights([kernel.height, kernel.width, channels, depthMultiplier])]
      + convolution.bias(channels * depthMultiplier)
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = convolution.settings
    settings["depth_multiplier"] = .number(Double(depthMultiplier))
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    try self.init(depthMultiplier: settings.integer("depth_multiplier"), ConvolutionSettings(settings))
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension DepthwiseConv2D: FoldedConvolution {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    // The kernel (kh, kw, channels, multiplier) is in the same order as that of as many groups as channels,
    // (kh, kw, 1, channels · multiplier).
    let plan = try windowPlan(for: flow.shape)
    let operation = try ConvolutionOperation(
      builder, convolution,
      ConvolutionFilters(count: plan.channels * depthMultiplier, groups: plan.channels), plan, index: index,
      flow: flow, activation: activation)
    builder.append(operation)
    return operation.output
  }
}
