import Essentials
import Tensors

/// How many are added or left out before and after an axis.
public struct Margin: Sendable, Equatable {
  /// Before the first.
  public let before: Int
  /// After the last.
  public let after: Int

  /// Before and after.
  public init(_ before: Int, _ after: Int) {
    self.before = before
    self.after = after
  }

  static let none = Margin(0, 0)

  fileprivate init(_ settings: LayerSettings, _ name: String) throws(Failure) {
    let list = try settings.integers(name, count: 2)
    self.init(list[0], list[1])
  }

  fileprivate func check(_ name: String) throws(Failure) {
    guard (0...Extent.limit).contains(before), (0...Extent.limit).contains(after) else {
      throw Failure(
        .value, "\(name) has (\(before), \(after)); both numbers are from 0 to \(Extent.limit)",
        parameter: name)
    }
  }

  /// The shape that margins of all axes but the channels make.
  static func shape(of input: Shape, _ margins: [Margin], adds: Bool) throws(Failure) -> Shape {
    let axes = margins.count
    guard input.count == axes + 1 else {
      throw Failure(
        .shape,
        "it takes \(axes == 1 ? "(steps, channels)" : "(height, width, channels)"), but gets "
          + input.shapeDescription,
        hint: input.count == axes ? "add a channel axis with expand_dims(x, -1)" : nil)
    }
    var shape = input
    for (axis, margin) in margins.enumerated() {
      let sum = margin.before + margin.after
      guard adds || sum < input[axis] else {
        throw Failure(
          .shape, "it leaves out \(sum) of \(input[axis]) in axis \(axis) of \(input.shapeDescription)",
          hint: "leave out less")
      }
      shape[axis] += adds ? sum : -sum
    }
    return shape
  }
}

/// Copies a picture into the middle of zeros, or the middle of a picture.
private struct MarginMap: ExampleMap {
  let input: Shape
  let output: Shape
  let rows: Margin
  let columns: Margin
  let adds: Bool

  func forward(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>) {
    adds ? widen(x, y, from: input, to: output) : narrow(x, y, from: input, to: output)
  }

  func backward(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>,
    _ result: UnsafeMutablePointer<Float>
  ) {
    adds
      ? narrow(gradient, result, from: output, to: input)
      : widen(gradient, result, from: output, to: input)
  }

  private func widen(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, from small: Shape, to large: Shape
  ) {
    y.update(repeating: 0, count: large.reduce(1, *))
    let width = small[1] * small[2]
    for row in 0..<small[0] {
      (y + ((row + rows.before) * large[1] + columns.before) * large[2]).update(
        from: x + row * width, count: width)
    }
  }

  private func narrow(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, from large: Shape, to small: Shape
  ) {
    let width = small[1] * small[2]
    for row in 0..<small[0] {
      (y + row * width).update(
        from: x + ((row + rows.before) * large[1] + columns.before) * large[2], count: width)
    }
  }
}

/// A layer that adds zeros around a picture or sequence, or leaves out its edges.
public protocol MarginLayer: Layer {
  /// Whether there is more behind it, or less.
  static var adds: Bool { get }
  /// The axes that have margins: rows and columns, or steps.
  static var axes: Int { get }
  /// One for each of these axes.
  var margins: [Margin] { get }
  /// Margins that were checked.
  init(checked margins: [Margin], inputShape: Shape?)
}

extension MarginLayer {
  private static var names: ArraySlice<String> { ["rows", "columns"].suffix(axes) }

  fileprivate init(_ margins: [Margin], _ inputShape: Shape?) throws(Failure) {
    for margin in margins { try margin.check(Self.adds ? "padding" : "cropping") }
    self.init(checked: margins, inputShape: inputShape)
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    try Margin.shape(of: input, margins, adds: Self.adds)
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = LayerSettings()
    for (name, margin) in zip(Self.names, margins) {
      settings[name] = .integers([margin.before, margin.after])
    }
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    var margins: [Margin] = []
    for name in Self.names { margins.append(try Margin(settings, name)) }
    try self.init(margins, settings.shape("input_shape"))
  }

  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    let shape = try outputShape(for: flow.shape)
    let row = [Int](repeating: 1, count: 2 - Self.axes)
    return try ExampleOperation.append(
      MarginMap(
        input: row + flow.shape, output: row + shape, rows: Self.axes == 2 ? margins[0] : .none,
        columns: margins[Self.axes - 1], adds: Self.adds),
      to: builder, flow: flow, shape: shape)
  }
}

/// Zeros before and after rows and columns: (height, width, channels) → the same axes, longer.
public struct ZeroPadding2D: MarginLayer, CompilableLayer {
  /// The name in scripts and files.
  public static let kind = "zero_padding2d"
  /// The class in a Keras summary.
  public static let kerasClass = "ZeroPadding2D"
  /// Keras's name for the first one in a model.
  public static let kerasName = "zero_padding2d"
  /// Whether there is more behind it, or less.
  public static let adds = true
  /// The axes that have margins.
  public static let axes = 2

  /// Of rows and columns.
  public let margins: [Margin]
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// One row and one column on each side unless given.
  /// - Throws: a `value` failure for a negative number.
  public init(
    rows: Margin = Margin(1, 1), columns: Margin = Margin(1, 1), inputShape: Shape? = nil
  ) throws(Failure) {
    try self.init([rows, columns], inputShape)
  }

  /// Margins that were checked.
  public init(checked margins: [Margin], inputShape: Shape?) {
    self.margins = margins
    self.inputShape = inputShape
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

/// Zeros before and after the steps: (steps, channels) → the same axes, longer.
public struct ZeroPadding1D: MarginLayer, CompilableLayer {
  /// The name in scripts and files.
  public static let kind = "zero_padding1d"
  /// The class in a Keras summary.
  public static let kerasClass = "ZeroPadding1D"
  /// Keras's name for the first one in a model.
  public static let kerasName = "zero_padding1d"
  /// Whether there is more behind it, or less.
  public static let adds = true
  /// The axes that have margins.
  public static let axes = 1

  /// Of steps.
  public let margins: [Margin]
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// One step on each side unless given.
  /// - Throws: a `value` failure for a negative number.
  public init(
    columns: Margin = Margin(1, 1), inputShape: Shape? = nil
  ) throws(Failure) {
    try self.init([columns], inputShape)
  }

  /// Margins that were checked.
  public init(checked margins: [Margin], inputShape: Shape?) {
    self.margins = margins
    self.inputShape = inputShape
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

/// Leaves out what is at the edges of rows and columns: (height, width, channels) → the same axes, shorter.
public struct Cropping2D: MarginLayer, CompilableLayer {
  /// The name in scripts and files.
  public static let kind = "cropping2d"
  /// The class in a Keras summary.
  public static let kerasClass = "Cropping2D"
  /// Keras's name for the first one in a model.
  public static let kerasName = "cropping2d"
  /// Whether there is more behind it, or less.
  public static let adds = false
  /// The axes that have margins.
  public static let axes = 2

  /// Of rows and columns.
  public let margins: [Margin]
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// One row and one column on each side unless given.
  /// - Throws: a `value` failure for a negative number.
  public init(
    rows: Margin = Margin(1, 1), columns: Margin = Margin(1, 1), inputShape: Shape? = nil
  ) throws(Failure) {
    try self.init([rows, columns], inputShape)
  }

  /// Margins that were checked.
  public init(checked margins: [Margin], inputShape: Shape?) {
    self.margins = margins
    self.inputShape = inputShape
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

/// Leaves out what is at the edges of the steps: (steps, channels) → the same axes, shorter.
public struct Cropping1D: MarginLayer, CompilableLayer {
  /// The name in scripts and files.
  public static let kind = "cropping1d"
  /// The class in a Keras summary.
  public static let kerasClass = "Cropping1D"
  /// Keras's name for the first one in a model.
  public static let kerasName = "cropping1d"
  /// Whether there is more behind it, or less.
  public static let adds = false
  /// The axes that have margins.
  public static let axes = 1

  /// Of steps.
  public let margins: [Margin]
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// One step on each side unless given.
  /// - Throws: a `value` failure for a negative number.
  public init(
    columns: Margin = Margin(1, 1), inputShape: Shape? = nil
  ) throws(Failure) {
    try self.init([columns], inputShape)
  }

  /// Margins that were checked.
  public init(checked margins: [Margin], inputShape: Shape?) {
    self.margins = margins
    self.inputShape = inputShape
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}
