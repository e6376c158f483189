import Essentials

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
    if value.kind == .notNumber {
      let made = try value.eval(fp, cx)
      slot.at(fp, cx).store(made)
      return .next
    }
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
    if value.kind == .notNumber {
      try slow(try value.eval(fp, cx), fp, cx)
      return .next
    }
    let right = try value.num(fp, cx)
    if !isMiss(right), Augmentation.number(operation, slot.at(fp, cx), right) { return .next }
    try slow(Node.value(right, cx), fp, cx)
    return .next
  }
  @inline(never) private func slow(_ right: Value, _ fp: FramePointer, _ cx: Cx) throws(EvaluationError) {
    let place = slot.at(fp, cx)
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
      let value = try items.items[0].value(fp, cx)
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

/// `x[k].f = value`: the value first, then the keys from left to right.
final class AssignPlaceNode: Node {
  private let place: PlaceAccess
  private let value: Operand
  private let kept: Node

  init(_ place: PlaceAccess, _ value: Operand, kept: Node, _ span: Span) {
    self.place = place
    self.value = value
    self.kept = kept
    super.init(span)
  }

  override func exec(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Flow {
    let made = try value.value(fp, cx)
    try NestingGuard.check(made, cx, span)
    if try place.assignPlain(made, fp, cx) { return .next }
    try place.assign(made, try place.steps(fp, cx), fp, cx)
    return .next
  }
}

/// `place OP= value`: the keys from left to right, then the value, then the old value.
final class AugmentPlaceNode: Node {
  private let place: PlaceAccess
  private let operation: BinaryOperation
  private let value: Operand
  private let kept: Node

  init(_ place: PlaceAccess, _ operation: BinaryOperation, _ value: Operand, kept: Node, _ span: Span) {
    self.place = place
    self.operation = operation
    self.value = value
    self.kept = kept
    super.init(span)
  }

  override func exec(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Flow {
    if place.isPlain {
      let right = try value.num(fp, cx)
      if isMiss(right) {
        try general(nil, Node.take(cx), fp, cx)
      } else if let item = try place.locate(fp, cx), Augmentation.number(operation, item, right) {
        return .next
      } else {
        try general(nil, .number(right), fp, cx)
      }
      return .next
    }
    let steps = try place.steps(fp, cx)
    try general(steps, try value.eval(fp, cx), fp, cx)
    return .next
  }

  @inline(never) private func general(
    _ known: [PlaceAccess.Step]?, _ right: Value, _ fp: FramePointer, _ cx: Cx
  ) throws(EvaluationError) {
    try NestingGuard.check(right, cx, span)
    if known == nil, let item = try place.locate(fp, cx) {
      return try Augmentation.apply(operation, to: item, right, span, cx)
    }
    let steps: [PlaceAccess.Step]
    if let known { steps = known } else { steps = try place.steps(fp, cx) }
    try place.change(steps, fp, cx) { current, at throws(EvaluationError) in
      if case .unset = current {
        throw EvaluationError(
          Failure(.key, "there is nothing here yet to change", hint: "set it first with '='"), at)
      }
      try withUnsafeMutablePointer(to: &current) { pointer throws(EvaluationError) in
        try Augmentation.apply(operation, to: pointer, right, span, cx)
      }
    }
  }
}

/// `x OP= value` on a variable that functions share.
final class AugmentCellNode: Node {
  private let cell: Int
  private let name: String
  private let operation: BinaryOperation
  private let value: Operand
  private let kept: Node
  init(
    cell: Int, _ name: String, _ operation: BinaryOperation, _ value: Operand, kept: Node, _ span: Span
  ) {
    self.cell = cell
    self.name = name
    self.operation = operation
    self.value = value
    self.kept = kept
    super.init(span)
  }
  override func exec(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Flow {
    let right = try value.num(fp, cx)
    if !isMiss(right), Augmentation.number(operation, (fp + cell).cellValue, right) { return .next }
    try slow(Node.value(right, cx), fp, cx)
    return .next
  }
  @inline(never) private func slow(_ right: Value, _ fp: FramePointer, _ cx: Cx) throws(EvaluationError) {
    let place = (fp + cell).cellValue
    if case .unset = place.pointee { throw Unset.local(name, span, cx) }
    try Augmentation.apply(operation, to: place, right, span, cx)
  }
}
