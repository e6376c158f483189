import Essentials

/// The numbers start, start + step, … before stop, made only as they are asked for. A `for` over it costs
/// no list.
public final class RangeObject: DomainObject, @unchecked Sendable {
  /// The first number.
  public let start: Double
  /// The distance between two numbers.
  public let step: Double
  /// How many numbers there are.
  public let length: Int

  /// The numbers from `start` on, in steps of `step`, before `stop`.
  /// - Throws: a `value` failure if `step` is zero, or an end is no finite number.
  public init(start: Double, stop: Double, step: Double) throws(Failure) {
    guard start.isFinite, stop.isFinite, step.isFinite else {
      throw Failure(.value, "a range needs finite numbers")
    }
    guard step != 0 else { throw Failure(.value, "the step of a range must not be 0", parameter: "step") }
    let count = ((stop - start) / step).rounded(.up)
    guard count < 0x1p53 else {
      throw Failure(.value, "a range of \(NumberText.plain(count)) numbers is too long")
    }
    self.start = start
    self.step = step
    length = count > 0 ? Int(count) : 0
    super.init()
  }

  init(start: Double, step: Double, length: Int) {
    self.start = start
    self.step = step
    self.length = length
    super.init()
  }

  public override var kindName: String { "range" }
  public override var summary: String {
    let stop = NumberText.plain(start + Double(length) * step)
    if step == 1 { return "range(\(NumberText.plain(start)), \(stop))" }
    return "range(\(NumberText.plain(start)), \(stop), \(NumberText.plain(step)))"
  }
  public override var count: Int? { length }
  public override func element(at index: Int) -> Value { .number(start + Double(index) * step) }

  public override func subscripted(_ subscripts: [Subscript]) throws -> Value? {
    guard subscripts.count == 1 else {
      throw Failure(.type, "a range has one axis, but \(subscripts.count) subscripts are given")
    }
    switch subscripts[0] {
    case .index(let value): return element(at: try Indexing.position(value, count: length, of: "range"))
    case .slice(let first, let stop, let stride):
      let slice = try Indexing.slice(first, stop, stride, count: length)
      return .object(
        RangeObject(
          start: start + Double(slice.start) * step, step: step * Double(slice.step), length: slice.count))
    }
  }

  public override func binary(_ operation: BinaryOperation, right: Value) -> Value? {
    guard operation == .contains else { return nil }
    guard case .number(let number) = right else { return .bool(false) }
    let position = (number - start) / step
    return .bool(position >= 0 && position < Double(length) && position == position.rounded())
  }

  public override func isEqual(to other: DomainObject) -> Bool {
    guard let other = other as? RangeObject else { return false }
    return length == other.length
      && (length == 0 || (start == other.start && (length == 1 || step == other.step)))
  }
}
