/// Functions, and what their bodies end in.
extension Compiler {
  mutating func function(_ function: FunctionSyntax) -> Node {
    guard let inner = resolver.functionScopes[ObjectIdentifier(function)] else {
      return ConstantNode(.nothing, function.span)
    }
    var compiler = Compiler(
      source: source, resolver: resolver, namespace: namespace, shared: shared, scope: inner)
    var defaults: [Node?] = []
    var operands: [Operand] = []
    for parameter in function.parameters {
      let (operand, node) = compiler.operand(
        parameter.defaultValue ?? Expression(.nothing, function.span))
      operands.append(operand)
      defaults.append(node)
    }
    let defaultOperands = OperandList(operands, kept: defaults.compactMap { $0 })
    for (index, parameter) in function.parameters.enumerated() where parameter.defaultValue == nil {
      defaults[index] = nil
    }
    let body = compiler.tail(function.body[...], function.span, depth: 0)
    let captured = Set(inner.captures.map(\.own.slot))
    let boxed = inner.variables.values.filter { $0.isBoxed && !captured.contains($0.slot) }.map(\.slot)
      .sorted()
    let code = FunctionCode(
      name: function.name ?? "function", parameters: function.parameters.map { shared.constant($0.name) },
      localCount: inner.slotCount, frameSize: compiler.highest + 1, defaults: defaults,
      defaultOperands: defaultOperands, body: body,
      captureSlots: inner.captures.map(\.own.slot),
      boxedSlots: boxed, selfSlot: inner.selfVariable?.slot, source: source, span: function.span,
      signature: function.signatureText.split(separator: "\n").map { String($0).trimmed() }.joined(
        separator: " "))
    shared.keep(code)
    let captures = inner.captures.map { capture -> MakeFunctionNode.Capture in
      let slot = capture.outer.slot
      if capture.own.isBoxed { return .cell(slot: slot) }
      return capture.outer.isBoxed ? .valueOfCell(slot: slot) : .value(slot: slot)
    }
    return MakeFunctionNode(code, captures, function.span)
  }

  /// Statements at the end of a function, as an expression.
  mutating func tail(_ statements: ArraySlice<Statement>, _ span: Span, depth: Int) -> Node {
    guard let first = statements.first else { return ConstantNode(.nothing, span) }
    // Very long bodies take the general form: the shape below nests with their length.
    if depth > 50 { return BodyNode(lastValueBlock(statements, span), span) }
    var leading: [Node] = []
    var rest = statements
    while let statement = rest.first, rest.count > 1, !endsInValue(statement) {
      leading.append(self.statement(statement))
      rest = rest.dropFirst()
    }
    let last: Node
    if let statement = rest.first {
      let others = rest.dropFirst()
      last = tailStatement(statement, others, depth: depth)
    } else {
      last = ConstantNode(.nothing, span)
    }
    if leading.isEmpty { return last }
    return SequenceNode(leading, last, first.span)
  }

  /// Whether what follows the statement can be taken into it: `if c { return a }` makes the rest its else.
  func endsInValue(_ statement: Statement) -> Bool {
    switch statement.kind {
    case .returnValue: return true
    case .branch(let branches, _): return branches.allSatisfy { endsInReturn($0.body) }
    default: return false
    }
  }

  func endsInReturn(_ statements: [Statement]) -> Bool {
    switch statements.last?.kind {
    case .returnValue, .raise: return true
    default: return false
    }
  }

  mutating func tailStatement(_ statement: Statement, _ others: ArraySlice<Statement>, depth: Int)
    -> Node
  {
    switch statement.kind {
    case .expression(let value): return expression(value)
    case .returnValue(let value):
      return value.map { expression($0) } ?? ConstantNode(.nothing, statement.span)
    case .branch(let branches, let otherwise):
      let made = branches.map {
        (expression($0.condition), tail($0.body[...], statement.span, depth: depth + 1))
      }
      let rest: [Statement] = (otherwise ?? []) + others
      let last = tail(rest[...], statement.span, depth: depth + 1)
      if made.count == 1 { return ConditionalNode(made[0].0, made[0].1, last, statement.span) }
      return BranchNode(made.map { (condition: $0.0, body: $0.1) }, last, statement.span)
    case .tryCatch(let body, let name, let handler):
      let bodyNode = tail(body[...], statement.span, depth: depth + 1)
      let target = name.map { self.target(.name($0, statement.span)) }
      return TryNode(
        bodyNode, target, tail(handler[...], statement.span, depth: depth + 1), source: source, statement.span
      )
    default:
      return SequenceNode([self.statement(statement)], ConstantNode(.nothing, statement.span), statement.span)
    }
  }

  /// A block whose last expression is returned.
  mutating func lastValueBlock(_ statements: ArraySlice<Statement>, _ span: Span) -> Node {
    var nodes = statements.dropLast().map { statement($0) }
    if let last = statements.last {
      if case .expression(let value) = last.kind {
        nodes.append(ReturnNode(expression(value), last.span))
      } else {
        nodes.append(ReturnNode(tailStatement(last, [], depth: 0), last.span))
      }
    }
    return BlockNode(nodes, span)
  }
}
