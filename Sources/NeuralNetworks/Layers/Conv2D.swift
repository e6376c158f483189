import Essentials
import Tensors

/// A convolution over height and width.
///
/// (height, width, channels) → (rows, columns, filters); kernel (kh, kw, channels, filters), bias (filters,).
public struct Conv2D: Layer {
  /// The name in scripts and files.
  public static let kind = "conv2d"
  /// The class in a Keras summary.
  public static let kerasClass = "Conv2D"
  /// Keras's name for the first one in a model.
  public static let kerasName = "conv2d"

  /// Output channels.
  public let filters: Int
  /// The window.
  public let kernel: Extent
  /// The window's steps.
  public let strides: Extent
  /// Whether the window may hang over the edges.
  public let padding: Padding
  /// The function on the outputs.
  public internal(set) var activation: Activation
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// A convolution; `strides` 1, `padding` valid and no activation unless given, as in Keras.
  /// - Throws: a `value` failure for a number that is not positive.
  public init(
    filters: Int, kernel: Extent, strides: Extent = Extent(1), padding: Padding = .valid,
    activation: Activation = .linear, inputShape: Shape? = nil
  ) throws(Failure) {
    guard (1...Extent.limit).contains(filters) else {
      throw Failure(
        .value, "filters is \(filters); it is from 1 to \(Extent.limit)", parameter: "filters")
    }
    try kernel.check("kernel")
    try strides.check("strides")
    self.filters = filters
    self.kernel = kernel
    self.strides = strides
    self.padding = padding
    self.activation = activation
    self.inputShape = inputShape
  }

  /// Whether its outputs are the plain sums of products of windows and kernel, which our own kernels compute.
  var isPlain: Bool { true }

  func windowPlan(for input: Shape) throws(Failure) -> WindowPlan {
    try WindowPlan("kernel", input: input, window: kernel, strides: strides, padding: padding)
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    try windowPlan(for: input).outputShape(channels: filters)
  }

  /// The weights for this input shape.
  public func parameters(for input: Shape) throws(Failure) -> [LayerParameter] {
    let channels = try windowPlan(for: input).channels
    let shape = [kernel.height, kernel.width, channels, filters]
    _ = try shape.checkedElementCount()
    let field = kernel.height * kernel.width
    return [
      LayerParameter(
        name: "kernel", shape: shape,
        initializer: .glorotUniform(fanIn: field * channels, fanOut: field * filters)),
      LayerParameter(name: "bias", shape: [filters], initializer: .zeros),
    ]
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = LayerSettings()
    settings["filters"] = .number(Double(filters))
    settings["kernel"] = .integers(kernel.list)
    settings["strides"] = .integers(strides.list)
    settings["padding"] = .word(padding.rawValue)
    settings["activation"] = .word(activation.rawValue)
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    let kernel = try settings.integers("kernel", count: 2)
    let strides = try settings.integers("strides", count: 2)
    try self.init(
      filters: settings.integer("filters"), kernel: Extent(kernel[0], kernel[1]),
      strides: Extent(strides[0], strides[1]), padding: settings.word("padding"),
      activation: settings.word("activation"), inputShape: settings.shape("input_shape"))
  }
}
