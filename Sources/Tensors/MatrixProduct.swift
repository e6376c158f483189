import Essentials

extension Tensor {
  /// The matrix product, as NumPy's `@`: rows by columns over the last two axes, axes before them
  /// broadcast; a vector on the left counts as a row, on the right as a column, and that axis goes
  /// away in the result.
  /// - Throws: a `shape` failure that names both shapes.
  public func matrixProduct(with other: Tensor) throws -> Tensor {
    let mismatch = Failure(
      .shape,
      "cannot multiply matrices of shapes \(shape.shapeDescription) and \(other.shape.shapeDescription)",
      hint: rank == 0 || other.rank == 0
        ? "a tensor without axes is multiplied with *"
        : "the last axis of the left one and the \(other.rank == 1 ? "axis" : "last but one axis") "
          + "of the right one must agree")
    guard rank >= 1, other.rank >= 1 else { throw mismatch }
    let left = rank == 1 ? [1] + shape : shape
    let right = other.rank == 1 ? other.shape + [1] : other.shape
    let (rows, inner) = (left[left.count - 2], left[left.count - 1])
    let columns = right[right.count - 1]
    guard inner == right[right.count - 2] else { throw mismatch }

    let (leftBatch, rightBatch) = (Shape(left.dropLast(2)), Shape(right.dropLast(2)))
    let batch = try leftBatch.broadcast(with: rightBatch)
    var resultShape = batch
    if rank > 1 { resultShape.append(rows) }
    if other.rank > 1 { resultShape.append(columns) }

    let leftPlaces = Self.places(of: leftBatch, in: batch)
    let rightPlaces = Self.places(of: rightBatch, in: batch)
    return try Tensor(shape: resultShape) { result in
      try withUnsafeElements { a in
        try other.withUnsafeElements { b in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = result.baseAddress else {
            result.initialize(repeating: 0)
            return
          }
          for index in leftPlaces.indices {
            let product = MatrixProduct(
              a: a + leftPlaces[index] * rows * inner, b: b + rightPlaces[index] * inner * columns,
              c: c + index * rows * columns, rows: rows, inner: inner, columns: columns)
            try product.run()
          }
        }
      }
    }
  }

  /// Which matrix of a batch stands at each place of the broadcast batch.
  private static func places(of batch: Shape, in broadcast: Shape) -> [Int] {
    let count = batch.reduce(1, *)
    let total = broadcast.reduce(1, *)
    if count == total { return Array(0..<total) }
    let strides = batch.rowMajorStrides
    let missing = broadcast.count - batch.count
    return (0..<total).map { place in
      var rest = place
      var source = 0
      for axis in broadcast.indices.reversed() {
        let position = rest % broadcast[axis]
        rest /= broadcast[axis]
        if axis >= missing, batch[axis - missing] != 1 { source += position * strides[axis - missing] }
      }
      return source
    }
  }
}

/// One product of two row-major matrices: c (rows, columns) = a (rows, inner) · b (inner, columns).
///
/// Each element of `c` is summed in the same order whatever the number of threads.
private struct MatrixProduct: @unchecked Sendable {
  let a: UnsafePointer<Float>
  let b: UnsafePointer<Float>
  let c: UnsafeMutablePointer<Float>
  let rows: Int
  let inner: Int
  let columns: Int

  func run() throws {
    if rows == 0 || columns == 0 { return }
    if columns == 1 {
      try share(rows, work: inner) { dotProducts($0) }
    } else if rows < 4 {
      try share(columns, work: rows * inner) { addedRows($0) }
    } else {
      let panels = (columns + Self.panelWidth - 1) / Self.panelWidth
      try share(panels, work: rows * inner * Self.panelWidth) { panels in
        for panel in panels { multiplyPanel(panel) }
      }
    }
  }

  /// Shares `count` units of `work` multiplications each among the threads, in pieces short enough
  /// to notice an interrupt.
  private func share(_ count: Int, work: Int, _ body: @escaping @Sendable (Range<Int>) -> Void) throws {
    let piece = max(1, min(count, (1 << 22) / max(work, 1)))
    let pieces = (count + piece - 1) / piece
    try WorkerPool.forEach(count: pieces) { index, _ in
      body(index * piece..<min((index + 1) * piece, count))
    }
  }

  /// A matrix times a vector.
  private func dotProducts(_ range: Range<Int>) {
    for row in range {
      let x = a + row * inner
      var lanes = SIMD16<Float>.zero
      var k = 0
      while k + 16 <= inner {
        lanes += load16(x + k) * load16(b + k)
        k += 16
      }
      var sum = lanes.sum()
      while k < inner {
        sum += x[k] * b[k]
        k += 1
      }
      c[row] = sum
    }
  }

  /// Few rows: rows of `b`, each times a number, are added up.
  private func addedRows(_ range: Range<Int>) {
    for row in 0..<rows {
      let target = c + row * columns
      for column in range { target[column] = 0 }
      for k in 0..<inner {
        let factor = a[row * inner + k]
        let source = b + k * columns
        for column in range { target[column] += factor * source[column] }
      }
    }
  }

  private static let panelWidth = 8
  /// So many rows of a panel are packed at once: 16 kB, which the first cache holds.
  private static let depth = 512

  /// 8 columns of the result, 4 rows at a time: 4 × 8 sums stay in registers.
  private func multiplyPanel(_ panel: Int) {
    let firstColumn = panel * Self.panelWidth
    let width = min(Self.panelWidth, columns - firstColumn)
    withUnsafeTemporaryAllocation(of: SIMD8<Float>.self, capacity: Self.depth) { packed in
      for firstK in stride(from: 0, to: max(inner, 1), by: Self.depth) {
        let depth = min(Self.depth, inner - firstK)
        for k in 0..<depth {
          let source = b + (firstK + k) * columns + firstColumn
          var lanes = SIMD8<Float>.zero
          if width == Self.panelWidth {
            lanes = load8(source)
          } else {
            for lane in 0..<width { lanes[lane] = source[lane] }
          }
          packed.initializeElement(at: k, to: lanes)
        }
        var row = 0
        while row + 4 <= rows {
          let x = a + row * inner + firstK
          var (s0, s1) = (SIMD8<Float>.zero, SIMD8<Float>.zero)
          var (s2, s3) = (SIMD8<Float>.zero, SIMD8<Float>.zero)
          for k in 0..<depth {
            let y = packed[k]
            s0 += x[k] * y
            s1 += x[inner + k] * y
            s2 += x[2 * inner + k] * y
            s3 += x[3 * inner + k] * y
          }
          store(s0, row, firstColumn, width, isFirst: firstK == 0)
          store(s1, row + 1, firstColumn, width, isFirst: firstK == 0)
          store(s2, row + 2, firstColumn, width, isFirst: firstK == 0)
          store(s3, row + 3, firstColumn, width, isFirst: firstK == 0)
          row += 4
        }
        while row < rows {
          let x = a + row * inner + firstK
          var sum = SIMD8<Float>.zero
          for k in 0..<depth { sum += x[k] * packed[k] }
          store(sum, row, firstColumn, width, isFirst: firstK == 0)
          row += 1
        }
      }
    }
  }

  @inline(__always)
  private func store(_ sum: SIMD8<Float>, _ row: Int, _ column: Int, _ width: Int, isFirst: Bool) {
    let target = c + row * columns + column
    for lane in 0..<width { target[lane] = isFirst ? sum[lane] : target[lane] + sum[lane] }
  }

  @inline(__always)
  private func load8(_ from: UnsafePointer<Float>) -> SIMD8<Float> {
    UnsafeRawPointer(from).loadUnaligned(as: SIMD8<Float>.self)
  }

  @inline(__always)
  private func load16(_ from: UnsafePointer<Float>) -> SIMD16<Float> {
    UnsafeRawPointer(from).loadUnaligned(as: SIMD16<Float>.self)
  }
}
