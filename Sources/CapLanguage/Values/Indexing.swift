import Essentials

/// Positions and slices with Python's meanings.
public enum Indexing {
  /// The position in a list of `count` items that a whole number means, counted from the end if negative; -1 for
  /// what is none.
  @inline(__always) static func quickPosition(_ number: Double, count: Int) -> Int {
    let wanted = number < 0 ? number + Double(count) : number
    guard wanted >= 0, wanted < Double(count) else { return -1 }
    let position = Int(wanted)
    return Double(position) == wanted ? position : -1
  }

  /// The positions that a slice selects: start, start + step, …, `count` of them.
  public struct Slice: Sendable, Equatable {
    /// The first position.
    public let start: Int
    /// The distance to the next; negative walks backwards.
    public let step: Int
    /// How many positions.
    public let count: Int
  }

  /// The position in 0 ..< count that `index` means; negative ones count from the end.
  /// - Throws: a `type` failure for anything but a whole number, an `index` failure outside.
  public static func position(_ index: Value, count: Int, of kind: String) throws(Failure) -> Int {
    guard case .number(let number) = index else {
      throw Failure(
        .type, "a position in \(Wording.withArticle(kind)) is a whole number, not \(index.kindPhrase)")
    }
    guard let whole = Int(exactly: number) else {
      throw Failure(
        .type,
        "a position in \(Wording.withArticle(kind)) is a whole number, not \(NumberText.plain(number))",
        hint: "use floor(x), round(x) or a // b")
    }
    let position = whole < 0 ? whole + count : whole
    guard position >= 0, position < count else {
      if count == 0 { throw Failure(.index, "position \(whole) is outside: the \(kind) is empty") }
      throw Failure(
        .index, "position \(whole) is outside: the \(kind) has \(Wording.count(count, "item"))",
        hint: "positions go from 0 to \(count - 1), or from -\(count) to -1")
    }
    return position
  }

  /// The positions that `start:stop:step` selects from `count`, clamped as in Python.
  /// - Throws: a `type` failure for parts that are no whole numbers (`.nothing` is left out), a `value`
  ///   failure for a step of 0.
  public static func slice(_ start: Value, _ stop: Value, _ step: Value, count: Int) throws(Failure) -> Slice
  {
    let stride = try part(step, "step") ?? 1
    guard stride != 0 else { throw Failure(.value, "the step of a slice must not be 0") }
    let first: Int
    let last: Int
    let given = (try part(start, "start"), try part(stop, "end"))
    if stride > 0 {
      first = clamp(given.0 ?? 0, count, 0, count)
      last = clamp(given.1 ?? count, count, 0, count)
    } else {
      first = given.0.map { clamp($0, count, -1, count - 1) } ?? count - 1
      last = given.1.map { clamp($0, count, -1, count - 1) } ?? -1
    }
    let distance = stride > 0 ? last - first : first - last
    guard distance > 0 else { return Slice(start: max(0, min(first, count)), step: stride, count: 0) }
    let size = stride.magnitude
    let taken = size > UInt(count) ? 1 : (distance - 1) / Int(size) + 1
    return Slice(start: first, step: stride, count: taken)
  }

  private static func part(_ value: Value, _ what: String) throws(Failure) -> Int? {
    switch value {
    case .nothing: return nil
    case .number(let number):
      guard number == number.rounded(), !number.isNaN else {
        throw Failure(
          .type, "the \(what) of a slice is a whole number, not \(NumberText.plain(number))",
          hint: "use floor(x), round(x) or a // b")
      }
      if number >= 0x1p53 { return 1 << 53 }
      if number <= -0x1p53 { return -(1 << 53) }
      return Int(number)
    case .quantity:
      throw Failure(.unit, "a time selects from audio, not from a list: the \(what) is a whole number here")
    default: throw Failure(.type, "the \(what) of a slice is a whole number, not \(value.kindPhrase)")
    }
  }

  private static func clamp(_ position: Int, _ count: Int, _ low: Int, _ high: Int) -> Int {
    let absolute = position < 0 ? position + count : position
    return max(low, min(absolute, high))
  }
}
