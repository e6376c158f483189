import Essentials
import Glibc

/// Elementwise operations on two tensors, with NumPy's meanings for 32-bit floats. Comparisons and
/// logic give 1 for true and 0 for false.
public enum ElementwiseOperation: String, Sendable, CaseIterable {
  /// Arithmetic. `floorDivide` and `remainder` round and sign as Python's `//` and `%` do.
  case add, subtract, multiply, divide, floorDivide, remainder, power
  /// Comparisons; false where an operand is NaN, except for `notEqual`.
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
  /// The smaller and the greater one; NaN where an operand is NaN.
  case minimum, maximum
  /// Whether both, at least one, or exactly one of them is not 0.
  case logicalAnd, logicalOr, logicalXor
  /// The angle of the point (x: second, y: first), and the length of the hypotenuse.
  case atan2, hypot
}

extension Tensor {
  /// `operation` of each pair of elements, the shapes broadcast together.
  /// - Throws: a `shape` failure that names both shapes.
  public static func combining(_ operation: ElementwiseOperation, _ a: Tensor, _ b: Tensor) throws -> Tensor {
    switch operation {
    case .add: try zip(a, b) { $0 + $1 }
    case .subtract: try zip(a, b) { $0 - $1 }
    case .multiply: try zip(a, b) { $0 * $1 }
    case .divide: try zip(a, b) { $0 / $1 }
    case .floorDivide: try zip(a, b, pythonFloorDivide)
    case .remainder: try zip(a, b, pythonRemainder)
    case .power: try raising(a, to: b)
    case .equal: try zip(a, b) { $0 == $1 ? 1 : 0 }
    case .notEqual: try zip(a, b) { $0 != $1 ? 1 : 0 }
    case .less: try zip(a, b) { $0 < $1 ? 1 : 0 }
    case .lessOrEqual: try zip(a, b) { $0 <= $1 ? 1 : 0 }
    case .greater: try zip(a, b) { $0 > $1 ? 1 : 0 }
    case .greaterOrEqual: try zip(a, b) { $0 >= $1 ? 1 : 0 }
    // The left one also where it is NaN; the right one where that is, since NaN compares false.
    case .minimum: try zip(a, b) { $0 <= $1 || $0 != $0 ? $0 : $1 }
    case .maximum: try zip(a, b) { $0 >= $1 || $0 != $0 ? $0 : $1 }
    case .logicalAnd: try zip(a, b) { $0 != 0 && $1 != 0 ? 1 : 0 }
    case .logicalOr: try zip(a, b) { $0 != 0 || $1 != 0 ? 1 : 0 }
    case .logicalXor: try zip(a, b) { ($0 != 0) != ($1 != 0) ? 1 : 0 }
    case .atan2: try zip(a, b) { Glibc.atan2f($0, $1) }
    case .hypot: try zip(a, b) { Glibc.hypotf($0, $1) }
    }
  }

  /// The sum, element by element; throws as `combining`.
  public static func + (a: Tensor, b: Tensor) throws -> Tensor { try combining(.add, a, b) }
  /// The difference, element by element; throws as `combining`.
  public static func - (a: Tensor, b: Tensor) throws -> Tensor { try combining(.subtract, a, b) }
  /// The product, element by element; throws as `combining`.
  public static func * (a: Tensor, b: Tensor) throws -> Tensor { try combining(.multiply, a, b) }
  /// The quotient, element by element; division by zero gives an infinity or NaN.
  /// Throws as `combining`.
  public static func / (a: Tensor, b: Tensor) throws -> Tensor { try combining(.divide, a, b) }

  /// `ifTrue` where `condition` is not 0, else `ifFalse`, all three broadcast together.
  /// - Throws: a `shape` failure that names two shapes that do not go together.
  public static func choosing(
    where condition: Tensor, _ ifTrue: Tensor, else ifFalse: Tensor
  ) throws -> Tensor {
    let shape = try condition.shape.broadcast(with: ifTrue.shape).broadcast(with: ifFalse.shape)
    let (flags, yes) = (try condition.broadcast(to: shape), try ifTrue.broadcast(to: shape))
    let no = try ifFalse.broadcast(to: shape)
    return try Tensor(shape: shape) { result in
      flags.withUnsafeElements { flags in
        yes.withUnsafeElements { yes in
          no.withUnsafeElements { no in
            for index in 0..<result.count { result[index] = flags[index] != 0 ? yes[index] : no[index] }
          }
        }
      }
    }
  }

  /// As NumPy, which squares and roots by their own operations.
  private static func raising(_ a: Tensor, to b: Tensor) throws -> Tensor {
    if b.count == 1, b.rank <= a.rank {
      if b.elements[0] == 2 { return try zip(a, b) { x, _ in x * x } }
      if b.elements[0] == 0.5 { return try a.applying(.sqrt) }
    }
    return try zip(a, b) { Glibc.powf($0, $1) }
  }

  @inline(__always)
  private static func zip(
    _ a: Tensor, _ b: Tensor, _ operation: (Float, Float) -> Float
  ) throws -> Tensor {
    let shape = a.shape == b.shape ? a.shape : try a.shape.broadcast(with: b.shape)
    let walk = PairedWalk(a.broadcastView(to: shape), b.broadcastView(to: shape))
    return try Tensor(shape: shape) { result in
      try a.withUnsafeElements { left in
        try b.withUnsafeElements { right in
          guard let x = left.baseAddress, let y = right.baseAddress, let z = result.baseAddress else {
            return
          }
          try walk.forEachRow { offsetA, offsetB, position, length in
            let (x, y, z) = (x + offsetA, y + offsetB, z + position)
            // One operand is a constant along the row where it is broadcast.
            if walk.strideB == 0 {
              let y = y.pointee
              for index in 0..<length { z[index] = operation(x[index], y) }
            } else if walk.strideA == 0 {
              let x = x.pointee
              for index in 0..<length { z[index] = operation(x, y[index]) }
            } else {
              for index in 0..<length { z[index] = operation(x[index], y[index]) }
            }
          }
        }
      }
    }
  }
}

/// Two broadcast views walked together, with as few and as long rows as possible. A contiguous
/// tensor's last axis that is longer than 1 has stride 1, or 0 where it is broadcast.
private struct PairedWalk {
  private var shape: Shape = []
  private var stridesA: [Int] = []
  private var stridesB: [Int] = []

  init(_ a: StridedView, _ b: StridedView) {
    for axis in a.shape.indices where a.shape[axis] != 1 {
      let length = a.shape[axis]
      if let lastA = stridesA.last, let lastB = stridesB.last, lastA == a.strides[axis] * length,
        lastB == b.strides[axis] * length
      {
        shape[shape.count - 1] *= length
        stridesA[stridesA.count - 1] = a.strides[axis]
        stridesB[stridesB.count - 1] = b.strides[axis]
      } else {
        shape.append(length)
        stridesA.append(a.strides[axis])
        stridesB.append(b.strides[axis])
      }
    }
    if shape.isEmpty { (shape, stridesA, stridesB) = ([1], [1], [1]) }
  }

  var strideA: Int { stridesA[stridesA.count - 1] }
  var strideB: Int { stridesB[stridesB.count - 1] }

  /// Rows, cut into pieces so that an interrupt is noticed.
  @inline(__always)
  func forEachRow(
    _ body: (_ offsetA: Int, _ offsetB: Int, _ position: Int, _ length: Int) -> Void
  ) throws {
    let length = shape[shape.count - 1]
    let (strideA, strideB) = (strideA, strideB)
    if shape.contains(0) { return }
    var index = [Int](repeating: 0, count: shape.count - 1)
    var (offsetA, offsetB, position) = (0, 0, 0)
    let piece = 1 << 19
    while true {
      var start = 0
      while start < length {
        let count = min(piece, length - start)
        body(offsetA + start * strideA, offsetB + start * strideB, position + start, count)
        start += count
        if length > piece { try Interruption.check() }
      }
      position += length
      if position & (piece - 1) < length { try Interruption.check() }
      var axis = index.count - 1
      while axis >= 0 {
        index[axis] += 1
        offsetA += stridesA[axis]
        offsetB += stridesB[axis]
        if index[axis] < shape[axis] { break }
        offsetA -= stridesA[axis] * shape[axis]
        offsetB -= stridesB[axis] * shape[axis]
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}

/// Python's `//` for floats, with NumPy's correction for quotients that rounding brought below a
/// whole number (npy_divmod).
private func pythonFloorDivide(_ a: Float, _ b: Float) -> Float {
  if b == 0 { return a / b }
  let remainder = Glibc.fmodf(a, b)
  var quotient = (a - remainder) / b
  if remainder != 0, (b < 0) != (remainder < 0) { quotient -= 1 }
  if quotient == 0 { return Glibc.copysignf(0, a / b) }
  let floor = quotient.rounded(.down)
  return quotient - floor > 0.5 ? floor + 1 : floor
}

/// Python's `%` for floats: the sign of the divisor.
private func pythonRemainder(_ a: Float, _ b: Float) -> Float {
  let remainder = Glibc.fmodf(a, b)
  if b == 0 { return remainder }
  if remainder == 0 { return Glibc.copysignf(0, b) }
  return (b < 0) != (remainder < 0) ? remainder + b : remainder
}
