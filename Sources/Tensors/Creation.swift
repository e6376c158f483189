import Essentials
import Glibc

extension Tensor {
  /// 0 at every place.
  /// - Throws: a `value` failure for a negative length, a `memory` failure for more elements than fit.
  public static func zeros(_ shape: Shape) throws(Failure) -> Tensor {
    try Tensor(repeating: 0, shape: shape)
  }

  /// 1 at every place.
  /// - Throws: a `value` failure for a negative length, a `memory` failure for more elements than fit.
  public static func ones(_ shape: Shape) throws(Failure) -> Tensor {
    try Tensor(repeating: 1, shape: shape)
  }

  /// 0, 1, … up to but without `stop`.
  /// - Throws: a `value` failure for a stop that is not finite.
  public static func arange(_ stop: Double) throws -> Tensor { try arange(0, stop) }

  /// start, start + step, … up to but without `stop`.
  /// - Throws: a `value` failure for a step of 0 or numbers that are not finite.
  public static func arange(_ start: Double, _ stop: Double, step: Double = 1) throws -> Tensor {
    guard start.isFinite, stop.isFinite, step.isFinite, step != 0 else {
      throw Failure(
        .value, "cannot count from \(start) to \(stop) in steps of \(step)",
        parameter: step == 0 ? "step" : nil)
    }
    let count = Swift.max(((stop - start) / step).rounded(.up), 0)
    let shape = [count < 1e18 ? Int(count) : Int.max]
    return try Tensor(shape: shape) { result in
      for index in 0..<result.count { result[index] = Float(start + Double(index) * step) }
    }
  }

  /// `count` numbers at equal distances from `start` to `stop`, both included.
  /// - Throws: a `value` failure for a negative count.
  public static func linspace(_ start: Double, _ stop: Double, count: Int = 50) throws -> Tensor {
    guard count >= 0 else {
      throw Failure(.value, "cannot make \(count) numbers", parameter: "count")
    }
    let step = count > 1 ? (stop - start) / Double(count - 1) : 0
    return try Tensor(shape: [count]) { result in
      for index in 0..<count { result[index] = Float(start + Double(index) * step) }
      if count > 1 { result[count - 1] = Float(stop) }
    }
  }

  /// Ones on the diagonal, zeros elsewhere; as many columns as rows unless they are named.
  /// - Throws: what `zeros` throws.
  public static func eye(_ rows: Int, columns: Int? = nil) throws(Failure) -> Tensor {
    let columns = columns ?? rows
    var result = try zeros([rows, columns])
    result.withUnsafeMutableElements { elements in
      for index in 0..<Swift.min(rows, columns) { elements[index * columns + index] = 1 }
    }
    return result
  }

  /// For each element a row of `classes` numbers: 1 at the place that the element names, else 0.
  /// - Throws: a `value` failure for an element that is not a whole number from 0 ..< classes.
  public func oneHot(classes: Int) throws -> Tensor {
    guard classes >= 1 else {
      throw Failure(.value, "one_hot takes 1 or more classes, not \(classes)", parameter: "classes")
    }
    var result = try Tensor.zeros(shape + [classes])
    try result.withUnsafeMutableElements { target in
      for (index, label) in elements.enumerated() {
        guard label >= 0, label < Float(classes), label == label.rounded(.down) else {
          throw Failure(.value, "\(label) at position \(index) is no class of 0 to \(classes - 1)")
        }
        target[index * classes + Int(label)] = 1
      }
    }
    return result
  }

  /// Random numbers from [low, high), each equally likely.
  /// - Throws: a `value` failure unless low ≤ high, both finite.
  public static func randomUniform(
    _ shape: Shape, low: Double = 0, high: Double = 1, using random: inout RandomSource
  ) throws -> Tensor {
    guard low.isFinite, high.isFinite, low <= high else {
      throw Failure(.value, "cannot draw numbers from \(low) to \(high)", parameter: "low")
    }
    return try filled(shape) { Float(random.uniform(low, high)) }
  }

  /// Random numbers from a normal distribution.
  /// - Throws: a `value` failure for a deviation that is negative or not finite.
  public static func randomNormal(
    _ shape: Shape, mean: Double = 0, standardDeviation: Double = 1, using random: inout RandomSource
  ) throws -> Tensor {
    guard mean.isFinite, standardDeviation.isFinite, standardDeviation >= 0 else {
      throw Failure(
        .value, "a normal distribution has no deviation of \(standardDeviation) around \(mean)",
        parameter: "std")
    }
    return try filled(shape) { Float(mean + standardDeviation * random.normal()) }
  }

  private static func filled(_ shape: Shape, _ draw: () -> Float) throws -> Tensor {
    try Tensor(shape: shape) { result in
      for index in 0..<result.count {
        if index & 0xFFFFF == 0 { try Interruption.check() }
        result[index] = draw()
      }
    }
  }
}
