/// Looks at a text without running it.
public enum SourceText {
  /// Whether the text is a whole cell: brackets, blocks, strings and operators are all finished.
  public static func inputState(of text: String) -> InputState {
    let bytes = Array(text.utf8)
    let lexer = Lexer(bytes, range: 0..<bytes.count)
    var open: [(symbol: Symbol, offset: Int)] = []
    for token in lexer.tokens {
      guard case .symbol(let symbol) = token.kind else { continue }
      if symbol.isOpening {
        open.append((symbol, Int(token.start)))
      } else if symbol.isClosing, open.last?.symbol.partner == symbol {
        open.removeLast()
      }
    }
    let isInString = lexer.openString != nil
    var goesOn = isInString || !open.isEmpty
    var last = lexer.tokens.dropLast()
    // After an empty line a dangling operator no longer waits: the parser may say what is wrong.
    let endsInBlank = bytes.last == 10 && bytes.dropLast().last == 10
    while last.last?.kind == .newline { last.removeLast() }
    if !goesOn, !endsInBlank, let token = last.last { goesOn = isWaiting(token) }
    return InputState(isComplete: !goesOn, openBrackets: open.map(\.offset), isInString: isInString)
  }

  /// Whether a line cannot end with this token.
  private static func isWaiting(_ token: Token) -> Bool {
    switch token.kind {
    case .symbol(let symbol): !symbol.isClosing && symbol != .semicolon
    case .keyword(let word):
      [.and, .or, .not, .in, .if, .else, .try, .for, .while, .fn, .raise, .from].contains(word)
    default: false
    }
  }

  /// The text's coloured stretches, in order; blanks are left out.
  public static func tokens(of text: String) -> [HighlightToken] {
    let bytes = Array(text.utf8)
    let lexer = Lexer(bytes, range: 0..<bytes.count)
    var found: [HighlightToken] = lexer.comments.map { HighlightToken(kind: .comment, range: $0.range) }
    for (index, token) in lexer.tokens.enumerated() {
      let kind: HighlightToken.Kind
      switch token.kind {
      case .newline, .end: continue
      case .keyword(.true), .keyword(.false), .keyword(.none): kind = .constant
      case .keyword: kind = .keyword
      case .name: kind = lexer.tokens[index + 1].kind == .symbol(.leftParenthesis) ? .call : .name
      case .number: kind = .number
      case .string: kind = .string
      case .symbol(let symbol): kind = symbol.isOpening || symbol.isClosing ? .bracket : .symbol
      case .invalid: kind = [34, 39].contains(bytes[Int(token.start)]) ? .string : .invalid
      }
      found.append(HighlightToken(kind: kind, range: token.span.range))
    }
    return found.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }
}
