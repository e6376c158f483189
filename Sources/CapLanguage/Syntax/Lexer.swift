import Essentials

/// Cuts a text into tokens. Never gives up: what no script contains becomes an `invalid` token (or what was
/// probably meant) and a problem.
struct Lexer {
  private let bytes: [UInt8]
  private let limit: Int
  private var position: Int
  private(set) var tokens: [Token] = []
  private(set) var problems: [Problem] = []
  private(set) var comments: [Span] = []
  /// Where a string starts that is not closed by the end of the text.
  private(set) var openString: Int?

  /// Cuts `range` of the text.
  /// - Parameter isInterruptible: Whether Ctrl-C ends the text early; whoever asks for it looks at the flag after.
  init(_ bytes: [UInt8], range: Range<Int>, isInterruptible: Bool = false) {
    self.bytes = bytes
    position = range.lowerBound
    limit = range.upperBound
    tokens.reserveCapacity(range.count / 4 + 4)
    run(isInterruptible: isInterruptible)
  }

  private mutating func run(isInterruptible: Bool) {
    if position == 0, limit >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { position = 3 }
    while position < limit {
      if isInterruptible, Interruption.isRequested { break }
      next()
    }
    add(.end, from: limit, to: limit)
  }

  private mutating func add(_ kind: Token.Kind, from start: Int, to end: Int) {
    tokens.append(Token(kind: kind, start: UInt32(start), end: UInt32(end)))
  }

  private mutating func report(_ message: String, hint: String? = nil, _ start: Int, _ end: Int) {
    // A binary file has thousands; a few tell as much.
    if problems.count < 50 { problems.append(Problem(message, hint: hint, Span(start, end))) }
  }

  private func byte(_ offset: Int) -> UInt8 { offset < limit ? bytes[offset] : 0 }

  private mutating func next() {
    let start = position
    let first = bytes[position]
    switch first {
    case 32, 9, 13, 12: position += 1
    case 10:
      position += 1
      if tokens.last?.kind != .newline { add(.newline, from: start, to: start + 1) }
    case 35:
      while position < limit, bytes[position] != 10 { position += 1 }
      comments.append(Span(start, position))
    case 48...57: number()
    case 46 where Characters.isDigit(byte(position + 1)) && !followsOperand(start): number()
    case 34, 39: string(prefixLength: 0)
    case 92 where byte(position + 1) == 10 || (byte(position + 1) == 13 && byte(position + 2) == 10):
      position += byte(position + 1) == 10 ? 2 : 3
    case _ where Characters.isNameStart(first) && first < 128: name()
    case 128...: unicode()
    default: symbol()
    }
  }

  /// Whether the byte before belongs to a name, number or closing bracket: then `.5` is no number.
  private func followsOperand(_ start: Int) -> Bool {
    guard let last = tokens.last, Int(last.end) == start else { return false }
    switch last.kind {
    case .name, .number, .string: return true
    case .symbol(let symbol): return symbol.isClosing
    default: return false
    }
  }

  // MARK: Names

  private mutating func name() {
    let start = position
    while position < limit {
      let next = bytes[position]
      if next < 128 {
        guard Characters.isNamePart(next) else { break }
        position += 1
      } else {
        let (scalar, length) = scalar(at: position)
        guard let scalar, Characters.isLetter(scalar) else { break }
        position += length
      }
    }
    let length = position - start
    if length <= 2, position < limit, bytes[position] == 34 || bytes[position] == 39 {
      let prefix = String(decoding: bytes[start..<position], as: UTF8.self).lowercased()
      if ["f", "r", "fr", "rf"].contains(prefix) {
        position = start
        string(prefixLength: length)
        return
      }
    }
    if length <= 8, length >= 2 {
      if let word = Word(rawValue: String(decoding: bytes[start..<position], as: UTF8.self)) {
        add(.keyword(word), from: start, to: position)
        return
      }
    }
    if length > 1000 {
      report("a name of \(length) bytes is too long", start, position)
      add(.invalid, from: start, to: position)
      return
    }
    add(.name, from: start, to: position)
  }

  /// The scalar at an offset and its bytes; nil where the bytes are no UTF-8.
  private func scalar(at offset: Int) -> (Unicode.Scalar?, Int) {
    var decoder = UTF8()
    var source = bytes[offset..<min(offset + 4, limit)].makeIterator()
    if case .scalarValue(let scalar) = decoder.decode(&source) {
      return (scalar, UTF8.width(scalar))
    }
    return (nil, 1)
  }

  private mutating func unicode() {
    let start = position
    let (decoded, length) = scalar(at: position)
    guard let scalar = decoded else {
      var end = position + 1
      while end < limit, bytes[end] >= 128, self.scalar(at: end).0 == nil { end += 1 }
      position = end
      report(
        "the text is not UTF-8: byte 0x\(String(bytes[start], radix: 16))",
        hint: "save the file as UTF-8", start, end)
      add(.invalid, from: start, to: end)
      return
    }
    if Characters.isLetter(scalar) {
      name()
      return
    }
    position += length
    switch scalar {
    case "\u{A0}", "\u{2007}", "\u{202F}", "\u{FEFF}", "\u{200B}", "\u{2009}": return
    case "\u{201C}", "\u{201D}", "\u{201E}", "\u{2018}", "\u{2019}", "\u{00AB}", "\u{00BB}":
      smartQuote(start, scalar)
    case "\u{2212}", "\u{2013}", "\u{2014}": substitute(.minus, scalar, start)
    case "\u{00D7}": substitute(.star, scalar, start)
    case "\u{00F7}": substitute(.slash, scalar, start)
    case "\u{2264}": substitute(.lessEqual, scalar, start)
    case "\u{2265}": substitute(.greaterEqual, scalar, start)
    case "\u{2260}": substitute(.notEqual, scalar, start)
    case "\u{2192}", "\u{21D2}": substitute(.arrow, scalar, start)
    default:
      report("'\(scalar)' means nothing in Cap", start, position)
      add(.invalid, from: start, to: position)
    }
  }

  private mutating func substitute(_ symbol: Symbol, _ scalar: Unicode.Scalar, _ start: Int) {
    report("'\(scalar)' is not an operator", hint: "write \(symbol.rawValue)", start, position)
    add(.symbol(symbol), from: start, to: position)
  }

  /// A typographic quote: taken as a string up to the closing one on the line.
  private mutating func smartQuote(_ start: Int, _ opening: Unicode.Scalar) {
    let quoteEnd = position
    let single = opening == "\u{2018}" || opening == "\u{2019}"
    while position < limit, bytes[position] != 10 {
      let (scalar, length) = scalar(at: position)
      position += length
      guard let scalar else { continue }
      let closes = single ? "\u{2019}\u{2018}'" : "\u{201D}\u{201C}\u{00BB}\u{00AB}\""
      if closes.unicodeScalars.contains(scalar) { break }
    }
    let plain = single ? "'" : "\""
    report(
      "'\(opening)' is a typographic quotation mark", hint: "write plain quotes: \(plain)…\(plain)", start,
      quoteEnd)
    add(.invalid, from: start, to: position)
  }

  // MARK: Numbers

  private mutating func number() {
    let start = position
    if bytes[position] == 48, [120, 88, 98, 66, 111, 79].contains(byte(position + 1)) {
      position += 2
      while position < limit, Characters.isNamePart(bytes[position]), bytes[position] < 128 { position += 1 }
      add(.number, from: start, to: position)
      return
    }
    digits()
    if byte(position) == 46,
      Characters.isDigit(byte(position + 1)) || !Characters.isNameStart(byte(position + 1))
    {
      // `1.` is a number, `1..2` is not; `1.x` is a field of a number, an error told later.
      if byte(position + 1) != 46 {
        position += 1
        digits()
      }
    }
    if byte(position) | 32 == 101 {
      let sign = byte(position + 1) == 43 || byte(position + 1) == 45 ? 1 : 0
      if Characters.isDigit(byte(position + 1 + sign)) {
        position += 1 + sign
        digits()
      }
    }
    // The unit; the parser looks whether there is such a one.
    while position < limit, Characters.isNamePart(bytes[position]) {
      if bytes[position] < 128 {
        position += 1
      } else {
        let (scalar, length) = scalar(at: position)
        guard let scalar, Characters.isLetter(scalar) || scalar == "µ" else { break }
        position += length
      }
    }
    add(.number, from: start, to: position)
  }

  private mutating func digits() {
    while position < limit, Characters.isDigit(bytes[position]) || bytes[position] == 95 { position += 1 }
  }

  // MARK: Strings

  private mutating func string(prefixLength: Int) {
    let start = position
    let end = Self.stringEnd(bytes, from: position, limit: limit)
    position = end.position
    if let problem = end.problem {
      if end.isOpenAtEnd { openString = start }
      let quote = end.isTriple ? "three quotes" : "a quote like the first"
      report(
        problem, hint: "close it with \(quote)", start,
        min(end.position, start + prefixLength + (end.isTriple ? 3 : 1)))
    }
    add(end.problem == nil ? .string : .invalid, from: start, to: position)
  }

  struct StringEnd {
    let position: Int
    let problem: String?
    let isTriple: Bool
    let isOpenAtEnd: Bool
  }

  /// Where the string that starts at `start` (its prefix included) ends. Inside the braces of an f-string,
  /// strings may hold the same quotes.
  static func stringEnd(_ bytes: [UInt8], from start: Int, limit: Int, depth: Int = 0) -> StringEnd {
    var position = start
    var isFormatted = false
    var isRaw = false
    while position < limit, bytes[position] != 34, bytes[position] != 39 {
      if bytes[position] | 32 == 102 { isFormatted = true }
      if bytes[position] | 32 == 114 { isRaw = true }
      position += 1
    }
    guard position < limit else {
      return StringEnd(
        position: limit, problem: "this string is not closed", isTriple: false, isOpenAtEnd: true)
    }
    let quote = bytes[position]
    let isTriple = position + 2 < limit && bytes[position + 1] == quote && bytes[position + 2] == quote
    position += isTriple ? 3 : 1
    while position < limit {
      let byte = bytes[position]
      if byte == quote {
        if !isTriple {
          return StringEnd(position: position + 1, problem: nil, isTriple: false, isOpenAtEnd: false)
        }
        if position + 2 < limit, bytes[position + 1] == quote, bytes[position + 2] == quote {
          return StringEnd(position: position + 3, problem: nil, isTriple: true, isOpenAtEnd: false)
        }
        position += 1
      } else if byte == 92, !isRaw || position + 1 < limit && bytes[position + 1] == quote {
        position += 2
      } else if byte == 10, !isTriple {
        return StringEnd(
          position: position, problem: "this string is not closed on its line", isTriple: false,
          isOpenAtEnd: false)
      } else if byte == 123, isFormatted, position + 1 < limit, bytes[position + 1] == 123 {
        position += 2
      } else if byte == 123, isFormatted, depth < 4 {
        position = holeEnd(
          bytes, from: position + 1, limit: limit, outer: quote, isTriple: isTriple, depth: depth)
      } else {
        position += 1
      }
    }
    return StringEnd(
      position: limit, problem: "this string is not closed", isTriple: isTriple, isOpenAtEnd: isTriple)
  }

  /// Behind the `}` that ends a hole, or where the string ends if there is none.
  private static func holeEnd(
    _ bytes: [UInt8], from start: Int, limit end: Int, outer: UInt8, isTriple: Bool, depth: Int
  ) -> Int {
    // Bounded, so that a line of nothing but open holes is not scanned again for each of them.
    let limit = min(end, start + 2000)
    var position = start
    var open = 1
    while position < limit {
      switch bytes[position] {
      case 123, 91, 40: open += 1
      case 125, 93, 41:
        open -= 1
        if open == 0 { return position + 1 }
      case 10 where !isTriple: return position
      case 34, 39:
        // A quote in a hole starts a string if one ends on this line before the hole does; otherwise it is
        // the end of the f-string, whose hole is then reported as open.
        let inner = stringEnd(bytes, from: position, limit: limit, depth: depth + 1)
        if inner.problem != nil { return bytes[position] == outer ? position : position + 1 }
        if bytes[position] == outer, !isTriple, !closes(bytes, from: inner.position, limit: limit) {
          return position
        }
        position = inner.position
        continue
      default: break
      }
      position += 1
    }
    return position
  }

  /// Whether a `}` follows on the line.
  private static func closes(_ bytes: [UInt8], from start: Int, limit: Int) -> Bool {
    var position = start
    while position < limit, bytes[position] != 10 {
      if bytes[position] == 125 { return true }
      position += 1
    }
    return false
  }

  // MARK: Marks

  private mutating func symbol() {
    let start = position
    for length in [3, 2, 1] where start + length <= limit {
      let text = String(decoding: bytes[start..<start + length], as: UTF8.self)
      if let (meant, hint) = Self.foreign[text] {
        position += length
        report("'\(text)' is not an operator", hint: hint, start, position)
        switch meant {
        case .symbol(let symbol): add(.symbol(symbol), from: start, to: position)
        case .word(let word): add(.keyword(word), from: start, to: position)
        }
        return
      }
      if let symbol = Symbol(rawValue: text) {
        position += length
        if symbol == .pipe, tokens.last?.kind == .newline { tokens.removeLast() }
        add(.symbol(symbol), from: start, to: position)
        return
      }
    }
    position += 1
    let value = bytes[start]
    let shown =
      value > 32 && value < 127 ? "'\(String(UnicodeScalar(value)))'" : "byte 0x\(String(value, radix: 16))"
    let hint =
      switch value {
      case 63:
        restOfLine(start).contains(58)
          ? "to choose, write a if condition else b" : "for help on a name, write help(name)"
      case 96: "write \"…\" for text, f\"{x}\" to put values into it"
      case 36: "names have letters, digits and _"
      default: String?.none
      }
    report("\(shown) means nothing in Cap", hint: hint, start, position)
    add(.invalid, from: start, to: position)
  }

  /// The bytes up to the end of the line.
  private func restOfLine(_ start: Int) -> ArraySlice<UInt8> {
    bytes[start..<limit].prefix { $0 != 10 }
  }

  private enum Meant {
    case symbol(Symbol)
    case word(Word)
  }

  /// What other languages write, and what Cap does. (`++` and `--` are told by the parser: `a - -b` is fine.)
  private static let foreign: [String: (Meant, String)] = [
    "&&": (.word(.and), "write and"),
    "||": (.word(.or), "write or"),
    "!": (.word(.not), "write not"),
    "===": (.symbol(.equal), "write =="),
    "!==": (.symbol(.notEqual), "write !="),
    "<>": (.symbol(.notEqual), "write !="),
    "->": (.symbol(.arrow), "write =>"),
    ":=": (.symbol(.assign), "write ="),
    "|": (.word(.or), "write or; to pass a value on, write |>"),
    "&": (.word(.and), "write and"),
    "^": (.symbol(.doubleStar), "for powers, write **"),
    "~=": (.symbol(.notEqual), "write !="),
    "~": (.word(.not), "write not"),
  ]
}
