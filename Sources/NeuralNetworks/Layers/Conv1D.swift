import Essentials
import Tensors

/// A convolution along a sequence.
///
/// (steps, channels) → (steps, filters); kernel (width, channels / groups, filters), bias (filters,).
public struct Conv1D: ConvolutionLayer {
  /// The name in scripts and files.
  public static let kind = "conv1d"
  /// The class in a Keras summary.
  public static let kerasClass = "Conv1D"
  /// Keras's name for the first one in a model.
  public static let kerasName = "conv1d"

  /// Output channels.
  public let filters: Int
  /// Parts of the channels that are convolved each with its own filters.
  public let groups: Int
  /// The window, of one row, and what becomes of the sums.
  public internal(set) var convolution: ConvolutionSettings

  /// A convolution with these settings.
  /// - Throws: a `value` failure for a number that is not positive, filters that the groups do not divide, or a
  ///   window of more than one row.
  public init(filters: Int, groups: Int = 1, _ convolution: ConvolutionSettings) throws(Failure) {
    try ConvolutionSettings.check("filters", filters)
    try ConvolutionSettings.check("groups", groups)
    guard filters % groups == 0 else {
      throw Failure(
        .value, "\(filters) filters are not divisible into \(groups) groups", parameter: "groups")
    }
    guard convolution.kernel.height == 1, convolution.strides.height == 1, convolution.dilation.height == 1
    else {
      throw Failure(.value, "the window of a sequence has one row", parameter: "kernel_size")
    }
    self.filters = filters
    self.groups = groups
    self.convolution = convolution
  }

  private func channels(of input: Shape) throws(Failure) -> Int {
    let channels = try windowPlan(for: input, isOneDimensional: true).channels
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
    return [try windowPlan(for: input, isOneDimensional: true).columns.output, filters]
  }

  /// The weights for this input shape.
  public func parameters(for input: Shape) throws(Failure) -> [LayerParameter] {
    let shape = [kernel.width, try channels(of: input) / groups, filters]
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

extension Conv1D: FoldedConvolution {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    if let own = try SequenceConvolution.append(
      self, to: builder, index: index, flow: flow, activation: activation)
    {
      return own.asSequence
    }
    let picture = try builder.picture(flow)
    let operation = try ConvolutionOperation(
      builder, convolution, ConvolutionFilters(count: filters, groups: groups),
      windowPlan(for: flow.shape, isOneDimensional: true), index: index, flow: picture,
      activation: activation)
    builder.append(operation)
    return operation.output.asSequence
  }
}
