import Essentials

/// Elements as (outer, length, inner), reduced along `length`.
struct ReductionLayout {
  let outer: Int
  let length: Int
  let inner: Int
}

/// Eight numbers at a time.
typealias Lanes = SIMD8<Double>

/// Folds elements in double precision, eight lanes at a time, in an order that is always the same.
struct ReductionFold {
  let source: UnsafeBufferPointer<Float>
  let layout: ReductionLayout

  /// The fold for each of the (outer, inner) results.
  /// - Parameters:
  ///   - start: a number that folding leaves as it is.
  ///   - prepare: makes the numbers to fold from elements; the second argument is the number of the
  ///     first one's result (all have the same where `inner` is 1).
  @inline(__always)
  func run(
    from start: Double, _ prepare: (SIMD8<Float>, Int) -> Lanes, _ fold: (Lanes, Lanes) -> Lanes
  ) throws -> [Double] {
    guard let elements = source.baseAddress else { return [] }
    var results = [Double](repeating: start, count: layout.outer * layout.inner)
    try results.withUnsafeMutableBufferPointer { results in
      guard let results = results.baseAddress else { return }
      if layout.inner == 1 {
        for row in 0..<layout.outer {
          let first = elements + row * layout.length
          if row & 0x3FF == 0 { try Interruption.check() }
          var lanes = Lanes(repeating: start)
          var index = 0
          while index + 8 <= layout.length {
            lanes = fold(lanes, prepare(load(first + index), row))
            index += 8
            if index & 0xFFFFF == 0 { try Interruption.check() }
          }
          if index < layout.length {
            lanes = fold(
              lanes,
              some(
                prepare(load(first + index, count: layout.length - index), row),
                count: layout.length - index, start))
          }
          // Halves upon halves: every lane ends up in the first.
          for step in [4, 2, 1] {
            var other = lanes
            for lane in 0..<step { other[lane] = lanes[lane + step] }
            lanes = fold(lanes, other)
          }
          results[row] = lanes[0]
        }
        return
      }
      for block in 0..<layout.outer {
        let target = results + block * layout.inner
        for step in 0..<layout.length {
          let row = (block * layout.length + step) * layout.inner
          if row & 0xFFFFF < layout.inner { try Interruption.check() }
          var column = 0
          while column + 8 <= layout.inner {
            let lanes = UnsafeRawPointer(target + column).loadUnaligned(as: Lanes.self)
            let folded = fold(lanes, prepare(load(elements + row + column), block * layout.inner + column))
            UnsafeMutableRawPointer(target + column).storeBytes(of: folded, as: Lanes.self)
            column += 8
          }
          if column < layout.inner {
            let count = layout.inner - column
            var lanes = Lanes(repeating: start)
            for lane in 0..<count { lanes[lane] = target[column + lane] }
            let x = load(elements + row + column, count: count)
            lanes = fold(lanes, prepare(x, block * layout.inner + column))
            for lane in 0..<count { target[column + lane] = lanes[lane] }
          }
        }
      }
    }
    return results
  }

  /// The mean of each stretch that is folded; NaN for empty ones.
  func means() throws -> [Double] {
    let length = Double(layout.length)
    return try run(from: 0, { x, _ in Lanes(x) }, { $0 + $1 }).map { $0 / length }
  }

  /// The means of the squared distances to the mean.
  func variances() throws -> [Double] {
    let length = Double(layout.length)
    let isRow = layout.inner == 1
    // Eight more, so that eight can be loaded at every place.
    let means = try means() + Lanes.zero.indices.map { _ in 0 }
    return try means.withUnsafeBufferPointer { means in
      guard let means = means.baseAddress else { return [] }
      let sums = try run(
        from: 0,
        { x, result in
          let mean =
            isRow
            ? Lanes(repeating: means[result])
            : UnsafeRawPointer(means + result).loadUnaligned(as: Lanes.self)
          let distance = Lanes(x) - mean
          return distance * distance
        }, { $0 + $1 })
      return sums.map { $0 / length }
    }
  }

  /// 1 for what is not 0, else 0.
  static func isNonZero(_ x: SIMD8<Float>, _ result: Int) -> Lanes {
    Lanes(SIMD8<Float>(repeating: 1).replacing(with: 0, where: x .== 0))
  }

  @inline(__always)
  private func load(_ from: UnsafePointer<Float>) -> SIMD8<Float> {
    UnsafeRawPointer(from).loadUnaligned(as: SIMD8<Float>.self)
  }

  private func load(_ from: UnsafePointer<Float>, count: Int) -> SIMD8<Float> {
    var lanes = SIMD8<Float>.zero
    for lane in 0..<count { lanes[lane] = from[lane] }
    return lanes
  }

  private func some(_ lanes: Lanes, count: Int, _ start: Double) -> Lanes {
    var lanes = lanes
    for lane in count..<8 { lanes[lane] = start }
    return lanes
  }
}
