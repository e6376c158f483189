/// Reads JSON.
struct JSONParser {
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
      case ..<0x20:
        position -= 1
        throw wrong("an escape for a control character")
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
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = current.flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else {
        throw wrong("four hexadecimal digits")
      }
      position += 1
      code = code << 4 | UInt32(digit)
    }
    return code
  }

  /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
  private mutating func number() throws(Failure) -> JSON {
    let start = position
    skip(UInt8(ascii: "-"))
    guard let first = current, isDigit(first) else {
      position = start
      throw wrong("a value")
    }
    position += 1
    if first != UInt8(ascii: "0") { skipDigits() }
    let isWhole = current != UInt8(ascii: ".") && current.map { $0 | 0x20 } != UInt8(ascii: "e")
    if skip(UInt8(ascii: ".")) { try digits("behind the point") }
    if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
      if !skip(UInt8(ascii: "-")) { skip(UInt8(ascii: "+")) }
      try digits("in the exponent")
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isWhole, let value = Int(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else {
      position = start
      throw wrong("a number that a Double can hold")
    }
    return .number(value)
  }

  private mutating func digits(_ place: String) throws(Failure) {
    guard let byte = current, isDigit(byte) else { throw wrong("a digit \(place)") }
    skipDigits()
  }

  private mutating func skipDigits() {
    while let byte = current, isDigit(byte) { position += 1 }
  }

  @discardableResult
  private mutating func skip(_ byte: UInt8) -> Bool {
    guard current == byte else { return false }
    position += 1
    return true
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
}
