import Essentials

final class ConstantNode: Node {
  private let place: FramePointer
  init(_ value: Value, _ span: Span) {
    place = .allocate(capacity: 1)
    place.initialize(to: value)
    super.init(span)
  }
  deinit {
    place.deinitialize(count: 1)
    place.deallocate()
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value { place.pointee }
  override func borrow(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> FramePointer? { place }
}

/// A variable of the function.
final class LocalNode: Node {
  let slot: Int
  let name: String
  init(_ slot: Int, _ name: String, _ span: Span) {
    self.slot = slot
    self.name = name
    super.init(span)
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    let value = fp[slot]
    if case .unset = value { throw Unset.local(name, span, cx) }
    return value
  }
  override func num(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Double {
    if case .number(let number) = fp[slot] { return number }
    return Node.spill(try eval(fp, cx), cx)
  }
  override func borrow(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> FramePointer? { fp + slot }
}

/// A variable that functions share.
final class BoxedNode: Node {
  let slot: Int
  let name: String
  init(_ slot: Int, _ name: String, _ span: Span) {
    self.slot = slot
    self.name = name
    super.init(span)
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    let value = (fp + slot).cellValue.pointee
    if case .unset = value { throw Unset.local(name, span, cx) }
    return value
  }
  override func num(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Double {
    if case .number(let number) = (fp + slot).cellValue.pointee { return number }
    return Node.spill(try eval(fp, cx), cx)
  }
  override func borrow(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> FramePointer? {
    (fp + slot).cellValue
  }
}

/// A variable of the session, or a library function.
final class GlobalNode: Node {
  let slot: Int
  let name: String
  let isCall: Bool
  unowned let namespace: Namespace
  init(_ slot: Int, _ name: String, isCall: Bool, _ namespace: Namespace, _ span: Span) {
    self.slot = slot
    self.name = name
    self.isCall = isCall
    self.namespace = namespace
    super.init(span)
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    let value = cx.pointee.globals[slot]
    if case .unset = value { throw missing(cx) }
    return value
  }
  override func num(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Double {
    if case .number(let number) = cx.pointee.globals[slot] { return number }
    return Node.spill(try eval(fp, cx), cx)
  }
  override func borrow(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> FramePointer? {
    cx.pointee.globals + slot
  }
  @inline(never) private func missing(_ cx: Cx) -> EvaluationError {
    error(Unset.global(name, isCall: isCall, Unset.known(namespace, cx), cx.pointee.shared.foreign))
  }
}

/// Errors for names without a value.
enum Unset {
  @inline(never) static func local(_ name: String, _ span: Span, _ cx: Cx) -> EvaluationError {
    let hasGlobal = cx.pointee.shared.value(of: name, in: cx.pointee.globals) != nil
    return EvaluationError(
      Failure(
        .name, "'\(name)' has no value yet",
        hint: hasGlobal
          ? "this function sets a '\(name)' of its own; pass the outer one as an argument, and return the new value"
          : nil),
      span)
  }

  /// The names that have a value.
  static func known(_ namespace: Namespace, _ cx: Cx) -> [String] {
    namespace.names.filter { name in
      guard let slot = namespace.slots[name], slot < cx.pointee.globalCount else { return false }
      if case .unset = cx.pointee.globals[slot] { return false }
      return true
    } + cx.pointee.shared.libraryNames
  }

  static func global(
    _ name: String, isCall: Bool, _ known: [String], _ words: any ForeignWords
  ) -> Failure {
    if name == "_" {
      return Failure(
        .name, "'_' is the last value shown, and none has been",
        hint: "after |>, '_' says where the value goes")
    }
    let near = NearNames.of(name, in: known)
    let foreign = ForeignNames.hint(name) ?? words.hint(name: name)
    let hint = foreign ?? (near.isEmpty ? nil : "did you mean \(Wording.quotedAlternatives(near))?")
    return Failure(.name, isCall ? "no function named '\(name)'" : "no variable named '\(name)'", hint: hint)
  }
}

/// Makes a closure of a function and what it captures.
final class MakeFunctionNode: Node {
  /// How a variable gets into the closure.
  enum Capture {
    /// A variable that nobody sets any more: its value.
    case value(slot: Int)
    /// The same, where other functions share it.
    case valueOfCell(slot: Int)
    /// A variable that is shared.
    case cell(slot: Int)
  }
  private let code: FunctionCode
  private let captures: [Capture]

  init(_ code: FunctionCode, _ captures: [Capture], _ span: Span) {
    self.code = code
    self.captures = captures
    super.init(span)
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    var captured: [Value] = []
    if !captures.isEmpty { captured.reserveCapacity(captures.count) }
    for capture in captures {
      switch capture {
      case .value(let slot): captured.append(fp[slot])
      case .valueOfCell(let slot): captured.append((fp + slot).cellValue.pointee)
      case .cell(let slot):
        try NestingGuard.check((fp + slot).cellValue.pointee, cx, span)
        captured.append(fp[slot])
        continue
      }
      try NestingGuard.check(captured[captured.count - 1], cx, span)
    }
    return .function(Closure(code, captured: captured))
  }
}
