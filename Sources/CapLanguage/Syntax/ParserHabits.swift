import Essentials

/// Statements of other languages, told what Cap writes.
extension Parser {
  /// Reports a statement of another language and reads it as it is meant, where that is possible; nil if it
  /// is none.
  mutating func foreignStatement() throws(Stop) -> Statement? {
    let first = token
    let word = text(first)
    let next = peek()
    let startsValue: Bool
    switch next.kind {
    case .name, .string, .number, .keyword(.true), .keyword(.false), .keyword(.none), .keyword(.fn),
      .keyword(.not):
      startsValue = true
    default: startsValue = false
    }
    switch word {
    case "def" where next.kind == .name, "func" where next.kind == .name, "function" where next.kind == .name,
      "fun" where next.kind == .name:
      report("functions are declared with 'fn'", hint: "write fn \(text(next))(…) { … }", first.span)
      _ = advance()
      let name = advance()
      let function = try functionRest(name: text(name), first: first)
      return Statement(.function(function, nameSpan: name.span), span(from: first))
    case "let" where next.kind == .name, "var" where next.kind == .name, "const" where next.kind == .name,
      "local" where next.kind == .name:
      report("variables are not declared", hint: "write \(text(next)) = …", first.span)
      _ = advance()
      return try statement()
    case "elif", "elsif", "elseif":
      if startsValue || next.kind == .symbol(.leftParenthesis) {
        throw fail("'\(word)' is not a word of Cap", hint: "write } else if … {", first.span)
      }
    case "pass":
      if !startsValue, isEnd(next) {
        report("'pass' is not a word of Cap", hint: "leave the block empty: { }", first.span)
        _ = advance()
        return Statement(.expression(Expression(.nothing, first.span)), first.span)
      }
    case "del" where startsValue:
      throw fail(
        "variables are not deleted", hint: "assign none, or make a list without the item", first.span)
    case "global" where startsValue, "nonlocal" where startsValue:
      throw fail(
        "a function's assignments are its own", hint: "return the value, and assign it outside", first.span)
    case "class" where startsValue, "struct" where startsValue:
      throw fail("Cap has no classes", hint: "use a record: {name: value}", first.span)
    case "assert" where startsValue:
      throw fail("'assert' is not a word of Cap", hint: "write if not … { raise \"…\" }", first.span)
    case "with" where startsValue:
      throw fail("'with' is not a word of Cap", hint: "files are read whole: read_text(path)", first.span)
    case "throw" where startsValue:
      throw fail("'throw' is not a word of Cap", hint: "write raise …", first.span)
    case "switch" where startsValue, "match" where startsValue, "case" where startsValue:
      throw fail("'\(word)' is not a word of Cap", hint: "write if … { } else if … { }", first.span)
    case "foreach" where startsValue:
      throw fail("'foreach' is not a word of Cap", hint: "write for x in xs { … }", first.span)
    case "unless" where startsValue, "until" where startsValue:
      throw fail(
        "'\(word)' is not a word of Cap", hint: "write \(word == "unless" ? "if" : "while") not … { … }",
        first.span)
    case "except", "finally":
      if startsValue || next.kind == .symbol(.colon) || next.kind == .symbol(.leftBrace) {
        throw fail("'\(word)' is not a word of Cap", hint: "write try { … } catch e { … }", first.span)
      }
    case "yield" where startsValue, "await" where startsValue, "async" where startsValue:
      throw fail("'\(word)' is not a word of Cap", first.span)
    default: break
    }
    return nil
  }

  /// `x <- 3`, R's assignment; `x <-3` compares.
  mutating func refuseArrowAssignment() throws(Stop) {
    guard kind == .name, index + 3 < tokens.count else { return }
    let (less, minus, value) = (tokens[index + 1], tokens[index + 2], tokens[index + 3])
    guard less.kind == .symbol(.less), minus.kind == .symbol(.minus), less.end == minus.start,
      minus.end < value.start
    else { return }
    throw fail("'<-' is not an operator", hint: "write \(text(token)) = …", less.span.to(minus.span))
  }

  /// What to write for a word or value that follows a whole statement.
  mutating func hintInStatement(_ next: Token) -> String? {
    let before = tokens[index - 1]
    let word = text(next)
    if let hint = unitHint(before, next) { return hint }
    switch word {
    case "AND", "And": return "write and"
    case "OR", "Or": return "write or"
    case "NOT", "Not": return "write not"
    case "end", "done", "endif", "fi": return "blocks stand in braces: { … }"
    default: break
    }
    if before.kind == .name, text(before) == "new" { return "values are made by calling: tensor([1, 2])" }
    // `x = 3 // what it is`.
    let line = tokens[..<index].reversed().prefix { $0.kind != .newline && $0.kind != .symbol(.semicolon) }
    if next.kind == .name, before.kind == .name, line.contains(where: { $0.kind == .symbol(.doubleSlash) }) {
      return "comments start with #; // divides"
    }
    return nil
  }

  /// What to write where no field's name follows a dot.
  mutating func hintAfterDot(_ base: Expression) -> String? {
    switch kind {
    case .string: return "to join strings, write a + b"
    case .number where text(token).hasPrefix("."): return "a range is written range(start, stop)"
    case .number where tokens[index - 2].kind.isNumber: return "digits are grouped with _: 1_000_000"
    case .symbol(.star), .symbol(.slash), .symbol(.doubleStar):
      return "tensors are reckoned with item by item: write \(text(token))"
    default: return nil
    }
  }

  /// `16 kHz`, `3 seconds`: what a number and a unit apart from it should be.
  func unitHint(_ number: Token, _ unit: Token) -> String? {
    guard number.kind.isNumber, unit.kind == .name, let symbol = UnitSuffix.meant(by: text(unit)),
      text(number).last?.isNumber == true
    else { return nil }
    return "a unit stands right behind its number: \(text(number))\(symbol)"
  }

  /// `1:5`: how a range of these is written; the colon is the token at `position`.
  func rangeHint(around position: Int) -> String {
    guard position > 0, position + 1 < tokens.count, let start = Int(text(tokens[position - 1])),
      let stop = Int(text(tokens[position + 1])), stop < 1 << 40
    else { return "a range is written range(start, stop)" }
    return "write range(\(start), \(stop + 1)): the end is left out"
  }

  /// What to write where a '{' follows a whole expression.
  func hintBeforeBrace() -> String? {
    switch text(tokens[index - 1]) {
    case "do", "repeat", "loop", "forever": return "write while true { … }, and break"
    default: break
    }
    if tokens[index - 1].kind == .name { return "items are taken with square brackets: x[0]" }
    let line = tokens[..<index].reversed().prefix { $0.kind != .newline && $0.kind != .symbol(.semicolon) }
    return line.contains { ["function", "func", "def"].contains(text($0)) }
      ? "write fn(x) { … }, or x => …" : nil
  }

  private func isEnd(_ token: Token) -> Bool {
    switch token.kind {
    case .newline, .end, .symbol(.semicolon), .symbol(.rightBrace): true
    default: false
    }
  }
}
