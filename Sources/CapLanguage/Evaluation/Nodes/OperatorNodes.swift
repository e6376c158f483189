import Essentials

/// Two operands and an operator. Subclasses put the numbers' case in line.
class BinaryNode: Node {
  final let left: Operand
  final let right: Operand
  final let operation: BinaryOperation
  private let kept: [Node]

  init(_ operation: BinaryOperation, _ left: Operand, _ right: Operand, kept: [Node], _ span: Span) {
    self.operation = operation
    self.left = left
    self.right = right
    self.kept = kept
    super.init(span)
  }

  @inline(never) final func slowLeft(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    let a = Node.take(cx)
    let b = try right.eval(fp, cx)
    return try general(a, b)
  }
  @inline(never) final func slowRight(_ a: Double, _ cx: Cx) throws(EvaluationError) -> Value {
    let b = Node.take(cx)
    return try general(.number(a), b)
  }
  @inline(never) final func general(_ a: Value, _ b: Value) throws(EvaluationError) -> Value {
    do { return try Operations.binary(operation, a, b) } catch { throw wrapped(error) }
  }
  @inline(never) final func asNumber(_ value: Value, _ cx: Cx) -> Double {
    if case .number(let number) = value { return number }
    return Node.spill(value, cx)
  }
  @inline(never) final func asBool(_ value: Value) throws(EvaluationError) -> Bool {
    guard case .bool(let bool) = value else { throw notBool(value) }
    return bool
  }

  @inline(__always) final func numWith(
    _ fp: FramePointer, _ cx: Cx, _ compute: (Double, Double) -> Double
  ) throws(EvaluationError) -> Double {
    let a = try left.num(fp, cx)
    if isMiss(a) { return asNumber(try slowLeft(fp, cx), cx) }
    let b = try right.num(fp, cx)
    if isMiss(b) { return asNumber(try slowRight(a, cx), cx) }
    return compute(a, b)
  }
  @inline(__always) final func evalWith(
    _ fp: FramePointer, _ cx: Cx, _ compute: (Double, Double) -> Double
  ) throws(EvaluationError) -> Value {
    let a = try left.num(fp, cx)
    if isMiss(a) { return try slowLeft(fp, cx) }
    let b = try right.num(fp, cx)
    if isMiss(b) { return try slowRight(a, cx) }
    return .number(compute(a, b))
  }
  @inline(__always) final func testWith(
    _ fp: FramePointer, _ cx: Cx, _ compare: (Double, Double) -> Bool
  ) throws(EvaluationError) -> Bool {
    let a = try left.num(fp, cx)
    if isMiss(a) { return try asBool(try slowLeft(fp, cx)) }
    let b = try right.num(fp, cx)
    if isMiss(b) { return try asBool(try slowRight(a, cx)) }
    return compare(a, b)
  }
  /// A comparison's value: a bool for numbers, whatever an object makes of it otherwise.
  @inline(__always) final func compareWith(
    _ fp: FramePointer, _ cx: Cx, _ compare: (Double, Double) -> Bool
  ) throws(EvaluationError) -> Value {
    let a = try left.num(fp, cx)
    if isMiss(a) { return try slowLeft(fp, cx) }
    let b = try right.num(fp, cx)
    if isMiss(b) { return try slowRight(a, cx) }
    return .bool(compare(a, b))
  }
  /// Division and its kin: a divisor of 0 is an error.
  @inline(__always) final func divideWith(
    _ fp: FramePointer, _ cx: Cx, _ compute: (Double, Double) -> Double
  ) throws(EvaluationError) -> Double {
    let a = try left.num(fp, cx)
    if isMiss(a) { return asNumber(try slowLeft(fp, cx), cx) }
    let b = try right.num(fp, cx)
    if isMiss(b) { return asNumber(try slowRight(a, cx), cx) }
    if b == 0 { return asNumber(try general(.number(a), .number(b)), cx) }
    return compute(a, b)
  }
}

final class AddNode: BinaryNode {
  override func num(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Double {
    try numWith(fp, cx) { $0 + $1 }
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    try evalWith(fp, cx) { $0 + $1 }
  }
}
final class SubtractNode: BinaryNode {
  override func num(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Double {
    try numWith(fp, cx) { $0 - $1 }
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    try evalWith(fp, cx) { $0 - $1 }
  }
}
final class MultiplyNode: BinaryNode {
  override func num(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Double {
    try numWith(fp, cx) { $0 * $1 }
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    try evalWith(fp, cx) { $0 * $1 }
  }
}
final class DivideNode: BinaryNode {
  override func num(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Double {
    try divideWith(fp, cx) { $0 / $1 }
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    Node.value(try num(fp, cx), cx)
  }
}
final class ModuloNode: BinaryNode {
  override func num(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Double {
    try divideWith(fp, cx) { Operations.modulo($0, $1) }
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    Node.value(try num(fp, cx), cx)
  }
}
final class LessNode: BinaryNode {
  override func test(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Bool {
    try testWith(fp, cx) { $0 < $1 }
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    try compareWith(fp, cx) { $0 < $1 }
  }
}
final class LessOrEqualNode: BinaryNode {
  override func test(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Bool {
    try testWith(fp, cx) { $0 <= $1 }
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    try compareWith(fp, cx) { $0 <= $1 }
  }
}
final class GreaterNode: BinaryNode {
  override func test(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Bool {
    try testWith(fp, cx) { $0 > $1 }
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    try compareWith(fp, cx) { $0 > $1 }
  }
}
final class GreaterOrEqualNode: BinaryNode {
  override func test(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Bool {
    try testWith(fp, cx) { $0 >= $1 }
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    try compareWith(fp, cx) { $0 >= $1 }
  }
}
/// `==` and `!=`: whatever is no number is mostly a text, a bool or `none`.
class EqualityNode: BinaryNode {
  @inline(__always) final func isSame(_ fp: FramePointer, _ cx: Cx, negated: Bool) throws(EvaluationError)
    -> Value
  {
    if right.kind != .notNumber {
      let a = try left.num(fp, cx)
      if isMiss(a) { return try compared(Node.take(cx), try right.eval(fp, cx), negated) }
      let b = try right.num(fp, cx)
      if isMiss(b) { return try slowRight(a, cx) }
      return .bool((a == b) != negated)
    }
    return try compared(try left.value(fp, cx), try right.eval(fp, cx), negated)
  }
  @inline(never) private func compared(_ a: Value, _ b: Value, _ negated: Bool) throws(EvaluationError)
    -> Value
  {
    switch (a, b) {
    case (.string(let x), .string(let y)): return .bool(x.isSame(as: y) != negated)
    case (.bool(let x), .bool(let y)): return .bool((x == y) != negated)
    case (.nothing, .nothing): return .bool(!negated)
    case (.number, .nothing), (.string, .nothing), (.list, .nothing), (.record, .nothing):
      return .bool(negated)
    default: return try general(a, b)
    }
  }
}
final class EqualNode: EqualityNode {
  override func test(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Bool {
    let value = try isSame(fp, cx, negated: false)
    if case .bool(let bool) = value { return bool }
    return try asBool(value)
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    try isSame(fp, cx, negated: false)
  }
}
final class NotEqualNode: EqualityNode {
  override func test(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Bool {
    let value = try isSame(fp, cx, negated: true)
    if case .bool(let bool) = value { return bool }
    return try asBool(value)
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    try isSame(fp, cx, negated: true)
  }
}
final class FloorDivideNode: BinaryNode {
  override func num(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Double {
    try divideWith(fp, cx) { Operations.floorDivide($0, $1) }
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    Node.value(try num(fp, cx), cx)
  }
}
/// `**`, `@`: no need to be in line.
final class OtherBinaryNode: BinaryNode {
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    let a = try left.eval(fp, cx)
    let b = try right.eval(fp, cx)
    return try general(a, b)
  }
}

/// `key in container`; a string key and a record are looked at where they lie.
final class ContainsNode: BinaryNode {
  let isNegated: Bool

  init(_ left: Operand, _ right: Operand, isNegated: Bool, kept: [Node], _ span: Span) {
    self.isNegated = isNegated
    super.init(.contains, left, right, kept: kept, span)
  }

  override func test(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Bool {
    if let key = try left.borrow(fp, cx), case .string = key.pointee,
      let container = try right.borrow(fp, cx),
      case .record = container.pointee
    {
      let found = key.unretainedString._withUnsafeGuaranteedRef { container.field($0) != nil }
      return found != isNegated
    }
    return try slow(fp, cx)
  }
  @inline(never) private func slow(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Bool {
    let item = try left.eval(fp, cx)
    let container = try right.eval(fp, cx)
    do { return try Operations.contains(item, in: container) != isNegated } catch { throw wrapped(error) }
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    .bool(try test(fp, cx))
  }
}

/// `a < b <= c`.
final class ComparisonChainNode: Node {
  private let first: Node
  private let rest: [(operation: BinaryOperation, node: Node)]

  init(_ first: Node, _ rest: [(operation: BinaryOperation, node: Node)], _ span: Span) {
    self.first = first
    self.rest = rest
    super.init(span)
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    .bool(try test(fp, cx))
  }
  override func test(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Bool {
    var left = try first.eval(fp, cx)
    for (operation, node) in rest {
      let right = try node.eval(fp, cx)
      let answer: Value
      do { answer = try Operations.binary(operation, left, right) } catch { throw wrapped(error) }
      guard case .bool(let bool) = answer else { throw notBool(answer) }
      if !bool { return false }
      left = right
    }
    return true
  }
}

final class UnaryNode: Node {
  private let operation: UnaryOperation
  private let operand: Node
  init(_ operation: UnaryOperation, _ operand: Node, _ span: Span) {
    self.operation = operation
    self.operand = operand
    super.init(span)
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    let value = try operand.eval(fp, cx)
    if case .number(let number) = value { return .number(operation == .negate ? -number : number) }
    return try general(value)
  }
  override func num(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Double {
    let number = try operand.num(fp, cx)
    if !isMiss(number) { return operation == .negate ? -number : number }
    let value = try general(Node.take(cx))
    if case .number(let number) = value { return number }
    return Node.spill(value, cx)
  }
  @inline(never) private func general(_ value: Value) throws(EvaluationError) -> Value {
    do { return try Operations.unary(operation, value) } catch { throw wrapped(error) }
  }
}

final class NotNode: Node {
  private let operand: Node
  init(_ operand: Node, _ span: Span) {
    self.operand = operand
    super.init(span)
  }
  override func test(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Bool {
    try !operand.test(fp, cx)
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    .bool(try test(fp, cx))
  }
}

final class AndNode: Node {
  private let left: Node
  private let right: Node
  init(_ left: Node, _ right: Node, _ span: Span) {
    self.left = left
    self.right = right
    super.init(span)
  }
  override func test(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Bool {
    try left.test(fp, cx) ? try right.test(fp, cx) : false
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    .bool(try test(fp, cx))
  }
}

final class OrNode: Node {
  private let left: Node
  private let right: Node
  init(_ left: Node, _ right: Node, _ span: Span) {
    self.left = left
    self.right = right
    super.init(span)
  }
  override func test(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Bool {
    try left.test(fp, cx) ? true : try right.test(fp, cx)
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    .bool(try test(fp, cx))
  }
}

/// `a if c else b`, and `if` where its value is wanted.
final class ConditionalNode: Node {
  private let condition: Node
  private let then: Node
  private let otherwise: Node
  init(_ condition: Node, _ then: Node, _ otherwise: Node, _ span: Span) {
    self.condition = condition
    self.then = then
    self.otherwise = otherwise
    super.init(span)
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    try condition.test(fp, cx) ? try then.eval(fp, cx) : try otherwise.eval(fp, cx)
  }
  override func num(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Double {
    try condition.test(fp, cx) ? try then.num(fp, cx) : try otherwise.num(fp, cx)
  }
  override func test(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Bool {
    try condition.test(fp, cx) ? try then.test(fp, cx) : try otherwise.test(fp, cx)
  }
}
