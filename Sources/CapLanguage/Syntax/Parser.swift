import Essentials

/// Builds the tree of a text. All that is wrong is collected; after an error the parser goes on with the next
/// statement.
struct Parser {
  let source: Source
  let limits: Limits
  let foreign: any ForeignWords
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

  /// Parses a whole text; only its beginning after Ctrl-C, which the caller looks for.
  static func parse(_ source: Source, limits: Limits, foreign: any ForeignWords)
    -> (Program, [Problem])
  {
    let lexer = Lexer(source.bytes, range: 0..<source.bytes.count, isInterruptible: true)
    var parser = Parser(source: source, limits: limits, foreign: foreign, tokens: lexer.tokens)
    let program = parser.program()
    return (program, parser.allProblems(lexer))
  }

  init(source: Source, limits: Limits, foreign: any ForeignWords, tokens: [Token]) {
    self.source = source
    self.limits = limits
    self.foreign = foreign
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

  /// After Ctrl-C there is nothing more to parse.
  mutating func endIfInterrupted() throws(Stop) {
    guard Interruption.isRequested else { return }
    index = tokens.count - 1
    throw Stop()
  }

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
}

extension String {
  func trimmed() -> String {
    var view = self[...]
    while let first = view.first, first == " " || first == "\t" { view.removeFirst() }
    while let last = view.last, last == " " || last == "\t" || last == "\r" { view.removeLast() }
    return String(view)
  }
}
