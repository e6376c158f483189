import Essentials
import Tensors

/// The same numbers in the same order under another shape.
public struct Reshape: Layer {
  /// The name in scripts and files.
  public static let kind = "reshape"
  /// The class in a Keras summary.
  public static let kerasClass = "Reshape"
  /// Keras's name for the first one in a model.
  public static let kerasName = "reshape"

  /// The shape of one output example; one length may be −1: whatever is left.
  public let target: Shape
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// A shape without the batch axis.
  /// - Throws: a `value` failure for a length below −1 or 0, or several of −1.
  public init(_ target: Shape, inputShape: Shape? = nil) throws(Failure) {
    guard target.allSatisfy({ $0 == -1 || $0 > 0 }), target.count(where: { $0 == -1 }) <= 1 else {
      throw Failure(
        .value, "a shape is of positive lengths, one of which may be -1, not \(target.shapeDescription)",
        parameter: "x")
    }
    self.target = target
    self.inputShape = inputShape
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    let count = try input.checkedElementCount()
    let known = try target.filter { $0 != -1 }.checkedElementCount()
    let shape = target.map { $0 == -1 ? count / max(known, 1) : $0 }
    guard try shape.checkedElementCount() == count else {
      throw Failure(
        .shape,
        "its shape \(target.shapeDescription) does not hold the \(count) numbers of \(input.shapeDescription)",
        hint: "let one length be -1: whatever is left")
    }
    return shape
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = LayerSettings()
    settings["shape"] = .integers(target)
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    try self.init(settings.integers("shape"), inputShape: settings.shape("input_shape"))
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension Reshape: CompilableLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    let shape = try outputShape(for: flow.shape)
    var flow = try builder.examples(flow)
    flow.shape = shape
    return try builder.examples(flow)
  }
}

/// The axes of an example in another order.
public struct Permute: Layer {
  /// The name in scripts and files.
  public static let kind = "permute"
  /// The class in a Keras summary.
  public static let kerasClass = "Permute"
  /// Keras's name for the first one in a model.
  public static let kerasName = "permute"

  /// For each axis of the output, which of the input it is, counted from 1 as Keras does.
  public let order: [Int]
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// Each axis once, counted from 1.
  /// - Throws: a `value` failure for what is no order.
  public init(_ order: [Int], inputShape: Shape? = nil) throws(Failure) {
    guard order.sorted() == Array(1..<order.count + 1), !order.isEmpty else {
      throw Failure(
        .value, "dims names each axis from 1 on once, not \(order.shapeDescription)", parameter: "dims")
    }
    self.order = order
    self.inputShape = inputShape
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    guard input.count == order.count else {
      throw Failure(
        .shape, "it puts \(order.count) axes in another order, but gets \(input.shapeDescription)",
        hint: "the batch axis does not count")
    }
    return order.map { input[$0 - 1] }
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = LayerSettings()
    settings["dims"] = .integers(order)
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    try self.init(settings.integers("dims"), inputShape: settings.shape("input_shape"))
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

/// Copies between two orders of axes.
private struct PermutingMap: ExampleMap {
  /// For each place of the output, which of the input it is.
  let places: [Int]

  init(_ order: [Int], input: Shape, output: Shape) {
    var steps = [Int](repeating: 1, count: input.count)
    for axis in (0..<input.count - 1).reversed() { steps[axis] = steps[axis + 1] * input[axis + 1] }
    var places = [0]
    for (axis, length) in output.enumerated() {
      let step = steps[order[axis] - 1]
      places = places.flatMap { place in (0..<length).map { place + $0 * step } }
    }
    self.places = places
  }

  func forward(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>) {
    for (index, place) in places.enumerated() { y[index] = x[place] }
  }

  func backward(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>,
    _ result: UnsafeMutablePointer<Float>
  ) {
    for (index, place) in places.enumerated() { result[place] = gradient[index] }
  }
}

extension Permute: CompilableLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    let shape = try outputShape(for: flow.shape)
    return try ExampleOperation.append(
      PermutingMap(order, input: flow.shape, output: shape), to: builder, flow: flow, shape: shape)
  }
}

/// A vector as each step of a sequence: (channels,) → (count, channels).
public struct RepeatVector: Layer {
  /// The name in scripts and files.
  public static let kind = "repeat_vector"
  /// The class in a Keras summary.
  public static let kerasClass = "RepeatVector"
  /// Keras's name for the first one in a model.
  public static let kerasName = "repeat_vector"

  /// How many steps.
  public let count: Int
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// So many steps.
  /// - Throws: a `value` failure for a count that is not positive.
  public init(_ count: Int, inputShape: Shape? = nil) throws(Failure) {
    try ConvolutionSettings.check("n", count)
    self.count = count
    self.inputShape = inputShape
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    guard input.count == 1 else {
      throw Failure(.shape, "it takes vectors, but gets \(input.shapeDescription)", hint: "flatten() first")
    }
    return [count] + input
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = LayerSettings()
    settings["n"] = .number(Double(count))
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    try self.init(settings.integer("n"), inputShape: settings.shape("input_shape"))
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

private struct RepeatingMap: ExampleMap {
  let count: Int
  let length: Int

  func forward(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>) {
    for step in 0..<count { (y + step * length).update(from: x, count: length) }
  }

  func backward(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>,
    _ result: UnsafeMutablePointer<Float>
  ) {
    result.update(from: gradient, count: length)
    for step in 1..<count {
      for index in 0..<length { result[index] += gradient[step * length + index] }
    }
  }
}

extension RepeatVector: CompilableLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    try ExampleOperation.append(
      RepeatingMap(count: count, length: flow.shape[0]), to: builder, flow: flow,
      shape: outputShape(for: flow.shape))
  }
}
