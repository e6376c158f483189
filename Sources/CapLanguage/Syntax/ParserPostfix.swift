import Essentials

/// What stands behind a value: calls, items, fields.
extension Parser {
  mutating func postfix() throws(Stop) -> Expression {
    var base = try primary()
    while true {
      let next = token
      switch next.kind {
      case .symbol(.leftParenthesis):
        let arguments = try deeper { parser throws(Stop) in try parser.arguments() }
        base = Expression(.call(base, arguments), Span(base.span.start, lastEnd))
      case .symbol(.leftBracket):
        let parts = try deeper { parser throws(Stop) in try parser.parts() }
        base = Expression(.index(base, parts), Span(base.span.start, lastEnd))
      case .symbol(.dot):
        _ = advance()
        let name = token
        switch name.kind {
        case .name, .keyword:
          _ = advance()
          base = Expression(.field(base, text(name), name.span), base.span.to(name.span))
        default:
          throw fail(
            "expected the name of a field after '.', found \(found())", hint: hintAfterDot(base), here())
        }
      default: return base
      }
      base = try checked(base)
    }
  }

  mutating func arguments() throws(Stop) -> [Expression.Argument] {
    _ = advance()
    ignoringNewlines += 1
    defer { ignoringNewlines -= 1 }
    var arguments: [Expression.Argument] = []
    while !isAt(.rightParenthesis) {
      let first = token
      if first.kind == .name, peek().kind == .symbol(.assign) {
        _ = advance()
        _ = advance()
        let name = text(first)
        if arguments.contains(where: { $0.name == name }) {
          report("the argument '\(name)' is given twice", first.span)
        }
        arguments.append(.init(name: name, nameSpan: first.span, value: try expression()))
      } else {
        if isAt(.star) || isAt(.doubleStar) {
          throw fail("a list is not spread over arguments in Cap", hint: "pass the list itself", first.span)
        }
        let value = try expression()
        if kind == .keyword(.for) {
          // A generator argument: `sum(x for x in xs)`.
          let clauses = try self.clauses()
          let made = Expression(.comprehension(element: value, clauses: clauses), span(from: first))
          arguments.append(.init(name: nil, nameSpan: first.span, value: made))
        } else {
          if let named = arguments.last(where: { $0.name != nil }), let name = named.name {
            report(
              "an argument without a name follows '\(name)='", hint: "give it a name, or put it first",
              value.span)
          }
          arguments.append(.init(name: nil, nameSpan: first.span, value: value))
        }
      }
      if !take(.comma) { break }
    }
    _ = try closing(.rightParenthesis, "after the arguments")
    return arguments
  }

  /// The closing bracket, with words for the common slips before it.
  mutating func closing(_ symbol: Symbol, _ context: String) throws(Stop) -> Token {
    if kind == .symbol(symbol) { return advance() }
    let next = token
    switch next.kind {
    case .symbol(.assign):
      throw fail("'=' does not compare", hint: "write ==", next.span)
    case .name, .number, .string, .keyword(.true), .keyword(.false), .keyword(.none):
      throw fail(
        "expected ',' or '\(symbol.rawValue)' \(context), found \(found())",
        hint: unitHint(tokens[index - 1], next)
          ?? (text(next) == "else"
            ? "the choice comes first: [a if c else b for x in xs]" : "a comma is missing, perhaps"),
        next.span)
    case .keyword(.else):
      throw fail(
        "expected '\(symbol.rawValue)' \(context), found \(found())",
        hint: "the choice comes first: [a if c else b for x in xs]", next.span)
    case .symbol(.semicolon) where symbol == .rightBracket:
      throw fail(
        "expected ',' or ']' \(context), found ';'", hint: "rows are lists: tensor([[1, 2], [3, 4]])",
        next.span)
    default: throw fail("expected '\(symbol.rawValue)' \(context), found \(found())", here())
    }
  }

  mutating func parts() throws(Stop) -> [Expression.Part] {
    _ = advance()
    ignoringNewlines += 1
    defer { ignoringNewlines -= 1 }
    var parts: [Expression.Part] = []
    while !isAt(.rightBracket) {
      let first = token
      var bounds: [Expression?] = [nil]
      while true {
        if isAt(.colon) {
          _ = advance()
          if bounds.count == 3 { throw fail("a slice has three parts at most: start:stop:step", here()) }
          bounds.append(nil)
        } else if isAt(.comma) || isAt(.rightBracket) {
          break
        } else {
          if bounds[bounds.count - 1] != nil { break }
          bounds[bounds.count - 1] = try expression()
        }
      }
      if bounds.count == 1 {
        guard let only = bounds[0] else { break }
        parts.append(.index(only))
      } else {
        parts.append(.slice(bounds[0], bounds[1], bounds.count > 2 ? bounds[2] : nil, span(from: first)))
      }
      if parts.count > 64 { throw fail("more than 64 subscripts", here()) }
      if !take(.comma) { break }
    }
    if parts.isEmpty { throw fail("expected a position or a key between '[' and ']'", here()) }
    _ = try closing(.rightBracket, "after the position")
    return parts
  }
}
