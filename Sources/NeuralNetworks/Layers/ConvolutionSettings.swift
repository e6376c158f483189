import Essentials
import Tensors

/// What all convolutions are told: how the window lies, and what becomes of the sums.
public struct ConvolutionSettings: Sendable, Equatable {
  /// The window; of one row for sequences.
  public let kernel: Extent
  /// The window's steps.
  public let strides: Extent
  /// Whether the window may hang over the edges.
  public let padding: Padding
  /// The distance between the window's places.
  public let dilation: Extent
  /// The function on the outputs.
  public internal(set) var activation: Activation
  /// Whether a number is added to each filter's sums.
  public let useBias: Bool
  /// What training adds to the loss for the kernel.
  public let kernelRegularizer: Regularizer?
  /// What training adds to the loss for the bias.
  public let biasRegularizer: Regularizer?
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// Steps of 1, valid, not dilated, with a bias and no function, unless given, as in Keras.
  /// - Throws: a `value` failure for a number that is not positive, or steps and a dilation both above 1.
  public init(
    kernel: Extent, strides: Extent = Extent(1), padding: Padding = .valid, dilation: Extent = Extent(1),
    activation: Activation = .linear, useBias: Bool = true, kernelRegularizer: Regularizer? = nil,
    biasRegularizer: Regularizer? = nil, inputShape: Shape? = nil
  ) throws(Failure) {
    try kernel.check("kernel_size")
    try strides.check("strides")
    try dilation.check("dilation_rate")
    guard strides == Extent(1) || dilation == Extent(1) else {
      throw Failure(
        .value, "strides and dilation_rate are both above 1, which Keras has no meaning for",
        hint: "leave one of them at 1", parameter: "dilation_rate")
    }
    self.kernel = kernel
    self.strides = strides
    self.padding = padding
    self.dilation = dilation
    self.activation = activation
    self.useBias = useBias
    self.kernelRegularizer = kernelRegularizer
    self.biasRegularizer = biasRegularizer
    self.inputShape = inputShape
  }

  static func check(_ name: String, _ number: Int) throws(Failure) {
    guard (1...Extent.limit).contains(number) else {
      throw Failure(.value, "\(name) is \(number); it is from 1 to \(Extent.limit)", parameter: name)
    }
  }

  func bias(_ count: Int) -> [LayerParameter] {
    useBias
      ? [LayerParameter(name: "bias", shape: [count], initializer: .zeros, regularizer: biasRegularizer)] : []
  }

  /// A kernel with Keras's fans: its last two axes, times all before.
  func kernelWeights(_ shape: Shape, named name: String = "kernel") throws(Failure) -> LayerParameter {
    _ = try shape.checkedElementCount()
    let field = shape.dropLast(2).reduce(1, *)
    return LayerParameter(
      name: name, shape: shape,
      initializer: .glorotUniform(
        fanIn: field * shape[shape.count - 2], fanOut: field * shape[shape.count - 1]),
      regularizer: kernelRegularizer)
  }

  /// As a model file keeps them.
  var settings: LayerSettings {
    var settings = LayerSettings()
    settings["kernel"] = .integers(kernel.list)
    settings["strides"] = .integers(strides.list)
    settings["padding"] = .word(padding.rawValue)
    settings["dilation_rate"] = .integers(dilation.list)
    settings["activation"] = .word(activation.rawValue)
    settings["use_bias"] = .flag(useBias)
    settings.set("kernel_regularizer", kernelRegularizer)
    settings.set("bias_regularizer", biasRegularizer)
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  init(_ settings: LayerSettings) throws(Failure) {
    try self.init(
      kernel: settings.extent("kernel"), strides: settings.extent("strides"),
      padding: settings.word("padding"), dilation: settings.extent("dilation_rate", default: Extent(1)),
      activation: settings.word("activation"), useBias: settings.flag("use_bias", default: true),
      kernelRegularizer: settings.regularizer("kernel_regularizer"),
      biasRegularizer: settings.regularizer("bias_regularizer"),
      inputShape: settings.shape("input_shape"))
  }
}

/// A layer that multiplies windows by a kernel.
public protocol ConvolutionLayer: Layer {
  /// The window, and what becomes of the sums.
  var convolution: ConvolutionSettings { get }
}

/// One that normalisations and functions behind it can become part of.
protocol FoldedConvolution: ConvolutionLayer, FoldingLayer {
  var convolution: ConvolutionSettings { get set }
}

extension FoldedConvolution {
  var activation: Activation {
    get { convolution.activation }
    set { convolution.activation = newValue }
  }
}

extension ConvolutionLayer {
  /// The window; of one row for sequences.
  public var kernel: Extent { convolution.kernel }
  /// The window's steps.
  public var strides: Extent { convolution.strides }
  /// Whether the window may hang over the edges.
  public var padding: Padding { convolution.padding }
  /// The function on the outputs.
  public var activation: Activation { convolution.activation }
  /// The shape of one input example, where stated.
  public var inputShape: Shape? { convolution.inputShape }

  func windowPlan(for input: Shape, isOneDimensional: Bool = false) throws(Failure) -> WindowPlan {
    try WindowPlan(
      "kernel", input: input, window: kernel, strides: strides, padding: padding,
      dilation: convolution.dilation, isOneDimensional: isOneDimensional)
  }
}

/// Filters, and how many separate parts the channels are cut into.
struct ConvolutionFilters {
  let count: Int
  var groups = 1

  /// The kernel in Keras's layout (height, width, in / groups, out).
  func kernelShape(_ extent: Extent, channels: Int) -> Shape {
    [extent.height, extent.width, channels / groups, count]
  }
}
