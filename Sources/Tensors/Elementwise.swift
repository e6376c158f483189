import Essentials
import Glibc

/// Functions of one number, applied to each element, with NumPy's meanings: outside its domain a
/// function gives NaN or an infinity, it does not fail.
public enum ElementwiseFunction: String, Sendable, CaseIterable {
  /// Signs and powers. `sign` gives -1, 0, 1, or NaN.
  case abs, negative, sign, square, sqrt, cbrt, reciprocal
  /// Exponentials and logarithms: base e, 2, 10; `log1p` is log(1 + x), `expm1` is exp(x) - 1.
  case exp, exp2, expm1, log, log2, log10, log1p
  /// Angles in radians.
  case sin, cos, tan, asin, acos, atan, sinh, cosh, tanh
  /// Whole numbers. `round` takes halves to the even neighbour.
  case floor, ceil, round, trunc
  /// 1 for true, 0 for false.
  case isNaN, isInfinite, isFinite, logicalNot
  /// Degrees to radians and back.
  case radians, degrees
  /// 1 / (1 + exp(-x)), and max(x, 0).
  case sigmoid, relu
}

extension Tensor {
  /// `function` of each element.
  public func applying(_ function: ElementwiseFunction) throws -> Tensor {
    switch function {
    case .abs: try mapped { $0.magnitude }
    case .negative: try mapped { -$0 }
    case .sign: try mapped { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 == 0 ? 0 : $0 }
    case .square: try mapped { $0 * $0 }
    case .sqrt: try mapped(squareRoot)
    case .cbrt: try mappedInParallel { Glibc.cbrtf($0) }
    case .reciprocal: try mapped { 1 / $0 }
    case .exp: try mappedInParallel { Glibc.expf($0) }
    case .exp2: try mappedInParallel { Glibc.exp2f($0) }
    case .expm1: try mappedInParallel { Glibc.expm1f($0) }
    case .log: try mappedInParallel { Glibc.logf($0) }
    case .log2: try mappedInParallel { Glibc.log2f($0) }
    case .log10: try mappedInParallel { Glibc.log10f($0) }
    case .log1p: try mappedInParallel { Glibc.log1pf($0) }
    case .sin: try mappedInParallel { Glibc.sinf($0) }
    case .cos: try mappedInParallel { Glibc.cosf($0) }
    case .tan: try mappedInParallel { Glibc.tanf($0) }
    case .asin: try mappedInParallel { Glibc.asinf($0) }
    case .acos: try mappedInParallel { Glibc.acosf($0) }
    case .atan: try mappedInParallel { Glibc.atanf($0) }
    case .sinh: try mappedInParallel { Glibc.sinhf($0) }
    case .cosh: try mappedInParallel { Glibc.coshf($0) }
    case .tanh: try mappedInParallel { Glibc.tanhf($0) }
    case .floor:
      try mapped { x in
        let near = roundedHalfEven(x)
        return near > x ? near - 1 : near
      }
    case .ceil:
      try mapped { x in
        let near = roundedHalfEven(x)
        return near < x ? withSign(near + 1, of: x) : near
      }
    case .round: try mapped(roundedHalfEven)
    case .trunc:
      try mapped { x in
        let near = roundedHalfEven(x.magnitude)
        return withSign(near > x.magnitude ? near - 1 : near, of: x)
      }
    case .isNaN: try mapped { $0 != $0 ? 1 : 0 }
    case .isInfinite: try mapped { $0.magnitude == .infinity ? 1 : 0 }
    case .isFinite: try mapped { $0.magnitude < .infinity ? 1 : 0 }
    case .logicalNot: try mapped { $0 == 0 ? 1 : 0 }
    case .radians: try mapped { $0 * (.pi / 180) }
    case .degrees: try mapped { $0 * (180 / .pi) }
    case .sigmoid: try mappedInParallel { 1 / (1 + Glibc.expf(-$0)) }
    case .relu: try mapped { $0 > 0 || $0 != $0 ? $0 : 0 }
    }
  }

  /// Each element rounded to so many decimals, halves of the scaled number to even; negative
  /// decimals round to tens, hundreds, ….
  public func rounded(decimals: Int) throws -> Tensor {
    if decimals == 0 { return try applying(.round) }
    let scale = Glibc.pow(10, Double(Swift.min(Swift.max(decimals, -400), 400)))
    // Beyond a float's own precision there is nothing to round; below its range all is 0.
    if scale.isInfinite { return self }
    if scale == 0 { return try mapped { $0.magnitude < .infinity ? 0 : $0 } }
    return try mapped { x in
      let rounded = (Double(x) * scale).rounded(.toNearestOrEven) / scale
      return rounded.isFinite ? Float(rounded) : x
    }
  }

  /// Each element brought into low ... high; nil leaves a side open. NaN stays.
  /// - Throws: a `value` failure where low is greater than high, or one of them is NaN.
  public func clipped(low: Float?, high: Float?) throws -> Tensor {
    let (low, high) = (low ?? -.infinity, high ?? .infinity)
    guard low <= high else {
      throw Failure(.value, "cannot clip to a range from \(low) to \(high)", parameter: "low")
    }
    return try mapped { $0 < low ? low : $0 > high ? high : $0 }
  }

  /// What `function` makes of each element.
  @inline(__always)
  public func mapped(_ function: (Float) throws -> Float) throws -> Tensor {
    try Tensor(shape: shape) { result in
      try withUnsafeElements { source in
        var start = 0
        while start < source.count {
          let end = Swift.min(start + (1 << 19), source.count)
          for index in start..<end { result[index] = try function(source[index]) }
          start = end
          try Interruption.check()
        }
      }
    }
  }

  /// The same on all cores, for functions that take longer than reading and writing memory.
  @inline(__always)
  private func mappedInParallel(_ function: @escaping @Sendable (Float) -> Float) throws -> Tensor {
    let piece = 1 << 16
    if count <= piece { return try mapped(function) }
    return try Tensor(shape: shape) { result in
      try withUnsafeElements { source in
        let buffers = (source: UncheckedBuffer(source), result: UncheckedBuffer(result))
        try WorkerPool.forEach(count: (source.count + piece - 1) / piece) { number, _ in
          let (source, result) = (buffers.source.buffer, buffers.result.buffer)
          for index in number * piece..<Swift.min((number + 1) * piece, source.count) {
            result[index] = function(source[index])
          }
        }
      }
    }
  }
}

/// A buffer for threads that each touch a part of their own.
private struct UncheckedBuffer<Buffer>: @unchecked Sendable {
  let buffer: Buffer

  init(_ buffer: Buffer) { self.buffer = buffer }
}

// The processor's plainest instruction set rounds no floats, and the square root of a negative
// number goes through the C library, so these are spelled out in what vectorises.

/// The root without the detour of a negative number.
@inline(__always)
private func squareRoot(_ x: Float) -> Float {
  let root = (x > 0 ? x : 0).squareRoot()
  return x > 0 ? root : x == 0 ? x : .nan
}

/// Adding and taking away 2^23 leaves no room for a fraction.
@inline(__always)
private func roundedHalfEven(_ x: Float) -> Float {
  let magnitude = x.magnitude
  let rounded = (magnitude + 0x1p23) - 0x1p23
  return withSign(magnitude < 0x1p23 ? rounded : magnitude, of: x)
}

@inline(__always)
private func withSign(_ magnitude: Float, of x: Float) -> Float {
  Float(bitPattern: magnitude.bitPattern & 0x7FFF_FFFF | x.bitPattern & 0x8000_0000)
}
