import Essentials
import Tensors

/// A layer that sums up windows: (height, width, channels) → (rows, columns, channels).
public protocol PoolingLayer: Layer {
  /// The window and its walk.
  var pool: Pool { get }
  /// A layer with this window.
  init(walking pool: Pool, inputShape: Shape?)
}

extension PoolingLayer {
  /// Pools of 2 × 2 side by side unless given.
  /// - Throws: a `value` failure for a number that is not positive.
  public init(
    pool: Extent = Extent(2), strides: Extent? = nil, padding: Padding = .valid,
    inputShape: Shape? = nil
  ) throws(Failure) {
    self.init(
      walking: try Pool(size: pool, strides: strides ?? pool, padding: padding), inputShape: inputShape)
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape { try pool.outputShape(for: input) }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings { pool.settings(inputShape: inputShape) }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    self.init(walking: try Pool(settings: settings), inputShape: try settings.shape("input_shape"))
  }
}

/// The largest value of each window.
public struct MaxPool2D: PoolingLayer {
  /// The name in scripts and files.
  public static let kind = "max_pool2d"
  /// The class in a Keras summary.
  public static let kerasClass = "MaxPooling2D"
  /// Keras's name for the first one in a model.
  public static let kerasName = "max_pooling2d"

  /// The window and its walk.
  public let pool: Pool
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// A layer with this window.
  public init(walking pool: Pool, inputShape: Shape?) {
    self.pool = pool
    self.inputShape = inputShape
  }
}

/// The mean of each window; padding does not count.
public struct AveragePool2D: PoolingLayer {
  /// The name in scripts and files.
  public static let kind = "average_pool2d"
  /// The class in a Keras summary.
  public static let kerasClass = "AveragePooling2D"
  /// Keras's name for the first one in a model.
  public static let kerasName = "average_pooling2d"

  /// The window and its walk.
  public let pool: Pool
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// A layer with this window.
  public init(walking pool: Pool, inputShape: Shape?) {
    self.pool = pool
    self.inputShape = inputShape
  }
}

/// The mean over height and width. (height, width, channels) → (channels,).
public struct GlobalAveragePool2D: Layer {
  /// The name in scripts and files.
  public static let kind = "global_average_pool2d"
  /// The class in a Keras summary.
  public static let kerasClass = "GlobalAveragePooling2D"
  /// Keras's name for the first one in a model.
  public static let kerasName = "global_average_pooling2d"

  /// The mean of each channel.
  public init() {}
  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {}
  /// The settings as a model file keeps them.
  public var settings: LayerSettings { LayerSettings() }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    guard input.count == 3, input[0] > 0, input[1] > 0 else {
      throw Failure(
        .shape, "it takes (height, width, channels), but gets \(input.shapeDescription)")
    }
    return [input[2]]
  }
}

/// A pooling window and its walk.
public struct Pool: Sendable, Equatable {
  /// The window.
  public let size: Extent
  /// Its steps.
  public let strides: Extent
  /// Whether it may hang over the edges.
  public let padding: Padding

  init(size: Extent, strides: Extent, padding: Padding) throws(Failure) {
    try size.check("pool")
    try strides.check("strides")
    self.size = size
    self.strides = strides
    self.padding = padding
  }

  init(settings: LayerSettings) throws(Failure) {
    let size = try settings.integers("pool", count: 2)
    let strides = try settings.integers("strides", count: 2)
    try self.init(
      size: Extent(size[0], size[1]), strides: Extent(strides[0], strides[1]),
      padding: settings.word("padding"))
  }

  func windowPlan(for input: Shape) throws(Failure) -> WindowPlan {
    try WindowPlan("pool", input: input, window: size, strides: strides, padding: padding)
  }

  func outputShape(for input: Shape) throws(Failure) -> Shape {
    let plan = try windowPlan(for: input)
    return plan.outputShape(channels: plan.channels)
  }

  func settings(inputShape: Shape?) -> LayerSettings {
    var settings = LayerSettings()
    settings["pool"] = .integers(size.list)
    settings["strides"] = .integers(strides.list)
    settings["padding"] = .word(padding.rawValue)
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }
}
