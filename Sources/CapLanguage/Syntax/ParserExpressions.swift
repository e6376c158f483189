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
  mutating func pipes(from value: Expression, inClause: Bool) throws(Stop) -> Expression {
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
  mutating func checked(_ expression: Expression) throws(Stop) -> Expression {
    guard expression.depth > limits.nestingDepth * 4 else { return expression }
    throw fail(
      "this expression has more than \(limits.nestingDepth * 4) steps", hint: "name a part of it first",
      Span(expression.span.end, expression.span.end))
  }

  /// `x |> f(a, _)`: x goes where `_` stands, else first.
  mutating func piped(_ value: Expression, into target: Expression) throws(Stop) -> Expression {
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

  func isParenthesized(_ expression: Expression) -> Bool {
    Int(expression.span.start) < source.bytes.count && source.bytes[Int(expression.span.start)] == 40
  }

  mutating func lambdaOrConditional() throws(Stop) -> Expression {
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

  mutating func skipNewlinesAfterOperator() { skipNewlines() }

  /// `x => …`, `(a, b) => …`, or nil.
  mutating func lambda() throws(Stop) -> Expression? {
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
  func closesBeforeArrow() -> Bool {
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

  mutating func lambdaBody(
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
  mutating func pythonLambda() throws(Stop) -> Expression {
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
  mutating func isRecordAhead() -> Bool {
    let first = peek(1, skippingNewlines: true)
    switch first.kind {
    case .symbol(.rightBrace): return true
    case .name, .string, .number, .keyword: return peek(2, skippingNewlines: true).kind == .symbol(.colon)
    default: return false
    }
  }
}
