/// A value of JSON (RFC 8259), as files of weights and notebooks hold it.
public enum JSON: Equatable, Sendable {
  /// A member of an object.
  public typealias Member = (name: String, value: JSON)

  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A whole number without point and exponent, as far as 64 bits hold it.
  case integer(Int)
  /// Any other number.
  case number(Double)
  /// A text; escapes are undone in it.
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
  public var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }
  /// The number, if it is a whole one.
  public var integer: Int? {
    if case .integer(let value) = self { value } else { number.flatMap { Int(exactly: $0) } }
  }
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
    case .integer(let value): "\(value)"
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

  /// Reads a text in UTF-8 that is JSON to the letter of the RFC; a name that comes twice is refused too.
  /// - Throws: a `format` failure that says what is wrong at which byte.
  public init(parsing bytes: [UInt8]) throws(Failure) {
    var parser = JSONParser(bytes: bytes)
    self = try parser.document()
  }
}
