import Essentials

/// Statements and blocks, and how parsing goes on after a mistake.
extension Parser {
  mutating func program() -> Program {
    var statements: [Statement] = []
    var isQuiet = false
    while true {
      skipSeparators(&isQuiet, isAfterStatement: !statements.isEmpty)
      if kind == .end { break }
      if kind == .symbol(.rightBrace) {
        // Reported with the brackets.
        _ = advance()
        continue
      }
      isQuiet = false
      do throws(Stop) {
        statements.append(try statement())
      } catch {
        recover()
      }
    }
    return Program(statements: statements, isQuiet: isQuiet)
  }

  private mutating func skipSeparators(_ isQuiet: inout Bool, isAfterStatement: Bool) {
    while true {
      if tokens[index].kind == .newline {
        index += 1
      } else if tokens[index].kind == .symbol(.semicolon) {
        index += 1
        if isAfterStatement { isQuiet = true }
      } else {
        return
      }
    }
  }

  /// Skips the rest of a statement: to the end of the line, but over whole bracketed parts.
  private mutating func recover() {
    ignoringNewlines = 0
    var depth = 0
    while true {
      switch tokens[index].kind {
      case .end: return
      case .newline, .symbol(.semicolon):
        if depth <= 0 { return }
      case .symbol(let symbol):
        if symbol.isOpening { depth += 1 }
        if symbol.isClosing {
          if depth <= 0, symbol == .rightBrace, blockDepth > 0 { return }
          depth -= 1
        }
      default: break
      }
      index += 1
    }
  }

  /// The statements between braces.
  mutating func block(_ what: String, after header: Token) throws(Stop) -> [Statement] {
    if isAt(.colon) { return try indentedBlock(what, after: header) }
    if isAtName("then") || isAtName("do") {
      let word = advance()
      report("'\(text(word))' is not written in Cap", hint: "write \(what) … { … }", word.span)
    }
    if kind == .newline, peek(skippingNewlines: true).kind == .symbol(.leftBrace) { skipNewlines() }
    guard isAt(.leftBrace) else {
      if isAt(.assign) {
        let sign = advance()
        report("'=' sets a variable", hint: "to compare, write ==", sign.span)
        _ = try expression()
        return try block(what, after: header)
      }
      throw fail(
        "expected '{' after \(what), found \(found())", hint: "blocks stand in braces: \(what) … { … }",
        here())
    }
    return try braces()
  }

  /// `{ statements }`.
  mutating func braces() throws(Stop) -> [Statement] {
    try deeper { parser throws(Stop) in
      _ = parser.advance()
      let outer = parser.ignoringNewlines
      parser.ignoringNewlines = 0
      parser.blockDepth += 1
      defer {
        parser.ignoringNewlines = outer
        parser.blockDepth -= 1
      }
      var statements: [Statement] = []
      var ignored = false
      while true {
        parser.skipSeparators(&ignored, isAfterStatement: true)
        if parser.tokens[parser.index].kind == .end { throw Stop() }
        if parser.take(.rightBrace) { return statements }
        do throws(Stop) {
          statements.append(try parser.statement())
        } catch {
          if parser.nesting > parser.limits.nestingDepth * 2 - 2 { throw error }
          parser.recover()
        }
      }
    }
  }

  /// A block in the manner of Python: reported, and read by its indentation, so that its lines are checked too.
  private mutating func indentedBlock(_ what: String, after header: Token) throws(Stop) -> [Statement] {
    let colon = advance()
    if what == "for", tokens[index - 2].kind.isNumber, kind.isNumber {
      throw fail("':' makes no range", hint: rangeHint(around: index - 1), colon.span)
    }
    report("blocks stand in braces, not after ':'", hint: "write \(what) … { … }", colon.span)
    return try deeper { parser throws(Stop) in
      guard parser.tokens[parser.index].kind == .newline else {
        if parser.isAt(.leftBrace) { return try parser.braces() }
        return [try parser.statement()]
      }
      let indentation = parser.indentation(of: header)
      var statements: [Statement] = []
      while true {
        let start = parser.index
        parser.skipNewlines()
        let next = parser.tokens[parser.index]
        if next.kind == .end || parser.indentation(of: next) <= indentation {
          parser.index = start
          return statements
        }
        if next.kind == .symbol(.rightBrace) { return statements }
        do throws(Stop) {
          statements.append(try parser.statement())
        } catch {
          parser.recover()
        }
      }
    }
  }

  private func indentation(of token: Token) -> Int {
    let range = source.lineRange(source.lineIndex(of: Int(token.start)))
    return source.bytes[range].prefix { $0 == 32 || $0 == 9 }.reduce(0) { $0 + ($1 == 9 ? 4 : 1) }
  }

  mutating func statement() throws(Stop) -> Statement {
    try endIfInterrupted()
    let first = token
    try refuseArrowAssignment()
    let statement: Statement
    switch first.kind {
    case .keyword(.fn) where peek().kind == .name: statement = try functionStatement()
    case .keyword(.if): statement = try branch()
    case .keyword(.for): statement = try forEach()
    case .keyword(.while):
      _ = advance()
      let condition = try self.condition("while")
      statement = Statement(.whileLoop(condition, try loopBody("while", first)), span(from: first))
      if kind == .keyword(.else) {
        throw fail(
          "a loop has no 'else' in Cap", hint: "set a variable in the loop, and look at it after", token.span)
      }
    case .keyword(.try): statement = try tryCatch()
    case .keyword(.break), .keyword(.continue):
      _ = advance()
      let isBreak = first.kind == .keyword(.break)
      if loopDepth == 0 { report("'\(text(first))' stands outside of a loop", first.span) }
      statement = Statement(isBreak ? .breakLoop : .continueLoop, first.span)
    case .keyword(.return):
      _ = advance()
      if functionDepth == 0 { report("'return' stands outside of a function", first.span) }
      let value = isAtStatementEnd() ? nil : try expressions()
      statement = Statement(.returnValue(value), span(from: first))
    case .keyword(.raise):
      _ = advance()
      if isAtStatementEnd() {
        throw fail(
          "'raise' needs a text or a caught error", hint: "write raise \"what went wrong\"", first.span)
      }
      statement = Statement(.raise(try expressions()), span(from: first))
    case .keyword(.import): statement = try importFile()
    case .keyword(.from): statement = try importNames()
    case .keyword(.else), .keyword(.catch):
      let partner = first.kind == .keyword(.else) ? "if" : "try"
      throw fail("'\(text(first))' without a '\(partner)' before it", first.span)
    case .name:
      if let habit = try foreignStatement() { return habit }
      statement = try simple()
    default: statement = try simple()
    }
    try endOfStatement(after: statement)
    return statement
  }

  mutating func isAtStatementEnd() -> Bool {
    switch tokens[index].kind {
    case .newline, .end, .symbol(.semicolon), .symbol(.rightBrace): true
    default: false
    }
  }

  private mutating func endOfStatement(after statement: Statement) throws(Stop) {
    if isAtStatementEnd() { return }
    switch statement.kind {
    // A block's brace ends the statement, too.
    case .branch, .forEach, .whileLoop, .tryCatch, .function: return
    default: break
    }
    let next = token
    switch next.kind {
    case .symbol(.plus), .symbol(.minus):
      throw fail("'\(text(next))\(text(next))' is not an operator", hint: "write x += 1 or x -= 1", next.span)
    case .symbol(.colon):
      if case .expression(let expression) = statement.kind, expression.isName != nil {
        throw fail("':' has no meaning here", hint: "values are not declared with a type in Cap", next.span)
      }
      throw fail("':' has no meaning here", hint: rangeHint(around: index), next.span)
    case .symbol(.assign):
      throw fail(
        "only a variable, a field or an item can stand left of '='", hint: "to compare, write ==", next.span)
    case .symbol(let symbol) where symbol.isClosing:
      throw fail("'\(symbol.rawValue)' closes nothing", next.span)
    case .name, .string, .number, .keyword(.fn), .keyword(.true), .keyword(.false), .keyword(.none):
      if let hint = hintInStatement(next) {
        throw fail("expected an operator or the end of the line, found \(found())", hint: hint, next.span)
      }
      if case .expression(let expression) = statement.kind, let name = expression.isName {
        if let hint = ForeignNames.hint(name) ?? foreign.hint(name: name) {
          throw fail("'\(name)' is not a word of Cap", hint: hint, expression.span)
        }
        let rest = source.text(Int(next.start)..<lineEnd(from: next)).trimmed()
        throw fail(
          "expected an operator or the end of the line after '\(name)', found \(found())",
          hint: "to call a function, write \(name)(\(rest.utf8.count > 40 ? "…" : rest))", next.span)
      }
      throw fail(
        "expected an operator or the end of the line, found \(found())",
        hint: "statements stand on lines of their own, or have ';' between them", next.span)
    case .symbol(.leftBrace):
      throw fail("expected the end of the line, found '{'", hint: hintBeforeBrace(), next.span)
    default:
      throw fail("expected the end of the line, found \(found())", next.span)
    }
  }

  /// Where the statement on this line ends, as far as one can tell.
  private func lineEnd(from token: Token) -> Int {
    var end = Int(token.end)
    var position = index
    while position < tokens.count, tokens[position].kind != .newline, tokens[position].kind != .end,
      tokens[position].kind != .symbol(.semicolon)
    {
      end = Int(tokens[position].end)
      position += 1
    }
    return end
  }

  func span(from first: Token) -> Span { Span(first.start, max(first.end, lastEnd)) }

  /// An expression, or a statement that sets something.
  private mutating func simple() throws(Stop) -> Statement {
    let first = token
    let value = try expressions()
    let sign = token
    guard case .symbol(let symbol) = sign.kind else {
      return Statement(.expression(value), span(from: first))
    }
    switch symbol {
    case .assign:
      _ = advance()
      skipNewlines()
      let place = try self.place(value)
      // `a = b = 0` sets from right to left, with one value.
      let right = try expressions()
      if isAt(.assign) {
        throw fail("one statement sets one place", hint: "write two statements", token.span)
      }
      return Statement(.assign(place, right), span(from: first))
    case .plusAssign, .minusAssign, .starAssign, .slashAssign, .doubleSlashAssign, .percentAssign, .atAssign,
      .doubleStarAssign:
      _ = advance()
      skipNewlines()
      let place = try self.place(value)
      if case .several = place {
        throw fail("'\(symbol.rawValue)' changes one place at a time", sign.span)
      }
      return Statement(.augmented(place, Self.augmentation(symbol), try expressions()), span(from: first))
    default: return Statement(.expression(value), span(from: first))
    }
  }

  private static func augmentation(_ symbol: Symbol) -> BinaryOperation {
    switch symbol {
    case .minusAssign: .subtract
    case .starAssign: .multiply
    case .slashAssign: .divide
    case .doubleSlashAssign: .floorDivide
    case .percentAssign: .modulo
    case .atAssign: .matrixMultiply
    case .doubleStarAssign: .power
    default: .add
    }
  }

  /// The place that an expression left of `=` names.
  mutating func place(_ expression: Expression) throws(Stop) -> Place {
    switch expression.kind {
    case .name(let name): return .name(name, expression.span)
    case .field(let base, let name, let span): return .field(try place(base), name, span)
    case .index(let base, let parts): return .index(try place(base), parts, expression.span)
    case .list(let items):
      var places: [Place] = []
      for item in items { places.append(try place(item)) }
      if places.isEmpty { throw fail("nothing stands left of '='", expression.span) }
      return .several(places, expression.span)
    case .nothing, .bool:
      throw fail("'\(source.text(expression.span.range))' is a constant, not a variable", expression.span)
    case .call:
      throw fail(
        "a call cannot be set",
        hint: "to define a function, write fn \(source.text(expression.span.range)) { … }; to compare, ==",
        expression.span)
    default:
      throw fail(
        "only a variable, a field or an item can stand left of '='", hint: "to compare, write ==",
        expression.span)
    }
  }

  /// `a`, or `a, b` which is a list.
  mutating func expressions() throws(Stop) -> Expression {
    let first = token
    let single = try expression()
    guard isAt(.comma), ignoringNewlines == 0 else { return single }
    var items = [single]
    while take(.comma) {
      if isAtStatementEnd() || isAt(.assign) { break }
      items.append(try expression())
    }
    return Expression(.list(items), span(from: first))
  }

  mutating func condition(_ what: String) throws(Stop) -> Expression {
    let condition = try expression()
    if isAt(.assign) {
      let sign = advance()
      report("'=' sets a variable; a condition compares", hint: "write ==", sign.span)
      let right = try expression()
      return Expression(.binary(.equal, condition, right), condition.span.to(right.span))
    }
    return condition
  }

  mutating func loopBody(_ what: String, _ header: Token) throws(Stop) -> [Statement] {
    loopDepth += 1
    defer { loopDepth -= 1 }
    return try block(what, after: header)
  }

  private mutating func branch() throws(Stop) -> Statement {
    let first = token
    var branches: [(condition: Expression, body: [Statement])] = []
    var otherwise: [Statement]?
    while true {
      let header = advance()
      let condition = try self.condition("if")
      branches.append((condition, try block("if", after: header)))
      let next = tokens[index].kind == .newline ? peek(skippingNewlines: true) : token
      if next.kind == .keyword(.else) {
        skipNewlines()
        let word = advance()
        if kind == .keyword(.if) { continue }
        otherwise = try block("else", after: word)
        break
      }
      if next.kind == .name, text(next) == "elif" || text(next) == "elsif" || text(next) == "elseif" {
        skipNewlines()
        report("'\(text(next))' is not a word of Cap", hint: "write else if", next.span)
        continue
      }
      break
    }
    return Statement(.branch(branches, otherwise: otherwise), span(from: first))
  }

  private mutating func forEach() throws(Stop) -> Statement {
    let first = advance()
    if isAt(.leftParenthesis) {
      // `for (x in xs)` and `for (i = 0; …)`.
      throw fail(
        "'for' takes no brackets", hint: "write for x in xs { … }, for i in range(10) { … }", token.span)
    }
    let place = try loopPlaces()
    guard take(.in) else {
      throw fail(
        "expected 'in' after the variable of 'for', found \(found())",
        hint: kind == .symbol(.assign)
          ? "write for i in range(start, stop) { … }" : "write for x in xs { … }", here())
    }
    let source = try expressions()
    return Statement(.forEach(place, source, try loopBody("for", first)), span(from: first))
  }

  /// The variables of a `for`: `x`, `i, x`, `i, (a, b)`.
  mutating func loopPlaces() throws(Stop) -> Place {
    let first = token
    var places = [try loopPlace()]
    while take(.comma) { places.append(try loopPlace()) }
    return places.count == 1 ? places[0] : .several(places, span(from: first))
  }

  private mutating func loopPlace() throws(Stop) -> Place {
    let first = token
    if kind == .name { return .name(text(advance()), first.span) }
    if isAt(.leftParenthesis) || isAt(.leftBracket) {
      return try deeper { parser throws(Stop) in
        let opening = parser.advance()
        let inner = try parser.loopPlaces()
        _ = try parser.expect(
          opening.kind == .symbol(.leftParenthesis) ? .rightParenthesis : .rightBracket, "here")
        return inner
      }
    }
    throw fail("expected the name of a variable, found \(found())", here())
  }

  private mutating func tryCatch() throws(Stop) -> Statement {
    let first = advance()
    let body = try block("try", after: first)
    let next = tokens[index].kind == .newline ? peek(skippingNewlines: true) : token
    if next.kind == .name, text(next) == "except" || text(next) == "finally" {
      throw fail("'\(text(next))' is not a word of Cap", hint: "write try { … } catch e { … }", next.span)
    }
    guard next.kind == .keyword(.catch) else {
      throw fail("'try' without a 'catch'", hint: "write try { … } catch e { … }", first.span)
    }
    skipNewlines()
    let word = advance()
    var name: String?
    if kind == .name {
      name = text(advance())
    } else if isAt(.leftParenthesis), peek().kind == .name {
      _ = advance()
      name = text(advance())
      _ = try expect(.rightParenthesis, "after the name of the error")
    }
    let handler = try block("catch", after: word)
    return Statement(.tryCatch(body, name: name, handler: handler), span(from: first))
  }
}
