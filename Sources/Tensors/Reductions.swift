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

extension Reduction {
  fileprivate func run(
    _ source: UnsafeBufferPointer<Float>, _ layout: ReductionLayout,
    into result: UnsafeMutableBufferPointer<Float>
  ) throws {
    let fold = ReductionFold(source: source, layout: layout)
    let numbers: [Double]
    switch self {
    case .sum: numbers = try fold.run(from: 0, { x, _ in Lanes(x) }, { $0 + $1 })
    case .product: numbers = try fold.run(from: 1, { x, _ in Lanes(x) }, { $0 * $1 })
    case .mean: numbers = try fold.means()
    case .variance: numbers = try fold.variances()
    case .standardDeviation: numbers = try fold.variances().map { $0.squareRoot() }
    case .minimum:
      numbers = try fold.run(from: .infinity, { x, _ in Lanes(x) }) { least, x in
        least.replacing(with: x, where: (x .< least) .| (x .!= x))
      }
    case .maximum:
      numbers = try fold.run(from: -.infinity, { x, _ in Lanes(x) }) { greatest, x in
        greatest.replacing(with: x, where: (x .> greatest) .| (x .!= x))
      }
    case .nonZeroCount: numbers = try fold.run(from: 0, ReductionFold.isNonZero, { $0 + $1 })
    case .any:
      numbers = try fold.run(from: 0, ReductionFold.isNonZero) { $0.replacing(with: $1, where: $1 .> $0) }
    case .all:
      numbers = try fold.run(from: 1, ReductionFold.isNonZero) { $0.replacing(with: $1, where: $1 .< $0) }
    case .argumentOfMinimum: return try positions(source, layout, into: result) { $0 < $1 }
    case .argumentOfMaximum: return try positions(source, layout, into: result) { $0 > $1 }
    case .median: return try ranked(source, layout, into: result, percent: 50)
    case .percentile(let percent): return try ranked(source, layout, into: result, percent: percent)
    }
    for index in 0..<result.count { result[index] = Float(numbers[index]) }
  }

  private func positions(
    _ source: UnsafeBufferPointer<Float>, _ layout: ReductionLayout,
    into result: UnsafeMutableBufferPointer<Float>, isBetter: (Float, Float) -> Bool
  ) throws {
    try forEachColumn(layout) { start, stride, target in
      var best = 0
      for step in 0..<layout.length {
        if step & 0xFFFF == 0xFFFF { try Interruption.check() }
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
    let column = UnsafeMutableBufferPointer<Float>.allocate(capacity: layout.length)
    defer { column.deallocate() }
    column.initialize(repeating: 0)
    try forEachColumn(layout) { start, stride, target in
      try Interruption.stretches(of: layout.length, length: 1 << 20) { stretch in
        for index in stretch { column[index] = source[start + index * stride] }
      }
      try FloatSort.sort(column)
      // NaN is sorted last.
      if column[layout.length - 1].isNaN {
        result[target] = .nan
        return
      }
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
