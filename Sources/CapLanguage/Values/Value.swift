import Essentials

/// A value of the language: nine bytes, every payload a single word.
///
/// Lists and records are values: they share storage until one of them is changed. Objects and
/// functions are references, and objects decide for themselves what changing them means.
public enum Value: @unchecked Sendable {
  /// `none`. (Not called `none`, so that it is never taken for `Optional.none`.)
  case nothing
  /// A variable without a value yet. Only the evaluator meets it; natives never do.
  case unset
  /// `true` or `false`.
  case bool(Bool)
  /// Every number is a double.
  case number(Double)
  /// A time or a frequency.
  case quantity(QuantityObject)
  /// A text, which is never changed.
  case string(StringObject)
  /// Values in order; copies share storage until one is changed.
  case list([Value])
  /// An ordered record.
  case record(RecordObject)
  /// A function of the script or of the library.
  case function(FunctionObject)
  /// A value of the domain: audio, a tensor, a model, …
  case object(DomainObject)
}

extension Value {
  /// A string.
  public static func string(_ text: String) -> Value { .string(StringObject(text)) }
  /// A whole number; exact up to 2^53.
  public static func number(_ number: Int) -> Value { .number(Double(number)) }
  /// A time in seconds.
  public static func seconds(_ seconds: Double) -> Value { .quantity(QuantityObject(seconds, .second)) }
  /// A frequency in hertz.
  public static func hertz(_ hertz: Double) -> Value { .quantity(QuantityObject(hertz, .hertz)) }
  /// A record with these fields in this order.
  public static func record(_ fields: [(String, Value)]) -> Value { .record(RecordObject(fields)) }
  /// A list of strings.
  public static func strings(_ texts: [String]) -> Value { .list(texts.map { .string($0) }) }
  /// A list of numbers.
  public static func numbers(_ numbers: [Double]) -> Value { .list(numbers.map { .number($0) }) }

  /// The kind, as errors and `kind(x)` name it: "number", "list", "function", "time", "audio", …
  public var kindName: String {
    switch self {
    case .nothing, .unset: "none"
    case .bool: "bool"
    case .number: "number"
    case .quantity(let quantity): quantity.unit.kindName
    case .string: "string"
    case .list: "list"
    case .record: "record"
    case .function: "function"
    case .object(let object): object.kindName
    }
  }

  /// The kind with its article, for sentences: "a number", "an audio clip", "none".
  public var kindPhrase: String {
    switch self {
    case .nothing, .unset: "none"
    default: Wording.withArticle(kindName)
    }
  }

  /// Whether this is `none`.
  public var isNothing: Bool {
    if case .nothing = self { return true }
    return false
  }
  /// The string, if it is one.
  public var asString: String? {
    if case .string(let object) = self { return object.text }
    return nil
  }
  /// The number, if it is one.
  public var asNumber: Double? {
    if case .number(let number) = self { return number }
    return nil
  }
  /// The number as an integer, if it is a whole one that fits.
  public var asInt: Int? {
    if case .number(let number) = self { return Int(exactly: number) }
    return nil
  }
  /// The bool, if it is one.
  public var asBool: Bool? {
    if case .bool(let bool) = self { return bool }
    return nil
  }
  /// The items, if it is a list.
  public var asList: [Value]? {
    if case .list(let list) = self { return list }
    return nil
  }
  /// The record, if it is one.
  public var asRecord: RecordObject? {
    if case .record(let record) = self { return record }
    return nil
  }
  /// The function, if it is one.
  public var asFunction: FunctionObject? {
    if case .function(let function) = self { return function }
    return nil
  }
  /// The quantity, if it is one.
  public var asQuantity: QuantityObject? {
    if case .quantity(let quantity) = self { return quantity }
    return nil
  }
  /// The object, if it is one.
  public var asObject: DomainObject? {
    if case .object(let object) = self { return object }
    return nil
  }
}

extension Value: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByStringLiteral, ExpressibleByArrayLiteral
{
  /// A number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// A number.
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  /// A bool.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A string.
  public init(stringLiteral value: String) { self = .string(StringObject(value)) }
  /// A list.
  public init(arrayLiteral elements: Value...) { self = .list(elements) }
}

extension Value: Equatable {
  /// The language's `==` where it is decided without asking an object for an element-wise answer:
  /// values of different kinds are unequal, records are compared without regard to order.
  public static func == (left: Value, right: Value) -> Bool {
    switch (left, right) {
    case (.number(let a), .number(let b)): return a == b
    case (.string(let a), .string(let b)): return a.isSame(as: b)
    case (.bool(let a), .bool(let b)): return a == b
    case (.nothing, .nothing), (.unset, .unset): return true
    case (.quantity(let a), .quantity(let b)): return a.unit == b.unit && a.amount == b.amount
    case (.list(let a), .list(let b)):
      guard a.count == b.count else { return false }
      for index in a.indices where !(a[index] == b[index]) { return false }
      return true
    case (.record(let a), .record(let b)): return a === b || a.isEqual(to: b)
    case (.function(let a), .function(let b)): return a === b
    case (.object(let a), .object(let b)): return a === b || a.isEqual(to: b)
    default: return false
    }
  }

  /// Whether this value comes before another in sorting: numbers, quantities of one unit, strings, bools
  /// and lists of those.
  /// - Throws: a `type` failure (or `unit`) for kinds that have no order.
  public func isOrderedBefore(_ other: Value) throws(Failure) -> Bool {
    try Operations.order(self, other) < 0
  }
}
