import Essentials
import Tensors

/// What stands between the rows and columns of a picture that is enlarged.
public enum Interpolation: String, Sendable, CaseIterable {
  /// The nearest one again.
  case nearest
  /// A mean of the four around, by distance, where pixels are squares with values at their middles.
  case bilinear
}

/// One axis of an enlarged picture: each place is a mean of two of before.
private struct Blend {
  let first: [Int]
  let second: [Int]
  /// The second one's part.
  let part: [Float]

  init(input: Int, factor: Int, isBilinear: Bool) {
    var (first, second, part): ([Int], [Int], [Float]) = ([], [], [])
    for place in 0..<input * factor {
      guard isBilinear else {
        first.append(place / factor)
        second.append(place / factor)
        part.append(0)
        continue
      }
      let centre = (Double(place) + 0.5) / Double(factor) - 0.5
      let below = centre.rounded(.down)
      first.append(min(max(Int(below), 0), input - 1))
      second.append(min(max(Int(below) + 1, 0), input - 1))
      part.append(Float(centre - below))
    }
    self.first = first
    self.second = second
    self.part = part
  }
}

private struct EnlargingMap: ExampleMap {
  private let rows: Blend
  private let columns: Blend
  private let width: Int
  private let channels: Int
  private let inputCount: Int
  private let isBilinear: Bool

  init(input: Shape, size: Extent, isBilinear: Bool) {
    rows = Blend(input: input[0], factor: size.height, isBilinear: isBilinear)
    columns = Blend(input: input[1], factor: size.width, isBilinear: isBilinear)
    width = input[1]
    channels = input[2]
    inputCount = input.reduce(1, *)
    self.isBilinear = isBilinear
  }

  /// The places that a result is of, with their parts; those of no part are left out, so that what is no number
  /// goes no further than it must.
  private func each(_ body: (_ to: Int, _ from: Int, _ part: Float) -> Void) {
    for row in rows.first.indices {
      for column in columns.first.indices {
        let to = (row * columns.first.count + column) * channels
        for (y, vertical) in [(rows.first[row], 1 - rows.part[row]), (rows.second[row], rows.part[row])]
        where vertical != 0 {
          for (x, horizontal) in [
            (columns.first[column], 1 - columns.part[column]), (columns.second[column], columns.part[column]),
          ] where horizontal != 0 {
            body(to, (y * width + x) * channels, vertical * horizontal)
          }
        }
      }
    }
  }

  func forward(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>) {
    guard isBilinear else {
      for row in rows.first.indices {
        for column in columns.first.indices {
          (y + (row * columns.first.count + column) * channels).update(
            from: x + (rows.first[row] * width + columns.first[column]) * channels, count: channels)
        }
      }
      return
    }
    y.update(repeating: 0, count: rows.first.count * columns.first.count * channels)
    each { to, from, part in
      for channel in 0..<channels { y[to + channel] += part * x[from + channel] }
    }
  }

  func backward(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>,
    _ result: UnsafeMutablePointer<Float>
  ) {
    result.update(repeating: 0, count: inputCount)
    each { to, from, part in
      for channel in 0..<channels { result[from + channel] += part * gradient[to + channel] }
    }
  }
}

/// Each row and column several times: (height, width, channels) → (height · size, width · size, channels).
public struct UpSampling2D: Layer {
  /// The name in scripts and files.
  public static let kind = "up_sampling2d"
  /// The class in a Keras summary.
  public static let kerasClass = "UpSampling2D"
  /// Keras's name for the first one in a model.
  public static let kerasName = "up_sampling2d"

  /// How often each is repeated, down and across.
  public let size: Extent
  /// What stands between.
  public let interpolation: Interpolation
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// Twice unless given.
  /// - Throws: a `value` failure for a number that is not positive.
  public init(
    size: Extent = Extent(2), interpolation: Interpolation = .nearest, inputShape: Shape? = nil
  ) throws(Failure) {
    try size.check("size")
    self.size = size
    self.interpolation = interpolation
    self.inputShape = inputShape
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    let larger = try Margin.shape(of: input, [.none, .none], adds: true)
    _ = try (larger + size.list).checkedElementCount()
    return [larger[0] * size.height, larger[1] * size.width, larger[2]]
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = LayerSettings()
    settings["size"] = .integers(size.list)
    settings["interpolation"] = .word(interpolation.rawValue)
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    try self.init(
      size: settings.extent("size"), interpolation: settings.word("interpolation"),
      inputShape: settings.shape("input_shape"))
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension UpSampling2D: CompilableLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    try ExampleOperation.append(
      EnlargingMap(
        input: flow.shape, size: size, isBilinear: interpolation == .bilinear),
      to: builder, flow: flow, shape: outputShape(for: flow.shape))
  }
}

/// Each step several times: (steps, channels) → (steps · size, channels).
public struct UpSampling1D: Layer {
  /// The name in scripts and files.
  public static let kind = "up_sampling1d"
  /// The class in a Keras summary.
  public static let kerasClass = "UpSampling1D"
  /// Keras's name for the first one in a model.
  public static let kerasName = "up_sampling1d"

  /// How often each is repeated, of one row.
  public let size: Extent
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// Twice unless given.
  /// - Throws: a `value` failure for a number that is not positive.
  public init(
    size: Extent = Extent(1, 2), inputShape: Shape? = nil
  ) throws(Failure) {
    try size.check("size")
    self.size = size
    self.inputShape = inputShape
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    let longer = try Margin.shape(of: input, [.none], adds: true)
    _ = try (longer + [size.width]).checkedElementCount()
    return [longer[0] * size.width, longer[1]]
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = LayerSettings()
    settings["size"] = .integers(size.list)
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    try self.init(
      size: settings.extent("size"), inputShape: settings.shape("input_shape"))
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension UpSampling1D: CompilableLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    try ExampleOperation.append(
      EnlargingMap(
        input: [1] + flow.shape, size: size, isBilinear: false),
      to: builder, flow: flow, shape: outputShape(for: flow.shape))
  }
}
