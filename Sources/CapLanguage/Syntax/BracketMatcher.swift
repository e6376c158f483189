/// Finds brackets without a partner.
enum BracketMatcher {
  static func problems(_ tokens: [Token], _ source: Source) -> [Problem] {
    var open: [(symbol: Symbol, token: Token)] = []
    var problems: [Problem] = []
    for token in tokens {
      guard case .symbol(let symbol) = token.kind else { continue }
      if symbol.isOpening {
        open.append((symbol, token))
      } else if symbol.isClosing {
        if let last = open.last, last.symbol.partner == symbol {
          open.removeLast()
        } else if let match = open.lastIndex(where: { $0.symbol.partner == symbol }) {
          // The brackets opened since were never closed.
          if let last = open.last, problems.count < 10 {
            problems.append(
              Problem(
                "'\(symbol.rawValue)' does not close '\(last.symbol.rawValue)'",
                hint: "expected '\(last.symbol.partner?.rawValue ?? "")' first", token.span,
                notes: [.init(message: "'\(last.symbol.rawValue)' is opened here", span: last.token.span)]))
          }
          open.removeSubrange(match...)
        } else {
          if problems.count < 10 {
            if let last = open.last, last.symbol != .leftBrace {
              problems.append(
                Problem(
                  "'\(symbol.rawValue)' does not close '\(last.symbol.rawValue)'",
                  hint: "expected '\(last.symbol.partner?.rawValue ?? "")'", token.span,
                  notes: [.init(message: "'\(last.symbol.rawValue)' is opened here", span: last.token.span)]))
            } else {
              problems.append(Problem("'\(symbol.rawValue)' closes nothing", token.span))
            }
          }
          // `(1, 2]`: taken as a slip for the right one.
          if let last = open.last, last.symbol != .leftBrace { open.removeLast() }
        }
      }
    }
    if let last = open.last, problems.isEmpty,
      let end = tokens.last(where: { $0.kind != .newline && $0.kind != .end })
    {
      problems.append(
        Problem(
          "'\(last.symbol.rawValue)' is never closed",
          hint: "close it with '\(last.symbol.partner?.rawValue ?? "")'",
          last.token.span,
          notes: end.start == last.token.start
            ? [] : [.init(message: "the text ends here, still inside", span: Span(end.end - 1, end.end))]))
    }
    return problems
  }
}
