import Essentials
import Glibc

/// What many elements become one by, with NumPy's meanings. NaN goes through all of them but `any`,
/// `all` and the counts.
public enum Reduction: Sendable, Equatable {
  /// Sums and products, accumulated in double precision.
  case sum, mean, product
  /// Variance and its root, divided by the number of elements (ddof 0).
  case variance, standardDeviation
  /// The least and the greatest.
  case minimum, maximum
  /// The position of the first least and the first greatest along the axis.
  case argumentOfMinimum, argumentOfMaximum
  /// 1 where any element, or all elements are not 0, else 0.
  case any, all
  /// The number of elements that are not 0.
  case nonZeroCount
  /// The middle one, or the mean of the two in the middle.
  case median
  /// The element below which so many percent lie, 0 to 100, interpolated linearly.
  case percentile(Double)

  /// What the reduction of no elements is; nil where there is none.
  fileprivate var ofNothing: Float? {
    switch self {
    case .sum, .any, .nonZeroCount: 0
    case .product, .all: 1
    default: nil
    }
  }

  /// As a user knows it.
  fileprivate var name: String {
    switch self {
    case .sum: "sum"
    case .mean: "mean"
    case .product: "prod"
    case .variance: "var"
    case .standardDeviation: "std"
    case .minimum: "min"
    case .maximum: "max"
    case .argumentOfMinimum: "argmin"
    case .argumentOfMaximum: "argmax"
    case .any: "any"
    case .all: "all"
    case .nonZeroCount: "count_nonzero"
    case .median: "median"
    case .percentile: "percentile"
    }
  }
}

extension Tensor {
  /// Reduces along these axes, or along all when `axes` is nil; a reduced axis goes away, or stays
  /// with length 1 where `keepingDimensions` is set.
  /// - Throws: an `index` failure for an axis that is not there, a `value` failure where there is
  ///   nothing to take a mean, an extreme or a percentile of, or a percentile is not from 0 ... 100.
  public func reduced(
    _ reduction: Reduction, axes: [Int]? = nil, keepingDimensions: Bool = false
  ) throws -> Tensor {
    if case .percentile(let percent) = reduction, !(0...100).contains(percent) {
      throw Failure(.value, "a percentile is from 0 to 100, not \(percent)", parameter: "q")
    }
    let reducedAxes = try axes.map { try Set($0.map { try resolvedAxis($0) }) } ?? Set(0..<rank)
    let keptShape = shape.indices.map { reducedAxes.contains($0) ? 1 : shape[$0] }
    let resultShape =
      keepingDimensions ? keptShape : shape.indices.filter { !reducedAxes.contains($0) }.map { shape[$0] }
    let (tensor, layout) = try laidOut(for: reducedAxes.sorted())
    if layout.length == 0 {
      guard let nothing = reduction.ofNothing else {
        throw Failure(
          .value, "there is no \(reduction.name) of no elements: shape \(shape.shapeDescription)")
      }
      return try Tensor(repeating: nothing, shape: resultShape)
    }
    return try Tensor(shape: resultShape) { result in
      try tensor.withUnsafeElements { try reduction.run($0, layout, into: result) }
    }
  }

  /// Reduces all elements to one number; see `reduced(_:axes:keepingDimensions:)`.
  public func reducedToNumber(_ reduction: Reduction) throws -> Float {
    try reduced(reduction).elements[0]
  }

  /// The elements in an order in which the reduced axes stand together.
  private func laidOut(for axes: [Int]) throws -> (Tensor, ReductionLayout) {
    guard let first = axes.first, let last = axes.last else {
      return (self, ReductionLayout(outer: count, length: 1, inner: 1))
    }
    if last - first == axes.count - 1 {
      return (
        self,
        ReductionLayout(
          outer: shape[..<first].reduce(1, *), length: shape[first...last].reduce(1, *),
          inner: shape[(last + 1)...].reduce(1, *))
      )
    }
    let others = shape.indices.filter { !axes.contains($0) }
    return (
      try transposed(others + axes),
      ReductionLayout(
        outer: others.reduce(1) { $0 * shape[$1] }, length: axes.reduce(1) { $0 * shape[$1] }, inner: 1)
    )
  }
}

/// Elements as (outer, length, inner), reduced along `length`.
struct ReductionLayout {
  let outer: Int
  let length: Int
  let inner: Int
}

extension Reduction {
  fileprivate func run(
    _ source: UnsafeBufferPointer<Float>, _ layout: ReductionLayout,
    into result: UnsafeMutableBufferPointer<Float>
  ) throws {
    switch self {
    case .sum: try accumulate(source, layout, into: result, from: 0, { $0 + $1 })
    case .product: try accumulate(source, layout, into: result, from: 1, { $0 * $1 })
    case .nonZeroCount:
      try accumulate(source, layout, into: result, from: 0, { $0 + ($1 != 0 ? 1 : 0) })
    case .mean:
      let length = Double(layout.length)
      try accumulate(source, layout, into: result, from: 0, { $0 + $1 }, finish: { $0 / length })
    case .variance, .standardDeviation: try deviations(source, layout, into: result)
    case .minimum:
      try accumulate(source, layout, into: result, from: .infinity, { $1 < $0 || $1 != $1 ? $1 : $0 })
    case .maximum:
      try accumulate(source, layout, into: result, from: -.infinity, { $1 > $0 || $1 != $1 ? $1 : $0 })
    case .any: try accumulate(source, layout, into: result, from: 0, { $1 != 0 ? 1 : $0 })
    case .all: try accumulate(source, layout, into: result, from: 1, { $1 == 0 ? 0 : $0 })
    case .argumentOfMinimum: try positions(source, layout, into: result) { $0 < $1 }
    case .argumentOfMaximum: try positions(source, layout, into: result) { $0 > $1 }
    case .median: try ranked(source, layout, into: result, percent: 50)
    case .percentile(let percent): try ranked(source, layout, into: result, percent: percent)
    }
  }

  /// Folds in double precision. A row is folded in 8 lanes, columns side by side, so both vectorise;
  /// the order is fixed, so the result is too.
  @inline(__always)
  private func accumulate(
    _ source: UnsafeBufferPointer<Float>, _ layout: ReductionLayout,
    into result: UnsafeMutableBufferPointer<Float>, from start: Double,
    _ fold: (Double, Double) -> Double, finish: (Double) -> Double = { $0 }
  ) throws {
    let (length, inner) = (layout.length, layout.inner)
    if inner == 1 {
      for row in 0..<layout.outer {
        let value = try foldRow(
          UnsafeBufferPointer(rebasing: source[row * length..<(row + 1) * length]), start, fold)
        result[row] = Float(finish(value))
      }
      return
    }
    try withUnsafeTemporaryAllocation(of: Double.self, capacity: inner) { sums in
      for block in 0..<layout.outer {
        sums.initialize(repeating: start)
        for step in 0..<length {
          if step & 0xFF == 0 { try Interruption.check() }
          let row = (block * length + step) * inner
          for column in 0..<inner { sums[column] = fold(sums[column], Double(source[row + column])) }
        }
        for column in 0..<inner { result[block * inner + column] = Float(finish(sums[column])) }
      }
    }
  }

  @inline(__always)
  private func foldRow(
    _ row: UnsafeBufferPointer<Float>, _ start: Double, _ fold: (Double, Double) -> Double
  ) throws -> Double {
    var (a, b, c, d) = (start, start, start, start)
    var (e, f, g, h) = (start, start, start, start)
    var index = 0
    while index + 8 <= row.count {
      let end = min(index + (1 << 19), row.count & ~7)
      while index < end {
        a = fold(a, Double(row[index]))
        b = fold(b, Double(row[index + 1]))
        c = fold(c, Double(row[index + 2]))
        d = fold(d, Double(row[index + 3]))
        e = fold(e, Double(row[index + 4]))
        f = fold(f, Double(row[index + 5]))
        g = fold(g, Double(row[index + 6]))
        h = fold(h, Double(row[index + 7]))
        index += 8
      }
      try Interruption.check()
    }
    while index < row.count {
      a = fold(a, Double(row[index]))
      index += 1
    }
    return self == .nonZeroCount
      ? a + b + c + d + e + f + g + h
      : fold(fold(fold(a, e), fold(c, g)), fold(fold(b, f), fold(d, h)))
  }

  /// Twice through: the mean, then the squares of the distances to it.
  private func deviations(
    _ source: UnsafeBufferPointer<Float>, _ layout: ReductionLayout,
    into result: UnsafeMutableBufferPointer<Float>
  ) throws {
    let takesRoot = self == .standardDeviation
    try forEachColumn(layout) { start, stride, target in
      var sum = 0.0
      for step in 0..<layout.length { sum += Double(source[start + step * stride]) }
      let mean = sum / Double(layout.length)
      var squares = 0.0
      for step in 0..<layout.length {
        let distance = Double(source[start + step * stride]) - mean
        squares += distance * distance
      }
      let variance = squares / Double(layout.length)
      result[target] = Float(takesRoot ? variance.squareRoot() : variance)
    }
  }

  private func positions(
    _ source: UnsafeBufferPointer<Float>, _ layout: ReductionLayout,
    into result: UnsafeMutableBufferPointer<Float>, isBetter: (Float, Float) -> Bool
  ) throws {
    try forEachColumn(layout) { start, stride, target in
      var best = 0
      for step in 0..<layout.length {
        let value = source[start + step * stride]
        // The first NaN wins, as in NumPy.
        if value.isNaN {
          best = step
          break
        }
        if isBetter(value, source[start + best * stride]) { best = step }
      }
      result[target] = Float(best)
    }
  }

  private func ranked(
    _ source: UnsafeBufferPointer<Float>, _ layout: ReductionLayout,
    into result: UnsafeMutableBufferPointer<Float>, percent: Double
  ) throws {
    try forEachColumn(layout) { start, stride, target in
      var column = (0..<layout.length).map { source[start + $0 * stride] }
      if column.contains(where: \.isNaN) {
        result[target] = .nan
        return
      }
      try Interruption.check()
      column.sort()
      let place = percent / 100 * Double(layout.length - 1)
      let below = Int(place)
      let above = min(below + 1, layout.length - 1)
      let (low, high) = (Double(column[below]), Double(column[above]))
      // Equal neighbours first: infinities have no distance.
      result[target] = Float(low == high ? low : low + (high - low) * (place - Double(below)))
    }
  }

  private func forEachColumn(
    _ layout: ReductionLayout, _ body: (_ start: Int, _ stride: Int, _ target: Int) throws -> Void
  ) throws {
    for block in 0..<layout.outer {
      for column in 0..<layout.inner {
        let target = block * layout.inner + column
        if target & 0xFF == 0 { try Interruption.check() }
        try body(block * layout.length * layout.inner + column, layout.inner, target)
      }
    }
  }
}
