import Essentials

/// Values that stand by themselves: names, literals, brackets, lists, records.
extension Parser {
  mutating func primary() throws(Stop) -> Expression {
    let first = token
    switch first.kind {
    case .name:
      _ = advance()
      return Expression(.name(text(first)), first.span)
    case .number:
      _ = advance()
      return try numberLiteral(first)
    case .string:
      _ = advance()
      var literal = try stringLiteral(first)
      // Neighbours join, as in Python.
      while kind == .string {
        let next = advance()
        literal = joined(literal, try stringLiteral(next))
      }
      return literal
    case .keyword(.true), .keyword(.false):
      _ = advance()
      return Expression(.bool(first.kind == .keyword(.true)), first.span)
    case .keyword(.none):
      _ = advance()
      return Expression(.nothing, first.span)
    case .keyword(.fn):
      _ = advance()
      let function = try functionRest(name: nil, first: first)
      return Expression(.function(function), function.span)
    case .symbol(.leftParenthesis): return try parenthesized()
    case .symbol(.leftBracket): return try list()
    case .symbol(.leftBrace): return try record()
    case .invalid:
      _ = advance()
      return Expression(.invalid, first.span)
    case .keyword(.if):
      throw fail("'if' cannot stand inside an expression", hint: "write a if condition else b", first.span)
    case .keyword(let word):
      throw fail(
        "the word '\(word.rawValue)' cannot stand here",
        hint: "it is reserved; a variable needs another name", first.span)
    case .symbol(let symbol) where symbol == .star || symbol == .doubleStar:
      throw fail(
        "expected a value, found '\(symbol.rawValue)'", hint: "lists are not spread in Cap: join them with +",
        first.span)
    case .symbol(.doubleSlash), .symbol(.slash), .symbol(.percent):
      throw fail("expected a value, found \(found())", hint: "comments start with #", here())
    case .newline, .end, .symbol:
      let isPercent =
        index > 1 && tokens[index - 1].kind == .symbol(.percent) && tokens[index - 2].kind.isNumber
      throw fail(
        "expected a value, found \(found())",
        hint: isPercent ? "'%' takes a remainder; write \(text(tokens[index - 2])) / 100" : nil, here())
    }
  }

  func joined(_ left: Expression, _ right: Expression) -> Expression {
    func pieces(_ expression: Expression) -> [Expression.Piece] {
      switch expression.kind {
      case .string(let text): [.text(text)]
      case .interpolated(let pieces): pieces
      default: []
      }
    }
    let span = left.span.to(right.span)
    if case .string(let a) = left.kind, case .string(let b) = right.kind {
      return Expression(.string(a + b), span)
    }
    return Expression(.interpolated(pieces(left) + pieces(right)), span)
  }

  mutating func parenthesized() throws(Stop) -> Expression {
    try deeper { parser throws(Stop) in
      let first = parser.advance()
      parser.ignoringNewlines += 1
      defer { parser.ignoringNewlines -= 1 }
      if parser.isAt(.rightParenthesis) {
        _ = parser.advance()
        return Expression(.list([]), parser.span(from: first))
      }
      let value = try parser.expression()
      if parser.kind == .keyword(.for) {
        let clauses = try parser.clauses()
        _ = try parser.closing(.rightParenthesis, "after the comprehension")
        return Expression(.comprehension(element: value, clauses: clauses), parser.span(from: first))
      }
      if parser.isAt(.comma) {
        // A tuple of other languages is a list here.
        var items = [value]
        while parser.take(.comma) {
          if parser.isAt(.rightParenthesis) { break }
          items.append(try parser.expression())
        }
        _ = try parser.closing(.rightParenthesis, "after the values")
        return Expression(.list(items), parser.span(from: first))
      }
      _ = try parser.closing(.rightParenthesis, "after the expression")
      // The same tree under the brackets' span, so that `(f(x))` is not taken for a call to pipe into.
      return Expression(value.kind, parser.span(from: first))
    }
  }

  mutating func list() throws(Stop) -> Expression {
    try deeper { parser throws(Stop) in
      let first = parser.advance()
      parser.ignoringNewlines += 1
      defer { parser.ignoringNewlines -= 1 }
      var items: [Expression] = []
      while !parser.isAt(.rightBracket) {
        items.append(try parser.expression())
        if items.count == 1, parser.kind == .keyword(.for) {
          let clauses = try parser.clauses()
          _ = try parser.closing(.rightBracket, "after the comprehension")
          return Expression(.comprehension(element: items[0], clauses: clauses), parser.span(from: first))
        }
        if !parser.take(.comma) { break }
      }
      _ = try parser.closing(.rightBracket, "after the items")
      return Expression(.list(items), parser.span(from: first))
    }
  }

  /// `for a, b in xs if p for …`.
  mutating func clauses() throws(Stop) -> [Expression.Clause] {
    var clauses: [Expression.Clause] = []
    while true {
      if take(.for) {
        let place = try loopPlaces()
        guard take(.in) else { throw fail("expected 'in' after the variable, found \(found())", here()) }
        clauses.append(.each(place, try pipes(from: binary(0), inClause: true)))
      } else if take(.if) {
        clauses.append(.filter(try binary(0)))
      } else {
        return clauses
      }
      if clauses.count > 32 { throw fail("more than 32 clauses", here()) }
    }
  }

  mutating func record() throws(Stop) -> Expression {
    try deeper { parser throws(Stop) in
      let first = parser.advance()
      parser.ignoringNewlines += 1
      defer { parser.ignoringNewlines -= 1 }
      var fields: [Expression.Field] = []
      while !parser.isAt(.rightBrace) {
        let keyToken = parser.token
        let key: Expression
        switch keyToken.kind {
        case .name, .keyword:
          _ = parser.advance()
          key = Expression(.string(parser.text(keyToken)), keyToken.span)
        case .string:
          _ = parser.advance()
          key = try parser.stringLiteral(keyToken)
        case .symbol(.leftBracket):
          // `{[expression]: value}`: a key that is computed.
          _ = parser.advance()
          key = try parser.expression()
          _ = try parser.closing(.rightBracket, "after the key")
        case .number:
          throw parser.fail(
            "the keys of a record are strings", hint: "write \"\(parser.text(keyToken))\": …", keyToken.span)
        case .symbol(.doubleStar):
          throw parser.fail(
            "expected the name of a field, found '**'", hint: "merge(a, b) joins records", parser.here())
        default: throw parser.fail("expected the name of a field, found \(parser.found())", parser.here())
        }
        guard parser.take(.colon) else {
          if parser.isAt(.assign) {
            throw parser.fail(
              "a field is set with ':' in a record", hint: "write name: value", parser.token.span)
          }
          throw parser.fail(
            "expected ':' after the field's name, found \(parser.found())",
            hint: fields.isEmpty
              ? "a record is written {name: value}; a block stands only after if, for, fn, …"
              : "write \(parser.text(keyToken)): …",
            parser.here())
        }
        fields.append(.init(key: key, value: try parser.expression()))
        if !parser.take(.comma) { break }
      }
      _ = try parser.closing(.rightBrace, "after the fields")
      return Expression(.record(fields), parser.span(from: first))
    }
  }
}
