import Essentials

/// Statements in order.
final class BlockNode: Node {
  private let statements: NodeList
  init(_ statements: [Node], _ span: Span) {
    self.statements = NodeList(statements)
    super.init(span)
  }
  override func exec(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Flow {
    for index in 0..<statements.count {
      let flow = try statements.items[index].exec(fp, cx)
      if case .next = flow { continue }
      return flow
    }
    return .next
  }
}

/// Statements, then the expression that is the value. A `return` among them is the value, too: the node stands
/// where the function ends.
final class SequenceNode: Node {
  private let statements: NodeList
  private let last: Node
  init(_ statements: [Node], _ last: Node, _ span: Span) {
    self.statements = NodeList(statements)
    self.last = last
    super.init(span)
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    for index in 0..<statements.count {
      if case .leaveFunction(let value) = try statements.items[index].exec(fp, cx) { return value }
    }
    return try last.eval(fp, cx)
  }
}

/// `if … else if … else`.
final class BranchNode: Node {
  private let branches: [(condition: Node, body: Node)]
  private let otherwise: Node?
  init(_ branches: [(condition: Node, body: Node)], _ otherwise: Node?, _ span: Span) {
    self.branches = branches
    self.otherwise = otherwise
    super.init(span)
  }
  override func exec(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Flow {
    for branch in branches where try branch.condition.test(fp, cx) { return try branch.body.exec(fp, cx) }
    if let otherwise { return try otherwise.exec(fp, cx) }
    return .next
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    for branch in branches where try branch.condition.test(fp, cx) { return try branch.body.eval(fp, cx) }
    if let otherwise { return try otherwise.eval(fp, cx) }
    return .nothing
  }
}

/// `if c { … }`.
final class IfNode: Node {
  private let condition: Node
  private let then: Node
  private let otherwise: Node?
  init(_ condition: Node, _ then: Node, _ otherwise: Node?, _ span: Span) {
    self.condition = condition
    self.then = then
    self.otherwise = otherwise
    super.init(span)
  }
  override func exec(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Flow {
    if try condition.test(fp, cx) { return try then.exec(fp, cx) }
    if let otherwise { return try otherwise.exec(fp, cx) }
    return .next
  }
}

final class WhileNode: Node {
  private let condition: Node
  private let body: Node
  init(_ condition: Node, _ body: Node, _ span: Span) {
    self.condition = condition
    self.body = body
    super.init(span)
  }
  override func exec(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Flow {
    while try condition.test(fp, cx) {
      try tick(cx)
      switch try body.exec(fp, cx) {
      case .next, .nextRound: continue
      case .leaveLoop: return .next
      case .leaveFunction(let value): return .leaveFunction(value)
      }
    }
    return .next
  }
}

final class ForEachNode: Node {
  private let target: Target
  private let source: Node
  private let body: Node
  init(_ target: Target, _ source: Node, _ body: Node, _ span: Span) {
    self.target = target
    self.source = source
    self.body = body
    super.init(span)
  }
  override func exec(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Flow {
    let value = try source.eval(fp, cx)
    if case .slot(let slot) = target {
      if case .object(let object) = value, object is RangeObject {
        return try run(unsafeDowncast(object, to: RangeObject.self), slot, fp, cx)
      }
      if case .list(let list) = value {
        for item in list {
          try tick(cx)
          slot.at(fp, cx).store(item)
          switch try body.exec(fp, cx) {
          case .next, .nextRound: continue
          case .leaveLoop: return .next
          case .leaveFunction(let value): return .leaveFunction(value)
          }
        }
        return .next
      }
    }
    var result = Flow.next
    try Loop.over(value, source.span, self, cx) { item throws(EvaluationError) in
      try target.set(item, fp, cx, source.span)
      switch try body.exec(fp, cx) {
      case .next, .nextRound: return true
      case .leaveLoop: return false
      case .leaveFunction(let value):
        result = .leaveFunction(value)
        return false
      }
    }
    return result
  }

  private func run(_ range: RangeObject, _ slot: VariableSlot, _ fp: FramePointer, _ cx: Cx)
    throws(EvaluationError) -> Flow
  {
    let start = range.start
    let step = range.step
    let length = range.length
    var index = 0
    while index < length {
      try tick(cx)
      slot.at(fp, cx).store(start + Double(index) * step)
      switch try body.exec(fp, cx) {
      case .next, .nextRound: break
      case .leaveLoop: return .next
      case .leaveFunction(let value): return .leaveFunction(value)
      }
      index += 1
    }
    return .next
  }
}

final class JumpNode: Node {
  private let isBreak: Bool
  init(isBreak: Bool, _ span: Span) {
    self.isBreak = isBreak
    super.init(span)
  }
  override func exec(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Flow {
    isBreak ? .leaveLoop : .nextRound
  }
}

final class ReturnNode: Node {
  private let value: Node
  init(_ value: Node, _ span: Span) {
    self.value = value
    super.init(span)
  }
  override func exec(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Flow {
    .leaveFunction(try value.eval(fp, cx))
  }
}

/// A function's body in its general form.
final class BodyNode: Node {
  private let body: Node
  init(_ body: Node, _ span: Span) {
    self.body = body
    super.init(span)
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    if case .leaveFunction(let value) = try body.exec(fp, cx) { return value }
    return .nothing
  }
}
