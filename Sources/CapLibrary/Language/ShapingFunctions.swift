import CapLanguage
import Essentials
import NeuralNetworks
import Tensors

/// The same numbers in another arrangement, and several arrays in one. Lazy objects stay lazy.
enum ShapingFunctions {
  static let all = [expandDims, squeeze, reshape, transpose, concat, stack, repeated, flip, roll]

  private static let topic = "shaping"
  private static let x = Argument("x", .array, "A tensor, or lists of numbers")

  private static let expandDims = FunctionDeclaration(
    "expand_dims", topic: topic, "Adds an axis of length 1",
    takes: ArgumentList(
      Argument("x", .items, "A tensor, a spectrogram, or lists of numbers"),
      Argument("axis", .integer, default: -1, "Where the new axis stands; -1 puts it last")),
    returns: "the same numbers with one axis more; a lazy spectrogram stays lazy",
    errors: ["index: an axis that cannot be there"],
    examples: [Example("expand_dims(zeros([4, 5])).shape", output: "[4, 5, 1]")],
    source: "tf.expand_dims, numpy.expand_dims", seeAlso: ["squeeze", "reshape"]
  ) { _, x, axis in
    if case .object(let object as any AxisExpandable) = x.value,
      let expanded = try blaming("axis", { try object.expandingDims(at: axis) })
    {
      return expanded
    }
    let tensor = try x.tensor()
    return .object(TensorObject(try blaming("axis") { try tensor.expandingDimensions(axis: axis) }))
  }

  private static let squeeze = FunctionDeclaration(
    "squeeze", topic: topic, "Takes axes of length 1 away",
    takes: ArgumentList(
      Argument("x", .items, "A tensor, a spectrogram, or lists of numbers"),
      Argument("axis", .optional(.integer), default: .nothing, "The axis; none takes all of length 1 away")),
    returns: "the same numbers with fewer axes", errors: ["shape: the axis is longer than 1"],
    examples: [Example("squeeze(zeros([1, 3, 1])).shape", output: "[3]")],
    source: "tf.squeeze, numpy.squeeze", seeAlso: ["expand_dims"]
  ) { _, x, axis in
    if case .object(let object as any AxisExpandable) = x.value,
      let squeezed = try blaming("axis", { try object.squeezing(axis: axis) })
    {
      return squeezed
    }
    let tensor = try x.tensor()
    let windowing = (x.value.asObject as? TensorObject)?.windowing
    let squeezed = try blaming("axis") { try tensor.squeezed(axis: axis) }
    return Conversions.value(
      squeezed, windowing: squeezed.shape.first == tensor.shape.first ? windowing : nil)
  }

  private static let reshape = FunctionDeclaration(
    "reshape", topic: topic,
    "Lays the same numbers out in another shape; with a shape alone, a layer that does",
    takes: ArgumentList(
      Argument("x", .array, "A tensor, or lists of numbers; or a layer's shape, without the batch axis"),
      Argument(
        "shape", .optional(.oneOrMore(.atLeast(-1))),
        default: .nothing, "The length of each axis; one of them may be -1: whatever is left"),
      Argument(
        "input_shape", .optional(.oneOrMore(.atLeast(1))),
        default: .nothing, "Of a first layer: the shape of one example, without the batch axis")),
    gives: TensorObject.self, returns: "a tensor of this shape, row-major; without a shape a layer",
    errors: ["shape: a shape with more or fewer numbers"],
    examples: [
      Example("reshape(range(6), [2, 3])", output: "[[0. 1. 2.]\n [3. 4. 5.]]"),
      Example("reshape(zeros([4, 6]), [-1, 3]).shape", output: "[8, 3]"),
      Example("sequential([reshape([-1, 8])], input_shape=[10, 4, 2]).output_shape", output: "[10, 8]"),
    ], source: "numpy.reshape; keras.layers.Reshape", seeAlso: ["transpose", "expand_dims", "permute"]
  ) { _, x, shape, inputShape in
    guard let shape else {
      guard let lengths = x.value.asInt.map({ [$0] }) ?? wholeNumbers(x.value) else {
        throw Failure(
          .type, "'x' takes a list of whole numbers, not \(x.value.kindPhrase)", parameter: "x")
      }
      return layerValue(try Reshape(lengths, inputShape: inputShape))
    }
    if let inputShape {
      // reshape(x, 3, 2), most likely.
      let lengths = (shape + inputShape).map(String.init)
      throw Failure(
        .type, "a tensor has no input_shape", hint: "write reshape(x, [\(lengths.joined(separator: ", "))])",
        parameter: "input_shape")
    }
    let tensor = try x.tensor()
    return Conversions.value(try blaming("shape") { try tensor.reshaped(inferring: shape) })
  }

  /// A list of whole numbers; nil for anything else.
  private static func wholeNumbers(_ value: Value) -> [Int]? {
    guard case .list(let items) = value else { return nil }
    let numbers = items.compactMap(\.asInt)
    return numbers.count == items.count ? numbers : nil
  }

  private static let transpose = FunctionDeclaration(
    "transpose", topic: topic, "Puts the axes in another order",
    takes: ArgumentList(
      x,
      Argument(
        "axes", .optional(.list(.integer)), inner: ["axis"], default: .nothing,
        "The order of the axes; none reverses them")),
    gives: TensorObject.self, returns: "a tensor",
    errors: ["shape: an order that does not name each axis once"],
    examples: [
      Example("transpose([[1, 2], [3, 4]])", output: "[[1. 3.]\n [2. 4.]]"),
      Example("transpose(zeros([2, 3, 4]), [0, 2, 1]).shape", output: "[2, 4, 3]"),
    ], source: "numpy.transpose", seeAlso: ["reshape"]
  ) { _, x, axes in
    let axes = axes == nil ? nil : axes
    let tensor = try x.tensor()
    return Conversions.value(try blaming("axes") { try tensor.transposed(axes) })
  }

  private static let flip = FunctionDeclaration(
    "flip", topic: topic, "Reverses the order along an axis",
    takes: ArgumentList(
      x,
      Argument("axis", .integer, default: 0, "The axis")),
    gives: TensorObject.self, returns: "a tensor of the same shape",
    errors: ["index: an axis that is not there"],
    examples: [Example("flip([1, 2, 3])", output: "[3. 2. 1.]")],
    source: "numpy.flip", seeAlso: ["reversed", "roll"]
  ) { _, x, axis in
    Conversions.value(try x.tensor().reversed(axis: axis))
  }

  private static let roll = FunctionDeclaration(
    "roll", topic: topic, "Shifts along an axis; what falls off one end comes back at the other",
    takes: ArgumentList(
      x,
      Argument("shift", .integer, "How far; negative shifts towards the start"),
      Argument("axis", .integer, default: 0, "The axis")),
    gives: TensorObject.self, returns: "a tensor of the same shape",
    errors: ["index: an axis that is not there"],
    examples: [Example("roll([1, 2, 3, 4], 1)", output: "[4. 1. 2. 3.]")], source: "numpy.roll",
    seeAlso: ["flip"]
  ) { _, x, shift, axis in
    let tensor = try x.tensor()
    let axis = try tensor.shape.resolvedAxis(axis)
    let length = tensor.shape[axis]
    guard length > 0 else { return .object(TensorObject(tensor)) }
    let shift = ((shift) % length + length) % length
    let positions = (0..<length).map { ($0 - shift + length) % length }
    return .object(TensorObject(try tensor.taking(positions, axis: axis)))
  }

  // MARK: Several in one

  private static let several = Argument<[Value]>.values("xs", "One list of the parts, or two or more parts")
  private static let axis = Argument("axis", .integer, default: 0, "The axis along which they are joined")

  /// The parts that a call names: one list of them, or each as an argument.
  private static func parts(_ values: [Value], _ caller: String) throws -> [Value] {
    let parts = values.count == 1 ? try Conversions.items(of: values[0], name: "xs") : values
    guard !parts.isEmpty else {
      throw Failure(.value, "\(caller) needs at least one part", hint: "\(caller)([a, b])", parameter: "xs")
    }
    return parts
  }

  private static let concat = FunctionDeclaration(
    "concat", topic: topic, "Joins lists, strings, tensors, audio or datasets end to end",
    takes: ArgumentList(
      several,
      axis), returns: "one value of the kind of the parts",
    errors: [
      "shape: tensors that differ in the other axes", "type: parts of different kinds", "value: no parts",
    ],
    examples: [
      Example("concat([1, 2], [3])", output: "[1, 2, 3]"),
      Example("concat([zeros([2, 3]), ones([1, 3])]).shape", output: "[3, 3]"),
    ], source: "tf.concat; numpy.concatenate", seeAlso: ["stack", "join"]
  ) { _, xs, axis in
    let parts = try parts(xs, "concat")
    switch parts[0] {
    case .object(let first as any Concatenable):
      return try first.concatenated(with: Array(parts.dropFirst()), axis: axis)
    case .string:
      return .string(
        try same(parts, "a string") { $0.asString }.joined())
    case .list where axis == 0 && parts.allSatisfy({ $0.asList != nil }):
      let lists = parts.compactMap(\.asList)
      try Limits.checkListCount(lists.reduce(0) { $0 + $1.count })
      return .list(lists.flatMap { $0 })
    default:
      let tensors = try parts.map { try Conversions.tensor($0, name: "xs") }
      guard tensors.allSatisfy({ $0.rank > 0 }) else {
        throw Failure(
          .shape, "single numbers have no axis to be joined along", hint: "stack([a, b]) makes a new axis",
          parameter: "xs")
      }
      return .object(TensorObject(try blaming("xs") { try Tensor.concatenated(tensors, axis: axis) }))
    }
  }

  private static func same<Part>(_ parts: [Value], _ kind: String, _ cast: (Value) -> Part?) throws -> [Part]
  {
    try parts.enumerated().map { position, part in
      guard let typed = cast(part) else {
        throw Failure(
          .type, "part \(position) is \(part.kindPhrase), not \(kind) as the first", parameter: "xs")
      }
      return typed
    }
  }

  private static let stack = FunctionDeclaration(
    "stack", topic: topic, "Puts tensors of one shape side by side along a new axis",
    takes: ArgumentList(
      several,
      Argument("axis", .integer, default: 0, "Where the new axis stands")),
    gives: TensorObject.self, returns: "a tensor with one axis more",
    errors: ["shape: tensors of different shapes", "value: no tensors"],
    examples: [Example("stack([[1, 2], [3, 4]], axis=1)", output: "[[1. 3.]\n [2. 4.]]")],
    source: "tf.stack; numpy.stack", seeAlso: ["concat", "expand_dims"]
  ) { _, xs, axis in
    let tensors = try parts(xs, "stack").map { try Conversions.tensor($0, name: "xs") }
    return .object(TensorObject(try blaming("xs") { try Tensor.stacked(tensors, axis: axis) }))
  }

  private static let repeated = FunctionDeclaration(
    "repeat", topic: topic, "The same again and again, end to end",
    takes: ArgumentList(
      Argument("x", .items, "A string, list, tensor or dataset; a number makes a list"),
      Argument(
        "count", .optional(.integer(.nonNegative)), inner: ["repeats"], default: .nothing,
        "How often; none repeats a dataset without end"),
      Argument("axis", .integer, default: 0, "The axis of a tensor to go along")),
    returns: "one value of the kind given",
    errors: ["value: no count for anything but a dataset", "memory: too much of it"],
    examples: [
      Example("repeat(\"ab\", 3)", output: "\"ababab\""),
      Example("repeat([0, 1], 2)", output: "[0, 1, 0, 1]"),
    ], source: "tf.data.Dataset.repeat; numpy.tile", seeAlso: ["full", "concat"]
  ) { _, x, count, axis in
    if let lazy = SequenceFunctions.lazy(x.value), let result = try lazy.repeated(count) {
      return result
    }
    guard let count else {
      throw Failure(.value, "'count' is missing: only a dataset is repeated without end", parameter: "count")
    }
    switch x.value {
    case .string(let string):
      try Limits.checkStringBytes(Double(string.text.utf8.count) * Double(count))
      return .string(try Strings.repeated(string.text, count))
    case .list(let items): return .list(try repeating(items, count))
    case .number, .bool, .nothing: return .list(try repeating([x.value], count))
    case .object(let object)
    where Conversions.isArray(x.value) && !(object is any SequenceTransformable):
      let tensor = try x.tensor()
      let axis = try tensor.shape.resolvedAxis(axis)
      var counts = tensor.shape.map { _ in 1 }
      counts[axis] = count
      return .object(TensorObject(try blaming("count") { try tensor.tiled(counts) }))
    default: return .list(try repeating(try x.items(), count))
    }
  }

  private static func repeating(_ items: [Value], _ count: Int) throws -> [Value] {
    let (total, overflow) = items.count.multipliedReportingOverflow(by: count)
    try Limits.checkListCount(overflow ? Int.max : total)
    return try LongLists.repeated(items, count)
  }
}
