import Essentials

extension Tensor {
  /// The elements of each run along an axis in rising order, NaN last.
  public func sorted(axis: Int = -1, descending: Bool = false) throws -> Tensor {
    try alongAxis(axis) { run in
      run.sort(by: Self.precedes)
      if descending { run.reverse() }
    }
  }

  /// The positions that sort each run along an axis; equal elements keep their order.
  public func argumentsSorted(axis: Int = -1) throws -> Tensor {
    try alongAxis(axis) { run in
      let order = run.indices.sorted { a, b in
        Self.precedes(run[a], run[b]) || (!Self.precedes(run[b], run[a]) && a < b)
      }
      run = order.map(Float.init)
    }
  }

  /// The sums of all elements up to each one along an axis, in double precision; of the flattened
  /// tensor when `axis` is nil.
  public func cumulativeSum(axis: Int? = nil) throws -> Tensor {
    guard let axis else { return try flattened.cumulativeSum(axis: 0) }
    return try alongAxis(axis) { run in
      var sum = 0.0
      for index in run.indices {
        sum += Double(run[index])
        run[index] = Float(sum)
      }
    }
  }

  /// The differences of neighbours along an axis, which gets one shorter.
  public func differences(axis: Int = -1) throws -> Tensor {
    let place = try resolvedAxis(axis)
    var (later, earlier) = (
      [TensorIndex](repeating: .all, count: rank), [TensorIndex](repeating: .all, count: rank)
    )
    later[place] = .slice(start: 1, stop: nil, step: nil)
    earlier[place] = .slice(start: 0, stop: -1, step: nil)
    return try sliced(later) - sliced(earlier)
  }

  /// The different elements in rising order, and how often each occurs.
  public func uniqueCounts() throws -> (values: Tensor, counts: Tensor) {
    var values: [Float] = []
    var counts: [Float] = []
    for value in elements.sorted(by: Self.precedes) {
      // All NaNs are one, as in NumPy.
      if let last = values.last, last == value || (last.isNaN && value.isNaN) {
        counts[counts.count - 1] += 1
      } else {
        values.append(value)
        counts.append(1)
      }
    }
    return (Tensor(values), Tensor(counts))
  }

  private static func precedes(_ a: Float, _ b: Float) -> Bool {
    a < b || (b.isNaN && !a.isNaN)
  }

  /// Replaces each run along an axis by what `change` makes of it; the length must stay.
  private func alongAxis(_ axis: Int, _ change: (inout [Float]) -> Void) throws -> Tensor {
    let place = try resolvedAxis(axis)
    let length = shape[place]
    let inner = shape[(place + 1)...].reduce(1, *)
    let outer = shape[..<place].reduce(1, *)
    return try Tensor(shape: shape) { result in
      for block in 0..<outer {
        for column in 0..<inner {
          try Interruption.check()
          let start = block * length * inner + column
          var run = (0..<length).map { elements[start + $0 * inner] }
          change(&run)
          for index in 0..<length { result[start + index * inner] = run[index] }
        }
      }
    }
  }
}
