/// A value of JSON (RFC 8259), as files of weights and notebooks hold it.
public enum JSON: Equatable, Sendable {
  /// A member of an object.
  public typealias Member = (name: String, value: JSON)

  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number; whole ones beyond 2^53 lose digits.
  case number(Double)
  /// A string.
  case string(String)
  /// A list.
  case array([JSON])
  /// In the order of the text; no name twice.
  case object([Member])

  /// Same values in the same order.
  public static func == (left: JSON, right: JSON) -> Bool { left.text == right.text }

  /// The member of this name, if this is an object that has one.
  public subscript(name: String) -> JSON? {
    if case .object(let members) = self { members.first { $0.name == name }?.value } else { nil }
  }

  /// The string, if it is one.
  public var string: String? { if case .string(let text) = self { text } else { nil } }
  /// The number, if it is one.
  public var number: Double? { if case .number(let value) = self { value } else { nil } }
  /// The number, if it is a whole one.
  public var integer: Int? { number.flatMap { Int(exactly: $0) } }
  /// The items, if it is a list.
  public var array: [JSON]? { if case .array(let list) = self { list } else { nil } }
  /// The members, if it is an object.
  public var members: [Member]? { if case .object(let list) = self { list } else { nil } }

  /// The items of a list of whole numbers only.
  public var integers: [Int]? {
    guard let array else { return nil }
    let numbers = array.compactMap(\.integer)
    return numbers.count == array.count ? numbers : nil
  }

  // MARK: Writing

  /// The value as text on one line, without blanks.
  public var text: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .number(let value): Int(exactly: value).map(String.init) ?? "\(value)"
    case .string(let value): Self.quoted(value)
    case .array(let list): "[" + list.map(\.text).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { Self.quoted($0.name) + ":" + $0.value.text }.joined(separator: ",") + "}"
    }
  }

  /// The value as text for people and line-wise comparison: a line an item, each level a blank further in,
  /// as Jupyter writes its files.
  public var indentedText: String {
    var text = ""
    appendIndented(to: &text, level: 0)
    return text
  }

  private func appendIndented(to text: inout String, level: Int) {
    let lineStart = "\n" + String(repeating: " ", count: level + 1)
    let lineEnd = "\n" + String(repeating: " ", count: level)
    switch self {
    case .array(let list) where !list.isEmpty:
      for (index, item) in list.enumerated() {
        text += (index == 0 ? "[" : ",") + lineStart
        item.appendIndented(to: &text, level: level + 1)
      }
      text += lineEnd + "]"
    case .object(let members) where !members.isEmpty:
      for (index, member) in members.enumerated() {
        text += (index == 0 ? "{" : ",") + lineStart + Self.quoted(member.name) + ": "
        member.value.appendIndented(to: &text, level: level + 1)
      }
      text += lineEnd + "}"
    default: text += self.text
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    // Pictures are millions of characters of which none needs a look.
    if !text.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) {
      return result + text + "\""
    }
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  // MARK: Reading

  /// Reads a text in UTF-8.
  /// - Throws: a `format` failure that says what is wrong at which byte.
  public init(parsing bytes: [UInt8]) throws(Failure) {
    var parser = JSONParser(bytes: bytes)
    self = try parser.document()
  }
}

private struct JSONParser {
  let bytes: [UInt8]
  var position = 0
  var depth = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(Failure) -> JSON {
    let value = try value()
    skipSpace()
    guard position == bytes.count else { throw wrong("nothing more") }
    return value
  }

  private func wrong(_ expected: String) -> Failure {
    Failure(.format, "its JSON is broken at byte \(position), where \(expected) should be")
  }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard let current, UInt32(current) == character.value else { return false }
    position += 1
    return true
  }

  private mutating func value() throws(Failure) -> JSON {
    guard depth < 64 else { throw wrong("less nesting") }
    depth += 1
    defer { depth -= 1 }
    skipSpace()
    switch current {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(_ text: StaticString, _ value: JSON) throws(Failure) -> JSON {
    let expected = Array("\(text)".utf8)
    guard bytes[position...].starts(with: expected) else { throw wrong("a value") }
    position += expected.count
    return value
  }

  private mutating func object() throws(Failure) -> JSON {
    position += 1
    var members: [(name: String, value: JSON)] = []
    var names: Set<String> = []
    if take("}") { return .object([]) }
    repeat {
      skipSpace()
      guard current == UInt8(ascii: "\"") else { throw wrong("a name") }
      let name = try string()
      guard names.insert(name).inserted else {
        throw Failure(.format, "its JSON has the name '\(name)' twice")
      }
      guard take(":") else { throw wrong("a colon") }
      members.append((name, try value()))
    } while take(",")
    guard take("}") else { throw wrong("a comma or }") }
    return .object(members)
  }

  private mutating func array() throws(Failure) -> JSON {
    position += 1
    var list: [JSON] = []
    if take("]") { return .array([]) }
    repeat { list.append(try value()) } while take(",")
    guard take("]") else { throw wrong("a comma or ]") }
    return .array(list)
  }

  private mutating func string() throws(Failure) -> String {
    position += 1
    var utf8: [UInt8] = []
    while let byte = current {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: utf8, as: UTF8.self) else { throw wrong("UTF-8 text") }
        return text
      case UInt8(ascii: "\\"): utf8 += try escape()
      default: utf8.append(byte)
      }
    }
    throw wrong("a closing quote")
  }

  private mutating func escape() throws(Failure) -> [UInt8] {
    guard let byte = current else { throw wrong("an escape") }
    position += 1
    switch byte {
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if (0xD800..<0xDC00).contains(code) {
        guard current == UInt8(ascii: "\\") else { throw wrong("the second half of a character") }
        position += 1
        guard current == UInt8(ascii: "u") else { throw wrong("the second half of a character") }
        position += 1
        let low = try hexadecimal()
        guard (0xDC00..<0xE000).contains(low) else { throw wrong("the second half of a character") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw wrong("a character") }
      return Array(String(Character(scalar)).utf8)
    default: throw wrong("an escape")
    }
  }

  private mutating func hexadecimal() throws(Failure) -> UInt32 {
    guard bytes.count - position >= 4,
      let text = String(validating: bytes[position..<position + 4], as: UTF8.self),
      let code = UInt32(text, radix: 16)
    else { throw wrong("four hexadecimal digits") }
    position += 4
    return code
  }

  private mutating func number() throws(Failure) -> JSON {
    let start = position
    while let byte = current, "+-.eE0123456789".utf8.contains(byte) { position += 1 }
    guard position > start, let text = String(validating: bytes[start..<position], as: UTF8.self),
      let value = Double(text), value.isFinite
    else {
      position = start
      throw wrong("a value")
    }
    return .number(value)
  }
}
