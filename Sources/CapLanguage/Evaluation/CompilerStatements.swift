/// Statements, and the places that they set.
extension Compiler {
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

  mutating func target(_ place: CapLanguage.Place) -> Target {
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

  mutating func access(_ place: CapLanguage.Place) -> PlaceAccess {
    var nodes: [PlaceAccess.StepNode] = []
    var plain: [(field: StringObject?, key: Operand)]? = []
    var current = place
    while true {
      switch current {
      case .name(let name, let span):
        let steps = Array(nodes.reversed())
        let plain = plain.map { Array($0.reversed()) }
        switch variable(name) {
        case .slot(let slot):
          return PlaceAccess(slot: slot, cell: 0, name: name, nameSpan: span, steps, plain: plain)
        case .cell(let cell):
          return PlaceAccess(slot: nil, cell: cell, name: name, nameSpan: span, steps, plain: plain)
        }
      case .field(let base, let name, let span):
        let key = shared.constant(name)
        nodes.append(.field(key, span))
        let unused = Operand(kind: .constant, slot: 0, constant: 0, node: .passUnretained(noNode))
        plain?.append((key, unused))
        current = base
      case .index(let base, let parts, let span):
        let partsSpan = Span(base.span.end, span.end)
        if parts.count == 1, case .index(let index) = parts[0] {
          let (operand, node) = operand(index)
          nodes.append(.item(node, index.span))
          if Self.isPlainKey(index) { plain?.append((nil, operand)) } else { plain = nil }
        } else {
          nodes.append(.parts(self.parts(parts), partsSpan))
          plain = nil
        }
        current = base
      case .several(_, let span):
        return PlaceAccess(slot: nil, cell: 0, name: "", nameSpan: span, [], plain: nil)
      }
    }
  }

  /// A plain expression, or an f-string of plain ones.
  private static func isPlainKey(_ expression: Expression) -> Bool {
    guard case .interpolated(let pieces) = expression.kind else { return isPlain(expression) }
    return pieces.allSatisfy { piece in
      switch piece {
      case .text: true
      case .value(let value, _, let format):
        isPlain(value)
          && format.allSatisfy { if case .text = $0 { true } else { false } }
      }
    }
  }

  mutating func assign(to name: String, _ node: Node, _ span: Span) -> Node {
    switch variable(name) {
    case .slot(let slot):
      let operand = Operand(kind: .other, slot: 0, constant: 0, node: .passUnretained(node))
      return AssignNode(slot, operand, kept: node, span)
    case .cell(let cell): return AssignTargetNode(.cell(cell), node, span)
    }
  }

  mutating func assign(_ place: CapLanguage.Place, _ value: Expression, _ span: Span) -> Node {
    if case .name(let name, _) = place, case .slot(let slot) = variable(name) {
      let (operand, node) = self.operand(value)
      return AssignNode(slot, operand, kept: node, span)
    }
    switch place {
    case .field, .index:
      let (operand, node) = self.operand(value)
      return AssignPlaceNode(access(place), operand, kept: node, span)
    case .name, .several: return AssignTargetNode(target(place), expression(value), span)
    }
  }

  mutating func augment(
    _ place: CapLanguage.Place, _ operation: BinaryOperation, _ value: Expression, _ span: Span
  ) -> Node {
    guard case .name(let name, _) = place else {
      let access = self.access(place)
      let (operand, node) = self.operand(value)
      return AugmentPlaceNode(access, operation, operand, kept: node, span)
    }
    switch variable(name) {
    case .slot(let slot):
      if operation == .add, case .list(let items) = value.kind {
        return AppendNode(slot, name, operands(items), span)
      }
      let (operand, node) = self.operand(value)
      return AugmentNode(slot, name, operation, operand, kept: node, span)
    case .cell(let cell):
      let (operand, node) = self.operand(value)
      return AugmentCellNode(cell: cell, name, operation, operand, kept: node, span)
    }
  }
}
