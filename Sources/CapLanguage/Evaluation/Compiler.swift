import Essentials

/// Turns the tree into nodes. One compiler per frame; `top` counts the slots in use above the variables.
struct Compiler {
  let source: Source
  let resolver: Resolver
  let namespace: Namespace
  let shared: SharedState
  var scope: Scope
  var top: Int
  private(set) var highest: Int

  init(source: Source, resolver: Resolver, namespace: Namespace, shared: SharedState, scope: Scope) {
    self.source = source
    self.resolver = resolver
    self.namespace = namespace
    self.shared = shared
    self.scope = scope
    top = scope.slotCount
    highest = top
  }

  // MARK: Names

  private enum Place {
    case slot(VariableSlot)
    case cell(Int)
  }

  private func variable(_ name: String) -> Place {
    if let variable = scope.lookup(name) {
      return variable.isBoxed
        ? .cell(variable.slot) : .slot(VariableSlot(index: Int32(variable.slot), isGlobal: false))
    }
    return .slot(VariableSlot(index: Int32(shared.globalSlot(name, in: namespace)), isGlobal: true))
  }

  private func plainSlot(_ expression: Expression) -> VariableSlot? {
    guard let name = expression.isName, case .slot(let slot) = variable(name) else { return nil }
    return slot
  }

  private func name(_ name: String, _ span: Span, isCall: Bool = false) -> Node {
    if let variable = scope.lookup(name) {
      return variable.isBoxed ? BoxedNode(variable.slot, name, span) : LocalNode(variable.slot, name, span)
    }
    return GlobalNode(shared.globalSlot(name, in: namespace), name, isCall: isCall, namespace, span)
  }

  // MARK: Expressions

  private mutating func operand(_ expression: Expression) -> (Operand, Node) {
    let node = self.expression(expression)
    let unowned = Unmanaged.passUnretained(node)
    if case .number(let number) = expression.kind {
      return (Operand(kind: .constant, slot: 0, constant: number, node: unowned), node)
    }
    if let slot = plainSlot(expression) {
      return (
        Operand(kind: slot.isGlobal ? .global : .local, slot: slot.index, constant: 0, node: unowned), node
      )
    }
    return (Operand(kind: .other, slot: 0, constant: 0, node: unowned), node)
  }

  private mutating func operands(_ expressions: [Expression]) -> OperandList {
    var operands: [Operand] = []
    var kept: [Node] = []
    for expression in expressions {
      let (operand, node) = self.operand(expression)
      operands.append(operand)
      kept.append(node)
    }
    return OperandList(operands, kept: kept)
  }

  mutating func expression(_ expression: Expression) -> Node {
    let span = expression.span
    switch expression.kind {
    case .nothing, .invalid: return ConstantNode(.nothing, span)
    case .bool(let bool): return ConstantNode(.bool(bool), span)
    case .number(let number): return ConstantNode(.number(number), span)
    case .quantity(let quantity): return ConstantNode(.quantity(quantity), span)
    case .string(let text): return ConstantNode(.string(text), span)
    case .interpolated(let pieces): return interpolation(pieces, span)
    case .name(let name): return self.name(name, span)
    case .list(let items): return ListNode(operands(items), span)
    case .record(let fields):
      return RecordNode(
        fields.map { field in
          var key: StringObject?
          if case .string(let text) = field.key.kind { key = StringObject(text) }
          return (key, self.expression(field.key), self.expression(field.value))
        }, span)
    case .comprehension(let element, let clauses): return comprehension(expression, element, clauses)
    case .unary(let operation, let operand): return UnaryNode(operation, self.expression(operand), span)
    case .not(let operand): return NotNode(self.expression(operand), span)
    case .binary(let operation, let left, let right): return binary(operation, left, right, span)
    case .notIn(let left, let right): return contains(left, right, isNegated: true, span)
    case .comparisons(let first, let rest):
      let first = self.expression(first)
      return ComparisonChainNode(first, rest.map { ($0.0, self.expression($0.1)) }, span)
    case .and(let left, let right): return AndNode(self.expression(left), self.expression(right), span)
    case .or(let left, let right): return OrNode(self.expression(left), self.expression(right), span)
    case .conditional(let condition, let then, let otherwise):
      return ConditionalNode(
        self.expression(condition), self.expression(then), self.expression(otherwise), span)
    case .call(let callee, let arguments): return call(callee, arguments, span)
    case .field(let base, let name, let nameSpan):
      return FieldNode(
        self.expression(base), slot: plainSlot(base), name, nameSpan: nameSpan, isCallee: false, span)
    case .index(let base, let parts): return index(base, parts, span)
    case .function(let function): return self.function(function)
    }
  }

  private mutating func binary(
    _ operation: BinaryOperation, _ left: Expression, _ right: Expression, _ span: Span
  ) -> Node {
    if operation == .contains { return contains(left, right, isNegated: false, span) }
    let (a, nodeA) = operand(left)
    let (b, nodeB) = operand(right)
    let kept = [nodeA, nodeB]
    switch operation {
    case .add: return AddNode(operation, a, b, kept: kept, span)
    case .subtract: return SubtractNode(operation, a, b, kept: kept, span)
    case .multiply: return MultiplyNode(operation, a, b, kept: kept, span)
    case .divide: return DivideNode(operation, a, b, kept: kept, span)
    case .modulo: return ModuloNode(operation, a, b, kept: kept, span)
    case .less: return LessNode(operation, a, b, kept: kept, span)
    case .lessOrEqual: return LessOrEqualNode(operation, a, b, kept: kept, span)
    case .greater: return GreaterNode(operation, a, b, kept: kept, span)
    case .greaterOrEqual: return GreaterOrEqualNode(operation, a, b, kept: kept, span)
    case .equal: return EqualNode(operation, a, b, kept: kept, span)
    case .notEqual: return NotEqualNode(operation, a, b, kept: kept, span)
    case .floorDivide, .power, .matrixMultiply, .contains:
      return OtherBinaryNode(operation, a, b, kept: kept, span)
    }
  }

  private mutating func contains(_ left: Expression, _ right: Expression, isNegated: Bool, _ span: Span)
    -> Node
  {
    let (a, nodeA) = operand(left)
    let (b, nodeB) = operand(right)
    return ContainsNode(
      a, b, keySlot: plainSlot(left), containerSlot: plainSlot(right), isNegated: isNegated,
      kept: [nodeA, nodeB], span)
  }

  private mutating func index(_ base: Expression, _ parts: [Expression.Part], _ span: Span) -> Node {
    let baseNode = expression(base)
    let partsSpan = Span(base.span.end, span.end)
    if parts.count == 1, case .index(let index) = parts[0] {
      let (operand, node) = self.operand(index)
      return IndexNode(
        baseNode, slot: plainSlot(base), operand, keySlot: plainSlot(index), kept: [node],
        indexSpan: index.span, span)
    }
    return SubscriptNode(baseNode, self.parts(parts), partsSpan: partsSpan, span)
  }

  private mutating func parts(_ parts: [Expression.Part]) -> SubscriptParts {
    SubscriptParts(
      parts: parts.map { part in
        switch part {
        case .index(let index): .index(expression(index))
        case .slice(let start, let stop, let step, _):
          .slice(start.map { expression($0) }, stop.map { expression($0) }, step.map { expression($0) })
        }
      })
  }

  private mutating func interpolation(_ pieces: [Expression.Piece], _ span: Span) -> Node {
    var made: [InterpolationNode.Piece] = []
    var kept: [Node] = []
    for piece in pieces {
      switch piece {
      case .text(let text):
        made.append(
          .init(text: Array(text.utf8), value: nil, isQuoted: false, format: nil, formatNode: nil, span: span)
        )
      case .value(let value, let conversion, let format):
        let (operand, node) = self.operand(value)
        kept.append(node)
        var specification: FormatSpecification?
        var formatNode: Node?
        if format.count == 1, case .text(let text) = format[0] {
          specification = try? FormatSpecification(text)
        } else if !format.isEmpty {
          formatNode = interpolation(format, value.span)
        }
        made.append(
          .init(
            text: [], value: operand, isQuoted: conversion == .quoted, format: specification,
            formatNode: formatNode,
            span: value.span))
      }
    }
    return InterpolationNode(made, kept: kept, span)
  }

  private mutating func comprehension(
    _ expression: Expression, _ element: Expression, _ clauses: [Expression.Clause]
  ) -> Node {
    guard let inner = resolver.comprehensionScopes[ObjectIdentifier(expression)] else {
      return ConstantNode(.nothing, expression.span)
    }
    let outer = scope
    defer { scope = outer }
    var made: [ComprehensionNode.Clause] = []
    for (position, clause) in clauses.enumerated() {
      scope = position == 0 ? outer : inner
      switch clause {
      case .each(let place, let source):
        let source = self.expression(source)
        scope = inner
        made.append(.each(target(place), source))
      case .filter(let condition): made.append(.filter(self.expression(condition)))
      }
    }
    scope = inner
    return ComprehensionNode(self.expression(element), made, expression.span)
  }

  private mutating func call(_ callee: Expression, _ arguments: [Expression.Argument], _ span: Span) -> Node {
    let calleeNode: Node
    switch callee.kind {
    case .name(let name): calleeNode = self.name(name, callee.span, isCall: true)
    case .field(let base, let name, let nameSpan):
      calleeNode = FieldNode(
        expression(base), slot: plainSlot(base), name, nameSpan: nameSpan, isCallee: true, callee.span)
    default: calleeNode = expression(callee)
    }
    let base = top
    let site = CallSite(
      positional: arguments.filter { $0.name == nil }.map(\.value.span),
      named: arguments.compactMap { argument in
        argument.name.map { ($0, argument.nameSpan, argument.value.span) }
      })
    if !site.named.isEmpty || arguments.count > 250 {
      var positional: [Node] = []
      var named: [(name: String, node: Node)] = []
      var order: [Int] = []
      for argument in arguments {
        let node = expression(argument.value)
        if let name = argument.name {
          named.append((name, node))
          order.append(-named.count)
        } else {
          order.append(positional.count)
          positional.append(node)
        }
      }
      return NamedCallNode(
        callee: calleeNode, positional: positional, named: named, order: order, base: base, site: site, span)
    }
    var operands: [Operand] = []
    var kept: [Node] = []
    for argument in arguments {
      let (operand, node) = self.operand(argument.value)
      operands.append(operand)
      kept.append(node)
      top += 1
    }
    highest = max(highest, top)
    top = base
    let list = OperandList(operands, kept: kept)
    let slot = plainSlot(callee)
    if let slot, operands.count == 1 {
      return CallOneNode(
        slot: slot, callee: calleeNode, argument: operands[0], arguments: list, base: base, site: site, span)
    }
    return CallNode(calleeSlot: slot, callee: calleeNode, arguments: list, base: base, site: site, span)
  }

  // MARK: Functions

  private mutating func function(_ function: FunctionSyntax) -> Node {
    guard let inner = resolver.functionScopes[ObjectIdentifier(function)] else {
      return ConstantNode(.nothing, function.span)
    }
    var compiler = Compiler(
      source: source, resolver: resolver, namespace: namespace, shared: shared, scope: inner)
    let defaults = function.parameters.map { parameter in
      parameter.defaultValue.map { compiler.expression($0) }
    }
    let body = compiler.tail(function.body[...], function.span, depth: 0)
    let captured = Set(inner.captures.map(\.own.slot))
    let boxed = inner.variables.values.filter { $0.isBoxed && !captured.contains($0.slot) }.map(\.slot)
      .sorted()
    let code = FunctionCode(
      name: function.name ?? "function", parameters: function.parameters.map(\.name),
      localCount: inner.slotCount,
      frameSize: compiler.highest + 1, defaults: defaults, body: body,
      captureSlots: inner.captures.map(\.own.slot),
      boxedSlots: boxed, selfSlot: inner.selfVariable?.slot, source: source, span: function.span,
      signature: function.signatureText.split(separator: "\n").map { String($0).trimmed() }.joined(
        separator: " "))
    shared.keep(code)
    return MakeFunctionNode(code, captured: inner.captures.map(\.outer.slot), function.span)
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
  private func endsInValue(_ statement: Statement) -> Bool {
    switch statement.kind {
    case .returnValue: return true
    case .branch(let branches, _): return branches.allSatisfy { endsInReturn($0.body) }
    default: return false
    }
  }

  private func endsInReturn(_ statements: [Statement]) -> Bool {
    switch statements.last?.kind {
    case .returnValue, .raise: return true
    default: return false
    }
  }

  private mutating func tailStatement(_ statement: Statement, _ others: ArraySlice<Statement>, depth: Int)
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
  private mutating func lastValueBlock(_ statements: ArraySlice<Statement>, _ span: Span) -> Node {
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

  // MARK: Statements

  mutating func block(_ statements: [Statement], _ span: Span) -> Node {
    statements.count == 1 ? statement(statements[0]) : BlockNode(statements.map { statement($0) }, span)
  }

  mutating func statement(_ statement: Statement) -> Node {
    let span = statement.span
    switch statement.kind {
    case .expression(let value): return expression(value)
    case .assign(let place, let value): return assign(place, value, span)
    case .augmented(let place, let operation, let value): return augment(place, operation, value, span)
    case .branch(let branches, let otherwise):
      let made = branches.map { (condition: expression($0.condition), body: block($0.body, span)) }
      let rest = otherwise.map { block($0, span) }
      if made.count == 1 { return IfNode(made[0].condition, made[0].body, rest, span) }
      return BranchNode(made, rest, span)
    case .forEach(let place, let source, let body):
      let sourceNode = expression(source)
      return ForEachNode(target(place), sourceNode, block(body, span), span)
    case .whileLoop(let condition, let body):
      return WhileNode(expression(condition), block(body, span), span)
    case .breakLoop: return JumpNode(isBreak: true, span)
    case .continueLoop: return JumpNode(isBreak: false, span)
    case .returnValue(let value):
      return ReturnNode(value.map { expression($0) } ?? ConstantNode(.nothing, span), span)
    case .tryCatch(let body, let name, let handler):
      let bodyNode = block(body, span)
      let target = name.map { self.target(.name($0, span)) }
      return TryNode(bodyNode, target, block(handler, span), source: source, span)
    case .raise(let value): return RaiseNode(expression(value), span)
    case .function(let function, _):
      let node = self.function(function)
      return assign(to: function.name ?? "", node, span)
    case .importFile(let path, let pathSpan, let alias, let names):
      func slot(_ name: String) -> VariableSlot {
        VariableSlot(index: Int32(shared.globalSlot(name, in: namespace)), isGlobal: true)
      }
      let bindings: [(name: String?, slot: VariableSlot, span: Span)] =
        names.map { names in names.map { ($0.name, slot($0.alias), $0.span) } } ?? [
          (nil, slot(alias), pathSpan)
        ]
      return ImportNode(path, folder: source.folder, base: scope.slotCount, bindings, pathSpan)
    }
  }

  private mutating func target(_ place: CapLanguage.Place) -> Target {
    switch place {
    case .name(let name, _):
      switch variable(name) {
      case .slot(let slot): return .slot(slot)
      case .cell(let slot): return .cell(slot)
      }
    case .several(let places, _): return .several(places.map { target($0) })
    case .field, .index: return .place(access(place))
    }
  }

  private mutating func access(_ place: CapLanguage.Place) -> PlaceAccess {
    var nodes: [PlaceAccess.StepNode] = []
    var current = place
    while true {
      switch current {
      case .name(let name, let span):
        let steps = Array(nodes.reversed())
        switch variable(name) {
        case .slot(let slot): return PlaceAccess(slot: slot, cell: 0, name: name, nameSpan: span, steps)
        case .cell(let cell): return PlaceAccess(slot: nil, cell: cell, name: name, nameSpan: span, steps)
        }
      case .field(let base, let name, let span):
        nodes.append(.field(StringObject(name), span))
        current = base
      case .index(let base, let parts, let span):
        let partsSpan = Span(base.span.end, span.end)
        if parts.count == 1, case .index(let index) = parts[0] {
          nodes.append(.item(expression(index), index.span))
        } else {
          nodes.append(.parts(self.parts(parts), partsSpan))
        }
        current = base
      case .several(_, let span):
        return PlaceAccess(slot: nil, cell: 0, name: "", nameSpan: span, [])
      }
    }
  }

  private mutating func assign(to name: String, _ node: Node, _ span: Span) -> Node {
    switch variable(name) {
    case .slot(let slot):
      let operand = Operand(kind: .other, slot: 0, constant: 0, node: .passUnretained(node))
      return AssignNode(slot, operand, kept: node, span)
    case .cell(let cell): return AssignTargetNode(.cell(cell), node, span)
    }
  }

  private mutating func assign(_ place: CapLanguage.Place, _ value: Expression, _ span: Span) -> Node {
    if case .name(let name, _) = place, case .slot(let slot) = variable(name) {
      let (operand, node) = self.operand(value)
      return AssignNode(slot, operand, kept: node, span)
    }
    if case .index(.name(let name, _), let parts, _) = place, parts.count == 1,
      case .index(let key) = parts[0],
      case .slot(let slot) = variable(name)
    {
      let (keyOperand, keyNode) = operand(key)
      let (valueOperand, valueNode) = operand(value)
      let access = self.access(place)
      return AssignItemNode(
        slot, key: keyOperand, keySlot: plainSlot(key), value: valueOperand, kept: [keyNode, valueNode],
        place: access,
        general: AssignTargetNode(.place(access), valueNode, span), span)
    }
    let node = expression(value)
    return AssignTargetNode(target(place), node, span)
  }

  private mutating func augment(
    _ place: CapLanguage.Place, _ operation: BinaryOperation, _ value: Expression, _ span: Span
  ) -> Node {
    guard case .name(let name, _) = place else {
      let access = self.access(place)
      return AugmentPlaceNode(access, operation, expression(value), span)
    }
    switch variable(name) {
    case .slot(let slot):
      if operation == .add, case .list(let items) = value.kind {
        return AppendNode(slot, name, operands(items), span)
      }
      let (operand, node) = self.operand(value)
      return AugmentNode(slot, name, operation, operand, kept: node, span)
    case .cell(let cell): return AugmentCellNode(cell: cell, name, operation, expression(value), span)
    }
  }
}
