import Essentials

/// The arguments of one call, bound and checked by declaration.
///
/// The getters take the parameter's name. Asked for a kind that the declaration does not promise, they throw
/// a `type` failure that blames the parameter.
public struct Arguments {
  let declaration: FunctionDeclaration
  /// One per parameter.
  var values: [Value]
  /// What the variadic parameter collected.
  var collected: [Value]
  /// A bit for each parameter that the caller gave.
  var given: UInt64

  /// The value of a parameter: what was given, or the default. `.nothing` for a name that is not declared.
  public subscript(_ name: String) -> Value {
    let parameters = declaration.parameters
    for index in parameters.indices where parameters[index].name == name {
      if parameters[index].isVariadic { return .list(collected) }
      return values[index]
    }
    return .nothing
  }

  /// Whether the caller gave it, rather than the default standing in.
  public func isGiven(_ name: String) -> Bool {
    guard let index = declaration.parameters.firstIndex(where: { $0.name == name }) else { return false }
    return given & (1 << UInt64(index)) != 0
  }

  /// Whether it is `none`.
  public func isNothing(_ name: String) -> Bool { self[name].isNothing }

  /// All that a variadic parameter collected.
  public func variadic(_ name: String) -> [Value] { collected }

  /// A number.
  public func number(_ name: String) throws(Failure) -> Double {
    switch self[name] {
    case .number(let number): return number
    case .quantity(let quantity): return quantity.amount
    case let other: throw wrong(name, "a number", other)
    }
  }
  /// A whole number.
  public func int(_ name: String) throws(Failure) -> Int {
    guard case .number(let number) = self[name], let whole = Int(exactly: number) else {
      throw wrong(name, "a whole number", self[name])
    }
    return whole
  }
  /// A string.
  public func string(_ name: String) throws(Failure) -> String {
    guard case .string(let string) = self[name] else { throw wrong(name, "a string", self[name]) }
    return string.text
  }
  /// A bool.
  public func bool(_ name: String) throws(Failure) -> Bool {
    guard case .bool(let bool) = self[name] else { throw wrong(name, "true or false", self[name]) }
    return bool
  }
  /// The items of a list; a range gives its numbers.
  public func list(_ name: String) throws(Failure) -> [Value] {
    switch self[name] {
    case .list(let list): return list
    case .object(let object):
      if let range = object as? RangeObject {
        try Limits.checkListCount(range.length)
        return (0..<range.length).map { range.element(at: $0) }
      }
      throw wrong(name, "a list", self[name])
    case let other: throw wrong(name, "a list", other)
    }
  }
  /// A list of numbers.
  public func numbers(_ name: String) throws(Failure) -> [Double] {
    var numbers: [Double] = []
    for item in try list(name) {
      guard case .number(let number) = item else { throw wrong(name, "a list of numbers", self[name]) }
      numbers.append(number)
    }
    return numbers
  }
  /// A list of whole numbers.
  public func ints(_ name: String) throws(Failure) -> [Int] {
    var numbers: [Int] = []
    for item in try list(name) {
      guard let number = item.asInt else { throw wrong(name, "a list of whole numbers", self[name]) }
      numbers.append(number)
    }
    return numbers
  }
  /// A list of strings.
  public func strings(_ name: String) throws(Failure) -> [String] {
    var texts: [String] = []
    for item in try list(name) {
      guard let text = item.asString else { throw wrong(name, "a list of strings", self[name]) }
      texts.append(text)
    }
    return texts
  }
  /// A record.
  public func record(_ name: String) throws(Failure) -> RecordObject {
    guard case .record(let record) = self[name] else { throw wrong(name, "a record", self[name]) }
    return record
  }
  /// A function.
  public func function(_ name: String) throws(Failure) -> FunctionObject {
    guard case .function(let function) = self[name] else { throw wrong(name, "a function", self[name]) }
    return function
  }
  /// An object of a class.
  public func object<Object: DomainObject>(_ name: String, as type: Object.Type = Object.self)
    throws(Failure) -> Object
  {
    guard case .object(let object) = self[name], let typed = object as? Object else {
      throw wrong(name, "another kind of object", self[name])
    }
    return typed
  }
  /// A time in seconds; a bare number counts seconds.
  public func seconds(_ name: String) throws(Failure) -> Double { try measure(name, .second) }
  /// A frequency in hertz; a bare number counts hertz.
  public func hertz(_ name: String) throws(Failure) -> Double { try measure(name, .hertz) }
  /// A length in samples: a whole number as it is, a time at `rate` samples a second, rounded to the nearest.
  public func samples(_ name: String, rate: Double) throws(Failure) -> Int {
    switch self[name] {
    case .number(let number):
      guard let whole = Int(exactly: number) else {
        throw wrong(name, "a whole number of samples", self[name])
      }
      return whole
    case .quantity(let quantity) where quantity.unit == .second:
      guard let whole = Int(exactly: (quantity.amount * rate).rounded()) else {
        throw Failure(.value, "'\(name)' is too long: \(quantity.text)", parameter: name)
      }
      return whole
    case let other: throw wrong(name, "a number of samples or a time", other)
    }
  }

  /// A number, or nil for `none`.
  public func optionalNumber(_ name: String) throws(Failure) -> Double? {
    isNothing(name) ? nil : try number(name)
  }
  /// A whole number, or nil for `none`.
  public func optionalInt(_ name: String) throws(Failure) -> Int? { isNothing(name) ? nil : try int(name) }
  /// A string, or nil for `none`.
  public func optionalString(_ name: String) throws(Failure) -> String? {
    isNothing(name) ? nil : try string(name)
  }
  /// A function, or nil for `none`.
  public func optionalFunction(_ name: String) throws(Failure) -> FunctionObject? {
    isNothing(name) ? nil : try function(name)
  }
  /// A time in seconds, or nil for `none`.
  public func optionalSeconds(_ name: String) throws(Failure) -> Double? {
    isNothing(name) ? nil : try seconds(name)
  }
  /// A frequency in hertz, or nil for `none`.
  public func optionalHertz(_ name: String) throws(Failure) -> Double? {
    isNothing(name) ? nil : try hertz(name)
  }

  private func measure(_ name: String, _ unit: QuantityObject.Unit) throws(Failure) -> Double {
    switch self[name] {
    case .number(let number): return number
    case .quantity(let quantity) where quantity.unit == unit: return quantity.amount
    case let other: throw wrong(name, Wording.withArticle(unit.kindName), other)
    }
  }

  private func wrong(_ name: String, _ wanted: String, _ value: Value) -> Failure {
    Failure(.type, "'\(name)' takes \(wanted), not \(value.kindPhrase)", parameter: name)
  }
}
