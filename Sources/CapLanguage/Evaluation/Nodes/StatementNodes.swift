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

final class AssignNode: Node {
  private let slot: VariableSlot
  private let value: Operand
  private let kept: Node
  init(_ slot: VariableSlot, _ value: Operand, kept: Node, _ span: Span) {
    self.slot = slot
    self.value = value
    self.kept = kept
    super.init(span)
  }
  override func exec(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Flow {
    let number = try value.num(fp, cx)
    if isMiss(number) {
      slot.at(fp, cx).store(Node.take(cx))
    } else {
      slot.at(fp, cx).store(number)
    }
    return .next
  }
}

final class AssignTargetNode: Node {
  private let target: Target
  private let value: Node
  init(_ target: Target, _ value: Node, _ span: Span) {
    self.target = target
    self.value = value
    super.init(span)
  }
  override func exec(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Flow {
    try target.set(try value.eval(fp, cx), fp, cx, value.span)
    return .next
  }
}

/// `x OP= value` on a variable.
final class AugmentNode: Node {
  private let slot: VariableSlot
  private let operation: BinaryOperation
  private let value: Operand
  private let kept: Node
  private let name: String
  init(
    _ slot: VariableSlot, _ name: String, _ operation: BinaryOperation, _ value: Operand, kept: Node,
    _ span: Span
  ) {
    self.slot = slot
    self.name = name
    self.operation = operation
    self.value = value
    self.kept = kept
    super.init(span)
  }
  override func exec(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Flow {
    let right = try value.num(fp, cx)
    let place = slot.at(fp, cx)
    if !isMiss(right), case .number(let left) = place.pointee {
      switch operation {
      case .add: place.setPayload(left + right)
      case .subtract: place.setPayload(left - right)
      case .multiply: place.setPayload(left * right)
      default: try slow(place, right, cx)
      }
      return .next
    }
    try slow(place, right, cx)
    return .next
  }
  @inline(never) private func slow(_ place: FramePointer, _ number: Double, _ cx: Cx) throws(EvaluationError)
  {
    let right = Node.value(number, cx)
    if case .unset = place.pointee { throw AugmentNode.unset(name, slot.isGlobal, span, cx) }
    try Augmentation.apply(operation, to: place, right, span, cx)
  }
  static func unset(_ name: String, _ isGlobal: Bool, _ span: Span, _ cx: Cx) -> EvaluationError {
    if isGlobal {
      return EvaluationError(
        Failure(.name, "'\(name)' has no value yet", hint: "set it first: \(name) = …"), span)
    }
    return Unset.local(name, span, cx)
  }
}

/// `xs += [a, b]`: the list is extended where it lies, without a list in between.
final class AppendNode: Node {
  private let slot: VariableSlot
  private let items: OperandList
  private let name: String
  init(_ slot: VariableSlot, _ name: String, _ items: OperandList, _ span: Span) {
    self.slot = slot
    self.name = name
    self.items = items
    super.init(span)
  }
  override func exec(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Flow {
    if items.count == 1 {
      let number = try items.items[0].num(fp, cx)
      let value: Value = isMiss(number) ? Node.take(cx) : .number(number)
      try NestingGuard.check(value, cx, span)
      let place = slot.at(fp, cx)
      guard case .list = place.pointee else {
        try slow([value], place, cx)
        return .next
      }
      if place.listPayload.pointee.count >= cx.pointee.listLimit {
        throw error(Limits.tooLarge("this list", Double(place.listPayload.pointee.count) * 16))
      }
      place.listPayload.pointee.append(value)
      return .next
    }
    var values: [Value] = []
    for index in 0..<items.count { values.append(try items.items[index].eval(fp, cx)) }
    for value in values { try NestingGuard.check(value, cx, span) }
    try slow(values, slot.at(fp, cx), cx)
    return .next
  }
  @inline(never) private func slow(_ values: [Value], _ place: FramePointer, _ cx: Cx) throws(EvaluationError)
  {
    if case .unset = place.pointee { throw AugmentNode.unset(name, slot.isGlobal, span, cx) }
    try Augmentation.apply(.add, to: place, .list(values), span, cx)
  }
}

/// `x[k] = value` on a variable: the commonest nested place.
final class AssignItemNode: Node {
  private let slot: VariableSlot
  private let key: Operand
  private let keySlot: VariableSlot?
  private let value: Operand
  private let kept: [Node]
  private let general: AssignTargetNode
  private let place: PlaceAccess

  init(
    _ slot: VariableSlot, key: Operand, keySlot: VariableSlot?, value: Operand, kept: [Node],
    place: PlaceAccess,
    general: AssignTargetNode, _ span: Span
  ) {
    self.slot = slot
    self.key = key
    self.keySlot = keySlot
    self.value = value
    self.kept = kept
    self.place = place
    self.general = general
    super.init(span)
  }

  override func exec(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Flow {
    let number = try value.num(fp, cx)
    let value: Value = isMiss(number) ? Node.take(cx) : .number(number)
    try NestingGuard.check(value, cx, span)
    if let keySlot {
      let key = keySlot.at(fp, cx)
      let container = slot.at(fp, cx)
      if case .record = container.pointee, case .string = key.pointee {
        container.makeRecordUnique()
        key.unretainedString._withUnsafeGuaranteedRef { key in
          container.unretainedRecord._withUnsafeGuaranteedRef { $0.set(key, value) }
        }
        return .next
      }
    }
    let position = try key.num(fp, cx)
    if !isMiss(position) {
      let container = slot.at(fp, cx)
      if case .list = container.pointee, position >= 0, position == position.rounded(.down),
        position < Double(container.listPayload.pointee.count)
      {
        container.listPayload.pointee[Int(position)] = value
        return .next
      }
    }
    let keyValue: Value = isMiss(position) ? Node.take(cx) : .number(position)
    try place.assign(value, [.item(keyValue, kept[0].span)], fp, cx)
    return .next
  }
}

/// `place OP= value`.
final class AugmentPlaceNode: Node {
  private let place: PlaceAccess
  private let operation: BinaryOperation
  private let value: Node
  init(_ place: PlaceAccess, _ operation: BinaryOperation, _ value: Node, _ span: Span) {
    self.place = place
    self.operation = operation
    self.value = value
    super.init(span)
  }
  override func exec(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Flow {
    let right = try value.eval(fp, cx)
    try NestingGuard.check(right, cx, span)
    let steps = try place.steps(fp, cx)
    try place.change(steps, fp, cx) { current, at throws(EvaluationError) in
      if case .unset = current {
        throw EvaluationError(
          Failure(.key, "there is nothing here yet to change", hint: "set it first with '='"), at)
      }
      try withUnsafeMutablePointer(to: &current) { pointer throws(EvaluationError) in
        try Augmentation.apply(operation, to: pointer, right, span, cx)
      }
    }
    return .next
  }
}

/// `x OP= value` on a variable that functions share.
final class AugmentCellNode: Node {
  private let cell: Int
  private let name: String
  private let operation: BinaryOperation
  private let value: Node
  init(cell: Int, _ name: String, _ operation: BinaryOperation, _ value: Node, _ span: Span) {
    self.cell = cell
    self.name = name
    self.operation = operation
    self.value = value
    super.init(span)
  }
  override func exec(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Flow {
    let right = try value.eval(fp, cx)
    let cell = (fp + cell).unretainedCell.takeUnretainedValue()
    if case .unset = cell.value { throw Unset.local(name, span, cx) }
    try withUnsafeMutablePointer(to: &cell.value) { pointer throws(EvaluationError) in
      try Augmentation.apply(operation, to: pointer, right, span, cx)
    }
    return .next
  }
}

/// `try { … } catch e { … }`, as a statement or where its value is wanted.
final class TryNode: Node {
  private let body: Node
  private let handler: Node
  private let target: Target?
  private unowned let source: Source
  init(_ body: Node, _ target: Target?, _ handler: Node, source: Source, _ span: Span) {
    self.body = body
    self.target = target
    self.handler = handler
    self.source = source
    super.init(span)
  }

  override func exec(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Flow {
    let scratch = cx.pointee.scratch.count
    do throws(EvaluationError) {
      return try body.exec(fp, cx)
    } catch {
      try caught(error, scratch, fp, cx)
    }
    return try handler.exec(fp, cx)
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    let scratch = cx.pointee.scratch.count
    do throws(EvaluationError) {
      return try body.eval(fp, cx)
    } catch {
      try caught(error, scratch, fp, cx)
    }
    return try handler.eval(fp, cx)
  }

  @inline(never) private func caught(_ error: EvaluationError, _ scratch: Int, _ fp: FramePointer, _ cx: Cx)
    throws(EvaluationError)
  {
    // Nobody keeps a user from stopping.
    if error.failure.kind == .interrupt { throw error }
    cx.pointee.scratch.count = scratch
    error.place(in: source)
    if let target { try target.set(.record(RaisedError.record(error)), fp, cx, span) }
  }
}

final class RaiseNode: Node {
  private let value: Node
  init(_ value: Node, _ span: Span) {
    self.value = value
    super.init(span)
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    throw RaisedError.error(try value.eval(fp, cx), span)
  }
}

/// Errors as the script sees them.
enum RaisedError {
  static func record(_ error: EvaluationError) -> RecordObject {
    // Not through the diagnostic: that gathers the whole trace, and errors pass many handlers.
    let line = error.source.map { $0.position(of: Int(error.span.start)).line }
    let record = RecordObject([
      ("message", .string(error.failure.message)), ("kind", .string(error.failure.kind.rawValue)),
      ("line", line.map { Value.number($0) } ?? .nothing),
      ("file", error.source.map { .string($0.name) } ?? .nothing),
      ("hint", error.failure.hint.map { .string($0) } ?? .nothing),
    ])
    record.origin = error
    return record
  }

  /// The error that `raise value` throws.
  static func error(_ value: Value, _ span: Span) -> EvaluationError {
    switch value {
    case .string(let text): return EvaluationError(Failure(.raised, text.text), span)
    case .record(let record):
      // A caught error goes on as it was.
      if let origin = record.origin as? EvaluationError { return origin }
      guard let message = record["message"]?.asString else {
        return EvaluationError(
          Failure(
            .type, "'raise' takes a text, or a record with a field 'message'",
            hint: "write raise \"what went wrong\""), span)
      }
      let kind = record["kind"]?.asString.flatMap { Failure.Kind(rawValue: $0) } ?? .raised
      return EvaluationError(
        Failure(kind == .interrupt ? .raised : kind, message, hint: record["hint"]?.asString), span)
    default:
      return EvaluationError(
        Failure(
          .type, "'raise' takes a text, not \(value.kindPhrase)", hint: "write raise \"what went wrong\""),
        span)
    }
  }
}

/// `import` and `from … import`.
final class ImportNode: Node {
  private let path: String
  private let folder: String?
  private let bindings: [(name: String?, slot: VariableSlot, span: Span)]
  /// Where the imported file's frame starts: no arguments are under way at an import.
  private let base: Int
  init(
    _ path: String, folder: String?, base: Int, _ bindings: [(name: String?, slot: VariableSlot, span: Span)],
    _ span: Span
  ) {
    self.path = path
    self.folder = folder
    self.base = base
    self.bindings = bindings
    super.init(span)
  }
  override func exec(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Flow {
    guard let interpreter = cx.pointee.shared.interpreter else { return .next }
    let record = try interpreter.importFile(path, from: folder, span, fp + base, cx)
    for binding in bindings {
      guard let name = binding.name else {
        binding.slot.at(fp, cx).store(.record(record))
        continue
      }
      guard let value = record[name] else {
        throw EvaluationError(
          Failure(.name, "'\(path)' has no '\(name)'", hint: NearNames.hint(name, in: record.keys)),
          binding.span)
      }
      binding.slot.at(fp, cx).store(value)
    }
    return .next
  }
}
