/// Numbers in rows: (examples, …), channels last. Double precision, so that rounding is the engine's own.
struct Field {
  var shape: [Int]
  var values: [Double]

  init(_ shape: [Int], repeating value: Double = 0) {
    self.shape = shape
    values = Array(repeating: value, count: shape.reduce(1, *))
  }

  init(_ shape: [Int], _ values: [Double]) {
    precondition(values.count == shape.reduce(1, *))
    self.shape = shape
    self.values = values
  }

  /// How many examples there are.
  var examples: Int { shape[0] }
  /// One example's shape.
  var exampleShape: [Int] { Array(shape.dropFirst()) }
  /// The last axis.
  var channels: Int { shape[shape.count - 1] }
  /// The largest magnitude; NaN if one is among them.
  var peak: Double { values.reduce(0) { $1.isNaN || $0.isNaN ? .nan : max($0, abs($1)) } }

  func reshaped(_ shape: [Int]) -> Field { Field(shape, values) }

  func map(_ function: (Double) -> Double) -> Field { Field(shape, values.map(function)) }

  /// Some of the examples.
  func rows(_ range: Range<Int>) -> Field {
    let length = exampleShape.reduce(1, *)
    return Field(
      [range.count] + exampleShape, Array(values[range.lowerBound * length..<range.upperBound * length]))
  }

  static func + (a: Field, b: Field) -> Field { Field(a.shape, zip(a.values, b.values).map { $0 + $1 }) }
  static func * (a: Field, b: Field) -> Field { Field(a.shape, zip(a.values, b.values).map { $0 * $1 }) }
}
