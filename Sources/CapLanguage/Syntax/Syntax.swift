import Essentials

/// An expression.
final class Expression {
  indirect enum Kind {
    case nothing
    case bool(Bool)
    case number(Double)
    case quantity(QuantityObject)
    case string(String)
    case interpolated([Piece])
    case name(String)
    case list([Expression])
    case record([Field])
    case comprehension(element: Expression, clauses: [Clause])
    case unary(UnaryOperation, Expression)
    case not(Expression)
    case binary(BinaryOperation, Expression, Expression)
    case notIn(Expression, Expression)
    /// `a < b <= c`: each operand is evaluated once.
    case comparisons(Expression, [(BinaryOperation, Expression)])
    case and(Expression, Expression)
    case or(Expression, Expression)
    case conditional(condition: Expression, then: Expression, otherwise: Expression)
    case call(Expression, [Argument])
    case field(Expression, String, Span)
    case index(Expression, [Part])
    case function(FunctionSyntax)
    /// What could not be parsed; reported.
    case invalid
  }

  /// A part of an f-string.
  enum Piece {
    case text(String)
    case value(Expression, conversion: FormatConversion, format: [Piece])
  }
  struct Field {
    let key: Expression
    let value: Expression
  }
  enum Clause {
    case each(Place, Expression)
    case filter(Expression)
  }
  struct Argument {
    let name: String?
    let nameSpan: Span
    let value: Expression
    /// The piped value where it is not written in the brackets.
    var isPiped = false
  }
  enum Part {
    case index(Expression)
    case slice(Expression?, Expression?, Expression?, Span)
  }

  let kind: Kind
  let span: Span
  /// Levels of expressions below: bounds the stack that evaluation takes.
  let depth: Int

  init(_ kind: Kind, _ span: Span) {
    self.kind = kind
    self.span = span
    depth = 1 + Self.childDepth(kind)
  }

  private static func childDepth(_ kind: Kind) -> Int {
    switch kind {
    case .nothing, .bool, .number, .quantity, .string, .name, .invalid: 0
    case .interpolated(let pieces): pieces.map(\.depth).max() ?? 0
    case .list(let items): items.map(\.depth).max() ?? 0
    case .record(let fields): fields.map { max($0.key.depth, $0.value.depth) }.max() ?? 0
    case .comprehension(let element, let clauses):
      max(element.depth, clauses.map(\.depth).max() ?? 0)
    case .unary(_, let operand), .not(let operand), .field(let operand, _, _): operand.depth
    case .binary(_, let a, let b), .notIn(let a, let b), .and(let a, let b), .or(let a, let b):
      max(a.depth, b.depth)
    case .comparisons(let first, let rest): max(first.depth, rest.map(\.1.depth).max() ?? 0)
    case .conditional(let a, let b, let c): max(a.depth, b.depth, c.depth)
    case .call(let callee, let arguments): max(callee.depth, arguments.map(\.value.depth).max() ?? 0)
    case .index(let base, let parts): max(base.depth, parts.map(\.depth).max() ?? 0)
    // Its body is evaluated in a frame of its own.
    case .function: 0
    }
  }

  var isName: String? {
    if case .name(let name) = kind { return name }
    return nil
  }
}

extension Expression.Piece {
  var depth: Int {
    switch self {
    case .text: 0
    case .value(let expression, _, let format): max(expression.depth, format.map(\.depth).max() ?? 0)
    }
  }
}
extension Expression.Clause {
  var depth: Int {
    switch self {
    case .each(_, let source): source.depth
    case .filter(let condition): condition.depth
    }
  }
}
extension Expression.Part {
  var depth: Int {
    switch self {
    case .index(let expression): expression.depth
    case .slice(let a, let b, let c, _): max(a?.depth ?? 0, b?.depth ?? 0, c?.depth ?? 0)
    }
  }
}

/// What can stand left of `=`.
indirect enum Place {
  case name(String, Span)
  case field(Place, String, Span)
  case index(Place, [Expression.Part], Span)
  case several([Place], Span)

  var span: Span {
    switch self {
    case .name(_, let span), .field(_, _, let span), .index(_, _, let span), .several(_, let span): span
    }
  }
}

/// A function's parameters and body.
final class FunctionSyntax {
  struct Parameter {
    let name: String
    let span: Span
    let defaultValue: Expression?
  }
  let name: String?
  let parameters: [Parameter]
  let body: [Statement]
  let span: Span
  let signatureText: String

  init(name: String?, parameters: [Parameter], body: [Statement], span: Span, signatureText: String) {
    self.name = name
    self.parameters = parameters
    self.body = body
    self.span = span
    self.signatureText = signatureText
  }
}

/// A statement.
final class Statement {
  enum Kind {
    case expression(Expression)
    case assign(Place, Expression)
    case augmented(Place, BinaryOperation, Expression)
    case branch([(condition: Expression, body: [Statement])], otherwise: [Statement]?)
    case forEach(Place, Expression, [Statement])
    case whileLoop(Expression, [Statement])
    case breakLoop
    case continueLoop
    case returnValue(Expression?)
    case tryCatch([Statement], name: String?, handler: [Statement])
    case raise(Expression)
    case function(FunctionSyntax, nameSpan: Span)
    /// `names` is nil where the file arrives as a record called `alias`.
    case importFile(
      path: String, pathSpan: Span, alias: String, names: [(name: String, alias: String, span: Span)]?)
  }

  let kind: Kind
  let span: Span

  init(_ kind: Kind, _ span: Span) {
    self.kind = kind
    self.span = span
  }
}

/// A parsed text.
struct Program {
  var statements: [Statement]
  /// Whether a `;` ends the last statement, so that its value is not shown.
  let isQuiet: Bool
}
