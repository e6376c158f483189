import Essentials
import Tensors

/// A layer that makes one number of each channel.
public protocol GlobalPoolingLayer: Layer {
  /// Axes before the channels: 2 of pictures, 1 of sequences.
  static var spaceAxes: Int { get }
  /// Whether the axes stay, with length 1.
  var keepsAxes: Bool { get }
  /// A layer.
  init(keepsAxes: Bool, inputShape: Shape?)
}

extension GlobalPoolingLayer {
  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    guard input.count == Self.spaceAxes + 1, input.allSatisfy({ $0 > 0 }) else {
      let axes = Self.spaceAxes == 2 ? "(height, width, channels)" : "(steps, channels)"
      let other = Self.kind.hasSuffix("2d") ? Self.kind.dropLast(2) + "1d" : Self.kind.dropLast(2) + "2d"
      throw Failure(
        .shape, "it takes \(axes), but gets \(input.shapeDescription)",
        hint: (2...3).contains(input.count) ? "use \(other)" : nil)
    }
    return (keepsAxes ? [Int](repeating: 1, count: Self.spaceAxes) : []) + [input[input.count - 1]]
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = LayerSettings()
    settings["keepdims"] = .flag(keepsAxes)
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    self.init(
      keepsAxes: try settings.flag("keepdims", default: false), inputShape: try settings.shape("input_shape"))
  }

  fileprivate func appendMean(_ builder: PlanBuilder, _ flow: Flow) throws -> Flow {
    let picture = try builder.picture(flow)
    let whole = Extent(picture.shape[0], picture.shape[1])
    let window = try WindowPlan("pool", input: picture.shape, window: whole, strides: whole, padding: .valid)
    let channels = window.channels
    var pooled = try PoolingOperation.append(
      to: builder, flow: picture, window: window, isMaximum: false, shape: [1, 1, channels])
    pooled = try builder.plain(pooled, dims: [builder.count, channels], shape: outputShape(for: flow.shape))
    return try builder.examples(pooled)
  }

  fileprivate func appendMaximum(_ builder: PlanBuilder, _ flow: Flow) throws -> Flow {
    let channels = flow.shape[flow.shape.count - 1]
    return try ExampleOperation.append(
      GlobalMaximum(positions: flow.shape.dropLast().reduce(1, *), channels: channels), to: builder,
      flow: flow, shape: outputShape(for: flow.shape))
  }
}

/// The largest number of each channel. Where several are, each gets its part of the gradient, as in Keras.
private struct GlobalMaximum: ExampleMap {
  let positions: Int
  let channels: Int

  func forward(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>) {
    y.update(from: x, count: channels)
    for position in 1..<max(positions, 1) {
      let from = x + position * channels
      for channel in 0..<channels {
        let (own, largest) = (from[channel], y[channel])
        // What is no number is largest, and stays.
        y[channel] = own > largest || own.isNaN ? own : largest
      }
    }
  }

  func backward(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>,
    _ result: UnsafeMutablePointer<Float>
  ) {
    var shares = [Float](repeating: 0, count: channels)
    for position in 0..<positions {
      let from = x + position * channels
      for channel in 0..<channels where from[channel] == y[channel] { shares[channel] += 1 }
    }
    for channel in 0..<channels { shares[channel] = gradient[channel] / max(shares[channel], 1) }
    for position in 0..<positions {
      let (from, to) = (x + position * channels, result + position * channels)
      for channel in 0..<channels { to[channel] = from[channel] == y[channel] ? shares[channel] : 0 }
    }
  }
}

/// The mean over height and width. (height, width, channels) → (channels,).
public struct GlobalAveragePool2D: GlobalPoolingLayer {
  /// The name in scripts and files.
  public static let kind = "global_average_pool2d"
  /// The class in a Keras summary.
  public static let kerasClass = "GlobalAveragePooling2D"
  /// Keras's name for the first one in a model.
  public static let kerasName = "global_average_pooling2d"
  /// Axes before the channels.
  public static let spaceAxes = 2

  /// Whether the axes stay, with length 1.
  public let keepsAxes: Bool
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// One number a channel; the axes are dropped unless given.
  public init(keepsAxes: Bool = false, inputShape: Shape? = nil) {
    self.keepsAxes = keepsAxes
    self.inputShape = inputShape
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension GlobalAveragePool2D: CompilableLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow { try appendMean(builder, flow) }
}

/// The largest number over height and width. (height, width, channels) → (channels,).
public struct GlobalMaxPool2D: GlobalPoolingLayer {
  /// The name in scripts and files.
  public static let kind = "global_max_pool2d"
  /// The class in a Keras summary.
  public static let kerasClass = "GlobalMaxPooling2D"
  /// Keras's name for the first one in a model.
  public static let kerasName = "global_max_pooling2d"
  /// Axes before the channels.
  public static let spaceAxes = 2

  /// Whether the axes stay, with length 1.
  public let keepsAxes: Bool
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// One number a channel; the axes are dropped unless given.
  public init(keepsAxes: Bool = false, inputShape: Shape? = nil) {
    self.keepsAxes = keepsAxes
    self.inputShape = inputShape
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension GlobalMaxPool2D: CompilableLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow { try appendMaximum(builder, flow) }
}

/// The mean over the steps. (steps, channels) → (channels,).
public struct GlobalAveragePool1D: GlobalPoolingLayer {
  /// The name in scripts and files.
  public static let kind = "global_average_pool1d"
  /// The class in a Keras summary.
  public static let kerasClass = "GlobalAveragePooling1D"
  /// Keras's name for the first one in a model.
  public static let kerasName = "global_average_pooling1d"
  /// Axes before the channels.
  public static let spaceAxes = 1

  /// Whether the axes stay, with length 1.
  public let keepsAxes: Bool
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// One number a channel; the axes are dropped unless given.
  public init(keepsAxes: Bool = false, inputShape: Shape? = nil) {
    self.keepsAxes = keepsAxes
    self.inputShape = inputShape
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension GlobalAveragePool1D: CompilableLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow { try appendMean(builder, flow) }
}

/// The largest number over the steps. (steps, channels) → (channels,).
public struct GlobalMaxPool1D: GlobalPoolingLayer {
  /// The name in scripts and files.
  public static let kind = "global_max_pool1d"
  /// The class in a Keras summary.
  public static let kerasClass = "GlobalMaxPooling1D"
  /// Keras's name for the first one in a model.
  public static let kerasName = "global_max_pooling1d"
  /// Axes before the channels.
  public static let spaceAxes = 1

  /// Whether the axes stay, with length 1.
  public let keepsAxes: Bool
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// One number a channel; the axes are dropped unless given.
  public init(keepsAxes: Bool = false, inputShape: Shape? = nil) {
    self.keepsAxes = keepsAxes
    self.inputShape = inputShape
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension GlobalMaxPool1D: CompilableLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow { try appendMaximum(builder, flow) }
}
