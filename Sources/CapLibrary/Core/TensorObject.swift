import CapLanguage
import Essentials
import Notebook
import Tensors

/// A tensor as a value of the language: NumPy's indexing, broadcasting and elementwise comparisons.
public final class TensorObject: DomainObject, @unchecked Sendable {
  /// The numbers.
  public let tensor: Tensor
  /// What the rows mean in a recording, where they are scores of consecutive windows; else nil.
  public let windowing: Windowing?
  /// The classes of its rows and columns, where it is a confusion matrix; else nil.
  public let classes: [String]?
  /// The classes that its columns score, where a model with names made it; else nil.
  let scoreClasses: ScoreClasses?

  /// Wraps a tensor.
  public convenience init(_ tensor: Tensor, windowing: Windowing? = nil, classes: [String]? = nil) {
    self.init(tensor, windowing: windowing, classes: classes, scores: nil)
  }

  init(_ tensor: Tensor, windowing: Windowing?, classes: [String]? = nil, scores: ScoreClasses?) {
    self.tensor = tensor
    self.classes = classes
    scoreClasses = tensor.rank == 2 && tensor.shape[1] == scores?.unitCount ? scores : nil
    self.windowing = tensor.rank > 0 ? windowing : nil
    super.init()
  }

  public override var kindName: String { "tensor" }
  /// `Tensor (1491, 257) float32`.
  public override var summary: String { tensor.summary }

  public override class var ownFieldNames: [String] {
    ["shape", "size", "ndim", "T", "classes"]
  }
  public override func field(_ name: String) throws -> Value? {
    switch name {
    case "shape": .list(tensor.shape.map { .number($0) })
    case "size": .number(tensor.count)
    case "ndim": .number(tensor.rank)
    case "classes": scoreClasses.map { .list($0.names.map { .string($0) }) } ?? .nothing
    case "T": Conversions.value(try tensor.transposed())
    default: nil
    }
  }

  // MARK: Indexing

  public override func subscripted(_ subscripts: [Subscript]) throws -> Value? {
    if let positions = try TensorSubscripts.selection(subscripts, in: tensor) {
      return .object(TensorObject(positions))
    }
    let indices = try TensorSubscripts.indices(subscripts, in: tensor)
    let part = try tensor.sliced(indices)
    if part.rank == 2, let scoreClasses {
      return .object(TensorObject(part, windowing: remainingWindowing(indices), scores: scoreClasses))
    }
    return Conversions.value(part, windowing: remainingWindowing(indices))
  }

  public override func settingSubscript(_ subscripts: [Subscript], to value: Value) throws -> DomainObject? {
    guard let source = try Conversions.tensorIfNumeric(value) else {
      throw Failure(.type, "a part of a tensor takes numbers, not \(value.kindPhrase)")
    }
    if subscripts.count == 1, case .index(.object(let mask as TensorObject)) = subscripts[0],
      mask.tensor.shape == tensor.shape
    {
      return TensorObject(
        try Tensor.choosing(where: mask.tensor, try source.broadcast(to: tensor.shape), else: tensor),
        windowing: windowing)
    }
    var changed = tensor
    try changed.assign(source, at: try TensorSubscripts.indices(subscripts, in: tensor))
    return TensorObject(changed, windowing: windowing)
  }

  /// The windowing survives where the first axis does.
  private func remainingWindowing(_ indices: [TensorIndex]) -> Windowing? {
    guard let windowing, let first = indices.first else { return windowing }
    guard case .slice(let start, let stop, let step) = first,
      let slice = try? TensorIndex.resolvedSlice(
        start: start, stop: stop, step: step, length: tensor.shape[0])
    else { return nil }
    return windowing.selecting(from: slice.start, every: slice.step)
  }

  // MARK: Iteration

  public override var count: Int? { tensor.rank == 0 ? nil : tensor.shape[0] }
  public override func element(at index: Int) throws -> Value {
    if tensor.rank == 1 { return .number(Double(tensor.elements[index])) }
    return Conversions.value(try tensor.row(index))
  }

  // MARK: Operators

  public override func binary(_ operation: BinaryOperation, right: Value) throws -> Value? {
    guard let other = try Conversions.tensorIfNumeric(right) else { return nil }
    if operation == .contains {
      guard other.rank == 0 else {
        throw Failure(.type, "'in' asks a tensor for a number, not for \(right.kindPhrase)")
      }
      return .bool(tensor.elements.contains(other.elements[0]))
    }
    return try combined(operation, tensor, other)
  }

  public override func binary(_ operation: BinaryOperation, left: Value) throws -> Value? {
    guard operation != .contains, let other = try Conversions.tensorIfNumeric(left) else { return nil }
    return try combined(operation, other, tensor)
  }

  private func combined(
    _ operation: BinaryOperation, _ left: Tensor, _ right: Tensor
  ) throws -> Value? {
    guard let result = try TensorArithmetic.combine(operation, left, right) else { return nil }
    return Conversions.value(result, windowing: result.shape.first == tensor.shape.first ? windowing : nil)
  }

  public override func unary(_ operation: UnaryOperation) throws -> Value? {
    operation == .plus
      ? .object(self) : .object(TensorObject(try tensor.applying(.negative), windowing: windowing))
  }

  public override var conditionHint: String? { "say which of its numbers must be true: any(t) or all(t)" }

  /// Same shape, same numbers.
  public override func isEqual(to other: DomainObject) -> Bool {
    guard let other = other as? TensorObject else { return false }
    return tensor == other.tensor
  }
}

extension TensorObject: TensorConvertible {
  /// The numbers themselves: nothing is copied.
  public func tensorValue() -> Tensor { tensor }
}

extension TensorObject: PrintableText {
  /// The numbers as NumPy prints them.
  public func printedText() -> String { tensor.description }
}

extension TensorObject: RichDisplay {
  /// A cell shows no more numbers than a reader looks at; `print` shows more.
  private static let shownElementLimit = 200

  /// The numbers; a large tensor shows its shape and the first and last few of each axis.
  public func outputs(in session: Session) -> [Output] {
    if let table = confusionTable { return [.table(table)] }
    let text = tensor.text(elementLimit: Self.shownElementLimit)
    let needsShape = tensor.count > Self.shownElementLimit || tensor.count == 0
    return [.value(needsShape ? summary + "\n" + text : text)]
  }
}

extension TensorObject {
  /// A confusion matrix of classes that have names.
  private var confusionTable: Table? {
    guard let classes, tensor.rank == 2, tensor.shape == [classes.count, classes.count],
      classes.contains(where: { Int($0) == nil })
    else { return nil }
    return Table(
      columns: [Table.Column("true ↓ taken for →")]
        + classes.map { Table.Column($0, alignment: .right) },
      rows: classes.indices.map { row in
        [classes[row]]
          + classes.indices.map { String(Int(tensor.elements[row * classes.count + $0])) }
      })
  }
}

/// The classes that a model's outputs score.
struct ScoreClasses: Sendable {
  /// In the order of class numbers; of one output, what 0 and 1 mean.
  let names: [String]
  /// Whether one class excludes the others.
  let isExclusive: Bool
  let unitCount: Int

  /// The classes of each row of scores: the word above the threshold, or the largest, or a list of all above.
  func words(of scores: Tensor, threshold: Float?) -> [Value] {
    let limit = threshold ?? 0.5
    return (0..<scores.count / unitCount).map { row in
      let own = scores.elements[row * unitCount..<(row + 1) * unitCount]
      if unitCount == 1 { return .string(names[(own.first ?? 0) > limit ? 1 : 0]) }
      if isExclusive {
        var best = own.startIndex
        for index in own.indices where own[index] > own[best] { best = index }
        return .string(names[best - own.startIndex])
      }
      return .list(zip(own, names).filter { $0.0 > limit }.map { .string($0.1) })
    }
  }
}

/// The language's operators on tensors.
public enum TensorArithmetic {
  /// The result of `left OP right` for every operator but `in`.
  /// - Throws: a `shape` failure for shapes that do not broadcast.
  public static func combine(
    _ operation: BinaryOperation, _ left: Tensor, _ right: Tensor
  ) throws -> Tensor? {
    switch operation {
    case .add: try Tensor.combining(.add, left, right)
    case .subtract: try Tensor.combining(.subtract, left, right)
    case .multiply: try Tensor.combining(.multiply, left, right)
    case .divide: try Tensor.combining(.divide, left, right)
    case .floorDivide: try Tensor.combining(.floorDivide, left, right)
    case .modulo: try Tensor.combining(.remainder, left, right)
    case .power: try Tensor.combining(.power, left, right)
    case .matrixMultiply: try left.matrixProduct(with: right)
    case .equal: try Tensor.combining(.equal, left, right)
    case .notEqual: try Tensor.combining(.notEqual, left, right)
    case .less: try Tensor.combining(.less, left, right)
    case .lessOrEqual: try Tensor.combining(.lessOrEqual, left, right)
    case .greater: try Tensor.combining(.greater, left, right)
    case .greaterOrEqual: try Tensor.combining(.greaterOrEqual, left, right)
    case .contains: nil
    }
  }
}

/// What stands between the brackets of `t[…]`.
enum TensorSubscripts {
  /// Positions and slices; `none` makes a new axis, as in NumPy.
  static func indices(_ subscripts: [Subscript], in tensor: Tensor) throws -> [TensorIndex] {
    var indices: [TensorIndex] = []
    for part in subscripts {
      switch part {
      case .index(.nothing): indices.append(.newAxis)
      case .index(.number(let number)):
        guard let position = Int(exactly: number) else {
          throw Failure(
            .type, "a position in a tensor is a whole number, not \(NumberText.plain(number))",
            hint: "use floor(x), round(x) or a // b")
        }
        indices.append(.position(position))
      case .slice(let start, let stop, let step):
        indices.append(
          .slice(
            start: try bound(start, "start"), stop: try bound(stop, "end"), step: try bound(step, "step")))
      case .index(let value):
        throw Failure(
          .type, "a tensor takes whole numbers, slices and none between its brackets, not \(value.kindPhrase)"
        )
      }
    }
    return indices
  }

  /// The part that a single list of positions, or a tensor of flags, selects; nil for other subscripts.
  static func selection(_ subscripts: [Subscript], in tensor: Tensor) throws -> Tensor? {
    guard subscripts.count == 1, case .index(let value) = subscripts[0] else { return nil }
    switch value {
    case .list(let items) where !items.isEmpty && items.allSatisfy({ $0.asBool != nil }):
      return try tensor.selecting(Tensor(items.map { $0.asBool == true ? 1 : 0 }))
    case .list(let items):
      return try tensor.taking(
        try items.map { item in
          guard let position = item.asInt else {
            throw Failure(
              .type,
              "a list between the brackets of a tensor holds whole numbers or bools, not \(item.kindPhrase)")
          }
          return position
        })
    case .object(let range as RangeObject):
      return try tensor.taking(
        try (0..<range.length).map { index in
          guard let position = range.element(at: index).asInt else {
            throw Failure(.type, "a range between the brackets of a tensor holds whole numbers")
          }
          return position
        })
    case .object(let mask as TensorObject):
      guard mask.tensor.elements.allSatisfy({ $0 == 0 || $0 == 1 }) else {
        throw Failure(
          .type, "a tensor between the brackets of a tensor holds flags, 0 or 1, such as t > 0.5",
          hint: "a list of positions selects rows: t[[0, 2]]")
      }
      return try tensor.selecting(mask.tensor)
    default: return nil
    }
  }

  private static func bound(_ value: Value, _ what: String) throws -> Int? {
    switch value {
    case .nothing: return nil
    case .number(let number):
      guard number == number.rounded() else {
        throw Failure(
          .type, "the \(what) of a slice is a whole number, not \(NumberText.plain(number))",
          hint: "use floor(x), round(x) or a // b")
      }
      return Int(max(-0x1p53, min(number, 0x1p53)))
    case .quantity:
      throw Failure(.unit, "a time selects from audio, not from a tensor: the \(what) is a whole number here")
    default: throw Failure(.type, "the \(what) of a slice is a whole number, not \(value.kindPhrase)")
    }
  }
}
