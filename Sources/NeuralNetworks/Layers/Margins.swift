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

  init(_ settings: LayerSettings, _ name: String) throws(Failure) {
    let list = try settings.integers(name, count: 2)
    self.init(list[0], list[1])
  }

  func check(_ name: String) throws(Failure) {
    guard (0...Extent.limit).contains(before), (0...Extent.limit).contains(after) else {
      throw Failure(
        .value, "\(name) has (\(before), \(after)); both numbers are from 0 to \(Extent.limit)",
        parameter: name)
    }
  }

  /// The shape that margins make of one of `axes` axes and channels.
  static func shape(of input: Shape, axes: Int, _ margins: [Margin], adds: Bool) throws(Failure) -> Shape {
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

/// Zeros before and after rows and columns: (height, width, channels) → the same axes, longer.
public struct ZeroPadding2D: Layer {
  /// The name in scripts and files.
  public static let kind = "zero_padding2d"
  /// The class in a Keras summary.
  public static let kerasClass = "ZeroPadding2D"
  /// Keras's name for the first one in a model.
  public static let kerasName = "zero_padding2d"

  /// Above and below.
  public let rows: Margin
  /// Left and right.
  public let columns: Margin
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// One row and one column on each side unless given.
  /// - Throws: a `value` failure for a negative number.
  public init(
    rows: Margin = Margin(1, 1), columns: Margin = Margin(1, 1), inputShape: Shape? = nil
  ) throws(Failure) {
    try rows.check("padding")
    try columns.check("padding")
    self.rows = rows
    self.columns = columns
    self.inputShape = inputShape
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    try Margin.shape(of: input, axes: 2, [rows, columns], adds: true)
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = LayerSettings()
    settings["rows"] = .integers([rows.before, rows.after])
    settings["columns"] = .integers([columns.before, columns.after])
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    try self.init(
      rows: Margin(settings, "rows"), columns: Margin(settings, "columns"),
      inputShape: settings.shape("input_shape"))
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension ZeroPadding2D: CompilableLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    let shape = try outputShape(for: flow.shape)
    return try ExampleOperation.append(
      MarginMap(
        input: flow.shape, output: shape,
        rows: rows, columns: columns, adds: true),
      to: builder, flow: flow, shape: shape)
  }
}

/// Zeros before and after the steps: (steps, channels) → the same axes, longer.
public struct ZeroPadding1D: Layer {
  /// The name in scripts and files.
  public static let kind = "zero_padding1d"
  /// The class in a Keras summary.
  public static let kerasClass = "ZeroPadding1D"
  /// Keras's name for the first one in a model.
  public static let kerasName = "zero_padding1d"

  /// Before and after.
  public let columns: Margin
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// One step on each side unless given.
  /// - Throws: a `value` failure for a negative number.
  public init(
    columns: Margin = Margin(1, 1), inputShape: Shape? = nil
  ) throws(Failure) {
    try columns.check("padding")
    self.columns = columns
    self.inputShape = inputShape
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    try Margin.shape(of: input, axes: 1, [columns], adds: true)
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = LayerSettings()
    settings["columns"] = .integers([columns.before, columns.after])
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    try self.init(
      columns: Margin(settings, "columns"), inputShape: settings.shape("input_shape"))
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension ZeroPadding1D: CompilableLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    let shape = try outputShape(for: flow.shape)
    return try ExampleOperation.append(
      MarginMap(
        input: [1] + flow.shape, output: [1] + shape,
        rows: Margin.none, columns: columns, adds: true),
      to: builder, flow: flow, shape: shape)
  }
}

/// Leaves out what is at the edges of rows and columns: (height, width, channels) → the same axes, shorter.
public struct Cropping2D: Layer {
  /// The name in scripts and files.
  public static let kind = "cropping2d"
  /// The class in a Keras summary.
  public static let kerasClass = "Cropping2D"
  /// Keras's name for the first one in a model.
  public static let kerasName = "cropping2d"

  /// Above and below.
  public let rows: Margin
  /// Left and right.
  public let columns: Margin
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// One row and one column on each side unless given.
  /// - Throws: a `value` failure for a negative number.
  public init(
    rows: Margin = Margin(1, 1), columns: Margin = Margin(1, 1), inputShape: Shape? = nil
  ) throws(Failure) {
    try rows.check("cropping")
    try columns.check("cropping")
    self.rows = rows
    self.columns = columns
    self.inputShape = inputShape
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    try Margin.shape(of: input, axes: 2, [rows, columns], adds: false)
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = LayerSettings()
    settings["rows"] = .integers([rows.before, rows.after])
    settings["columns"] = .integers([columns.before, columns.after])
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    try self.init(
      rows: Margin(settings, "rows"), columns: Margin(settings, "columns"),
      inputShape: settings.shape("input_shape"))
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension Cropping2D: CompilableLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    let shape = try outputShape(for: flow.shape)
    return try ExampleOperation.append(
      MarginMap(
        input: flow.shape, output: shape,
        rows: rows, columns: columns, adds: false),
      to: builder, flow: flow, shape: shape)
  }
}

/// Leaves out what is at the edges of the steps: (steps, channels) → the same axes, shorter.
public struct Cropping1D: Layer {
  /// The name in scripts and files.
  public static let kind = "cropping1d"
  /// The class in a Keras summary.
  public static let kerasClass = "Cropping1D"
  /// Keras's name for the first one in a model.
  public static let kerasName = "cropping1d"

  /// Before and after.
  public let columns: Margin
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// One step on each side unless given.
  /// - Throws: a `value` failure for a negative number.
  public init(
    columns: Margin = Margin(1, 1), inputShape: Shape? = nil
  ) throws(Failure) {
    try columns.check("cropping")
    self.columns = columns
    self.inputShape = inputShape
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    try Margin.shape(of: input, axes: 1, [columns], adds: false)
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = LayerSettings()
    settings["columns"] = .integers([columns.before, columns.after])
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    try self.init(
      columns: Margin(settings, "columns"), inputShape: settings.shape("input_shape"))
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension Cropping1D: CompilableLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    let shape = try outputShape(for: flow.shape)
    return try ExampleOperation.append(
      MarginMap(
        input: [1] + flow.shape, output: [1] + shape,
        rows: Margin.none, columns: columns, adds: false),
      to: builder, flow: flow, shape: shape)
  }
}
