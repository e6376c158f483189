import Essentials

/// A value that the language knows nothing about: a library subclasses this for audio, tensors, models.
///
/// Whatever a subclass does not override is not supported: the language says so with a `type` error
/// that names the kind. Overrides throw a `Failure` that says what is wrong with the operation at hand: a field that
/// cannot have the value, an `index` outside, operands that do not fit. The evaluator adds the place in the script.
/// Objects may be used from several threads.
open class DomainObject: @unchecked Sendable {
  /// For subclasses.
  public init() {}

  /// The kind, as errors name it: "audio", "tensor", "model".
  open var kindName: String { "object" }
  /// One line that says what it is: `Audio 3.00 s · 16000 Hz · mono`. Shown by `print`, in cells and lists.
  open var summary: String { kindName }

  /// The fields, for completion and for "did you mean".
  open var fieldNames: [String] { Self.ownFieldNames }
  /// The fields that all values of this class have: completion proposes them behind a call that gives one.
  open class var ownFieldNames: [String] { [] }
  /// The value of `x.name`, or nil if there is no such field.
  open func field(_ name: String) throws -> Value? { nil }
  /// What the variable holds after `x.name = value`: a changed copy, or self for a reference.
  /// Nil if that field cannot be set.
  open func settingField(_ name: String, to value: Value) throws -> DomainObject? { nil }

  /// The value of `x[…]`, or nil if it has no subscripts.
  open func subscripted(_ subscripts: [Subscript]) throws -> Value? { nil }
  /// What the variable holds after `x[…] = value`; nil if subscripts cannot be set.
  open func settingSubscript(_ subscripts: [Subscript], to value: Value) throws -> DomainObject? { nil }

  /// What `len` gives, and how many items a `for` visits; nil if neither makes sense.
  open var count: Int? { nil }
  /// The item at `index` of 0 ..< count, for iteration.
  open func element(at index: Int) throws -> Value { .nothing }
  /// The refusal to visit all items, where they never end; nil where they do, as far as it is known. A `for`
  /// may visit them: it can break.
  open var endless: Failure? { nil }
  /// A source of items for `for`, comprehensions and natives; nil if it cannot be iterated. By default it
  /// walks 0 ..< count.
  open func makeIterator() throws -> (() throws -> Value?)? {
    guard let count else { return nil }
    var next = 0
    return {
      guard next < count else { return nil }
      defer { next += 1 }
      return try self.element(at: next)
    }
  }

  /// `self OP right`, or nil if that is not supported. `in` arrives as `.contains`: `item in self`
  /// has the item on the right.
  open func binary(_ operation: BinaryOperation, right: Value) throws -> Value? { nil }
  /// `left OP self`, asked when the left side could not.
  open func binary(_ operation: BinaryOperation, left: Value) throws -> Value? { nil }
  /// `-self`, `+self`; nil if not supported.
  open func unary(_ operation: UnaryOperation) throws -> Value? { nil }
  /// What to write in place of the object alone where a condition is wanted: "any(t) or all(t)".
  open var conditionHint: String? { nil }
  /// Whether two objects are equal, for `==` between lists that hold them and where `binary(.equal)`
  /// gives nil. Identity by default.
  open func isEqual(to other: DomainObject) -> Bool { self === other }

  /// The value of `self(…)`, for objects that can be called; nil if they cannot.
  open func call(_ arguments: [Value], named: [(String, Value)], in context: CallContext) throws -> Value? {
    nil
  }
}

/// One part between the brackets of `x[a, b:c, ::d]`.
public enum Subscript: Sendable {
  /// A single value.
  case index(Value)
  /// `start:stop:step`; a part left out is `.nothing`.
  case slice(start: Value, stop: Value, step: Value)
}

/// The operators with two sides.
public enum BinaryOperation: UInt8, Sendable, CaseIterable {
  case add, subtract, multiply, divide, floorDivide, modulo, power, matrixMultiply
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
  case contains

  /// As written: `+`, `//`, `in`.
  public var symbol: String {
    switch self {
    case .add: "+"
    case .subtract: "-"
    case .multiply: "*"
    case .divide: "/"
    case .floorDivide: "//"
    case .modulo: "%"
    case .power: "**"
    case .matrixMultiply: "@"
    case .equal: "=="
    case .notEqual: "!="
    case .less: "<"
    case .lessOrEqual: "<="
    case .greater: ">"
    case .greaterOrEqual: ">="
    case .contains: "in"
    }
  }
}

/// The operators with one side. (`not` takes bools only.)
public enum UnaryOperation: UInt8, Sendable, CaseIterable {
  case negate, plus

  /// As written.
  public var symbol: String { self == .negate ? "-" : "+" }
}
