import Essentials

/// Turns the tree into nodes. One compiler per frame; `top` counts the slots in use above the variables.
struct Compiler {
  let source: Source
  let resolver: Resolver
  let namespace: Namespace
  let shared: SharedState
  var scope: Scope
  var top: Int
  var highest: Int
  /// Stands where an operand is never asked.
  let noNode = ConstantNode(.nothing, .empty)

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

  enum Place {
    case slot(VariableSlot)
    case cell(Int)
  }

  func variable(_ name: String) -> Place {
    if let variable = scope.lookup(name) {
      return variable.isBoxed
        ? .cell(variable.slot) : .slot(VariableSlot(index: Int32(variable.slot), isGlobal: false))
    }
    return .slot(VariableSlot(index: Int32(shared.globalSlot(name, in: namespace)), isGlobal: true))
  }

  func plainSlot(_ expression: Expression) -> VariableSlot? {
    guard let name = expression.isName, case .slot(let slot) = variable(name) else { return nil }
    return slot
  }

  func name(_ name: String, _ span: Span, isCall: Bool = false) -> Node {
    if let variable = scope.lookup(name) {
      return variable.isBoxed ? BoxedNode(variable.slot, name, span) : LocalNode(variable.slot, name, span)
    }
    return GlobalNode(shared.globalSlot(name, in: namespace), name, isCall: isCall, namespace, span)
  }

  // MARK: Expressions

  mutating func operand(_ expression: Expression) -> (Operand, Node) {
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
    let kind: Operand.Kind = Self.isNeverNumber(expression) ? .notNumber : .other
    return (Operand(kind: kind, slot: 0, constant: 0, node: unowned), node)
  }

  private static func isNeverNumber(_ expression: Expression) -> Bool {
    switch expression.kind {
    case .nothing, .bool, .quantity, .string, .interpolated, .list, .record, .comprehension, .not, .notIn,
      .comparisons, .and, .or, .function:
      true
    default: false
    }
  }

  /// Whether evaluating it runs no function and has no effect, so that it may wait, or be done twice.
  static func isPlain(_ expression: Expression) -> Bool {
    switch expression.kind {
    case .nothing, .bool, .number, .quantity, .string, .name: true
    case .unary(_, let operand): isPlain(operand)
    case .binary(_, let left, let right): isPlain(left) && isPlain(right)
    case .field(let base, _, _): isPlain(base)
    case .index(let base, let parts):
      isPlain(base)
        && parts.allSatisfy {
          if case .index(let index) = $0 { isPlain(index) } else { false }
        }
    default: false
    }
  }

  mutating func operands(_ expressions: [Expression]) -> OperandList {
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
    case .string(let text): return ConstantNode(.string(shared.constant(text)), span)
    case .interpolated(let pieces): return interpolation(pieces, span)
    case .name(let name): return self.name(name, span)
    case .list(let items): return ListNode(operands(items), span)
    case .record(let fields):
      var made: [(key: StringObject?, keyNode: Node, value: Operand)] = []
      var kept: [Node] = []
      for field in fields {
        var key: StringObject?
        if case .string(let text) = field.key.kind { key = shared.constant(text) }
        let keyNode = self.expression(field.key)
        let (operand, node) = operand(field.value)
        made.append((key, keyNode, operand))
        kept.append(node)
      }
      return RecordNode(made, kept: kept, span)
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
      return field(base, name, nameSpan, isCallee: false, span)
    case .index(let base, let parts): return index(base, parts, span)
    case .function(let function): return self.function(function)
    }
  }

  private mutating func field(
    _ base: Expression, _ name: String, _ nameSpan: Span, isCallee: Bool, _ span: Span
  ) -> Node {
    let (operand, node) = operand(base)
    return FieldNode(
      operand, kept: node, shared.constant(name), nameSpan: nameSpan, isCallee: isCallee, span)
  }

  mutating func binary(
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
    case .floorDivide: return FloorDivideNode(operation, a, b, kept: kept, span)
    case .power, .matrixMultiply, .contains:
      return OtherBinaryNode(operation, a, b, kept: kept, span)
    }
  }

  mutating func contains(_ left: Expression, _ right: Expression, isNegated: Bool, _ span: Span)
    -> Node
  {
    let (a, nodeA) = operand(left)
    let (b, nodeB) = operand(right)
    return ContainsNode(a, b, isNegated: isNegated, kept: [nodeA, nodeB], span)
  }

  mutating func index(_ base: Expression, _ parts: [Expression.Part], _ span: Span) -> Node {
    let (baseOperand, baseNode) = operand(base)
    let partsSpan = Span(base.span.end, span.end)
    if parts.count == 1, case .index(let index) = parts[0] {
      let (operand, node) = self.operand(index)
      return IndexNode(
        baseOperand, operand, isPlain: Self.isPlain(index), kept: [baseNode, node], indexSpan: index.span,
        span)
    }
    return SubscriptNode(baseNode, self.parts(parts), partsSpan: partsSpan, span)
  }

  mutating func parts(_ parts: [Expression.Part]) -> SubscriptParts {
    SubscriptParts(
      parts: parts.map { part in
        switch part {
        case .index(let index): .index(expression(index))
        case .slice(let start, let stop, let step, _):
          .slice(start.map { expression($0) }, stop.map { expression($0) }, step.map { expression($0) })
        }
      })
  }

  mutating func interpolation(_ pieces: [Expression.Piece], _ span: Span) -> Node {
    var made: [InterpolationNode.Piece] = []
    var kept: [Node] = []
    for piece in pieces {
      switch piece {
      case .text(let text):
        made.append(.init(text: text, span: span))
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
            value: operand, isQuoted: conversion == .quoted, format: specification,
            formatNode: formatNode,
            span: value.span))
      }
    }
    return InterpolationNode(made, kept: kept, span)
  }

  mutating func comprehension(
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
    let (operand, node) = operand(element)
    return ComprehensionNode(operand, kept: node, made, expression.span)
  }

  mutating func call(_ callee: Expression, _ arguments: [Expression.Argument], _ span: Span) -> Node {
    let calleeNode: Node
    switch callee.kind {
    case .name(let name): calleeNode = self.name(name, callee.span, isCall: true)
    case .field(let base, let name, let nameSpan):
      calleeNode = field(base, name, nameSpan, isCallee: true, callee.span)
    default: calleeNode = expression(callee)
    }
    let base = top
    let site = CallSite(
      positional: arguments.filter { $0.name == nil }.map(\.value.span),
      named: arguments.compactMap { argument in
        argument.name.map { ($0, argument.nameSpan, argument.value.span) }
      })
    if !site.named.isEmpty || arguments.count > 250 {
      var written: [(name: StringObject?, value: Operand, node: Node)] = []
      for argument in arguments {
        let (operand, node) = operand(argument.value)
        written.append((argument.name.map { shared.constant($0) }, operand, node))
        top += 1
      }
      highest = max(highest, top)
      top = base
      return NamedCallNode(callee: calleeNode, written, base: base, site: site, span)
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
}
