import Essentials

/// A number that stands for "the value is no number, see `spill`". A NaN that no arithmetic produces.
@inline(__always) var missBits: UInt64 { 0x7ff8_dead_beef_0001 }
@inline(__always) func isMiss(_ number: Double) -> Bool { number.bitPattern == missBits }

/// How a statement ends.
enum Flow {
  case next, leaveLoop, nextRound
  case leaveFunction(Value)
}

/// A step of the compiled program. Nodes hold no state of an evaluation, so that many threads may share them.
class Node {
  let span: Span

  init(_ span: Span) { self.span = span }

  /// The value.
  func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value { .nothing }

  /// The value if it is a number; else the miss pattern, with the value in `spill`. Whoever gets the pattern
  /// takes the spill before anything else is evaluated.
  func num(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Double {
    let value = try eval(fp, cx)
    if case .number(let number) = value { return number }
    return Node.spill(value, cx)
  }

  /// Where the value lies, if it is a variable's or lies inside one, and finding it runs no other code; else nil,
  /// and `eval` is to be asked. Valid until anything else is evaluated.
  func borrow(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> FramePointer? { nil }

  /// The value of a condition.
  func test(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Bool {
    let value = try eval(fp, cx)
    guard case .bool(let bool) = value else { throw notBool(value) }
    return bool
  }

  /// Runs it as a statement.
  func exec(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Flow {
    _ = try eval(fp, cx)
    return .next
  }

  @inline(__always) static func spill(_ value: Value, _ cx: Cx) -> Double {
    // Empty between a `num` and its taker, so there is nothing to let go of.
    spillSlot(cx).initialize(to: value)
    return Double(bitPattern: missBits)
  }
  @inline(__always) static func take(_ cx: Cx) -> Value {
    let slot = spillSlot(cx)
    let value = slot.move()
    slot.initialize(to: .nothing)
    return value
  }
  /// `spill` is the first field.
  @inline(__always) private static func spillSlot(_ cx: Cx) -> FramePointer {
    UnsafeMutableRawPointer(cx).assumingMemoryBound(to: Value.self)
  }
  @inline(__always) static func value(_ number: Double, _ cx: Cx) -> Value {
    isMiss(number) ? take(cx) : .number(number)
  }

  @inline(never) final func error(_ failure: Failure) -> EvaluationError { EvaluationError(failure, span) }
  @inline(never) final func wrapped(_ error: any Error) -> EvaluationError { Node.wrapped(error, span) }

  static func wrapped(_ error: any Error, _ span: Span) -> EvaluationError {
    if let known = error as? EvaluationError { return known }
    if let failure = error as? Failure { return EvaluationError(failure, span) }
    return EvaluationError(Failure(.state, "\(error)"), span)
  }

  @inline(never) final func notBool(_ value: Value) -> EvaluationError {
    let hint: String? =
      switch value {
      case .number: "compare it: x != 0"
      case .string: "compare it: s != \"\""
      case .list, .record: "ask for its length: len(x) > 0"
      case .nothing: "a function that ends without a value gives none; to test for it, write x != none"
      case .function: "call it: f()"
      case .object(let object): object.conditionHint
      default: nil
      }
    return error(Failure(.type, "a condition is true or false, not \(value.kindPhrase)", hint: hint))
  }

  /// At every turn of a loop.
  @inline(__always) final func tick(_ cx: Cx) throws(EvaluationError) {
    if Interruption.isRequested { throw interrupted() }
  }
  @inline(never) final func interrupted() -> EvaluationError { error(Failure(.interrupt, "interrupted")) }
}

/// Calls through an unretained reference: no retain and release round the virtual call.
extension Unmanaged where Instance == Node {
  @inline(__always) func num(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Double {
    var failed: EvaluationError?
    let result = _withUnsafeGuaranteedRef { node -> Double in
      do throws(EvaluationError) { return try node.num(fp, cx) } catch {
        failed = error
        return 0
      }
    }
    if let failed { throw failed }
    return result
  }
  @inline(__always) func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    var failed: EvaluationError?
    let result = _withUnsafeGuaranteedRef { node -> Value in
      do throws(EvaluationError) { return try node.eval(fp, cx) } catch {
        failed = error
        return .nothing
      }
    }
    if let failed { throw failed }
    return result
  }
  @inline(__always) func test(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Bool {
    var failed: EvaluationError?
    let result = _withUnsafeGuaranteedRef { node -> Bool in
      do throws(EvaluationError) { return try node.test(fp, cx) } catch {
        failed = error
        return false
      }
    }
    if let failed { throw failed }
    return result
  }
  @inline(__always) func exec(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Flow {
    var failed: EvaluationError?
    let result = _withUnsafeGuaranteedRef { node -> Flow in
      do throws(EvaluationError) { return try node.exec(fp, cx) } catch {
        failed = error
        return .next
      }
    }
    if let failed { throw failed }
    return result
  }
}

extension Unmanaged where Instance == Node {
  @inline(__always) func borrow(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> FramePointer? {
    var failed: EvaluationError?
    let result = _withUnsafeGuaranteedRef { node -> FramePointer? in
      do throws(EvaluationError) { return try node.borrow(fp, cx) } catch {
        failed = error
        return nil
      }
    }
    if let failed { throw failed }
    return result
  }
}

/// An operand, its commonest kinds inlined in the parent: a variable, a constant number, what is never a number.
struct Operand {
  enum Kind: UInt8 {
    case local, constant, global
    /// Texts, lists, records, functions, bools: asking for a number would be in vain.
    case notNumber
    case other
  }
  let kind: Kind
  let slot: Int32
  let constant: Double
  /// Evaluates the operand whatever it is. Owned by the parent's `kept`.
  let node: Unmanaged<Node>

  @inline(__always) func num(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Double {
    if kind == .local {
      if case .number(let number) = fp[Int(slot)] { return number }
      return try node.num(fp, cx)
    }
    if kind == .constant { return constant }
    if kind == .global {
      if case .number(let number) = cx.pointee.globals[Int(slot)] { return number }
      return try node.num(fp, cx)
    }
    return try node.num(fp, cx)
  }

  @inline(__always) func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    if kind == .local {
      if case .number(let number) = fp[Int(slot)] { return .number(number) }
      return try node.eval(fp, cx)
    }
    if kind == .constant { return .number(constant) }
    return try node.eval(fp, cx)
  }

  /// The value, by whichever way is the shorter for what is expected.
  @inline(__always) func value(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    if kind == .local {
      let place = fp + Int(slot)
      if case .number(let number) = place.pointee { return .number(number) }
      return try node.eval(fp, cx)
    }
    if kind == .constant { return .number(constant) }
    if kind == .other { return Node.value(try node.num(fp, cx), cx) }
    return try node.eval(fp, cx)
  }

  /// The slot of the variable that the operand is; nil for anything else.
  @inline(__always) func variable(_ fp: FramePointer, _ cx: Cx) -> FramePointer? {
    if kind == .local { return fp + Int(slot) }
    if kind == .global { return cx.pointee.globals + Int(slot) }
    return nil
  }

  /// As `Node.borrow`.
  @inline(__always) func borrow(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> FramePointer? {
    if kind == .local { return fp + Int(slot) }
    if kind == .global { return cx.pointee.globals + Int(slot) }
    return try node.borrow(fp, cx)
  }
}

/// Where a variable lies: in the frame or among the variables of the session.
struct VariableSlot {
  let index: Int32
  let isGlobal: Bool

  @inline(__always) func at(_ fp: FramePointer, _ cx: Cx) -> FramePointer {
    isGlobal ? cx.pointee.globals + Int(index) : fp + Int(index)
  }
}

/// A plain buffer, and what its items refer to without owning it: both go with whoever holds the list last, a node of
/// a cell or a function's code.
private final class ListOwner {
  private let memory: UnsafeMutableRawPointer
  private let kept: [Node]

  init(_ memory: UnsafeMutableRawPointer, _ kept: [Node]) {
    self.memory = memory
    self.kept = kept
  }
  deinit { memory.deallocate() }
}

/// Nodes in a plain buffer: walking it retains nothing.
struct NodeList {
  let items: UnsafeMutablePointer<Unmanaged<Node>>
  let count: Int
  private let owner: ListOwner

  init(_ nodes: [Node]) {
    count = nodes.count
    items = .allocate(capacity: max(1, count))
    for (index, node) in nodes.enumerated() { (items + index).initialize(to: .passUnretained(node)) }
    owner = ListOwner(items, nodes)
  }
}

/// Operands in a plain buffer.
struct OperandList {
  let items: UnsafeMutablePointer<Operand>
  let count: Int
  private let owner: ListOwner

  init(_ operands: [Operand], kept: [Node]) {
    count = operands.count
    items = .allocate(capacity: max(1, count))
    for (index, operand) in operands.enumerated() { (items + index).initialize(to: operand) }
    owner = ListOwner(items, kept)
  }
}
