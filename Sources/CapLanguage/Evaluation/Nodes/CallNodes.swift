import Essentials

/// A call with arguments by position only.
class CallNode: Node {
  final let calleeSlot: VariableSlot?
  final let callee: Node
  final let arguments: OperandList
  /// Where the callee's frame starts.
  final let base: Int
  final let site: CallSite
  final let calleeSpan: Span

  init(
    calleeSlot: VariableSlot?, callee: Node, arguments: OperandList, base: Int, site: CallSite, _ span: Span
  ) {
    self.calleeSlot = calleeSlot
    self.callee = callee
    self.arguments = arguments
    self.base = base
    self.site = site
    calleeSpan = callee.span
    super.init(span)
  }

  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    guard let calleeSlot else { return try evalOther(fp, cx) }
    let frame = fp + base
    try evaluateArguments(fp, frame, cx)
    let slot = calleeSlot.at(fp, cx)
    if case .function = slot.pointee {
      let function = slot.unretainedFunction
      if !function._withUnsafeGuaranteedRef({ $0.isNative }) {
        let closure = Unmanaged<Closure>.fromOpaque(function.toOpaque())
        return try Calls.run(closure, frame, given: arguments.count, span, cx)
      }
    }
    return try slow(fp, frame, cx)
  }

  @inline(__always) final func evaluateArguments(_ fp: FramePointer, _ frame: FramePointer, _ cx: Cx)
    throws(EvaluationError)
  {
    if frame > cx.pointee.limit { throw Calls.tooDeep("…", span, cx) }
    var index = 0
    while index < arguments.count {
      do throws(EvaluationError) {
        let value = try arguments.items[index].eval(fp, cx)
        (frame + index).initialize(to: value)
      } catch {
        Calls.clear(frame, index)
        throw error
      }
      index += 1
    }
  }

  /// Moves the evaluated arguments into a list, and calls whatever the callee is.
  @inline(never) final func slow(_ fp: FramePointer, _ frame: FramePointer, _ cx: Cx) throws(EvaluationError)
    -> Value
  {
    let count = arguments.count
    let values = [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
      for index in 0..<count {
        (buffer.baseAddress.map { $0 + index })?.initialize(to: (frame + index).move())
      }
      initialized = count
    }
    let value = try callee.eval(fp, cx)
    return try Calls.call(value, values, [], calleeSpan, frame, cx, site: site)
  }

  /// The callee is an expression: evaluated first.
  @inline(never) private func evalOther(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    let value = try callee.eval(fp, cx)
    let frame = fp + base
    try evaluateArguments(fp, frame, cx)
    let count = arguments.count
    let values = [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
      for index in 0..<count {
        (buffer.baseAddress.map { $0 + index })?.initialize(to: (frame + index).move())
      }
      initialized = count
    }
    return try Calls.call(value, values, [], calleeSpan, frame, cx, site: site)
  }
}

/// A call with one argument of a function that a variable holds: the commonest.
final class CallOneNode: CallNode {
  private let argument: Operand
  private let slot: VariableSlot

  init(
    slot: VariableSlot, callee: Node, argument: Operand, arguments: OperandList, base: Int, site: CallSite,
    _ span: Span
  ) {
    self.slot = slot
    self.argument = argument
    super.init(calleeSlot: slot, callee: callee, arguments: arguments, base: base, site: site, span)
  }

  @inline(__always) private func enter(
    _ fp: FramePointer, _ frame: FramePointer, _ cx: Cx
  ) throws(EvaluationError) -> Unmanaged<FunctionCode>? {
    if frame > cx.pointee.limit { throw Calls.tooDeep("…", span, cx) }
    let number = try argument.num(fp, cx)
    frame.initialize(to: isMiss(number) ? Node.take(cx) : .number(number))
    let slot = slot.at(fp, cx)
    guard case .function = slot.pointee else { return nil }
    let function = slot.unretainedFunction
    if function._withUnsafeGuaranteedRef({ $0.isNative }) { return nil }
    return try Calls.enter(Unmanaged<Closure>.fromOpaque(function.toOpaque()), frame, given: 1, span, cx)
  }

  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    let frame = fp + base
    guard let code = try enter(fp, frame, cx) else { return try super.slow(fp, frame, cx) }
    let result: Value
    do throws(EvaluationError) {
      result = try code._withUnsafeGuaranteedRef({ $0.unownedBody }).eval(frame, cx)
    } catch {
      throw Calls.failed(error, code, frame, span, cx)
    }
    Calls.leave(code, frame, cx)
    return result
  }

  override func num(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Double {
    let frame = fp + base
    guard let code = try enter(fp, frame, cx) else {
      let value = try super.slow(fp, frame, cx)
      if case .number(let number) = value { return number }
      return Node.spill(value, cx)
    }
    let result: Double
    do throws(EvaluationError) {
      result = try code._withUnsafeGuaranteedRef({ $0.unownedBody }).num(frame, cx)
    } catch {
      throw Calls.failed(error, code, frame, span, cx)
    }
    Calls.leave(code, frame, cx)
    return result
  }
}

/// A call with named arguments.
final class NamedCallNode: Node {
  private let callee: Node
  private let positional: [Node]
  private let named: [(name: String, node: Node)]
  private let order: [Int]
  private let base: Int
  private let site: CallSite

  /// `order` lists the arguments as written: positional ones from 0, named ones from -1 down.
  init(
    callee: Node, positional: [Node], named: [(name: String, node: Node)], order: [Int], base: Int,
    site: CallSite,
    _ span: Span
  ) {
    self.callee = callee
    self.positional = positional
    self.named = named
    self.order = order
    self.base = base
    self.site = site
    super.init(span)
  }

  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    let function = try callee.eval(fp, cx)
    if fp + base > cx.pointee.limit { throw Calls.tooDeep("…", span, cx) }
    var values = [Value](repeating: .nothing, count: positional.count)
    var pairs = named.map { ($0.name, Value.nothing) }
    for index in order {
      if index >= 0 {
        values[index] = try positional[index].eval(fp, cx)
      } else {
        pairs[-1 - index].1 = try named[-1 - index].node.eval(fp, cx)
      }
    }
    return try Calls.call(function, values, pairs, callee.span, fp + base, cx, site: site)
  }
}
