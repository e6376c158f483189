import Essentials
import Glibc

/// The operators on all kinds of values: what the nodes' fast paths leave over.
enum Operations {
  /// `left OP right`.
  /// - Throws: `Failure`, or what an object throws.
  static func binary(_ operation: BinaryOperation, _ left: Value, _ right: Value) throws -> Value {
    switch (left, right) {
    case (.object(let object), _):
      if let value = try object.binary(operation, right: right) { return value }
      if case .object(let other) = right, let value = try other.binary(operation, left: left) { return value }
      if operation == .contains { return .bool(try contains(left, in: right)) }
    case (_, .object(let object)):
      if let value = try object.binary(operation, left: left) { return value }
    default: break
    }
    switch operation {
    case .equal: return .bool(try areEqual(left, right))
    case .notEqual: return .bool(try !areEqual(left, right))
    case .less: return .bool(try order(left, right) < 0)
    case .lessOrEqual: return .bool(try order(left, right) <= 0 && !isNaN(left, right))
    case .greater: return .bool(try order(left, right) > 0)
    case .greaterOrEqual: return .bool(try order(left, right) >= 0 && !isNaN(left, right))
    case .contains: return .bool(try contains(left, in: right))
    default: return try arithmetic(operation, left, right)
    }
  }

  /// `left == right`, where a number beside a quantity is taken for a forgotten unit: the silent answer
  /// would always be false.
  private static func areEqual(_ left: Value, _ right: Value) throws(Failure) -> Bool {
    switch (left, right) {
    case (.quantity, .number), (.number, .quantity): return try order(left, right) == 0
    case (.list(let a), .list(let b)): return try LongLists.areEqual(a, b)
    default: return left == right
    }
  }

  private static func isNaN(_ left: Value, _ right: Value) -> Bool {
    left.asNumber?.isNaN == true || right.asNumber?.isNaN == true
  }

  // MARK: Numbers

  /// The floored remainder: the sign is the divisor's.
  @inline(__always) static func modulo(_ a: Double, _ b: Double) -> Double {
    if a >= 0, a < 9.0e15, b >= 1, b < 9.0e15 {
      // By way of signed integers, which the machine converts in one step.
      let whole = (Int(a), Int(b))
      if Double(whole.0) == a, Double(whole.1) == b {
        if (whole.0 | whole.1) >> 32 == 0 {
          let rest = UInt32(truncatingIfNeeded: whole.0) % UInt32(truncatingIfNeeded: whole.1)
          return Double(Int(rest))
        }
        return Double(whole.0 % whole.1)
      }
    }
    return slowModulo(a, b)
  }

  @inline(never) private static func slowModulo(_ a: Double, _ b: Double) -> Double {
    let remainder = fmod(a, b)
    if remainder == 0 { return Double(signOf: b, magnitudeOf: 0) }
    return (remainder < 0) != (b < 0) ? remainder + b : remainder
  }

  /// The floored quotient, as Python computes it.
  @inline(__always) static func floorDivide(_ a: Double, _ b: Double) -> Double {
    if a >= 0, a < 9.0e15, b >= 1, b < 9.0e15 {
      let whole = (Int(a), Int(b))
      if Double(whole.0) == a, Double(whole.1) == b { return Double(whole.0 / whole.1) }
    }
    return slowFloorDivide(a, b)
  }

  @inline(never) private static func slowFloorDivide(_ a: Double, _ b: Double) -> Double {
    if a.isInfinite || b.isInfinite || a.isNaN || b.isNaN {
      if b.isInfinite, a.isFinite { return a == 0 || (a < 0) == (b < 0) ? 0 : -1 }
      return .nan
    }
    let remainder = slowModulo(a, b)
    let quotient = (a - remainder) / b
    let floored = floor(quotient)
    return quotient - floored > 0.5 ? floored + 1 : floored
  }

  static func numbers(_ operation: BinaryOperation, _ a: Double, _ b: Double) throws(Failure) -> Value {
    switch operation {
    case .add: return .number(a + b)
    case .subtract: return .number(a - b)
    case .multiply: return .number(a * b)
    case .divide:
      if b == 0 { throw divisionByZero }
      return .number(a / b)
    case .floorDivide:
      if b == 0 { throw divisionByZero }
      return .number(floorDivide(a, b))
    case .modulo:
      if b == 0 { throw divisionByZero }
      return .number(modulo(a, b))
    case .power:
      if a == 0, b < 0 { throw Failure(.arithmetic, "0 cannot be raised to a negative power") }
      if a < 0, b != b.rounded(), b.isFinite {
        throw Failure(.arithmetic, "a negative number has no real power of \(NumberText.plain(b))")
      }
      return .number(pow(a, b))
    case .matrixMultiply: throw unsupported(operation, .number(a), .number(b))
    case .equal: return .bool(a == b)
    case .notEqual: return .bool(a != b)
    case .less: return .bool(a < b)
    case .lessOrEqual: return .bool(a <= b)
    case .greater: return .bool(a > b)
    case .greaterOrEqual: return .bool(a >= b)
    case .contains: throw unsupported(operation, .number(a), .number(b))
    }
  }

  static let divisionByZero = Failure(.arithmetic, "division by zero")

  // MARK: Arithmetic

  private static func arithmetic(_ operation: BinaryOperation, _ left: Value, _ right: Value) throws(Failure)
    -> Value
  {
    switch (left, right) {
    case (.number(let a), .number(let b)): return try numbers(operation, a, b)
    case (.quantity(let a), .quantity(let b)): return try quantities(operation, a, b)
    case (.quantity(let a), .number(let b)): return try scaled(operation, a, b)
    case (.number(let a), .quantity(let b)): return try scaled(operation, a, b)
    case (.string(let a), .string(let b)) where operation == .add:
      try Limits.checkStringBytes(Double(a.text.utf8.count) + Double(b.text.utf8.count))
      return .string(a.text + b.text)
    case (.list(let a), .list(let b)) where operation == .add:
      try Limits.checkListCount(a.count + b.count)
      return .list(try LongLists.joined(a, b))
    case (.string(let text), .number(let times)) where operation == .multiply:
      return try repeated(text, times)
    case (.number(let times), .string(let text)) where operation == .multiply:
      return try repeated(text, times)
    case (.list(let list), .number(let times)) where operation == .multiply: return try repeated(list, times)
    case (.number(let times), .list(let list)) where operation == .multiply: return try repeated(list, times)
    default: throw unsupported(operation, left, right)
    }
  }

  private static func repeated(_ text: StringObject, _ times: Double) throws(Failure) -> Value {
    let count = try whole(times, "a string")
    try Limits.checkStringBytes(Double(text.text.utf8.count) * max(0, times))
    return .string(text.text.isEmpty ? "" : try Strings.repeated(text.text, count))
  }

  private static func repeated(_ list: [Value], _ times: Double) throws(Failure) -> Value {
    let count = try whole(times, "a list")
    if list.isEmpty || count == 0 { return .list([]) }
    let (total, overflow) = list.count.multipliedReportingOverflow(by: count)
    if overflow { throw Limits.tooLarge("a list", Double(list.count) * times * 16) }
    try Limits.checkListCount(total)
    return .list(try LongLists.repeated(list, count))
  }

  private static func whole(_ times: Double, _ what: String) throws(Failure) -> Int {
    guard times == times.rounded(), !times.isNaN else {
      throw Failure(.type, "\(what) is repeated a whole number of times, not \(NumberText.plain(times))")
    }
    return times <= 0 ? 0 : times >= 0x1p62 ? 1 << 62 : Int(times)
  }

  // MARK: Units

  private static func quantities(
    _ operation: BinaryOperation, _ a: QuantityObject, _ b: QuantityObject
  ) throws(Failure) -> Value {
    switch operation {
    case .add, .subtract, .modulo:
      guard a.unit == b.unit else {
        let verb = operation == .add ? "add" : operation == .subtract ? "subtract" : "divide"
        throw Failure(
          .unit,
          "cannot \(verb) \(Wording.withArticle(a.unit.kindName)) and \(Wording.withArticle(b.unit.kindName)): \(a.text) and \(b.text)"
        )
      }
      if operation == .modulo {
        if b.amount == 0 { throw divisionByZero }
        return .quantity(QuantityObject(modulo(a.amount, b.amount), a.unit))
      }
      let sum = operation == .add ? a.amount + b.amount : a.amount - b.amount
      return .quantity(QuantityObject(sum, a.unit))
    case .multiply:
      guard a.unit != b.unit else {
        throw Failure(
          .unit, "cannot multiply a \(a.unit.kindName) by a \(b.unit.kindName): \(a.text) * \(b.text)")
      }
      // 3 s × 16 kHz: a whole number of samples where it is meant to be one.
      return .number(tidied(a.amount * b.amount))
    case .divide, .floorDivide:
      guard a.unit == b.unit else {
        throw Failure(
          .unit, "cannot divide a \(a.unit.kindName) by a \(b.unit.kindName): \(a.text) / \(b.text)")
      }
      return try numbers(operation, a.amount, b.amount)
    default: throw unsupported(operation, .quantity(a), .quantity(b))
    }
  }

  /// `20ms * 44.1kHz` is 882, whatever the last bit of 0.02 says.
  private static func tidied(_ number: Double) -> Double {
    let rounded = number.rounded()
    return (number - rounded).magnitude <= rounded.magnitude * 1e-15 ? rounded : number
  }

  private static func scaled(_ operation: BinaryOperation, _ a: QuantityObject, _ b: Double) throws(Failure)
    -> Value
  {
    switch operation {
    case .multiply: return .quantity(QuantityObject(a.amount * b, a.unit))
    case .divide:
      if b == 0 { throw divisionByZero }
      return .quantity(QuantityObject(a.amount / b, a.unit))
    case .add, .subtract:
      throw unitMismatch(a, b, operation)
    default: throw unsupported(operation, .quantity(a), .number(b))
    }
  }

  private static func scaled(_ operation: BinaryOperation, _ a: Double, _ b: QuantityObject) throws(Failure)
    -> Value
  {
    switch operation {
    case .multiply: return .quantity(QuantityObject(a * b.amount, b.unit))
    case .divide:
      // 1 / time is a frequency, and the other way round.
      if b.amount == 0 { throw divisionByZero }
      return .quantity(QuantityObject(tidied(a / b.amount), b.unit == .second ? .hertz : .second))
    case .add, .subtract: throw unitMismatch(b, a, operation)
    default: throw unsupported(operation, .number(a), .quantity(b))
    }
  }

  private static func unitMismatch(_ quantity: QuantityObject, _ number: Double, _ operation: BinaryOperation)
    -> Failure
  {
    Failure(
      .unit,
      "cannot \(operation == .add ? "add" : "subtract") \(Wording.withArticle(quantity.unit.kindName)) and a number: \(quantity.text) and \(NumberText.plain(number))",
      hint: "give the number a unit: \(NumberText.plain(number))\(quantity.unit.symbol)")
  }

  // MARK: Order

  /// Negative, 0 or positive, as `left` comes before, with or after `right`. NaN comes with everything.
  static func order(_ left: Value, _ right: Value) throws(Failure) -> Int {
    switch (left, right) {
    case (.number(let a), .number(let b)): return a < b ? -1 : a > b ? 1 : 0
    case (.string(let a), .string(let b)):
      // Swift compares by scalars in normal form; Python by scalars. UTF-8 bytes order as scalars do.
      var (x, y) = (a.text, b.text)
      return x.withUTF8 { x in
        y.withUTF8 { y in
          guard let p = x.baseAddress, let q = y.baseAddress else { return x.count - y.count }
          let common = Int(memcmp(p, q, min(x.count, y.count)))
          return common != 0 ? common : x.count - y.count
        }
      }
    case (.quantity(let a), .quantity(let b)):
      guard a.unit == b.unit else {
        throw Failure(
          .unit, "a \(a.unit.kindName) and a \(b.unit.kindName) have no order: \(a.text) and \(b.text)")
      }
      return a.amount < b.amount ? -1 : a.amount > b.amount ? 1 : 0
    case (.list(let a), .list(let b)):
      for (x, y) in zip(a, b) where !(x == y) { return try order(x, y) }
      return a.count - b.count
    case (.bool(let a), .bool(let b)): return (a ? 1 : 0) - (b ? 1 : 0)
    case (.quantity(let quantity), .number(let number)), (.number(let number), .quantity(let quantity)):
      throw Failure(
        .unit,
        "cannot compare \(Wording.withArticle(quantity.unit.kindName)) with a number: \(quantity.text) and \(NumberText.plain(number))",
        hint: "give the number a unit: \(NumberText.plain(number))\(quantity.unit.symbol)")
    default:
      throw Failure(.type, "\(left.kindPhrase) and \(right.kindPhrase) have no order")
    }
  }

  // MARK: Membership

  static func contains(_ item: Value, in container: Value) throws -> Bool {
    switch container {
    case .list(let list): return try LongLists.contains(item, in: list)
    case .record(let record):
      guard case .string(let key) = item else {
        throw Failure(.type, "the keys of a record are strings, not \(item.kindPhrase)")
      }
      return record.find(key) >= 0
    case .string(let text):
      guard case .string(let part) = item else {
        throw Failure(.type, "'in' asks a string for a string, not for \(item.kindPhrase)")
      }
      return part.text.isEmpty || Strings.find(part.text, in: text.text)
    case .object(let object):
      if let answer = try object.binary(.contains, right: item), case .bool(let bool) = answer { return bool }
      if let failure = object.endless { throw failure }
      if let next = try object.makeIterator() {
        while let element = try next() {
          try Interruption.check()
          if element == item { return true }
        }
        return false
      }
    default: break
    }
    throw Failure(
      .type, "'in' asks a list, a record or a string, not \(container.kindPhrase)")
  }

  // MARK: One side

  static func unary(_ operation: UnaryOperation, _ operand: Value) throws -> Value {
    switch operand {
    case .number(let number): return .number(operation == .negate ? -number : number)
    case .quantity(let quantity):
      return .quantity(
        QuantityObject(operation == .negate ? -quantity.amount : quantity.amount, quantity.unit))
    case .object(let object):
      if let value = try object.unary(operation) { return value }
    default: break
    }
    throw Failure(.type, "'\(operation.symbol)' takes a number, not \(operand.kindPhrase)")
  }

  // MARK: Errors

  static func unsupported(_ operation: BinaryOperation, _ left: Value, _ right: Value) -> Failure {
    let pair = "\(left.kindPhrase) and \(right.kindPhrase)"
    let message =
      switch operation {
      case .add: "cannot add \(pair)"
      case .subtract: "cannot subtract \(right.kindPhrase) from \(left.kindPhrase)"
      case .multiply: "cannot multiply \(pair)"
      case .divide, .floorDivide: "cannot divide \(left.kindPhrase) by \(right.kindPhrase)"
      default: "'\(operation.symbol)' does not take \(pair)"
      }
    return Failure(.type, message, hint: hint(operation, left, right))
  }

  private static func hint(_ operation: BinaryOperation, _ left: Value, _ right: Value) -> String? {
    switch (operation, left, right) {
    case (.add, .string, _): "to join them as text, write f\"{a}{b}\""
    case (.add, _, .string): "to join them as text, write f\"{a}{b}\""
    case (.add, .list, _): "to append one item, write [item]"
    case (.add, .nothing, _), (.add, _, .nothing), (.subtract, .nothing, _), (.multiply, .nothing, _):
      "a function that ends without a value gives none"
    case (.modulo, .string, _): "to format, write f\"{x:.2f}\""
    case (.subtract, .list, .list):
      "write [x for x in a if x not in b]; for arithmetic, tensor(a) - tensor(b)"
    case (.subtract, .list, _), (.multiply, .list, _), (.divide, .list, _), (.power, .list, _),
      (.subtract, _, .list), (.multiply, _, .list), (.divide, _, .list), (.power, _, .list):
      "for arithmetic on all items, write tensor(xs)"
    default: nil
    }
  }
}

/// Lists of millions of items, with an eye on Ctrl-C.
public enum LongLists {
  /// One after the other.
  /// - Throws: an `interrupt` failure.
  public static func joined(_ a: [Value], _ b: [Value]) throws(Failure) -> [Value] {
    if a.count + b.count < 1 << 16 { return a + b }
    var result: [Value] = []
    defer { if Interruption.isRequested { Background.free(&result) } }
    result.reserveCapacity(a.count + b.count)
    for list in [a, b] {
      try Interruption.stretches(of: list.count) { result += list[$0] }
    }
    return result
  }

  /// The same items again and again; their number must be known to be bearable.
  /// - Throws: an `interrupt` failure.
  public static func repeated(_ list: [Value], _ count: Int) throws(Failure) -> [Value] {
    if list.isEmpty || count <= 0 { return [] }
    // Short lists go in as blocks.
    let times = max(1, min(count, (1 << 16) / list.count))
    var block: [Value] = []
    for _ in 0..<times { block += list }
    var result: [Value] = []
    defer { if Interruption.isRequested { Background.free(&result) } }
    result.reserveCapacity(list.count * count)
    var left = count
    while left >= times {
      try Interruption.stretches(of: block.count) { result += block[$0] }
      left -= times
    }
    result += block.prefix(left * list.count)
    return result
  }

  /// Whether one of the items equals `item`.
  /// - Throws: an `interrupt` failure; a long list takes a while.
  public static func contains(_ item: Value, in list: [Value]) throws(Failure) -> Bool {
    try firstIndex(of: item, in: list) != nil
  }

  /// Where the first one stands that equals `item`; nil if none does.
  /// - Throws: an `interrupt` failure.
  public static func firstIndex(of item: Value, in list: [Value]) throws(Failure) -> Int? {
    var found: Int?
    try Interruption.stretches(of: list.count) { stretch in
      if found == nil { found = list[stretch].firstIndex(of: item) }
    }
    return found
  }

  /// Whether all items are equal in pairs.
  static func areEqual(_ a: [Value], _ b: [Value]) throws(Failure) -> Bool {
    guard a.count == b.count else { return false }
    var areEqual = true
    try Interruption.stretches(of: a.count) { stretch in
      if areEqual { areEqual = a[stretch].elementsEqual(b[stretch]) }
    }
    return areEqual
  }
}

/// Text by its bytes.
public enum Strings {
  /// The same text again and again, with an eye on Ctrl-C; its length must be known to be bearable.
  /// - Throws: an `interrupt` failure after Ctrl-C.
  public static func repeated(_ text: String, _ count: Int) throws(Failure) -> String {
    if text.isEmpty || count <= 0 { return "" }
    let times = max(1, min(count, (1 << 16) / text.utf8.count))
    let block = String(repeating: text, count: times)
    var result = ""
    result.reserveCapacity(text.utf8.count * count)
    var left = count
    while left >= times {
      try Interruption.check()
      result += block
      left -= times
    }
    if left > 0 { result += String(repeating: text, count: left) }
    return result
  }

  static func find(_ part: String, in text: String) -> Bool {
    var (text, part) = (text, part)
    return text.withUTF8 { text in
      part.withUTF8 { part in
        guard let haystack = text.baseAddress, let needle = part.baseAddress else { return part.isEmpty }
        return needleStart(haystack, text.count, needle, part.count)
      }
    }
  }

  private static func needleStart(
    _ haystack: UnsafePointer<UInt8>, _ count: Int, _ needle: UnsafePointer<UInt8>, _ length: Int
  ) -> Bool {
    var position = 0
    while count - position >= length {
      guard let found = memchr(haystack + position, Int32(needle[0]), count - position - length + 1) else {
        return false
      }
      position = UnsafeRawPointer(found) - UnsafeRawPointer(haystack)
      if memcmp(haystack + position, needle, length) == 0 { return true }
      position += 1
    }
    return false
  }
}
