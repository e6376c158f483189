import Essentials

extension Tensor {
  /// The elements of each run along an axis in rising order, NaN last.
  /// - Throws: an `index` failure for an axis that is not there, an `interrupt` failure.
  public func sorted(axis: Int = -1, descending: Bool = false) throws -> Tensor {
    try alongAxis(axis) { run in
      try FloatSort.sort(run)
      if descending {
        var run = run
        run.reverse()
      }
    }
  }

  /// The positions that sort each run along an axis; equal elements keep their order.
  /// - Throws: an `index` failure for an axis that is not there, an `interrupt` failure.
  public func argumentsSorted(axis: Int = -1) throws -> Tensor {
    try alongAxis(axis) { run in
      var positions: [Int] = []
      positions.reserveCapacity(run.count)
      try Interruption.stretches(of: run.count) { positions.append(contentsOf: $0) }
      let order = try positions.sorted { a, b in
        try Interruption.check()
        return Self.precedes(run[a], run[b]) || (!Self.precedes(run[b], run[a]) && a < b)
      }
      for (index, place) in order.enumerated() { run[index] = Float(place) }
    }
  }

  /// The sums of all elements up to each one along an axis, in double precision; of the flattened
  /// tensor when `axis` is nil.
  /// - Throws: an `index` failure for an axis that is not there, an `interrupt` failure.
  public func cumulativeSum(axis: Int? = nil) throws -> Tensor {
    guard let axis else { return try flattened.cumulativeSum(axis: 0) }
    return try alongAxis(axis) { run in
      var sum = 0.0
      try Interruption.stretches(of: run.count, length: 1 << 20) { stretch in
        for index in stretch {
          sum += Double(run[index])
          run[index] = Float(sum)
        }
      }
    }
  }

  /// The differences of neighbours along an axis, which gets one shorter.
  /// - Throws: an `index` failure for an axis that is not there, an `interrupt` failure.
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
  /// - Throws: an `interrupt` failure.
  public func uniqueCounts() throws -> (values: Tensor, counts: Tensor) {
    var values: [Float] = []
    var counts: [Float] = []
    for value in try flattened.sorted().elements {
      try Interruption.check()
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

  /// Changes each run along an axis, a copy of it, in place.
  private func alongAxis(
    _ axis: Int, _ change: (UnsafeMutableBufferPointer<Float>) throws -> Void
  ) throws -> Tensor {
    let place = try resolvedAxis(axis)
    let length = shape[place]
    let inner = shape[(place + 1)...].reduce(1, *)
    if inner > 1 {
      // With the axis last, changed and brought back.
      var order = Array(0..<rank)
      order.remove(at: place)
      order.append(place)
      var back = Array(0..<rank - 1)
      back.insert(rank - 1, at: place)
      return try transposed(order).alongAxis(-1, change).transposed(back)
    }
    var result = self
    try result.withUnsafeMutableElements { elements in
      guard length > 0 else { return }
      for start in stride(from: 0, to: elements.count, by: length) {
        if start & 0xFFFF < length { try Interruption.check() }
        try change(UnsafeMutableBufferPointer(rebasing: elements[start..<start + length]))
      }
    }
    return result
  }
}
