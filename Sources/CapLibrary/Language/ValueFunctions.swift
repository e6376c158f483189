import CapLanguage
import Essentials
import Glibc

/// What a value is, and values of one kind made of another.
enum ValueFunctions {
  static let all = [kind("kind"), kind("type"), str, repr, number, int, bool]

  private static let topic = "values"

  private static func kind(_ name: String) -> FunctionDeclaration {
    FunctionDeclaration(
      name, topic: topic, "What kind of value something is",
      takes: ArgumentList(
        Argument("x", .any, "Any value")),
      returns: "a string: \"number\", \"string\", \"list\", \"tensor\", \"audio\", \"time\", …",
      examples: [Example("\(name)(3)", output: "\"number\""), Example("\(name)(20ms)", output: "\"time\"")],
      notes: name == "type" ? "The same as kind(x)." : nil,
      seeAlso: [name == "type" ? "kind" : "type", "repr"]
    ) { _, x in .string(x.value.kindName) }
  }

  private static let str = FunctionDeclaration(
    "str", topic: topic, "A value as text, as print writes it",
    takes: ArgumentList(
      Argument("x", .any, "Any value")), returns: "a string",
    examples: [Example("str(3.50)", output: "\"3.5\""), Example("str([1, \"a\"])", output: "'[1, \"a\"]'")],
    seeAlso: ["repr", "format", "number"],
    quick: { x in
      switch x {
      case .number, .bool, .nothing: .string(x.displayText)
      case .string: x
      default: nil
      }
    }
  ) { _, x in
    if case .object(let object as any PrintableText) = x.value {
      return .string(try object.printedText())
    }
    let text = x.value.displayText
    try Interruption.check()
    return .string(text)
  }

  private static let repr = FunctionDeclaration(
    "repr", topic: topic, "A value as a script would write it: strings in quotes",
    takes: ArgumentList(
      Argument("x", .any, "Any value")), returns: "a string",
    examples: [Example("print(repr(\"a\\n\"))", output: "\"a\\n\"")], source: "Python's repr",
    seeAlso: ["str"]
  ) { _, x in
    let text = x.value.description
    try Interruption.check()
    return .string(text)
  }

  private static let number = FunctionDeclaration(
    "number", topic: topic, "A number from text, a bool, a time or a frequency",
    takes: ArgumentList(
      Argument(
        "x",
        .value(.oneOf([.string, .bool, .matching("a number") { $0.asNumber != nil }, .time, .frequency])),
        "The text (white space around it is fine), bool, time (seconds) or frequency (hertz)")),
    returns: "a number", errors: ["value: text that is no number"],
    examples: [
      Example("number(\" 3.5e2 \")", output: "350"), Example("number(250ms)", output: "0.25"),
      Example("number(true)", output: "1"),
    ], seeAlso: ["int", "str"]
  ) { _, x in
    switch x.value {
    case .bool(let bool): return bool ? 1 : 0
    case .quantity(let quantity): return .number(quantity.amount)
    case .string(let string):
      guard let number = NumberReading.number(string.text) else {
        throw Failure(
          .value, "\(Value.string(string).cellText(characterLimit: 60)) is not a number", parameter: "x")
      }
      return .number(number)
    default: return .number(x.value.asNumber ?? .nan)
    }
  }

  private static let int = FunctionDeclaration(
    "int", topic: topic, "The whole part of a number, or a whole number from text",
    takes: ArgumentList(
      Argument(
        "x", .value(.oneOf([.string, .bool, .matching("a number") { $0.asNumber != nil }])),
        "A number, a bool or a text")),
    returns: "a whole number; digits behind the point are cut off",
    errors: ["value: nan, inf or text that is no number"],
    examples: [Example("int(-3.7)", output: "-3"), Example("int(\"42\")", output: "42")],
    source: "Python's int", seeAlso: ["floor", "round", "number"],
    quick: { x in
      guard case .number(let number) = x, number.isFinite else { return nil }
      return .number(number.rounded(.towardZero))
    }
  ) { _, x in
    let number: Double?
    switch x.value {
    case .bool(let bool): number = bool ? 1 : 0
    case .string(let string): number = NumberReading.number(string.text)
    default: number = x.value.asNumber
    }
    guard let number, number.isFinite else {
      throw Failure(
        .value, "there is no whole number for \(x.value.cellText(characterLimit: 60))", parameter: "x")
    }
    return .number(number.rounded(.towardZero))
  }

  private static let bool = FunctionDeclaration(
    "bool", topic: topic, "Whether a number is not 0, or something has items",
    takes: ArgumentList(
      Argument("x", .any, "A bool, a number, none, or anything with a length")),
    returns: "true or false", errors: ["type: a value that is neither"],
    examples: [Example("bool(0)", output: "false"), Example("bool([0])", output: "true")],
    source: "Python's bool; but conditions take bools only, and a tensor wants any(t) or all(t)",
    seeAlso: ["any", "all"]
  ) { _, x in
    switch x.value {
    case .bool: return x.value
    case .nothing: return false
    case .number(let number): return .bool(number != 0)
    case let value where Conversions.isArray(value):
      throw Failure(
        .type, "it is not clear when \(value.kindPhrase) is true", hint: "use any(t) or all(t)",
        parameter: "x")
    case let value:
      guard let count = Conversions.count(of: value) else {
        throw Failure(
          .type, "'x' takes a number or something with items, not \(value.kindPhrase)", parameter: "x")
      }
      return .bool(count > 0)
    }
  }
}

/// Numbers from text, as people write them into files.
enum NumberReading {
  /// Decimal, with an exponent if need be, `_` between digits, `nan`, `inf`; nil for anything else.
  static func number(_ text: String) -> Double? {
    let stripped = TextSearch.stripped(text) { TextSearch.isSpace($0) }
    guard !stripped.isEmpty, stripped.utf8.count < 400 else { return nil }
    var digits: [UInt8] = []
    var previous: UInt8 = 0
    for byte in stripped.utf8 {
      // Swift also reads hexadecimal floats, which nobody means here.
      if byte == UInt8(ascii: "x") || byte == UInt8(ascii: "X") || byte == UInt8(ascii: "p") { return nil }
      if byte == UInt8(ascii: "_") {
        guard (48...57).contains(previous) else { return nil }
      } else {
        digits.append(byte)
      }
      previous = byte
    }
    guard previous != UInt8(ascii: "_") else { return nil }
    return Double(String(decoding: digits, as: UTF8.self))
  }
}
