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
        let value = try arguments.items[index].value(fp, cx)
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
    frame.initialize(to: try argument.value(fp, cx))
    let slot = slot.at(fp, cx)
    guard case .function = slot.pointee else { return nil }
    let function = slot.unretainedFunction
    if function._withUnsafeGuaranteedRef({ $0.isNative }) { return nil }
    return try Calls.enter(Unmanaged<Closure>.fromOpaque(function.toOpaque()), frame, given: 1, span, cx)
  }

  /// A library function that has a short way for this argument, or the general way.
  @inline(never) private func native(_ fp: FramePointer, _ frame: FramePointer, _ cx: Cx)
    throws(EvaluationError) -> Value
  {
    let place = slot.at(fp, cx)
    if case .function(let function) = place.pointee, function.isNative,
      let quick = unsafeDowncast(function, to: NativeFunction.self).quick, let result = quick(frame.pointee)
    {
      frame.deinitialize(count: 1)
      return result
    }
    return try super.slow(fp, frame, cx)
  }

  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    let frame = fp + base
    guard let code = try enter(fp, frame, cx) else { return try native(fp, frame, cx) }
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
      let value = try native(fp, frame, cx)
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
  /// An argument as written.
  struct Argument {
    /// The name's one object, nil for an argument by position.
    let name: UnsafeMutableRawPointer?
    let value: Operand
  }
  private let callee: Node
  private let arguments: UnsafeMutablePointer<Argument>
  private let count: Int
  private let positionalCount: Int
  private let names: [StringObject]
  private let kept: [Node]
  /// Where the callee's frame starts.
  private let base: Int
  private let site: CallSite

  init(
    callee: Node, _ written: [(name: StringObject?, value: Operand, node: Node)], base: Int, site: CallSite,
    _ span: Span
  ) {
    self.callee = callee
    count = written.count
    positionalCount = written.count { $0.name == nil }
    names = written.compactMap(\.name)
    kept = written.map(\.node)
    arguments = .allocate(capacity: max(1, count))
    for (index, argument) in written.enumerated() {
      let name = argument.name.map { Unmanaged.passUnretained($0).toOpaque() }
      (arguments + index).initialize(to: Argument(name: name, value: argument.value))
    }
    self.base = base
    self.site = site
    super.init(span)
  }
  deinit { arguments.deallocate() }

  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    let function = try callee.eval(fp, cx)
    let frame = fp + base
    if frame > cx.pointee.limit { throw Calls.tooDeep("…", span, cx) }
    if case .function(let function) = function, !function.isNative {
      let closure = unsafeDowncast(function, to: Closure.self)
      if frame + (count + closure.code.parameterCount) <= cx.pointee.limit, fits(closure.code) {
        return try call(closure, fp, frame, cx)
      }
    }
    var values: [Value] = []
    var pairs: [(String, Value)] = []
    for index in 0..<count {
      let value = try arguments[index].value.eval(fp, cx)
      if arguments[index].name != nil {
        pairs.append((names[pairs.count].text, value))
      } else {
        values.append(value)
      }
    }
    return try Calls.call(function, values, pairs, callee.span, frame, cx, site: site)
  }

  /// Whether the arguments are bound without an error: every name known, none given twice, none missing.
  private func fits(_ code: FunctionCode) -> Bool {
    guard positionalCount <= code.parameterCount, code.parameterCount <= 64 else { return false }
    var given: UInt64 = positionalCount == 64 ? .max : (1 << UInt64(positionalCount)) - 1
    for index in 0..<count {
      guard let name = arguments[index].name else { continue }
      let position = code.parameterNames.position(of: name)
      guard position >= 0, given & (1 << UInt64(position)) == 0 else { return false }
      given |= 1 << UInt64(position)
    }
    return given & code.requiredMask == code.requiredMask
  }

  private func call(_ closure: Closure, _ fp: FramePointer, _ frame: FramePointer, _ cx: Cx)
    throws(EvaluationError) -> Value
  {
    for index in 0..<count {
      do throws(EvaluationError) {
        (frame + index).initialize(to: try arguments[index].value.value(fp, cx))
      } catch {
        Calls.clear(frame, index)
        throw error
      }
    }
    // Their places are known now; the callee's frame begins above them.
    let code = closure.code
    let entered = frame + count
    for index in 0..<code.parameterCount { (entered + index).initialize(to: .unset) }
    var next = 0
    for index in 0..<count {
      var position = next
      if let name = arguments[index].name {
        position = code.parameterNames.position(of: name)
      } else {
        next += 1
      }
      (entered + position).moveInitialize(from: frame + index, count: 1)
    }
    return try Calls.run(
      .passUnretained(closure), entered, given: code.parameterCount, hasHoles: true, span, cx)
  }
}
