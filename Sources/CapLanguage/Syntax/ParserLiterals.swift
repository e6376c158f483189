import Essentials
import Glibc

extension Parser {
  // MARK: Numbers

  mutating func numberLiteral(_ token: Token) throws(Stop) -> Expression {
    let text = self.text(token)
    let lowered = text.lowercased()
    for (prefix, radix) in [("0x", 16), ("0b", 2), ("0o", 8)] where lowered.hasPrefix(prefix) {
      var number = 0.0
      let digits = lowered.dropFirst(2).filter { $0 != "_" }
      for character in digits {
        guard let digit = character.hexDigitValue, digit < radix else {
          throw fail("'\(character)' is no digit of a number that starts with \(prefix)", token.span)
        }
        number = number * Double(radix) + Double(digit)
      }
      if digits.isEmpty { throw fail("expected digits after \(prefix)", token.span) }
      return Expression(.number(number), token.span)
    }
    let bytes = Array(text.utf8)
    var end = 0
    while end < bytes.count, Characters.isDigit(bytes[end]) || bytes[end] == 95 || bytes[end] == 46 {
      end += 1
    }
    if end < bytes.count, bytes[end] | 32 == 101 {
      var exponent = end + 1
      if exponent < bytes.count, bytes[exponent] == 43 || bytes[exponent] == 45 { exponent += 1 }
      if exponent < bytes.count, Characters.isDigit(bytes[exponent]) {
        while exponent < bytes.count, Characters.isDigit(bytes[exponent]) || bytes[exponent] == 95 {
          exponent += 1
        }
        end = exponent
      }
    }
    let digits = String(decoding: bytes[0..<end].filter { $0 != 95 }, as: UTF8.self)
    let suffix = String(decoding: bytes[end...], as: UTF8.self)
    guard let number = Double(digits.hasSuffix(".") ? digits + "0" : digits) else {
      throw fail("'\(text)' is no number", token.span)
    }
    if suffix.isEmpty { return Expression(.number(number), token.span) }
    if let quantity = UnitSuffix.quantity(number, suffix) {
      return Expression(.quantity(quantity), token.span)
    }
    let unitSpan = Span(token.start + UInt32(end), token.end)
    let near =
      switch suffix {
      case "m": "write min for minutes, ms for milliseconds"
      case "k", "K": "write kHz for a rate, e3 for thousands"
      default:
        UnitSuffix.meant(by: suffix).map { "did you mean '\($0)'?" }
          ?? NearNames.hint(suffix, in: UnitSuffix.all)
      }
    throw fail(
      "'\(suffix)' is no unit", hint: near ?? "units are \(Wording.joined(UnitSuffix.all))", unitSpan)
  }

  // MARK: Strings

  mutating func stringLiteral(_ token: Token) throws(Stop) -> Expression {
    let bytes = source.bytes
    var start = Int(token.start)
    var isFormatted = false
    var isRaw = false
    while bytes[start] != 34, bytes[start] != 39 {
      if bytes[start] | 32 == 102 { isFormatted = true } else { isRaw = true }
      start += 1
    }
    let isTriple =
      Int(token.end) - start >= 6 && bytes[start] == bytes[start + 1] && bytes[start] == bytes[start + 2]
    let inner = (start + (isTriple ? 3 : 1))..<(Int(token.end) - (isTriple ? 3 : 1))
    if isFormatted {
      let (pieces, _) = try self.pieces(
        inner.lowerBound, inner.upperBound, isRaw: isRaw, isFormat: false, level: 0)
      return Expression(.interpolated(pieces), token.span)
    }
    return Expression(.string(try plainText(inner, isRaw: isRaw)), token.span)
  }

  private mutating func plainText(_ range: Range<Int>, isRaw: Bool) throws(Stop) -> String {
    let bytes = source.bytes
    if isRaw || !bytes[range].contains(92) { return String(decoding: bytes[range], as: UTF8.self) }
    var decoded: [UInt8] = []
    decoded.reserveCapacity(range.count)
    var position = range.lowerBound
    while position < range.upperBound {
      if bytes[position] == 92 {
        position = try escape(position, range.upperBound, into: &decoded)
      } else {
        decoded.append(bytes[position])
        position += 1
      }
    }
    return String(decoding: decoded, as: UTF8.self)
  }

  /// Decodes the escape at `start`; returns where it ends.
  private mutating func escape(_ start: Int, _ limit: Int, into decoded: inout [UInt8]) throws(Stop) -> Int {
    let bytes = source.bytes
    guard start + 1 < limit else { throw fail("a lone '\\' at the end of the string", Span(start, limit)) }
    let position = start + 2
    switch bytes[start + 1] {
    case UInt8(ascii: "n"): decoded.append(10)
    case UInt8(ascii: "t"): decoded.append(9)
    case UInt8(ascii: "r"): decoded.append(13)
    case UInt8(ascii: "0"): decoded.append(0)
    case UInt8(ascii: "a"): decoded.append(7)
    case UInt8(ascii: "b"): decoded.append(8)
    case UInt8(ascii: "f"): decoded.append(12)
    case UInt8(ascii: "v"): decoded.append(11)
    case UInt8(ascii: "e"): decoded.append(27)
    case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "{"), UInt8(ascii: "}"):
      decoded.append(bytes[start + 1])
    case 10: break
    case UInt8(ascii: "x"): return try scalar(start, position, digits: 2, limit, into: &decoded)
    case UInt8(ascii: "u"):
      if position < limit, bytes[position] == UInt8(ascii: "{") {
        var end = position + 1
        while end < limit, bytes[end] != UInt8(ascii: "}") { end += 1 }
        guard end < limit, end - position - 1 <= 8 else {
          throw fail("expected '\\u{…}' with up to 8 hexadecimal digits", Span(start, min(end, limit)))
        }
        _ = try scalar(start, position + 1, digits: end - position - 1, limit, into: &decoded)
        return end + 1
      }
      return try scalar(start, position, digits: 4, limit, into: &decoded)
    case UInt8(ascii: "U"): return try scalar(start, position, digits: 8, limit, into: &decoded)
    default:
      let length = bytes[start + 1] < 128 ? 2 : 1
      throw fail(
        "'\(source.text(start..<start + length))' is no escape",
        hint: "write \\\\ for a backslash, or r\"…\" for a string without escapes",
        Span(start, start + length))
    }
    return position
  }

  private mutating func scalar(
    _ start: Int, _ first: Int, digits: Int, _ limit: Int, into decoded: inout [UInt8]
  ) throws(Stop) -> Int {
    let end = first + digits
    guard end <= limit, digits > 0, let value = UInt32(source.text(first..<end), radix: 16),
      source.bytes[first..<end].allSatisfy({ Characters.isNamePart($0) }), let scalar = Unicode.Scalar(value)
    else {
      throw fail(
        "this escape names no character", hint: "write \\xNN, \\uNNNN or \\u{N…} in hexadecimal",
        Span(start, min(end, limit)))
    }
    decoded += Array(String(scalar).utf8)
    return end
  }

  // MARK: f-strings

  /// The pieces of an f-string's text, or of a format (which ends at `}`).
  private mutating func pieces(
    _ start: Int, _ limit: Int, isRaw: Bool, isFormat: Bool, level: Int
  ) throws(Stop) -> ([Expression.Piece], Int) {
    let bytes = source.bytes
    var pieces: [Expression.Piece] = []
    var text: [UInt8] = []
    var position = start
    func flushed() -> [Expression.Piece] {
      text.isEmpty ? pieces : pieces + [.text(String(decoding: text, as: UTF8.self))]
    }
    while position < limit {
      let byte = bytes[position]
      let doubled = position + 1 < limit && bytes[position + 1] == byte
      if byte == 123, doubled, !isFormat {
        text.append(123)
        position += 2
      } else if byte == 125 {
        if isFormat { return (flushed(), position) }
        guard doubled else {
          throw fail("a lone '}' in an f-string", hint: "write }} for a brace", Span(position, position + 1))
        }
        text.append(125)
        position += 2
      } else if byte == 123 {
        if level >= 2 { throw fail("formats nest too deep", Span(position, position + 1)) }
        pieces = flushed()
        text = []
        position = try hole(position, limit, into: &pieces, isRaw: isRaw, level: level)
      } else if byte == 92, !isRaw {
        position = try escape(position, limit, into: &text)
      } else {
        text.append(byte)
        position += 1
      }
    }
    return (flushed(), position)
  }

  /// `{expression!r:format}` from its brace on; returns where it ends.
  private mutating func hole(
    _ start: Int, _ limit: Int, into pieces: inout [Expression.Piece], isRaw: Bool, level: Int
  ) throws(Stop) -> Int {
    let bytes = source.bytes
    let open = Span(start, start + 1)
    // The expression ends at the first `!`, `:`, `=` or `}` outside of brackets and strings.
    var position = start + 1
    var depth = 0
    scan: while position < limit {
      switch bytes[position] {
      case 40, 91, 123: depth += 1
      case 41, 93: depth -= 1
      case 125:
        if depth == 0 { break scan }
        depth -= 1
      case 34, 39:
        position = Lexer.stringEnd(bytes, from: position, limit: limit).position
        continue scan
      case 58 where depth == 0: break scan
      case 33 where depth == 0:
        if position + 1 < limit, bytes[position + 1] == 61 {
          position += 1
        } else {
          break scan
        }
      default: break
      }
      position += 1
    }
    guard position < limit else {
      throw fail("'{' is not closed in this f-string", hint: "write {{ for a brace", open)
    }
    var end = position
    var label: String?
    // `{x=}` shows the expression too.
    var probe = end - 1
    while probe > start, bytes[probe] == 32 { probe -= 1 }
    if probe > start + 1, bytes[probe] == 61, ![61, 33, 60, 62].contains(bytes[probe - 1]) {
      label = source.text(start + 1..<end)
      end = probe
    }
    let expression = try embedded(start + 1..<end, open)
    var conversion = FormatConversion.display
    if bytes[position] == 33 {
      let letter = position + 1 < limit ? bytes[position + 1] : 0
      guard letter == UInt8(ascii: "r") || letter == UInt8(ascii: "s") else {
        throw fail("expected 'r' or 's' after '!'", Span(position, position + 1))
      }
      conversion = letter == UInt8(ascii: "r") ? .quoted : .display
      position += 2
    }
    var format: [Expression.Piece] = []
    if position < limit, bytes[position] == 58 {
      let (parts, stop) = try self.pieces(position + 1, limit, isRaw: isRaw, isFormat: true, level: level + 1)
      format = parts
      position = stop
    }
    guard position < limit, bytes[position] == 125 else {
      throw fail("'{' is not closed in this f-string", hint: "write {{ for a brace", open)
    }
    if let label {
      pieces.append(.text(label))
      if format.isEmpty { conversion = .quoted }
    }
    if case .text(let text)? = format.first, format.count == 1 {
      // A constant format is checked now.
      do throws(Failure) {
        _ = try FormatSpecification(text)
      } catch {
        throw fail(error.message, hint: error.hint, expression.span)
      }
    }
    pieces.append(.value(expression, conversion: conversion, format: format))
    return position + 1
  }

  /// Parses the text of a hole, in place.
  private mutating func embedded(_ range: Range<Int>, _ open: Span) throws(Stop) -> Expression {
    if source.bytes[range].allSatisfy({ $0 == 32 || $0 == 9 || $0 == 10 || $0 == 13 }) {
      throw fail("an empty '{}' in an f-string", hint: "write {{}} for braces", open)
    }
    let lexer = Lexer(source.bytes, range: range)
    problems += lexer.problems
    let outer = (tokens, index, ignoringNewlines)
    tokens = lexer.tokens
    index = 0
    ignoringNewlines = 1
    defer { (tokens, index, ignoringNewlines) = outer }
    let expression = try expression()
    if kind != .end { throw fail("expected the end of the expression, found \(found())", here()) }
    return expression
  }
}

/// How an f-string turns a value into text.
enum FormatConversion {
  case display, quoted
}
