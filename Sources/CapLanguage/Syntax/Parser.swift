import Essentials

/// Builds the tree of a text. All that is wrong is collected; after an error the parser goes on with the next
/// statement.
struct Parser {
  let source: Source
  let limits: Limits
  var tokens: [Token]
  var index = 0
  /// Above 0 inside round and square brackets and records, where line ends mean nothing.
  var ignoringNewlines = 0
  var nesting = 0
  var loopDepth = 0
  var functionDepth = 0
  var blockDepth = 0
  var problems: [Problem] = []

  /// Thrown after the problem has been reported.
  struct Stop: Error {}

  /// Parses a whole text.
  static func parse(_ source: Source, limits: Limits) -> (Program, [Problem]) {
    let lexer = Lexer(source.bytes, range: 0..<source.bytes.count)
    var parser = Parser(source: source, limits: limits, tokens: lexer.tokens)
    let program = parser.program()
    return (program, parser.allProblems(lexer))
  }

  init(source: Source, limits: Limits, tokens: [Token]) {
    self.source = source
    self.limits = limits
    self.tokens = tokens
  }

  /// The lexer's problems, those of brackets, and the parser's own; the latter only where no bracket error makes
  /// them meaningless.
  private func allProblems(_ lexer: Lexer) -> [Problem] {
    let brackets = BracketMatcher.problems(tokens, source)
    let horizon = brackets.map { problem in
      min(problem.span.start, problem.notes.map(\.span.start).min() ?? .max)
    }.min()
    var all = lexer.problems + brackets
    for problem in problems {
      if let horizon, source.lineIndex(of: Int(problem.span.start)) >= source.lineIndex(of: Int(horizon)) {
        continue
      }
      // What follows a character that means nothing is seldom meant.
      if lexer.problems.contains(where: {
        source.lineIndex(of: Int($0.span.start)) == source.lineIndex(of: Int(problem.span.start))
      }) {
        continue
      }
      all.append(problem)
    }
    return all.sorted { $0.span.start < $1.span.start }
  }

  // MARK: Tokens

  var token: Token {
    mutating get {
      if ignoringNewlines > 0 { while tokens[index].kind == .newline { index += 1 } }
      return tokens[index]
    }
  }
  var kind: Token.Kind { mutating get { token.kind } }
  /// The end of the last token taken.
  var lastEnd: UInt32 { index > 0 ? tokens[index - 1].end : 0 }

  func text(_ token: Token) -> String { source.text(Int(token.start)..<Int(token.end)) }

  /// The token after the current one, line ends skipped where they mean nothing.
  mutating func peek(_ distance: Int = 1, skippingNewlines: Bool = false) -> Token {
    _ = token
    var position = index
    for _ in 0..<distance {
      if tokens[position].kind != .end { position += 1 }
      if ignoringNewlines > 0 || skippingNewlines {
        while tokens[position].kind == .newline { position += 1 }
      }
    }
    return tokens[position]
  }

  mutating func advance() -> Token {
    let taken = token
    if taken.kind != .end { index += 1 }
    return taken
  }

  mutating func skipNewlines() { while tokens[index].kind == .newline { index += 1 } }

  mutating func take(_ symbol: Symbol) -> Bool {
    guard kind == .symbol(symbol) else { return false }
    _ = advance()
    return true
  }
  mutating func take(_ word: Word) -> Bool {
    guard kind == .keyword(word) else { return false }
    _ = advance()
    return true
  }
  mutating func isAt(_ symbol: Symbol) -> Bool { kind == .symbol(symbol) }
  mutating func isAtName(_ name: String) -> Bool { kind == .name && text(token) == name }

  mutating func report(_ message: String, hint: String? = nil, _ span: Span, notes: [Diagnostic.Note] = []) {
    if problems.count < 100 { problems.append(Problem(message, hint: hint, span, notes: notes)) }
  }

  mutating func fail(_ message: String, hint: String? = nil, _ span: Span) -> Stop {
    report(message, hint: hint, span)
    return Stop()
  }

  /// "'=' here", for messages: what stands where something else was expected.
  mutating func found() -> String {
    let token = self.token
    switch token.kind {
    case .end: return "the end of the text"
    case .newline: return "the end of the line"
    case .keyword(let word): return "the word '\(word.rawValue)'"
    case .symbol(let symbol): return "'\(symbol.rawValue)'"
    case .string, .number, .name, .invalid:
      let shown = text(token)
      return shown.utf8.count > 40 ? "'\(shown.prefix(37))…'" : token.kind == .string ? shown : "'\(shown)'"
    }
  }

  /// The span of the token here; of the end of the line before, where a line has ended.
  mutating func here() -> Span {
    let token = self.token
    if token.kind == .newline || token.kind == .end { return Span(lastEnd, lastEnd) }
    return token.span
  }

  mutating func expect(_ symbol: Symbol, _ context: String) throws(Stop) -> Token {
    if kind == .symbol(symbol) { return advance() }
    throw fail("expected '\(symbol.rawValue)' \(context), found \(found())", here())
  }

  /// Counts a level of nesting; the parser and all that walks the tree recurse.
  mutating func deeper<Result>(_ body: (inout Parser) throws(Stop) -> Result) throws(Stop) -> Result {
    nesting += 1
    defer { nesting -= 1 }
    // A bracket and the expression in it count one each.
    if nesting > limits.nestingDepth * 2 {
      let span = here()
      problems.removeAll { $0.span == span }
      throw fail(
        "this is nested more than \(limits.nestingDepth) levels deep", hint: "name a part of it first", span)
    }
    return try body(&self)
  }

  // MARK: Statements

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
    let first = token
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
      throw fail("':' has no meaning here", hint: "values are not declared with a type in Cap", next.span)
    case .symbol(.assign):
      throw fail(
        "only a variable, a field or an item can stand left of '='", hint: "to compare, write ==", next.span)
    case .symbol(let symbol) where symbol.isClosing:
      throw fail("'\(symbol.rawValue)' closes nothing", next.span)
    case .name, .string, .number, .keyword(.fn), .keyword(.true), .keyword(.false), .keyword(.none):
      if case .expression(let expression) = statement.kind, let name = expression.isName {
        let rest = source.text(Int(next.start)..<lineEnd(from: next)).trimmed()
        throw fail(
          "expected an operator or the end of the line after '\(name)', found \(found())",
          hint: "to call a function, write \(name)(\(rest.utf8.count > 40 ? "…" : rest))", next.span)
      }
      throw fail(
        "expected an operator or the end of the line, found \(found())",
        hint: "statements stand on lines of their own, or have ';' between them", next.span)
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
      throw fail("a call cannot be set", hint: "to compare, write ==", expression.span)
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
        "expected 'in' after the variable of 'for', found \(found())", hint: "write for x in xs { … }", here()
      )
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

  // MARK: Imports

  private mutating func importPath() throws(Stop) -> (String, Span) {
    if kind == .name {
      let token = self.token
      let name = text(token)
      let hint =
        [
          "numpy", "np", "tensorflow", "tf", "keras", "librosa", "scipy", "pandas", "matplotlib", "os", "sys",
          "math", "random", "glob",
        ]
        .contains(name)
        ? "Cap needs no import: all functions are there; help() lists them"
        : "files are named in quotes: import \"\(name).cap\""
      throw fail("'import' takes the path of a Cap file in quotes, found '\(name)'", hint: hint, token.span)
    }
    guard kind == .string else {
      throw fail(
        "expected the path of a Cap file in quotes, found \(found())", hint: "write import \"helpers.cap\"",
        here())
    }
    let token = advance()
    let literal = try stringLiteral(token)
    guard case .string(let path) = literal.kind else {
      throw fail("the path of an import is a plain string", token.span)
    }
    if functionDepth > 0 || loopDepth > 0 || blockDepth > 0 {
      report("'import' stands at the top of a file, not inside a block or function", token.span)
    }
    return (path, token.span)
  }

  private mutating func importFile() throws(Stop) -> Statement {
    let first = advance()
    let (path, pathSpan) = try importPath()
    var alias = Self.moduleName(path)
    if isAtName("as") {
      _ = advance()
      guard kind == .name else { throw fail("expected a name after 'as', found \(found())", here()) }
      alias = text(advance())
    }
    return Statement(.importFile(path: path, pathSpan: pathSpan, alias: alias, names: nil), span(from: first))
  }

  private mutating func importNames() throws(Stop) -> Statement {
    let first = advance()
    let (path, pathSpan) = try importPath()
    guard take(.import) else {
      throw fail(
        "expected 'import', found \(found())", hint: "write from \"helpers.cap\" import f, g", here())
    }
    var names: [(name: String, alias: String, span: Span)] = []
    repeat {
      guard kind == .name else { throw fail("expected a name to import, found \(found())", here()) }
      let token = advance()
      var alias = text(token)
      if isAtName("as") {
        _ = advance()
        guard kind == .name else { throw fail("expected a name after 'as', found \(found())", here()) }
        alias = text(advance())
      }
      names.append((text(token), alias, token.span))
    } while take(.comma)
    return Statement(.importFile(path: path, pathSpan: pathSpan, alias: "", names: names), span(from: first))
  }

  /// `a/my-tools.cap` arrives as `my_tools`.
  static func moduleName(_ path: String) -> String {
    var name = path.split(separator: "/").last.map(String.init) ?? path
    if name.hasSuffix(".cap") { name.removeLast(4) }
    var safe = ""
    for scalar in name.unicodeScalars {
      safe.unicodeScalars.append(Characters.isLetter(scalar) || scalar == "_" ? scalar : "_")
    }
    if safe.isEmpty || Characters.isDigit(safe.utf8.first ?? 48) || Keyword.isReserved(safe) {
      safe = "_" + safe
    }
    return safe
  }

  // MARK: Functions

  private mutating func functionStatement() throws(Stop) -> Statement {
    let first = advance()
    let name = advance()
    let function = try functionRest(name: text(name), first: first)
    return Statement(.function(function, nameSpan: name.span), span(from: first))
  }

  /// Parameters and body.
  mutating func functionRest(name: String?, first: Token) throws(Stop) -> FunctionSyntax {
    let open = try expect(.leftParenthesis, "after \(name.map { "'fn \($0)'" } ?? "'fn'")")
    let parameters = try parameterList(.rightParenthesis)
    let signature = (name ?? "") + source.text(Int(open.start)..<Int(lastEnd))
    if isAt(.arrow) {
      // `fn f(x) => x + 1`: said once, and read on.
      let arrow = advance()
      report("a function's body stands in braces", hint: "write fn \(name ?? "")(…) { … }", arrow.span)
      if !isAt(.leftBrace) {
        let body = try functionScope { parser throws(Stop) in try parser.expression() }
        return FunctionSyntax(
          name: name, parameters: parameters, body: [Statement(.expression(body), body.span)],
          span: span(from: first),
          signatureText: signature)
      }
    }
    let body = try functionScope { parser throws(Stop) in try parser.block("fn", after: first) }
    return FunctionSyntax(
      name: name, parameters: parameters, body: body, span: span(from: first), signatureText: signature)
  }

  mutating func functionScope<Result>(_ body: (inout Parser) throws(Stop) -> Result) throws(Stop) -> Result {
    let outerLoops = loopDepth
    loopDepth = 0
    functionDepth += 1
    defer {
      loopDepth = outerLoops
      functionDepth -= 1
    }
    return try body(&self)
  }

  /// `a, b=2)`, the opening bracket taken already.
  mutating func parameterList(_ closing: Symbol) throws(Stop) -> [FunctionSyntax.Parameter] {
    ignoringNewlines += 1
    defer { ignoringNewlines -= 1 }
    var parameters: [FunctionSyntax.Parameter] = []
    var seen: Set<String> = []
    while !isAt(closing) {
      guard kind == .name else {
        if isAt(.star) || isAt(.doubleStar) {
          throw fail(
            "a function of a script takes a fixed number of arguments", hint: "pass a list", token.span)
        }
        throw fail("expected the name of a parameter, found \(found())", here())
      }
      let name = advance()
      if !seen.insert(text(name)).inserted { report("a second parameter named '\(text(name))'", name.span) }
      if isAt(.colon) {
        throw fail("parameters have no types in Cap", hint: "a default is written name=value", token.span)
      }
      var defaultValue: Expression?
      if take(.assign) {
        defaultValue = try expression()
      } else if let last = parameters.last, last.defaultValue != nil {
        report("'\(text(name))' has no default, but stands after a parameter that has one", name.span)
      }
      parameters.append(.init(name: text(name), span: name.span, defaultValue: defaultValue))
      if parameters.count == 256 { report("a function takes at most 255 parameters", name.span) }
      if !take(.comma) { break }
    }
    _ = try expect(closing, "or ',' after the parameters")
    return parameters
  }
}

extension String {
  func trimmed() -> String {
    var view = self[...]
    while let first = view.first, first == " " || first == "\t" { view.removeFirst() }
    while let last = view.last, last == " " || last == "\t" || last == "\r" { view.removeLast() }
    return String(view)
  }
}
