import Essentials
import Glibc

/// A format as in Python's f-strings: `[[fill]align][sign][#][0][width][,_][.precision][type]`.
public struct FormatSpecification: Sendable, Equatable {
  var fill: Unicode.Scalar = " "
  /// `<`, `>`, `^` or `=`.
  var align: Unicode.Scalar?
  var sign: Unicode.Scalar = "-"
  var isAlternate = false
  var width = 0
  var grouping: Unicode.Scalar?
  var precision: Int?
  var type: Unicode.Scalar?

  /// More than anybody prints: keeps a format from asking for gigabytes.
  private static let sizeLimit = 100_000

  /// Reads a format.
  /// - Throws: a `format` failure that says what does not fit.
  public init(_ text: String) throws(Failure) {
    let scalars = Array(text.unicodeScalars)
    var position = 0
    func at(_ offset: Int) -> Unicode.Scalar { offset < scalars.count ? scalars[offset] : "\0" }
    let aligns: [Unicode.Scalar] = ["<", ">", "^", "="]
    if scalars.count > 1, aligns.contains(at(1)) {
      fill = at(0)
      align = at(1)
      position = 2
    } else if aligns.contains(at(0)) {
      align = at(0)
      position = 1
    }
    if ["+", "-", " "].contains(at(position)) {
      sign = at(position)
      position += 1
    }
    if at(position) == "#" {
      isAlternate = true
      position += 1
    }
    if at(position) == "0" {
      if align == nil {
        fill = "0"
        align = "="
      } else if fill == " " {
        fill = "0"
      }
      position += 1
    }
    func digits() throws(Failure) -> Int? {
      var number: Int?
      while at(position).value &- 48 < 10 {
        let next = (number ?? 0) * 10 + Int(at(position).value - 48)
        guard next <= Self.sizeLimit else {
          throw Failure(.format, "a width or precision in a format is at most \(Self.sizeLimit)")
        }
        number = next
        position += 1
      }
      return number
    }
    width = try digits() ?? 0
    if at(position) == "," || at(position) == "_" {
      grouping = at(position)
      position += 1
    }
    if at(position) == "." {
      position += 1
      guard let digits = try digits() else {
        throw Failure(.format, "expected digits after '.' in the format '\(text)'")
      }
      precision = digits
    }
    if position < scalars.count {
      guard "bcodxXeEfFgG%sn".unicodeScalars.contains(at(position)) else {
        throw Failure(
          .format, "'\(at(position))' means nothing in the format '\(text)'",
          hint: "formats are as in Python: {x:.2f}, {n:5d}, {s:<10}, {p:.1%}")
      }
      type = at(position)
      position += 1
    }
    guard position == scalars.count else {
      throw Failure(
        .format, "the format '\(text)' has something after its type",
        hint: "formats are as in Python: {x:.2f}, {n:5d}, {s:<10}, {p:.1%}")
    }
  }
}

extension FormatSpecification {
  /// The value in this format.
  /// - Throws: a `format` failure where the type does not take the value.
  public func text(_ value: Value) throws(Failure) -> String {
    switch value {
    case .number(let number): return try text(number)
    case .bool(let bool):
      if let type, type != "s" { return try text(bool ? 1.0 : 0.0) }
      return try text(bool ? "true" : "false")
    case .string(let string): return try text(string.text)
    case .quantity(let quantity):
      if type == nil || type == "s" { return try text(quantity.text) }
      return try text(quantity.amount)
    default: return try text(value.description)
    }
  }

  private func text(_ string: String) throws(Failure) -> String {
    if let type, type != "s" {
      throw Failure(
        .format, "the format '\(type)' takes a number, not a string",
        hint: type == "d" || type == "f" ? "leave the format out, or convert the text to a number" : nil)
    }
    if align == "=", fill != "0" || width > 0 && align == "=" && fill != "0" {
      throw Failure(.format, "the alignment '=' is for numbers")
    }
    let shown = precision.map { String(String.UnicodeScalarView(string.unicodeScalars.prefix($0))) } ?? string
    return padded("", shown, defaultAlign: "<")
  }

  private func text(_ number: Double) throws(Failure) -> String {
    let type = self.type
    if number.isNaN || number.isInfinite {
      if let type, "bodxXc".unicodeScalars.contains(type) {
        throw Failure(.format, "the format '\(type)' takes a whole number, not \(NumberText.plain(number))")
      }
      var body = number.isNaN ? "nan" : "inf"
      if let type, "EFGX".unicodeScalars.contains(type) { body = body.uppercased() }
      if type == "%" { body += "%" }
      return padded(signText(number < 0), body, defaultAlign: ">")
    }
    switch type {
    case "b", "o", "d", "x", "X", "c": return try integer(number)
    case "s": throw Failure(.format, "the format 's' takes a string, not a number", hint: "leave the 's' out")
    case "e", "E", "f", "F", "g", "G": return decimal(number, type ?? "g", precision ?? 6)
    case "n":
      if precision == nil, number == number.rounded(), number.magnitude < 1e16 {
        return padded(signText(number < 0), NumberText.plain(number.magnitude), defaultAlign: ">")
      }
      return decimal(number, "g", precision ?? 6)
    case "%":
      let text = Self.printed(number.magnitude * 100, "f", precision ?? 6, isAlternate)
      return padded(signText(isNegative(number, text)), grouped(text, every: 3) + "%", defaultAlign: ">")
    default:
      // No type: as shown, or in general form where a precision is given.
      if let precision { return general(number, precision) }
      let text = NumberText.plain(number.magnitude)
      return padded(signText(number < 0), grouped(text, every: 3), defaultAlign: ">")
    }
  }

  private func isNegative(_ number: Double, _ text: String) -> Bool { number.sign == .minus }

  private func signText(_ isNegative: Bool) -> String { isNegative ? "-" : sign == "-" ? "" : String(sign) }

  private func integer(_ number: Double) throws(Failure) -> String {
    guard let type else { return "" }
    guard number == number.rounded() else {
      throw Failure(
        .format, "the format '\(type)' takes a whole number, not \(NumberText.plain(number))",
        hint: "write .0f, or round(x)")
    }
    if precision != nil {
      throw Failure(.format, "the format '\(type)' takes no precision", hint: "write .2f for decimals")
    }
    if type == "c" {
      guard let value = UInt32(exactly: number), let scalar = Unicode.Scalar(value) else {
        throw Failure(.format, "\(NumberText.plain(number)) is no character's number")
      }
      return padded("", String(scalar), defaultAlign: "<")
    }
    var digits: String
    if let whole = UInt64(exactly: number.magnitude) {
      let radix = type == "b" ? 2 : type == "o" ? 8 : type == "d" ? 10 : 16
      digits = String(whole, radix: radix, uppercase: type == "X")
    } else {
      digits = Self.printed(number.magnitude, "f", 0, false)
      if type != "d" {
        throw Failure(.format, "\(NumberText.plain(number)) is too large for the format '\(type)'")
      }
    }
    digits = grouped(digits, every: type == "d" ? 3 : 4)
    let prefix = isAlternate && type != "d" ? "0\(type)" : ""
    return padded(signText(number < 0) + prefix, digits, defaultAlign: ">")
  }

  private func decimal(_ number: Double, _ type: Unicode.Scalar, _ precision: Int) -> String {
    let text = Self.printed(number.magnitude, type, precision, isAlternate)
    return padded(signText(number.sign == .minus), grouped(text, every: 3), defaultAlign: ">")
  }

  /// Python's form without a type: like `g`, but a number in plain notation that is whole shows no point here.
  private func general(_ number: Double, _ precision: Int) -> String {
    let text = Self.printed(number.magnitude, "g", max(1, precision), isAlternate)
    return padded(signText(number < 0), grouped(text, every: 3), defaultAlign: ">")
  }

  /// C's `printf` for one number.
  private static func printed(_ number: Double, _ type: Unicode.Scalar, _ precision: Int, _ isAlternate: Bool)
    -> String
  {
    let format = "%\(isAlternate ? "#" : "").*\(type)"
    return withVaList([Int32(precision), number]) { list in
      var buffer = [CChar](repeating: 0, count: precision + 400)
      let count = Int(vsnprintf(&buffer, buffer.count, format, list))
      let bytes = buffer.prefix(max(0, min(count, buffer.count - 1))).map { UInt8(bitPattern: $0) }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  /// Puts the separator between groups of the whole part's digits. With zeros as fill, they are grouped too.
  private func grouped(_ text: String, every size: Int) -> String {
    guard let grouping else { return text }
    let bytes = Array(text.unicodeScalars)
    let wholeEnd =
      bytes.firstIndex { !($0.properties.isASCIIHexDigit) || $0 == "e" && text.contains("+") } ?? bytes.count
    var whole = Array(bytes[..<wholeEnd])
    let rest = bytes[wholeEnd...]
    if align == "=", fill == "0" {
      let groups = { (count: Int) in count + (count - 1) / size }
      while groups(whole.count) + rest.count < width - (sign == "-" ? 0 : 1) { whole.insert("0", at: 0) }
    }
    var result = String.UnicodeScalarView()
    for (index, scalar) in whole.enumerated() {
      if index > 0, (whole.count - index) % size == 0 { result.append(grouping) }
      result.append(scalar)
    }
    result.append(contentsOf: rest)
    return String(result)
  }

  private func padded(_ prefix: String, _ body: String, defaultAlign: Unicode.Scalar) -> String {
    let missing = width - prefix.unicodeScalars.count - body.unicodeScalars.count
    guard missing > 0 else { return prefix + body }
    func fills(_ count: Int) -> String { String(repeating: String(fill), count: count) }
    switch align ?? defaultAlign {
    case "<": return prefix + body + fills(missing)
    case "^": return fills(missing / 2) + prefix + body + fills(missing - missing / 2)
    case "=": return prefix + fills(missing) + body
    default: return fills(missing) + prefix + body
    }
  }
}
