import CapLanguage
import Essentials

/// Texts. Positions and widths count characters (Unicode scalars).
enum StringFunctions {
  static let all = [
    join, strip, upper, lower, replace, startsWith, endsWith, format, chars, lines, padLeft, padRight,
  ]

  private static let topic = "strings"
  private static let text = Argument("text", .string, "The text")

  private static let join = FunctionDeclaration(
    "join", topic: topic, "One text of many, with a separator between them",
    takes: ArgumentList(
      Argument("xs", .items, "The parts: strings, or values that are written as print does"),
      Argument("separator", .string, default: "", "What stands between two parts")),
    returns: "a string", errors: ["memory: a text that is too long"],
    examples: [
      Example("join([\"a\", \"b\"], \", \")", output: "\"a, b\""),
      Example("join(range(3))", output: "\"012\""),
    ],
    source: "Python's str.join, with the parts first", seeAlso: ["split", "concat"]
  ) { _, xs, separator in
    let parts = try xs.items().map { item in
      try Interruption.check()
      return item.displayText
    }
    try Limits.checkStringBytes(
      parts.reduce(0.0) { $0 + Double($1.utf8.count) } + Double(separator.utf8.count) * Double(parts.count))
    return .string(try joined(parts, separator: separator))
  }

  private static let strip = FunctionDeclaration(
    "strip", topic: topic, "The text without white space at its ends",
    takes: ArgumentList(
      text,
      Argument(
        "characters", .optional(.string), default: .nothing,
        "The characters to take away; none for white space"
      )),
    returns: "a string",
    examples: [
      Example("strip(\"  a b \\n\")", output: "\"a b\""), Example("strip(\"--a-\", \"-\")", output: "\"a\""),
    ],
    source: "Python's str.strip", seeAlso: ["split", "replace"]
  ) { _, text, characters in
    guard let characters = characters else {
      return .string(TextSearch.stripped(text) { TextSearch.isSpace($0) })
    }
    let stripped = Set(characters.unicodeScalars)
    return .string(TextSearch.stripped(text) { stripped.contains($0) })
  }

  private static let upper = FunctionDeclaration(
    "upper", topic: topic, "The text in capital letters",
    takes: ArgumentList(
      text), returns: "a string",
    examples: [Example("upper(\"Straße\")", output: "\"STRASSE\"")], seeAlso: ["lower"]
  ) { _, text in .string(try TextSearch.mapped(text) { $0.uppercased() }) }

  private static let lower = FunctionDeclaration(
    "lower", topic: topic, "The text in small letters",
    takes: ArgumentList(
      text), returns: "a string",
    examples: [Example("lower(\"ABC\")", output: "\"abc\"")], seeAlso: ["upper"]
  ) { _, text in .string(try TextSearch.mapped(text) { $0.lowercased() }) }

  private static let replace = FunctionDeclaration(
    "replace", topic: topic, "The text with other parts in place of some",
    takes: ArgumentList(
      text,
      Argument("old", .string, "What is replaced, everywhere"),
      Argument("new", .string, "What takes its place"),
      Argument(
        "count", .optional(.integer(.nonNegative)), default: .nothing, "The most replacements, from the left")
    ),
    returns: "a string", errors: ["value: an empty `old`", "memory: a text that is too long"],
    examples: [Example("replace(\"a-b-c\", \"-\", \"+\")", output: "\"a+b+c\"")],
    source: "Python's str.replace", seeAlso: ["find", "split"]
  ) { _, text, old, new, count in
    let (old, new) = (old, new)
    guard !old.isEmpty else { throw Failure(.value, "the part to be replaced is empty", parameter: "old") }
    let pieces = try TextSearch.split(text, by: old, most: count ?? .max)
    try Limits.checkStringBytes(Double(text.utf8.count) + Double(new.utf8.count) * Double(pieces.count))
    return .string(try joined(pieces, separator: new))
  }

  private static let startsWith = FunctionDeclaration(
    "starts_with", topic: topic, "Whether a text starts with a part",
    takes: ArgumentList(
      text,
      Argument("part", .string, "The part")), returns: "true or false",
    examples: [Example("starts_with(\"XC3776.wav\", \"XC\")", output: "true")],
    seeAlso: ["ends_with", "contains"]
  ) { _, text, part in
    .bool(text.utf8.starts(with: part.utf8))
  }

  private static let endsWith = FunctionDeclaration(
    "ends_with", topic: topic, "Whether a text ends with a part",
    takes: ArgumentList(
      text,
      Argument("part", .string, "The part")), returns: "true or false",
    examples: [Example("ends_with(\"XC3776.wav\", \".wav\")", output: "true")],
    seeAlso: ["starts_with", "extension"]
  ) { _, text, part in
    .bool(
      text.utf8.reversed().starts(with: part.utf8.reversed()))
  }

  private static let format = FunctionDeclaration(
    "format", topic: topic, "Puts values into a text in place of {}",
    takes: ArgumentList(
      Argument(
        "text", .string, "The text; {} takes the next value, {0} a certain one, {:.2f} gives it a format"),
      Argument<[Value]>.values("values", "The values")),
    returns: "a string; {{ and }} stand for the braces themselves",
    errors: [
      "value: a brace that is not closed, or a place without a value", "format: a format that does not exist",
    ],
    examples: [Example("format(\"{} of {}, {:.1%}\", 3, 8, 3 / 8)", output: "\"3 of 8, 37.5%\"")],
    notes: "An f-string is shorter where the values are at hand: f\"{n} calls\".",
    source: "Python's str.format",
    seeAlso: ["join", "str"]
  ) { _, text, values in
    .string(try TextTemplate.filled(text, with: values))
  }

  private static let chars = FunctionDeclaration(
    "chars", topic: topic, "The single characters of a text",
    takes: ArgumentList(
      text),
    returns: "a list of strings",
    examples: [Example("chars(\"añb\")", output: "[\"a\", \"ñ\", \"b\"]")], seeAlso: ["join", "split"]
  ) { _, text in
    // Each character is a string of its own, of 64 bytes beside its place in the list.
    try Limits.checkListCount(text.utf8.count * 5)
    var characters: [Value] = []
    for scalar in text.unicodeScalars {
      try Interruption.check()
      characters.append(.string(String(scalar)))
    }
    return .list(characters)
  }

  private static let lines = FunctionDeclaration(
    "split_lines", topic: topic, "The lines of a text, without their ends",
    takes: ArgumentList(
      text),
    returns: "a list of strings; LF, CR LF and CR all end a line",
    examples: [Example("split_lines(\"one\\ntwo\\n\")", output: "[\"one\", \"two\"]")],
    source: "Python's str.splitlines",
    seeAlso: ["split", "read_lines"]
  ) { _, text in .strings(try splitLines(text)) }

  /// The parts with a separator between two.
  private static func joined(_ parts: [String], separator: String) throws -> String {
    var text = ""
    text.reserveCapacity(
      parts.reduce(0) { $0 + $1.utf8.count } + separator.utf8.count * max(0, parts.count - 1))
    for (position, part) in parts.enumerated() {
      if position > 0 { text += separator }
      text += part
      if position & 0xFFF == 0 || part.utf8.count > 0xFFFF { try Interruption.check() }
    }
    return text
  }

  /// The lines, without their ends.
  static func splitLines(_ text: String) throws -> [String] {
    var lines: [String] = []
    var line: [UInt8] = []
    var endsInReturn = false
    for byte in text.utf8 {
      if byte == 0x0A || byte == 0x0D {
        try Interruption.check()
        if !(byte == 0x0A && endsInReturn) { lines.append(String(decoding: line, as: UTF8.self)) }
        line.removeAll(keepingCapacity: true)
      } else {
        line.append(byte)
      }
      endsInReturn = byte == 0x0D
    }
    if !line.isEmpty { lines.append(String(decoding: line, as: UTF8.self)) }
    return lines
  }

  private static func padding(
    _ name: String, _ summary: String, example: Example, seeAlso: [String], isLeft: Bool
  ) -> FunctionDeclaration {
    FunctionDeclaration(
      name, topic: topic, summary,
      takes: ArgumentList(
        Argument("text", .any, "The text, or a value that is written as print does"),
        Argument("width", .integer(.nonNegative), "How many characters the result has at least"),
        Argument("fill", .string, default: " ", "The character to fill up with")),
      returns: "a string",
      errors: ["value: a `fill` of more or less than one character", "memory: too wide"],
      examples: [example], source: "Python's str.\(isLeft ? "rjust" : "ljust")", seeAlso: seeAlso
    ) { _, text, width, fill in
      let text = text.value.displayText
      guard fill.unicodeScalars.count == 1 else {
        throw Failure(.value, "'fill' takes one character", parameter: "fill")
      }
      let missing = max(0, width - text.unicodeScalars.count)
      try blaming("width") {
        try Limits.checkStringBytes(Double(text.utf8.count) + Double(missing) * Double(fill.utf8.count))
      }
      let padding = String(repeating: fill, count: missing)
      return .string(isLeft ? padding + text : text + padding)
    }
  }

  private static let padLeft = padding(
    "pad_left", "Fills a text up on the left, so that it stands on the right",
    example: Example("pad_left(7, 3, \"0\")", output: "\"007\""), seeAlso: ["pad_right", "format"],
    isLeft: true)
  private static let padRight = padding(
    "pad_right", "Fills a text up on the right",
    example: Example("pad_right(\"ab\", 4, \".\")", output: "\"ab..\""), seeAlso: ["pad_left", "format"],
    isLeft: false)
}
