import Essentials

extension Tensor {
  /// The same elements under another shape, in which one length may be -1: whatever is left.
  /// - Throws: a `shape` failure where the counts differ.
  public func reshaped(inferring lengths: [Int]) throws -> Tensor {
    let open = lengths.indices.filter { lengths[$0] == -1 }
    guard open.count <= 1 else {
      throw Failure(.shape, "only one length of a shape can be -1: \(lengths.shapeDescription)")
    }
    guard let axis = open.first else { return try reshaped(lengths) }
    var shape = lengths
    shape[axis] = 1
    let known = try shape.checkedElementCount()
    guard known > 0, count % known == 0 else {
      throw Failure(
        .shape,
        "cannot reshape \(self.shape.shapeDescription) (\(count) elements) to \(lengths.shapeDescription)")
    }
    shape[axis] = count / known
    return try reshaped(shape)
  }

  /// All elements along one axis.
  public var flattened: Tensor { Tensor(elements) }

  /// The axes in another order; reversed when `axes` is nil.
  /// - Throws: a `shape` failure unless `axes` names each axis once.
  public func transposed(_ axes: [Int]? = nil) throws -> Tensor {
    let order = try axes?.map { try resolvedAxis($0) } ?? Array((0..<rank).reversed())
    guard order.sorted() == Array(0..<rank) else {
      throw Failure(
        .shape,
        "\(axes?.shapeDescription ?? "") does not name each axis of shape \(shape.shapeDescription) once",
        parameter: "axes")
    }
    let strides = shape.rowMajorStrides
    let view = StridedView(shape: order.map { shape[$0] }, strides: order.map { strides[$0] })
    return try gathered(view, shape: view.shape)
  }

  /// A new axis of length 1 in front of `axis`; -1 puts it last.
  /// - Throws: an `index` failure for an axis outside -(rank + 1) ... rank.
  public func expandingDimensions(axis: Int) throws(Failure) -> Tensor {
    let place = axis < 0 ? axis + rank + 1 : axis
    guard place >= 0, place <= rank else {
      throw Failure(
        .index,
        "a new axis of shape \(shape.shapeDescription) goes to \(-rank - 1) to \(rank), not \(axis)",
        parameter: "axis")
    }
    var shape = self.shape
    shape.insert(1, at: place)
    return try reshaped(shape)
  }

  /// Without the axes of length 1, or without the one that is named.
  /// - Throws: a `shape` failure where the named axis is longer than 1.
  public func squeezed(axis: Int? = nil) throws(Failure) -> Tensor {
    guard let axis else { return try reshaped(shape.filter { $0 != 1 }) }
    let place = try resolvedAxis(axis)
    guard shape[place] == 1 else {
      throw Failure(
        .shape, "axis \(axis) of shape \(shape.shapeDescription) has \(shape[place]), and only 1 goes away",
        parameter: "axis")
    }
    var shape = self.shape
    shape.remove(at: place)
    return try reshaped(shape)
  }

  /// The elements of an axis in reverse order.
  /// - Throws: an `index` failure for an axis that is not there.
  public func reversed(axis: Int) throws -> Tensor {
    var indices = [TensorIndex](repeating: .all, count: rank)
    indices[try resolvedAxis(axis)] = .slice(start: nil, stop: nil, step: -1)
    return try sliced(indices)
  }

  /// The tensors one after the other along an axis they have; their other lengths must agree.
  /// - Throws: a `shape` failure that names the odd one, a `value` failure for no tensors.
  public static func concatenated(_ tensors: [Tensor], axis: Int = 0) throws -> Tensor {
    guard let first = tensors.first else {
      throw Failure(.value, "there is nothing to concatenate")
    }
    let axis = try first.resolvedAxis(axis)
    var shape = first.shape
    for (position, tensor) in tensors.enumerated().dropFirst() {
      var fitting = tensor.shape
      if fitting.count == shape.count { fitting[axis] = first.shape[axis] }
      guard fitting == first.shape else {
        throw Failure(
          .shape,
          "tensor \(position) has shape \(tensor.shape.shapeDescription), which does not follow on "
            + "\(first.shape.shapeDescription) along axis \(axis)")
      }
      let (length, overflow) = shape[axis].addingReportingOverflow(tensor.shape[axis])
      shape[axis] = overflow ? Int.max : length
    }
    let outer = first.shape[..<axis].reduce(1, *)
    return try Tensor(shape: shape) { result in
      guard var to = result.baseAddress else { return }
      for block in 0..<outer {
        try Interruption.check()
        for tensor in tensors {
          let length = tensor.count / outer
          try tensor.withUnsafeElements { source in
            guard let from = source.baseAddress else { return }
            let start = to
            try Interruption.stretches(of: length, length: 1 << 22) { stretch in
              (start + stretch.lowerBound).initialize(
                from: from + block * length + stretch.lowerBound, count: stretch.count)
            }
          }
          to += length
        }
      }
    }
  }

  /// Tensors of one shape along a new axis.
  /// - Throws: a `shape` failure that names the odd one, a `value` failure for no tensors.
  public static func stacked(_ tensors: [Tensor], axis: Int = 0) throws -> Tensor {
    guard let first = tensors.first else { throw Failure(.value, "there is nothing to stack") }
    for (position, tensor) in tensors.enumerated() where tensor.shape != first.shape {
      throw Failure(
        .shape,
        "tensor \(position) has shape \(tensor.shape.shapeDescription), but tensor 0 has "
          + first.shape.shapeDescription)
    }
    return try concatenated(tensors.map { try $0.expandingDimensions(axis: axis) }, axis: axis)
  }

  /// Each part along an axis `count` times in a row; of the flattened tensor when `axis` is nil.
  /// - Throws: a `value` failure for a negative count.
  public func repeating(_ count: Int, axis: Int? = nil) throws -> Tensor {
    guard count >= 0 else {
      throw Failure(.value, "cannot repeat \(count) times", parameter: "repeats")
    }
    guard let axis else { return try flattened.repeating(count, axis: 0) }
    let place = try resolvedAxis(axis)
    var wide = try expandingDimensions(axis: place + 1)
    var shape = wide.shape
    shape[place + 1] = count
    _ = try shape.checkedElementCount()
    wide = try wide.broadcast(to: shape)
    shape[place] *= count
    shape.remove(at: place + 1)
    return try wide.reshaped(shape)
  }

  /// The whole tensor repeated along each axis; missing axes are added in front, as in NumPy.
  /// - Throws: a `value` failure for a negative count.
  public func tiled(_ counts: [Int]) throws -> Tensor {
    guard counts.allSatisfy({ $0 >= 0 }) else {
      throw Failure(.value, "cannot tile by \(counts.shapeDescription)", parameter: "repeats")
    }
    let rank = Swift.max(self.rank, counts.count)
    let lengths = Shape(repeating: 1, count: rank - self.rank) + shape
    let repeats = [Int](repeating: 1, count: rank - counts.count) + counts
    // (2, 3) tiled by (4, 5) is (1, 2, 1, 3) broadcast to (4, 2, 5, 3).
    let narrow = lengths.flatMap { [1, $0] }
    let wide = Swift.zip(repeats, lengths).flatMap { [$0, $1] }
    _ = try wide.checkedElementCount()
    return try reshaped(narrow).broadcast(to: wide)
      .reshaped(Swift.zip(repeats, lengths).map { $0 * $1 })
  }

  /// The tensor with `before` and `after` elements of `value` added at the ends of an axis.
  /// - Throws: a `value` failure for a negative count, an `index` failure for an axis that is not there, a `memory`
  ///   failure for more elements than fit.
  public func padded(axis: Int, before: Int = 0, after: Int = 0, with value: Float = 0) throws -> Tensor {
    guard before >= 0, after >= 0 else {
      throw Failure(.value, "cannot pad by \(before) and \(after) elements")
    }
    let place = try resolvedAxis(axis)
    func filler(_ length: Int) throws -> Tensor {
      var shape = self.shape
      shape[place] = length
      return try Tensor(repeating: value, shape: shape)
    }
    return try Tensor.concatenated([filler(before), self, filler(after)], axis: place)
  }
}
