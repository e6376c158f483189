import CapLanguage
import Essentials
import Tensors

/// Between the language's values and tensors, and over anything that has items.
public enum Conversions {
  // MARK: Tensors

  /// The numbers in a value: a number, a bool (0 or 1), a range, a tensor, anything `TensorConvertible`, or
  /// lists of those, nested to any regular shape.
  /// - Parameter name: the parameter that a failure blames, as `'name' takes …`.
  /// - Throws: a `type` failure for other kinds, a `shape` failure that names the place for ragged lists.
  public static func tensor(_ value: Value, name: String? = nil) throws -> Tensor {
    do {
      if let tensor = try tensorIfNumeric(value) { return tensor }
    } catch let failure as Failure {
      throw name.map { failure.blaming($0) } ?? failure
    }
    let subject = name.map { "'\($0)' takes" } ?? "expected"
    throw Failure(
      .type, "\(subject) numbers (a number, a list of numbers, a tensor), not \(value.kindPhrase)",
      parameter: name)
  }

  /// As `tensor`, but nil for a value of a kind that holds no numbers.
  /// - Throws: a `type` failure for lists that hold what is no number, a `shape` failure that names the place for ragged ones.
  public static func tensorIfNumeric(_ value: Value) throws -> Tensor? {
    switch value {
    case .number(let number): return Tensor(scalar: Float(number))
    case .bool(let bool): return Tensor(scalar: bool ? 1 : 0)
    case .object(let object as TensorObject): return object.tensor
    case .object(let range as RangeObject):
      _ = try [range.length].checkedElementCount()
      return Tensor((0..<range.length).map { Float(range.start + Double($0) * range.step) })
    case .object(let object as any TensorConvertible): return try object.tensorValue()
    case .list(let items):
      var filler = NestedListFiller()
      try filler.fill(from: items)
      return try filler.tensor()
    default: return nil
    }
  }

  /// A tensor as a value: without axes it is a number.
  public static func value(_ tensor: Tensor, windowing: Windowing? = nil) -> Value {
    if tensor.rank == 0 { return .number(Double(tensor.elements[0])) }
    return .object(TensorObject(tensor, windowing: windowing))
  }

  /// A tensor as nested lists of numbers; without axes it is a number.
  /// - Throws: an `interrupt` failure.
  public static func nestedLists(_ tensor: Tensor) throws -> Value {
    func lists(_ axis: Int, _ offset: Int, _ stride: Int) throws -> Value {
      if axis == tensor.rank { return .number(Double(tensor.elements[offset])) }
      let length = tensor.shape[axis]
      let inner = length == 0 ? 0 : stride / length
      var items: [Value] = []
      items.reserveCapacity(length)
      defer { if Interruption.isRequested { Background.free(&items) } }
      for position in 0..<length {
        if position & 0xFFF == 0 { try Interruption.check() }
        items.append(try lists(axis + 1, offset + position * inner, inner))
      }
      return .list(items)
    }
    return try lists(0, 0, tensor.count)
  }

  /// Whether a value holds numbers in an array: a tensor, or something `TensorConvertible`. Lists are not.
  public static func isArray(_ value: Value) -> Bool {
    guard case .object(let object) = value else { return false }
    return object is TensorObject || object is any TensorConvertible
  }

  // MARK: Items

  /// The items of anything that has some, one after the other: list, range, string (its characters),
  /// record (its keys), tensor, dataset, …
  /// - Throws: a `type` failure that blames `name` for a value without items.
  public static func iterator(over value: Value, name: String) throws -> () throws -> Value? {
    switch value {
    case .list(let items): return iterator(items)
    case .string(let string): return iterator(string.characters.map { .string($0) })
    case .record(let record): return iterator(record.keys.map { .string($0) })
    case .object(let object):
      if let failure = object.endless { throw failure.blaming(name) }
      if let next = try object.makeIterator() {
        return {
          try Interruption.check()
          return try next()
        }
      }
      throw withoutItems(value, name)
    default: throw withoutItems(value, name)
    }
  }

  /// All items of anything that has some.
  /// - Throws: a `type` failure that blames `name` for a value without items, a `memory` failure for too
  ///   many.
  public static func items(of value: Value, name: String) throws -> [Value] {
    if case .list(let items) = value { return items }
    if let count = count(of: value) { try Limits.checkListCount(count) }
    let next = try iterator(over: value, name: name)
    var items: [Value] = []
    defer { if Interruption.isRequested { Background.free(&items) } }
    while let item = try next() {
      items.append(item)
      if items.count & 0xFFFF == 0 { try Limits.checkListCount(items.count) }
    }
    return items
  }

  /// What `len` gives; nil for a value without a length.
  public static func count(of value: Value) -> Int? {
    switch value {
    case .list(let items): items.count
    case .string(let string): string.count
    case .record(let record): record.count
    case .object(let object): object.count
    default: nil
    }
  }

  private static func iterator(_ items: [Value]) -> () -> Value? {
    var next = 0
    return {
      guard next < items.count else { return nil }
      defer { next += 1 }
      return items[next]
    }
  }

  private static func withoutItems(_ value: Value, _ name: String) -> Failure {
    if case .function = value {
      return Failure(
        .type, "'\(name)' takes something with items (a list, a range, a dataset, …), not a function",
        hint: "the items come first, then the function", parameter: name)
    }
    return Failure(
      .type,
      "'\(name)' takes something with items (a list, a range, a string, a dataset, …), not \(value.kindPhrase)",
      parameter: name)
  }
}

/// Collects nested lists into one row-major array, and says where they are ragged.
private struct NestedListFiller {
  private var shape: [Int] = []
  private var isShapeKnown = false
  private var elements: [Float] = []

  /// Deeper nesting is no array but a mistake, and the walk recurses.
  private static let depthLimit = 32

  mutating func fill(from items: [Value]) throws {
    try add(items, path: [])
  }

  func tensor() throws -> Tensor { try Tensor(shape: shape, elements: elements) }

  private mutating func add(_ items: [Value], path: [Int]) throws {
    try enter(length: items.count, path: path, what: "a list of \(items.count)")
    if items.isEmpty, path.count + 1 == shape.count { isShapeKnown = true }
    for (position, item) in items.enumerated() {
      if position & 0xFFF == 0 { try Interruption.check() }
      switch item {
      case .number(let number):
        try finishScalar(path, position)
        elements.append(Float(number))
      case .bool(let bool):
        try finishScalar(path, position)
        elements.append(bool ? 1 : 0)
      case .list(let inner): try add(inner, path: path + [position])
      default:
        let place = path + [position]
        guard let tensor = try Conversions.tensorIfNumeric(item) else {
          throw Failure(
            .type, "a tensor holds numbers, but there is \(item.kindPhrase) at \(Self.text(place))")
        }
        try add(tensor, path: place)
      }
    }
  }

  private mutating func add(_ tensor: Tensor, path: [Int]) throws {
    for (axis, length) in tensor.shape.enumerated() {
      let inner = path + Array(repeating: 0, count: axis)
      try enter(length: length, path: inner, what: "a tensor of shape \(tensor.shape.shapeDescription)")
    }
    let zeros = path + Array(repeating: 0, count: tensor.rank)
    try finishScalar(zeros.dropLast(), zeros.last ?? 0)
    elements += tensor.elements
  }

  /// A list of `length` items starts at `path`.
  private mutating func enter(length: Int, path: [Int], what: String) throws {
    guard path.count < Self.depthLimit else {
      throw Failure(.shape, "a tensor has at most \(Self.depthLimit) axes, but the lists are nested deeper")
    }
    if path.count == shape.count, !isShapeKnown {
      shape.append(length)
      return
    }
    guard path.count < shape.count else {
      throw Failure(
        .shape, "the lists are ragged: there is \(what) at \(Self.text(path)), but numbers before it")
    }
    guard shape[path.count] == length else {
      throw Failure(
        .shape,
        "the lists are ragged: there is \(what) at \(Self.text(path)), but the ones before it have \(shape[path.count])"
      )
    }
  }

  /// A number stands at `position` of the list at `path`: from now on the number of axes is known.
  private mutating func finishScalar(_ path: some Collection<Int>, _ position: Int) throws {
    guard path.count + 1 == shape.count else {
      throw Failure(
        .shape,
        "the lists are ragged: there is a number at \(Self.text(path + [position])), but lists before it")
    }
    isShapeKnown = true
  }

  private static func text(_ place: [Int]) -> String { place.map { "[\($0)]" }.joined() }
}
