import Essentials

/// A text's tree, written down: a line a node, each level two blanks further in, behind it where it stands.
///
///     assign 1:1
///       name x 1:1
///       + 1:5
///         number 1 1:5
///         name y 1:9
///
/// For tests and for whoever works on the parser.
struct SyntaxTree {
  private let source: Source
  private var text = ""

  /// The tree of a program, a line break behind each line.
  static func text(_ program: Program, in source: Source) -> String {
    var tree = SyntaxTree(source: source)
    for statement in program.statements { tree.add(statement, 0) }
    if program.isQuiet { tree.line("quiet", nil, 0) }
    return tree.text
  }

  private init(source: Source) { self.source = source }

  private mutating func line(_ words: String, _ span: Span?, _ level: Int) {
    text += String(repeating: "  ", count: level) + words
    if let span {
      let place = source.position(of: Int(span.start))
      text += " \(place.line):\(place.column)"
    }
    text += "\n"
  }

  /// A level of its own, with a name and no place.
  private mutating func group(_ name: String, _ level: Int, _ body: (inout SyntaxTree, Int) -> Void) {
    line(name, nil, level)
    body(&self, level + 1)
  }

  private mutating func add(_ statements: [Statement], _ level: Int) {
    for statement in statements { add(statement, level) }
  }

  private mutating func add(_ statement: Statement, _ level: Int) {
    let span = statement.span
    switch statement.kind {
    case .expression(let expression): add(expression, level)
    case .assign(let place, let value):
      line("assign", span, level)
      add(place, level + 1)
      add(value, level + 1)
    case .augmented(let place, let operation, let value):
      line("assign \(operation.symbol)=", span, level)
      add(place, level + 1)
      add(value, level + 1)
    case .branch(let branches, let otherwise):
      line("if", span, level)
      for branch in branches {
        add(branch.condition, level + 1)
        group("then", level + 1) { $0.add(branch.body, $1) }
      }
      if let otherwise { group("else", level + 1) { $0.add(otherwise, $1) } }
    case .forEach(let place, let items, let body):
      line("for", span, level)
      add(place, level + 1)
      add(items, level + 1)
      group("do", level + 1) { $0.add(body, $1) }
    case .whileLoop(let condition, let body):
      line("while", span, level)
      add(condition, level + 1)
      group("do", level + 1) { $0.add(body, $1) }
    case .breakLoop: line("break", span, level)
    case .continueLoop: line("continue", span, level)
    case .returnValue(let value):
      line("return", span, level)
      if let value { add(value, level + 1) }
    case .tryCatch(let body, let name, let handler):
      line("try", span, level)
      group("do", level + 1) { $0.add(body, $1) }
      group("catch" + (name.map { " " + $0 } ?? ""), level + 1) { $0.add(handler, $1) }
    case .raise(let value):
      line("raise", span, level)
      add(value, level + 1)
    case .function(let function, _): add(function, level)
    case .importFile(let path, _, let alias, let names):
      line("import \(quoted(path))" + (names == nil ? " as \(alias)" : ""), span, level)
      for (name, alias, span) in names ?? [] {
        line(name == alias ? name : "\(name) as \(alias)", span, level + 1)
      }
    }
  }

  private mutating func add(_ place: Place, _ level: Int) {
    switch place {
    case .name(let name, let span): line("name \(name)", span, level)
    case .field(let base, let name, let span):
      line("field \(name)", span, level)
      add(base, level + 1)
    case .index(let base, let parts, let span):
      line("index", span, level)
      add(base, level + 1)
      for part in parts { add(part, level + 1) }
    case .several(let places, let span):
      line("several", span, level)
      for place in places { add(place, level + 1) }
    }
  }

  private mutating func add(_ function: FunctionSyntax, _ level: Int) {
    line("fn" + (function.name.map { " " + $0 } ?? ""), function.span, level)
    for parameter in function.parameters {
      line("parameter \(parameter.name)", parameter.span, level + 1)
      if let value = parameter.defaultValue { add(value, level + 2) }
    }
    group("do", level + 1) { $0.add(function.body, $1) }
  }

  private mutating func add(_ part: Expression.Part, _ level: Int) {
    switch part {
    case .index(let position): add(position, level)
    case .slice(let start, let stop, let step, let span):
      line("slice", span, level)
      for (name, bound) in [("from", start), ("to", stop), ("by", step)] {
        if let bound { group(name, level + 1) { $0.add(bound, $1) } }
      }
    }
  }

  private mutating func add(_ piece: Expression.Piece, _ level: Int) {
    switch piece {
    case .text(let text): line("text \(quoted(text))", nil, level)
    case .value(let value, let conversion, let format):
      add(value, level)
      if case .quoted = conversion { line("quoted", nil, level + 1) }
      if !format.isEmpty {
        group("format", level + 1) { tree, level in for piece in format { tree.add(piece, level) } }
      }
    }
  }

  private mutating func add(_ words: String, _ span: Span, _ operands: [Expression], _ level: Int) {
    line(words, span, level)
    for operand in operands { add(operand, level + 1) }
  }

  private mutating func add(_ expression: Expression, _ level: Int) {
    let span = expression.span
    switch expression.kind {
    case .nothing: line("none", span, level)
    case .bool(let value): line("\(value)", span, level)
    case .number(let value): line("number \(NumberText.plain(value))", span, level)
    case .quantity(let value): line("quantity \(value.text)", span, level)
    case .string(let value): line("string \(quoted(value))", span, level)
    case .interpolated(let pieces):
      line("f-string", span, level)
      for piece in pieces { add(piece, level + 1) }
    case .name(let name): line("name \(name)", span, level)
    case .list(let items): add("list", span, items, level)
    case .record(let fields):
      line("record", span, level)
      for field in fields {
        add(field.key, level + 1)
        add(field.value, level + 2)
      }
    case .comprehension(let element, let clauses):
      line("comprehension", span, level)
      add(element, level + 1)
      for clause in clauses {
        switch clause {
        case .each(let place, let items):
          group("for", level + 1) { tree, level in
            tree.add(place, level)
            tree.add(items, level)
          }
        case .filter(let condition): group("if", level + 1) { $0.add(condition, $1) }
        }
      }
    case .unary(let operation, let operand): add("unary \(operation.symbol)", span, [operand], level)
    case .not(let operand): add("not", span, [operand], level)
    case .binary(let operation, let a, let b): add(operation.symbol, span, [a, b], level)
    case .notIn(let a, let b): add("not in", span, [a, b], level)
    case .comparisons(let first, let rest):
      line("comparisons", span, level)
      add(first, level + 1)
      for (operation, operand) in rest { group(operation.symbol, level + 1) { $0.add(operand, $1) } }
    case .and(let a, let b): add("and", span, [a, b], level)
    case .or(let a, let b): add("or", span, [a, b], level)
    case .conditional(let condition, let then, let otherwise):
      add("choice", span, [condition, then, otherwise], level)
    case .call(let callee, let arguments):
      line("call", span, level)
      add(callee, level + 1)
      for argument in arguments {
        guard let name = argument.name else {
          if argument.isPiped {
            group("piped", level + 1) { $0.add(argument.value, $1) }
          } else {
            add(argument.value, level + 1)
          }
          continue
        }
        line("\(name) =", argument.nameSpan, level + 1)
        add(argument.value, level + 2)
      }
    case .field(let base, let name, let nameSpan):
      line("field \(name)", nameSpan, level)
      add(base, level + 1)
    case .index(let base, let parts):
      line("index", span, level)
      add(base, level + 1)
      for part in parts { add(part, level + 1) }
    case .function(let function): add(function, level)
    case .invalid: line("invalid", span, level)
    }
  }

  private func quoted(_ text: String) -> String { Value.string(text).description }
}
