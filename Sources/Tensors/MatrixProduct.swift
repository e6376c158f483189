import COneDNN
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
/// Each element of `c` is summed in the same order whatever the number of threads: how the work is cut depends on the
/// matrices alone, and each piece is one thread's.
private struct MatrixProduct: @unchecked Sendable {
  let a: UnsafePointer<Float>
  let b: UnsafePointer<Float>
  let c: UnsafeMutablePointer<Float>
  let rows: Int
  let inner: Int
  let columns: Int

  /// Products of fewer multiplications take a millisecond here; opening oneDNN, the first time, takes sixty.
  private static let smallWork = 1 << 23
  /// The multiplications of a piece: a few milliseconds, so that an interrupt is noticed.
  private static let pieceWork = 1 << 25

  func run() throws {
    if rows == 0 || columns == 0 { return }
    let work = Double(rows) * Double(inner) * Double(columns)
    if columns == 1 {
      try share(rows, work: inner) { dotProducts($0) }
    } else if rows < 4 {
      try share(columns, work: rows * inner) { addedRows($0) }
    } else if work < Double(Self.smallWork) {
      try share(rows, work: inner * columns) { smallProduct($0) }
    } else {
      try multiplyBlocks()
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

  /// Matrices that lie in the caches: so many columns at a time as the matrix has, eight at most.
  private func smallProduct(_ range: Range<Int>) {
    if columns >= 8 {
      tiles(of: SIMD8<Float>.self, range)
    } else if columns >= 4 {
      tiles(of: SIMD4<Float>.self, range)
    } else {
      tiles(of: SIMD2<Float>.self, range)
    }
  }

  /// Tiles of 4 rows. The last of a row or a column lies over the one before where the numbers do not come out even:
  /// what is summed twice is summed in the same order.
  @inline(__always)
  private func tiles<Lanes: SIMD>(of _: Lanes.Type, _ range: Range<Int>) where Lanes.Scalar == Float {
    for start in stride(from: 0, to: columns, by: Lanes.scalarCount) {
      let column = min(start, columns - Lanes.scalarCount)
      if range.count < 4 {
        for row in range { rowTile(of: Lanes.self, row, column) }
      } else {
        for row in stride(from: range.lowerBound, to: range.upperBound, by: 4) {
          tile(of: Lanes.self, min(row, range.upperBound - 4), column)
        }
      }
    }
  }

  /// 4 rows by as many columns as there are lanes, whose sums stay in registers.
  @inline(__always)
  private func tile<Lanes: SIMD>(of _: Lanes.Type, _ row: Int, _ column: Int) where Lanes.Scalar == Float {
    let x0 = a + row * inner
    let (x1, x2, x3) = (x0 + inner, x0 + 2 * inner, x0 + 3 * inner)
    var (sums0, sums1, sums2, sums3) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
    var source = UnsafeRawPointer(b + column)
    let stride = columns * MemoryLayout<Float>.stride
    for k in 0..<inner {
      let y = source.loadUnaligned(as: Lanes.self)
      sums0 += x0[k] * y
      sums1 += x1[k] * y
      sums2 += x2[k] * y
      sums3 += x3[k] * y
      source += stride
    }
    let target = UnsafeMutableRawPointer(c + row * columns + column)
    target.storeBytes(of: sums0, as: Lanes.self)
    (target + stride).storeBytes(of: sums1, as: Lanes.self)
    (target + 2 * stride).storeBytes(of: sums2, as: Lanes.self)
    (target + 3 * stride).storeBytes(of: sums3, as: Lanes.self)
  }

  @inline(__always)
  private func rowTile<Lanes: SIMD>(of _: Lanes.Type, _ row: Int, _ column: Int) where Lanes.Scalar == Float {
    let x = a + row * inner
    var sums = Lanes.zero
    for k in 0..<inner {
      sums += x[k] * UnsafeRawPointer(b + k * columns + column).loadUnaligned(as: Lanes.self)
    }
    UnsafeMutableRawPointer(c + row * columns + column).storeBytes(of: sums, as: Lanes.self)
  }

  @inline(__always)
  private func load16(_ from: UnsafePointer<Float>) -> SIMD16<Float> {
    UnsafeRawPointer(from).loadUnaligned(as: SIMD16<Float>.self)
  }

  // MARK: By oneDNN

  /// Blocks of `c`, each by oneDNN on one thread, a stretch of the sums after the other.
  private func multiplyBlocks() throws {
    let depth = min(inner, 4096)
    let narrow = min(rows, 128)
    let width = min(columns, max(512, Self.pieceWork / (narrow * depth)))
    let height = min(rows, max(128, Self.pieceWork / (width * depth)))
    let across = (columns + width - 1) / width
    let down = (rows + height - 1) / height
    try WorkerPool.forEach(count: across * down) { index, _ in
      let row = index / across * height
      let column = index % across * width
      omp_set_num_threads(1)
      for k in stride(from: 0, to: inner, by: depth) {
        try Interruption.check()
        let status = dnnl_sgemm(
          Self.plain, Self.plain, Int64(min(height, rows - row)), Int64(min(width, columns - column)),
          Int64(min(depth, inner - k)), 1, a + row * inner + k, Int64(inner), b + k * columns + column,
          Int64(columns), k == 0 ? 0 : 1, c + row * columns + column, Int64(columns))
        guard status == dnnl_success else {
          throw Failure(.memory, "oneDNN cannot multiply the matrices: status \(status.rawValue)")
        }
      }
    }
  }

  /// `N`: not transposed.
  private static let plain = CChar(UInt8(ascii: "N"))
}
