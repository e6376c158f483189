import Essentials

/// Operators by precedence, and comparisons.
extension Parser {
  enum Operator {
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

  mutating func operatorHere() -> Operator? {
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
  mutating func checkDoubled(_ sign: Token) throws(Stop) {
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
  mutating func pythonIs(_ left: Expression) throws(Stop) -> Expression {
    let word = advance()
    let isNegated = take(.not)
    report("'is' is not a word of Cap", hint: "write \(isNegated ? "!=" : "==")", word.span)
    let right = try binary(5)
    return Expression(.binary(isNegated ? .notEqual : .equal, left, right), left.span.to(right.span))
  }

  mutating func comparisons(_ first: Expression) throws(Stop) -> Expression {
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

  mutating func unary() throws(Stop) -> Expression {
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
  mutating func power() throws(Stop) -> Expression {
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
}
