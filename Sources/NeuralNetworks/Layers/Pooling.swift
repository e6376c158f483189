import Essentials
import Tensors

/// A layer that sums up windows: (height, width, channels) → (rows, columns, channels).
public protocol PoolingLayer: Layer {
  /// Whether it takes (steps, channels), which are seen as pictures of one row.
  static var isOneDimensional: Bool { get }
  /// The window and its walk.
  var pool: Pool { get }
  /// A layer with this window.
  init(walking pool: Pool, inputShape: Shape?)
}

extension PoolingLayer {
  /// Most take pictures.
  public static var isOneDimensional: Bool { false }

  /// Pools of 2 × 2 side by side, or of 2 steps, unless given.
  /// - Throws: a `value` failure for a number that is not positive.
  public init(
    pool: Extent? = nil, strides: Extent? = nil, padding: Padding = .valid,
    inputShape: Shape? = nil
  ) throws(Failure) {
    let size = pool ?? Extent(Self.isOneDimensional ? 1 : 2, 2)
    guard !Self.isOneDimensional || (size.height == 1 && (strides?.height ?? 1) == 1) else {
      throw Failure(.value, "the window of a sequence has one row", parameter: "pool_size")
    }
    self.init(
      walking: try Pool(size: size, strides: strides ?? size, padding: padding), inputShape: inputShape)
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    let plan = try windowPlan(for: input)
    let shape = plan.outputShape(channels: plan.channels)
    return Self.isOneDimensional ? Array(shape.dropFirst()) : shape
  }

  func windowPlan(for input: Shape) throws(Failure) -> WindowPlan {
    try WindowPlan(
      "pool_size", input: input, window: pool.size, strides: pool.strides, padding: pool.padding,
      isOneDimensional: Self.isOneDimensional)
  }

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

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
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

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

/// The largest value of each window of a sequence: (steps, channels) → (steps, channels).
public struct MaxPool1D: PoolingLayer {
  /// The name in scripts and files.
  public static let kind = "max_pool1d"
  /// The class in a Keras summary.
  public static let kerasClass = "MaxPooling1D"
  /// Keras's name for the first one in a model.
  public static let kerasName = "max_pooling1d"
  /// Whether it takes (steps, channels).
  public static let isOneDimensional = true

  /// The window, of one row, and its walk.
  public let pool: Pool
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// A layer with this window.
  public init(walking pool: Pool, inputShape: Shape?) {
    self.pool = pool
    self.inputShape = inputShape
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

/// The mean of each window of a sequence; padding does not count.
public struct AveragePool1D: PoolingLayer {
  /// The name in scripts and files.
  public static let kind = "average_pool1d"
  /// The class in a Keras summary.
  public static let kerasClass = "AveragePooling1D"
  /// Keras's name for the first one in a model.
  public static let kerasName = "average_pooling1d"
  /// Whether it takes (steps, channels).
  public static let isOneDimensional = true

  /// The window, of one row, and its walk.
  public let pool: Pool
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// A layer with this window.
  public init(walking pool: Pool, inputShape: Shape?) {
    self.pool = pool
    self.inputShape = inputShape
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
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
    try size.check("pool_size")
    try strides.check("strides")
    guard padding != .causal else {
      throw Failure(.value, "padding=\"causal\" is for conv1d", parameter: "padding")
    }
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

  func settings(inputShape: Shape?) -> LayerSettings {
    var settings = LayerSettings()
    settings["pool"] = .integers(size.list)
    settings["strides"] = .integers(strides.list)
    settings["padding"] = .word(padding.rawValue)
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }
}

extension PoolingLayer {
  fileprivate func appendPool(_ builder: PlanBuilder, _ flow: Flow, isMaximum: Bool) throws -> Flow {
    let plan = try windowPlan(for: flow.shape)
    let pooled = try PoolingOperation.append(
      to: builder, flow: builder.picture(flow), window: plan, isMaximum: isMaximum,
      shape: plan.outputShape(channels: plan.channels))
    return Self.isOneDimensional ? pooled.asSequence : pooled
  }
}

extension MaxPool2D: CompilableLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow { try appendPool(builder, flow, isMaximum: true) }
}

extension AveragePool2D: CompilableLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow { try appendPool(builder, flow, isMaximum: false) }
}

extension MaxPool1D: CompilableLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow { try appendPool(builder, flow, isMaximum: true) }
}

extension AveragePool1D: CompilableLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow { try appendPool(builder, flow, isMaximum: false) }
}
