import Essentials

/// Calling functions: entering and leaving frames, binding arguments.
enum Calls {
  /// An address on the native stack.
  @inline(__always) static func stackAddress() -> UInt {
    var marker: UInt8 = 0
    return withUnsafeMutablePointer(to: &marker) { UInt(bitPattern: $0) }
  }

  @inline(never) static func tooDeep(_ name: String, _ span: Span, _ cx: Cx) -> EvaluationError {
    EvaluationError(
      Failure(
        .recursion, "'\(name)' was called more than \(cx.pointee.depth - 1) calls deep",
        hint: "does a function call itself without an end?"), span)
  }

  /// Resets the slots of arguments that were evaluated before one failed.
  @inline(never) static func clear(_ frame: FramePointer, _ count: Int) {
    for index in 0..<count { (frame + index).deinitialize(count: 1) }
  }

  /// Runs a function of the script whose first `given` arguments lie in `frame` already; `hasHoles` says that some of
  /// them may be unset, for their defaults.
  @inline(__always) static func run(
    _ closure: Unmanaged<Closure>, _ frame: FramePointer, given: Int, hasHoles: Bool = false, _ span: Span,
    _ cx: Cx
  ) throws(EvaluationError) -> Value {
    let code = try enter(closure, frame, given: given, hasHoles: hasHoles, span, cx)
    let result: Value
    do throws(EvaluationError) {
      result = try code._withUnsafeGuaranteedRef({ $0.unownedBody }).eval(frame, cx)
    } catch {
      throw failed(error, code, frame, span, cx)
    }
    leave(code, frame, cx)
    return result
  }

  /// Checks the bounds and fills the frame.
  @inline(__always) static func enter(
    _ closure: Unmanaged<Closure>, _ frame: FramePointer, given: Int, hasHoles: Bool = false, _ span: Span,
    _ cx: Cx
  ) throws(EvaluationError) -> Unmanaged<FunctionCode> {
    let code = closure._withUnsafeGuaranteedRef { Unmanaged.passUnretained($0.code) }
    if code._withUnsafeGuaranteedRef({ $0.parameterCount }) != given {
      try checkCount(code, frame, given, span)
    }
    cx.pointee.depth += 1
    if cx.pointee.depth > cx.pointee.maxDepth || stackAddress() < cx.pointee.stackLow
      || frame + code._withUnsafeGuaranteedRef({ $0.frameSize }) > cx.pointee.limit
    {
      throw refuse(code, frame, given, span, cx)
    }
    cx.pointee.ticks -= 1
    if cx.pointee.ticks < 0 { try look(code, frame, given, span, cx) }
    let count = code._withUnsafeGuaranteedRef { $0.localCount }
    var slot = given
    while slot < count {
      (frame + slot).initialize(to: .unset)
      slot += 1
    }
    if hasHoles || !code._withUnsafeGuaranteedRef({ $0.isPlain })
      || code._withUnsafeGuaranteedRef({ $0.parameterCount }) != given
    {
      try prepare(closure, frame, span, cx)
    }
    return code
  }

  @inline(__always) static func leave(_ code: Unmanaged<FunctionCode>, _ frame: FramePointer, _ cx: Cx) {
    cx.pointee.depth -= 1
    let count = code._withUnsafeGuaranteedRef { $0.localCount }
    for slot in 0..<count {
      if case .number = frame[slot] { continue }
      frame[slot] = .nothing
    }
  }

  @inline(never) static func failed(
    _ error: EvaluationError, _ code: Unmanaged<FunctionCode>, _ frame: FramePointer, _ span: Span, _ cx: Cx
  ) -> EvaluationError {
    leave(code, frame, cx)
    let code = code.takeUnretainedValue()
    error.place(in: code.source)
    error.passed(code.name, calledAt: span)
    return error
  }

  @inline(never) private static func refuse(
    _ code: Unmanaged<FunctionCode>, _ frame: FramePointer, _ given: Int, _ span: Span, _ cx: Cx
  ) -> EvaluationError {
    clear(frame, given)
    let error = tooDeep(code.takeUnretainedValue().name, span, cx)
    cx.pointee.depth -= 1
    return error
  }

  @inline(never) private static func look(
    _ code: Unmanaged<FunctionCode>, _ frame: FramePointer, _ given: Int, _ span: Span, _ cx: Cx
  ) throws(EvaluationError) {
    cx.pointee.ticks = 64
    if Interruption.isRequested {
      clear(frame, given)
      cx.pointee.depth -= 1
      throw EvaluationError(Failure(.interrupt, "interrupted"), span)
    }
  }

  @inline(never) private static func checkCount(
    _ code: Unmanaged<FunctionCode>, _ frame: FramePointer, _ given: Int, _ span: Span
  ) throws(EvaluationError) {
    let code = code.takeUnretainedValue()
    if given >= code.requiredCount, given <= code.parameterCount { return }
    clear(frame, given)
    throw EvaluationError(countMismatch(code, given), span)
  }

  private static func countMismatch(_ code: FunctionCode, _ given: Int) -> Failure {
    if given < code.requiredCount {
      let missing = code.parameters[given..<code.requiredCount]
      return Failure(
        .type,
        "'\(code.name)' misses \(missing.count == 1 ? "the argument" : "the arguments") \(Wording.joined(missing.map { "'\($0)'" }))",
        hint: "it is declared \(code.signature)")
    }
    return Failure(
      .type, "'\(code.name)' takes \(Wording.count(code.parameterCount, "argument")), but \(given) are given",
      hint: "it is declared \(code.signature)")
  }

  /// Captures, defaults and boxes: the frame's slots are all set already.
  @inline(never) private static func prepare(
    _ closure: Unmanaged<Closure>, _ frame: FramePointer, _ span: Span, _ cx: Cx
  ) throws(EvaluationError) {
    let code = closure._withUnsafeGuaranteedRef { Unmanaged.passUnretained($0.code) }
    closure._withUnsafeGuaranteedRef { closure in
      let slots = closure.code.captureSlots
      // These slots hold nothing yet.
      for index in 0..<slots.count {
        (frame + slots.items[index]).initialize(to: closure.captured[index])
      }
      if let slot = closure.code.selfSlot { frame[slot] = .function(closure) }
    }
    let boxed = code._withUnsafeGuaranteedRef { $0.boxedSlots }
    for index in 0..<boxed.count {
      let slot = frame + boxed.items[index]
      slot.initialize(to: .object(Cell(slot.move())))
    }
    // Not the list itself, whose owner would be retained.
    let (defaults, count) = code._withUnsafeGuaranteedRef {
      ($0.defaultOperands.items, $0.defaultOperands.count)
    }
    for index in 0..<count {
      var place = frame + index
      // No argument is a cell itself.
      if case .object(let object) = place.pointee, object is Cell { place = place.cellValue }
      guard case .unset = place.pointee else { continue }
      do throws(EvaluationError) {
        place.initialize(to: try defaults[index].eval(frame, cx))
      } catch {
        throw failed(error, code, frame, span, cx)
      }
    }
  }

  // MARK: The general way

  /// Calls anything with arguments from anywhere.
  @inline(never) static func call(
    _ callee: Value, _ arguments: [Value], _ named: [(String, Value)], _ span: Span, _ frame: FramePointer,
    _ cx: Cx,
    site: CallSite? = nil
  ) throws(EvaluationError) -> Value {
    switch callee {
    case .function(let function):
      if function.isNative {
        let native = unsafeDowncast(function, to: NativeFunction.self)
        return try callNative(native, arguments, named, span, frame, cx, site: site)
      }
      let closure = unsafeDowncast(function, to: Closure.self)
      if frame + (arguments.count + closure.code.parameterCount) > cx.pointee.limit {
        cx.pointee.depth += 1
        defer { cx.pointee.depth -= 1 }
        throw tooDeep(closure.name, span, cx)
      }
      if named.isEmpty {
        if arguments.count < closure.code.requiredCount || arguments.count > closure.code.parameterCount {
          throw EvaluationError(countMismatch(closure.code, arguments.count), span)
        }
        for (index, value) in arguments.enumerated() { (frame + index).initialize(to: value) }
        return try run(.passUnretained(closure), frame, given: arguments.count, span, cx)
      }
      let bound = try bind(closure.code, arguments, named, span, site)
      for (index, value) in bound.enumerated() { (frame + index).initialize(to: value) }
      return try run(.passUnretained(closure), frame, given: bound.count, hasHoles: true, span, cx)
    case .object(let object):
      do {
        let context = CallContext(cx: cx, free: frame)
        if let value = try object.call(arguments, named: named, in: context) { return value }
      } catch {
        throw Node.wrapped(error, span)
      }
      throw EvaluationError(notCallable(callee), span)
    default: throw EvaluationError(notCallable(callee), span)
    }
  }

  static func notCallable(_ value: Value) -> Failure {
    let hint: String? =
      switch value {
      case .list, .record, .string: "items are taken with square brackets: x[0]"
      case .number: "to multiply, write *"
      default: nil
      }
    return Failure(.type, "\(value.kindPhrase) cannot be called", hint: hint)
  }

  /// Arguments in the order of a script function's parameters; unset where the default stands.
  private static func bind(
    _ code: FunctionCode, _ arguments: [Value], _ named: [(String, Value)], _ span: Span, _ site: CallSite?
  ) throws(EvaluationError) -> [Value] {
    if arguments.count > code.parameterCount {
      throw EvaluationError(countMismatch(code, arguments.count + named.count), span)
    }
    var bound = arguments + [Value](repeating: .unset, count: code.parameterCount - arguments.count)
    for (index, (name, value)) in named.enumerated() {
      guard let position = code.parameters.firstIndex(of: name) else {
        let near = NearNames.hint(name, in: code.parameters)
        throw EvaluationError(
          Failure(
            .name, "'\(code.name)' has no parameter '\(name)'",
            hint: near ?? "it is declared \(code.signature)"),
          site?.nameSpan(index) ?? span)
      }
      guard case .unset = bound[position] else {
        throw EvaluationError(
          Failure(
            .type, "'\(name)' is given twice: by position and by name",
            hint: "it is declared \(code.signature)"),
          site?.nameSpan(index) ?? span)
      }
      bound[position] = value
    }
    let missing = (0..<code.parameterCount).filter { index in
      if case .unset = bound[index] { return code.defaults[index] == nil }
      return false
    }
    if !missing.isEmpty {
      throw EvaluationError(
        Failure(
          .type,
          "'\(code.name)' misses \(missing.count == 1 ? "the argument" : "the arguments") \(Wording.joined(missing.map { "'\(code.parameters[$0])'" }))",
          hint: "it is declared \(code.signature)"), span)
    }
    return bound
  }

  @inline(never) static func callNative(
    _ native: NativeFunction, _ arguments: [Value], _ named: [(String, Value)], _ span: Span,
    _ frame: FramePointer,
    _ cx: Cx, site: CallSite?
  ) throws(EvaluationError) -> Value {
    if stackAddress() < cx.pointee.stackLow {
      cx.pointee.depth += 1
      defer { cx.pointee.depth -= 1 }
      throw tooDeep(native.name, span, cx)
    }
    let declaration = native.function
    let outerFree = cx.pointee.free
    cx.pointee.free = frame
    defer { cx.pointee.free = outerFree }
    do {
      // Before, not after: what an interrupted call gives all the same (`fit` gives its history) is kept.
      try Interruption.check()
      let bound = try ArgumentBinder.bind(declaration, arguments, named, cx)
      let result = try bound.plan.body(bound, CallContext(cx: cx, free: frame))
      if case .number(let number) = result, number.isNaN { return .number(.nan) }
      if case .unset = result { return .nothing }
      return result
    } catch let blamed as ArgumentBinder.BindingFailure {
      throw EvaluationError(blamed.failure, site?.span(of: blamed.blame) ?? span)
    } catch let failure as Failure {
      // The one place where a failure of the floors below becomes one of the script's.
      guard let blamed = declaration.plan.blamed(by: failure) else {
        if let name = failure.parameter { UndeclaredBlame.note(name, by: declaration.name) }
        throw EvaluationError(failure, span)
      }
      throw EvaluationError(failure, site?.span(of: blamed, declaration.plan) ?? span)
    } catch {
      throw Node.wrapped(error, span)
    }
  }
}

/// Where the arguments of a call are written.
final class CallSite {
  let positional: [Span]
  let named: [(name: String, nameSpan: Span, span: Span)]

  init(positional: [Span], named: [(name: String, nameSpan: Span, span: Span)]) {
    self.positional = positional
    self.named = named
  }

  func nameSpan(_ index: Int) -> Span? { named.indices.contains(index) ? named[index].nameSpan : nil }

  func span(of blame: ArgumentBinder.Blame) -> Span? {
    switch blame {
    case .call: nil
    case .positional(let index): positional.indices.contains(index) ? positional[index] : nil
    case .named(let index): named.indices.contains(index) ? named[index].span : nil
    case .name(let index): nameSpan(index)
    }
  }

  /// The argument that was bound to a parameter.
  func span(of parameter: String, _ plan: CallPlan) -> Span? {
    guard let index = plan.position(of: parameter) else { return nil }
    if let argument = named.first(where: { plan.parameters[index].answers(to: $0.name) }) {
      return argument.span
    }
    guard index <= plan.positionalCount, positional.indices.contains(index) else { return nil }
    if plan.variadicIndex == index, let last = positional.last { return positional[index].to(last) }
    return plan.variadicIndex.map({ index > $0 }) == true ? nil : positional[index]
  }
}
