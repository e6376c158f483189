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

  private func isEnd(_ token: Token) -> Bool {
    switch token.kind {
    case .newline, .end, .symbol(.semicolon), .symbol(.rightBrace): true
    default: false
    }
  }
}

/// Names that other languages know, and what Cap writes.
enum ForeignNames {
  static func hint(_ name: String) -> String? {
    switch name {
    case "True", "TRUE": "write true"
    case "False", "FALSE": "write false"
    case "None", "null", "nil", "undefined", "NULL", "Null": "write none"
    case "NaN", "nan", "NAN": "write 0 * inf, or test with x != x"
    case "elif": "write else if"
    case "self", "this": "there are no methods; pass the value as an argument"
    case "dict": "a record is written {name: value}"
    case "list": "a list is written [a, b]"
    case "lambda": "write x => …"
    case "println", "echo", "printf", "puts", "console": "write print(…)"
    case "len_", "length", "size": "write len(x)"
    case "str", "String": "write f\"{x}\""
    case "np", "numpy", "tf", "keras", "librosa", "math", "torch", "pd", "plt":
      "functions have no module names before them: write mean(x), sqrt(x), stft(a, …)"
    case "def", "function", "func": "write fn name(…) { … }"
    case "import": "write import \"file.cap\""
    default: nil
    }
  }
}
