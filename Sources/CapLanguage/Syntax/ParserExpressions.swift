import Essentials

extension Parser {
  /// An expression of any kind, pipes included.
  mutating func expression() throws(Stop) -> Expression {
    try deeper { parser throws(Stop) in
      try parser.pipes(from: parser.lambdaOrConditional(), inClause: false)
    }
  }

  /// What follows `|>` after `value`. In a comprehension's clause no step is a conditional, since an `if`
  /// there begins the next clause.
  private mutating func pipes(from value: Expression, inClause: Bool) throws(Stop) -> Expression {
    var left = value
    while isAt(.pipe) {
      _ = advance()
      skipNewlines()
      let right = try inClause ? binary(0) : lambdaOrConditional()
      left = try checked(piped(left, into: right))
    }
    return left
  }

  /// Refuses trees that would take too much stack to evaluate: long chains nest to the left.
  private mutating func checked(_ expression: Expression) throws(Stop) -> Expression {
    guard expression.depth > limits.nestingDepth * 4 else { return expression }
    throw fail(
      "this expression has more than \(limits.nestingDepth * 4) steps", hint: "name a part of it first",
      Span(expression.span.end, expression.span.end))
  }

  /// `x |> f(a, _)`: x goes where `_` stands, else first.
  private mutating func piped(_ value: Expression, into target: Expression) throws(Stop) -> Expression {
    let span = value.span.to(target.span)
    guard case .call(let callee, var arguments) = target.kind, !isParenthesized(target) else {
      return Expression(
        .call(target, [.init(name: nil, nameSpan: value.span, value: value, isPiped: true)]), span)
    }
    let holes = arguments.indices.filter { arguments[$0].value.isName == "_" }
    if holes.count > 1 {
      throw fail("the piped value goes to one place", hint: "write one '_'", arguments[holes[1]].value.span)
    }
    if let hole = holes.first {
      let old = arguments[hole]
      arguments[hole] = .init(name: old.name, nameSpan: old.nameSpan, value: value, isPiped: true)
    } else {
      arguments.insert(.init(name: nil, nameSpan: value.span, value: value, isPiped: true), at: 0)
    }
    return Expression(.call(callee, arguments), target.span)
  }

  private func isParenthesized(_ expression: Expression) -> Bool {
    Int(expression.span.start) < source.bytes.count && source.bytes[Int(expression.span.start)] == 40
  }

  private mutating func lambdaOrConditional() throws(Stop) -> Expression {
    if let lambda = try lambda() { return lambda }
    let value = try binary(0)
    guard kind == .keyword(.if) else { return value }
    _ = advance()
    skipNewlinesAfterOperator()
    let condition = try binary(0)
    guard take(.else) else {
      throw fail(
        "expected 'else' after the condition, found \(found())", hint: "write a if condition else b", here())
    }
    skipNewlinesAfterOperator()
    let otherwise = try deeper { parser throws(Stop) in try parser.lambdaOrConditional() }
    return try checked(
      Expression(
        .conditional(condition: condition, then: value, otherwise: otherwise), value.span.to(otherwise.span)))
  }

  private mutating func skipNewlinesAfterOperator() { skipNewlines() }

  /// `x => …`, `(a, b) => …`, or nil.
  private mutating func lambda() throws(Stop) -> Expression? {
    let first = token
    if first.kind == .name, text(first) == "lambda", peek().kind == .name || peek().kind == .symbol(.colon) {
      return try pythonLambda()
    }
    if first.kind == .name, peek().kind == .symbol(.arrow) {
      _ = advance()
      _ = advance()
      return try lambdaBody(
        [.init(name: text(first), span: first.span, defaultValue: nil)], signature: "(\(text(first)))", first)
    }
    guard first.kind == .symbol(.leftParenthesis), closesBeforeArrow() else { return nil }
    let open = advance()
    let parameters = try parameterList(.rightParenthesis)
    let signature = source.text(Int(open.start)..<Int(lastEnd))
    _ = advance()
    return try lambdaBody(parameters, signature: signature, first)
  }

  /// Whether the bracket here is closed right before a `=>`.
  private func closesBeforeArrow() -> Bool {
    var depth = 0
    var position = index
    while position < tokens.count {
      switch tokens[position].kind {
      case .end: return false
      case .symbol(let symbol) where symbol.isOpening:
        depth += 1
        // The parameters hold no blocks: this also keeps deep nesting from being scanned again and again.
        if depth > 8 || symbol == .leftBrace && depth > 4 { return false }
      case .symbol(let symbol) where symbol.isClosing:
        depth -= 1
        if depth == 0 {
          position += 1
          return tokens[position].kind == .symbol(.arrow)
        }
      default: break
      }
      position += 1
    }
    return false
  }

  private mutating func lambdaBody(
    _ parameters: [FunctionSyntax.Parameter], signature: String, _ first: Token
  ) throws(Stop) -> Expression {
    skipNewlines()
    let body: [Statement]
    if isAt(.leftBrace), !isRecordAhead() {
      body = try functionScope { parser throws(Stop) in try parser.braces() }
    } else {
      let value = try functionScope { parser throws(Stop) in try parser.expression() }
      body = [Statement(.expression(value), value.span)]
    }
    let function = FunctionSyntax(
      name: nil, parameters: parameters, body: body, span: span(from: first), signatureText: signature)
    return Expression(.function(function), function.span)
  }

  /// `lambda x, y: x + y`: reported, and read as it is meant.
  private mutating func pythonLambda() throws(Stop) -> Expression {
    let word = advance()
    var names: [FunctionSyntax.Parameter] = []
    while kind == .name {
      let name = advance()
      names.append(.init(name: text(name), span: name.span, defaultValue: nil))
      if !take(.comma) { break }
    }
    let list = names.map(\.name).joined(separator: ", ")
    report(
      "'lambda' is not a word of Cap", hint: "write \(names.count == 1 ? list : "(\(list))") => …", word.span)
    _ = try expect(.colon, "after the parameters")
    return try lambdaBody(names, signature: "(\(list))", word)
  }

  /// Whether the `{` here opens a record: `{}`, `{name: …}`, `{"key": …}`.
  private mutating func isRecordAhead() -> Bool {
    let first = peek(1, skippingNewlines: true)
    switch first.kind {
    case .symbol(.rightBrace): return true
    case .name, .string, .number, .keyword: return peek(2, skippingNewlines: true).kind == .symbol(.colon)
    default: return false
    }
  }

  // MARK: Operators

  private enum Operator {
    case or, and, notIn
    case binary(BinaryOperation)
    case comparison(BinaryOperation)

    var precedence: Int {
      switch self {
      case .or: 1
      case .and: 2
      case .notIn, .comparison: 4
      case .binary(.add), .binary(.subtract): 5
      case .binary: 6
      }
    }
  }

  private mutating func operatorHere() -> Operator? {
    switch kind {
    case .keyword(.or): .or
    case .keyword(.and): .and
    case .keyword(.in): .comparison(.contains)
    case .keyword(.not): peek().kind == .keyword(.in) ? .notIn : nil
    case .symbol(let symbol):
      switch symbol {
      case .plus: .binary(.add)
      case .minus: .binary(.subtract)
      case .star: .binary(.multiply)
      case .slash: .binary(.divide)
      case .doubleSlash: .binary(.floorDivide)
      case .percent: .binary(.modulo)
      case .at: .binary(.matrixMultiply)
      case .equal: .comparison(.equal)
      case .notEqual: .comparison(.notEqual)
      case .less: .comparison(.less)
      case .lessEqual: .comparison(.lessOrEqual)
      case .greater: .comparison(.greater)
      case .greaterEqual: .comparison(.greaterOrEqual)
      default: nil
      }
    default: nil
    }
  }

  /// Operators of at least this precedence, from left to right.
  mutating func binary(_ minimum: Int) throws(Stop) -> Expression {
    var left: Expression
    if minimum <= 3, kind == .keyword(.not), peek().kind != .keyword(.in) {
      left = try deeper { parser throws(Stop) in
        let word = parser.advance()
        let operand = try parser.binary(3)
        return Expression(.not(operand), word.span.to(operand.span))
      }
    } else {
      left = try unary()
    }
    while true {
      if kind == .name, text(token) == "is" { left = try pythonIs(left) }
      guard let found = operatorHere(), found.precedence >= minimum else { return left }
      if case .comparison = found {
        left = try comparisons(left)
        continue
      }
      let sign = advance()
      if case .notIn = found { _ = advance() }
      skipNewlines()
      try checkDoubled(sign)
      let right = try binary(found.precedence + 1)
      let span = left.span.to(right.span)
      switch found {
      case .or: left = Expression(.or(left, right), span)
      case .and: left = Expression(.and(left, right), span)
      case .notIn: left = Expression(.notIn(left, right), span)
      case .binary(let operation), .comparison(let operation):
        left = Expression(.binary(operation, left, right), span)
      }
      left = try checked(left)
    }
  }

  /// `x++` and `x--`.
  private mutating func checkDoubled(_ sign: Token) throws(Stop) {
    let next = tokens[index]
    guard sign.kind == .symbol(.plus) || sign.kind == .symbol(.minus), next.kind == sign.kind,
      next.start == sign.end
    else { return }
    let after = tokens[min(index + 1, tokens.count - 1)].kind
    switch after {
    case .newline, .end, .symbol(.semicolon), .symbol(.rightBrace), .symbol(.rightParenthesis):
      let mark = text(sign)
      throw fail(
        "'\(mark)\(mark)' is not an operator", hint: "write x \(mark)= 1", Span(sign.start, next.end))
    default: return
    }
  }

  /// `x is none`, `x is not none`: reported, read as a comparison.
  private mutating func pythonIs(_ left: Expression) throws(Stop) -> Expression {
    let word = advance()
    let isNegated = take(.not)
    report("'is' is not a word of Cap", hint: "write \(isNegated ? "!=" : "==")", word.span)
    let right = try binary(5)
    return Expression(.binary(isNegated ? .notEqual : .equal, left, right), left.span.to(right.span))
  }

  private mutating func comparisons(_ first: Expression) throws(Stop) -> Expression {
    var rest: [(BinaryOperation, Expression)] = []
    while let found = operatorHere(), found.precedence == 4 {
      guard case .comparison(let operation) = found else {
        if rest.isEmpty { break }
        throw fail("'not in' cannot stand in a chain of comparisons", hint: "use brackets", token.span)
      }
      _ = advance()
      skipNewlines()
      if rest.count >= 100 { throw fail("a chain of more than 100 comparisons", here()) }
      rest.append((operation, try binary(5)))
    }
    guard let last = rest.last else { return first }
    let span = first.span.to(last.1.span)
    if rest.count == 1 { return try checked(Expression(.binary(last.0, first, last.1), span)) }
    return try checked(Expression(.comparisons(first, rest), span))
  }

  private mutating func unary() throws(Stop) -> Expression {
    let sign = token
    guard sign.kind == .symbol(.minus) || sign.kind == .symbol(.plus) else { return try power() }
    return try deeper { parser throws(Stop) in
      _ = parser.advance()
      let operand = try parser.unary()
      let span = sign.span.to(operand.span)
      if sign.kind == .symbol(.minus), case .number(let number) = operand.kind {
        return Expression(.number(-number), span)
      }
      return Expression(.unary(sign.kind == .symbol(.minus) ? .negate : .plus, operand), span)
    }
  }

  /// `a ** -b`, from right to left, tighter than the minus before it.
  private mutating func power() throws(Stop) -> Expression {
    let base = try postfix()
    guard isAt(.doubleStar) else { return base }
    return try deeper { parser throws(Stop) in
      _ = parser.advance()
      parser.skipNewlines()
      let exponent = try parser.unary()
      return try parser.checked(
        Expression(.binary(.power, base, exponent), base.span.to(exponent.span)))
    }
  }

  // MARK: Calls, items, fields

  private mutating func postfix() throws(Stop) -> Expression {
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

  private mutating func arguments() throws(Stop) -> [Expression.Argument] {
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
  private mutating func closing(_ symbol: Symbol, _ context: String) throws(Stop) -> Token {
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

  private mutating func parts() throws(Stop) -> [Expression.Part] {
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

  // MARK: Primaries

  private mutating func primary() throws(Stop) -> Expression {
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

  private func joined(_ left: Expression, _ right: Expression) -> Expression {
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

  private mutating func parenthesized() throws(Stop) -> Expression {
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

  private mutating func list() throws(Stop) -> Expression {
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
  private mutating func clauses() throws(Stop) -> [Expression.Clause] {
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

  private mutating func record() throws(Stop) -> Expression {
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
