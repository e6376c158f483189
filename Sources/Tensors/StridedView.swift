import Essentials

/// Another way to walk over a tensor's elements: what a transpose, a slice or a broadcast reads.
struct StridedView {
  var offset = 0
  var shape: Shape
  /// In elements; 0 repeats, a negative one walks backwards.
  var strides: [Int]

  /// Calls `body` for each run along the last axis with the offset of its first element and its
  /// position in row-major order.
  func forEachRow(_ body: (_ offset: Int, _ position: Int) throws -> Void) throws {
    if shape.contains(0) { return }
    let outer = shape.count - 1
    guard outer > 0 else { return try body(offset, 0) }
    let length = shape[outer]
    var index = [Int](repeating: 0, count: outer)
    var current = offset
    var position = 0
    while true {
      if position & 0xFFFFF < length { try Interruption.check() }
      try body(current, position)
      position += length
      var axis = outer - 1
      while true {
        index[axis] += 1
        current += strides[axis]
        if index[axis] < shape[axis] { break }
        current -= strides[axis] * shape[axis]
        index[axis] = 0
        if axis == 0 { return }
        axis -= 1
      }
    }
  }

  /// Copies what the walk reads where neighbours in memory do not lie along the last axis but along
  /// `nearAxis`: tile by tile, so that a line of memory is read and written whole while it is cached.
  func copyInTiles(
    from source: UnsafePointer<Float>, to destination: UnsafeMutablePointer<Float>, nearAxis: Int
  ) throws {
    let last = shape.count - 1
    let targets = shape.rowMajorStrides
    let others = shape.indices.filter { $0 != last && $0 != nearAxis }
    let tile = 16
    for number in 0..<others.reduce(1, { $0 * shape[$1] }) {
      var (rest, from, to) = (number, source + offset, destination)
      for axis in others.reversed() {
        from += rest % shape[axis] * strides[axis]
        to += rest % shape[axis] * targets[axis]
        rest /= shape[axis]
      }
      for firstRow in stride(from: 0, to: shape[nearAxis], by: tile) {
        try Interruption.check()
        let rows = firstRow..<min(firstRow + tile, shape[nearAxis])
        for firstColumn in stride(from: 0, to: shape[last], by: tile) {
          let columns = firstColumn..<min(firstColumn + tile, shape[last])
          for row in rows {
            for column in columns {
              to[row * targets[nearAxis] + column] = from[row + column * strides[last]]
            }
          }
        }
      }
    }
  }

  /// The same walk with axes of length 1 left out and axes that follow on one another joined.
  var coalesced: StridedView {
    var joined = StridedView(offset: offset, shape: [], strides: [])
    for (length, stride) in zip(shape, strides) where length != 1 {
      if let last = joined.strides.last, last == stride * length {
        joined.shape[joined.shape.count - 1] *= length
        joined.strides[joined.strides.count - 1] = stride
      } else {
        joined.shape.append(length)
        joined.strides.append(stride)
      }
    }
    return joined
  }
}

extension Tensor {
  /// The elements that a view walks over, as a tensor of `shape`.
  func gathered(_ view: StridedView, shape: Shape) throws -> Tensor {
    let walk = view.coalesced
    let length = walk.shape.last ?? 1
    let stride = walk.strides.last ?? 1
    return try Tensor(shape: shape) { destination in
      try withUnsafeElements { source in
        guard let from = source.baseAddress, let to = destination.baseAddress else { return }
        if stride != 1, let near = walk.strides.firstIndex(of: 1) {
          return try walk.copyInTiles(from: from, to: to, nearAxis: near)
        }
        try walk.forEachRow { offset, position in
          let first = from + offset
          let target = to + position
          switch stride {
          case 1: target.initialize(from: first, count: length)
          case 0: target.initialize(repeating: first.pointee, count: length)
          default: for index in 0..<length { target[index] = first[index * stride] }
          }
        }
      }
    }
  }

  /// The view that repeats this tensor up to `shape`, which must be one that it broadcasts to.
  func broadcastView(to shape: Shape) -> StridedView {
    let missing = shape.count - rank
    let own = self.shape.rowMajorStrides
    let strides = shape.indices.map { axis in
      axis < missing || (self.shape[axis - missing] == 1 && shape[axis] != 1) ? 0 : own[axis - missing]
    }
    return StridedView(shape: shape, strides: strides)
  }

  /// This tensor repeated along axes of length 1 (and new axes in front) up to `shape`.
  /// - Throws: a `shape` failure where it does not broadcast to that shape.
  public func broadcast(to shape: Shape) throws -> Tensor {
    if shape == self.shape { return self }
    guard try self.shape.broadcast(with: shape) == shape else {
      throw Failure(
        .shape,
        "shape \(self.shape.shapeDescription) does not broadcast to \(shape.shapeDescription)")
    }
    return try gathered(broadcastView(to: shape), shape: shape)
  }
}
