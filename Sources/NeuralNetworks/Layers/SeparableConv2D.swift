import Essentials
import Tensors

/// A convolution of each channel by itself, then one of all channels at each place.
///
/// (height, width, channels) → (rows, columns, filters); depthwise_kernel (kh, kw, channels, multiplier),
/// pointwise_kernel (1, 1, channels · multiplier, filters), bias (filters,).
public struct SeparableConv2D: ConvolutionLayer {
  /// The name in scripts and files.
  public static let kind = "separable_conv2d"
  /// The class in a Keras summary.
  public static let kerasClass = "SeparableConv2D"
  /// Keras's name for the first one in a model.
  public static let kerasName = "separable_conv2d"
  static let foldedKernel = "pointwise_kernel"

  /// Output channels.
  public let filters: Int
  /// Filters for each channel of the first convolution.
  public let depthMultiplier: Int
  /// The window, and what becomes of the sums. Its regularizer is not asked: each kernel has its own.
  public internal(set) var convolution: ConvolutionSettings
  /// What training adds to the loss for the first kernel.
  public let depthwiseRegularizer: Regularizer?
  /// What training adds to the loss for the second kernel.
  public let pointwiseRegularizer: Regularizer?

  /// A convolution with these settings.
  /// - Throws: a `value` failure for a number that is not positive.
  public init(
    filters: Int, depthMultiplier: Int = 1, depthwiseRegularizer: Regularizer? = nil,
    pointwiseRegularizer: Regularizer? = nil, _ convolution: ConvolutionSettings
  ) throws(Failure) {
    try ConvolutionSettings.check("filters", filters)
    try ConvolutionSettings.check("depth_multiplier", depthMultiplier)
    guard convolution.padding != .causal else {
      throw Failure(.value, "padding=\"causal\" is for sequences", hint: "use conv1d", parameter: "padding")
    }
    self.filters = filters
    self.depthMultiplier = depthMultiplier
    self.depthwiseRegularizer = depthwiseRegularizer
    self.pointwiseRegularizer = pointwiseRegularizer
    self.convolution = convolution
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    let plan = try windowPlan(for: input)
    _ = try [plan.rows.output, plan.columns.output, plan.channels, depthMultiplier].checkedElementCount()
    return plan.outputShape(channels: filters)
  }

  /// The weights for this input shape.
  public func parameters(for input: Shape) throws(Failure) -> [LayerParameter] {
    let channels = try windowPlan(for: input).channels
    let depthwise = try convolution.kernelWeights(
      [kernel.height, kernel.width, channels, depthMultiplier], named: "depthwise_kernel")
    let pointwise = try convolution.kernelWeights(
      [1, 1, channels * depthMultiplier, filters], named: "pointwise_kernel")
    return [depthwise.regularized(depthwiseRegularizer), pointwise.regularized(pointwiseRegularizer)]
      + convolution.bias(filters)
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = convolution.settings
    settings["filters"] = .number(Double(filters))
    settings["depth_multiplier"] = .number(Double(depthMultiplier))
    settings.set("depthwise_regularizer", depthwiseRegularizer)
    settings.set("pointwise_regularizer", pointwiseRegularizer)
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    try self.init(
      filters: settings.integer("filters"), depthMultiplier: settings.integer("depth_multiplier"),
      depthwiseRegularizer: settings.regularizer("depthwise_regularizer"),
      pointwiseRegularizer: settings.regularizer("pointwise_regularizer"), ConvolutionSettings(settings))
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension LayerParameter {
  fileprivate func regularized(_ regularizer: Regularizer?) -> LayerParameter {
    LayerParameter(
      name: name, shape: shape, initializer: initializer, isTrainable: isTrainable, regularizer: regularizer)
  }
}

extension SeparableConv2D: FoldedConvolution {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    let plan = try windowPlan(for: flow.shape)
    let depthwise = try ConvolutionOperation(
      builder, convolution,
      ConvolutionFilters(count: plan.channels * depthMultiplier, groups: plan.channels), plan, index: index,
      flow: flow, activation: .linear, kernelName: "depthwise_kernel", biasName: nil)
    builder.append(depthwise)
    let point = try ConvolutionSettings(kernel: Extent(1))
    let pointwise = try ConvolutionOperation(
      builder, point, ConvolutionFilters(count: filters),
      WindowPlan(
        "kernel", input: depthwise.output.shape, window: Extent(1), strides: Extent(1), padding: .valid),
      index: index, flow: depthwise.output, activation: activation, kernelName: "pointwise_kernel")
    builder.append(pointwise)
    return pointwise.output
  }
}
