import Essentials

/// What stands for one axis between the brackets of `t[…]`, as in NumPy.
public enum TensorIndex: Sendable, Equatable {
  /// One position, negative from the end; the axis goes away.
  case position(Int)
  /// `start:stop:step`; what is left out is nil. Bounds beyond the axis are brought to its ends.
  case slice(start: Int?, stop: Int?, step: Int?)
  /// A new axis of length 1.
  case newAxis

  /// The whole axis: `:`.
  public static let all = TensorIndex.slice(start: nil, stop: nil, step: nil)
}

extension TensorIndex {
  /// The positions that Python's `start:stop:step` takes from `length` of them.
  /// - Throws: a `value` failure for a step of 0.
  public static func resolvedSlice(
    start: Int?, stop: Int?, step: Int?, length: Int
  ) throws(Failure) -> (start: Int, step: Int, count: Int) {
    let step = step ?? 1
    guard step != 0 else { throw Failure(.value, "a slice cannot have a step of 0") }
    let (lowest, highest) = step > 0 ? (0, length) : (-1, length - 1)
    func bound(_ position: Int) -> Int {
      min(max(position < 0 ? position + length : position, lowest), highest)
    }
    let first = start.map(bound) ?? (step > 0 ? lowest : highest)
    let end = stop.map(bound) ?? (step > 0 ? highest : lowest)
    let distance = step > 0 ? end - first : first - end
    if distance <= 0 { return (first, step, 0) }
    // The magnitude of Int.min does not fit an Int; no distance is that long anyway.
    let stride = step.magnitude > UInt(Int.max) ? Int.max : Int(step.magnitude)
    return (first, step, (distance - 1) / stride + 1)
  }
}

extension Tensor {
  /// The part that these indices name; axes without an index are taken whole.
  /// - Throws: an `index` failure for a position outside its axis or too many indices, a `value`
  ///   failure for a step of 0.
  public func sliced(_ indices: [TensorIndex]) throws -> Tensor {
    let view = try view(of: indices)
    return try gathered(view, shape: view.shape)
  }

  /// One row, matrix, …: the part at `position` (negative from the end) of the first axis.
  /// - Throws: an `index` failure for a position outside.
  public func row(_ position: Int) throws -> Tensor { try sliced([.position(position)]) }

  /// The rows of `range` along the first axis.
  /// - Throws: what `sliced` throws.
  public func rows(_ range: Range<Int>) throws -> Tensor {
    try sliced([.slice(start: range.lowerBound, stop: range.upperBound, step: nil)])
  }

  /// Puts `value`, broadcast to the part that these indices name, into its place.
  /// - Throws: what `sliced` throws, and a `shape` failure where the value does not fit the part.
  public mutating func assign(_ value: Tensor, at indices: [TensorIndex]) throws {
    let view = try view(of: indices)
    guard (try? value.shape.broadcast(with: view.shape)) == view.shape else {
      throw Failure(
        .shape,
        "a value of shape \(value.shape.shapeDescription) does not fit into a part of shape "
          + view.shape.shapeDescription)
    }
    let source = try value.broadcast(to: view.shape)
    let length = view.shape.last ?? 1
    let stride = view.strides.last ?? 1
    try withUnsafeMutableElements { destination in
      guard let to = destination.baseAddress else { return }
      try source.withUnsafeElements { values in
        try view.forEachRow { offset, position in
          for index in 0..<length { to[offset + index * stride] = values[position + index] }
        }
      }
    }
  }

  /// The parts at these positions of an axis, in this order, repeats allowed (NumPy's `take`).
  /// - Throws: an `index` failure for a position outside the axis.
  public func taking(_ positions: [Int], axis: Int = 0) throws -> Tensor {
    let axis = try resolvedAxis(axis)
    let length = shape[axis]
    let resolved = try positions.map { try Self.resolved($0, axis: axis, length: length) }
    var resultShape = shape
    resultShape[axis] = positions.count
    let inner = shape[(axis + 1)...].reduce(1, *)
    let outer = shape[..<axis].reduce(1, *)
    return try Tensor(shape: resultShape) { result in
      try withUnsafeElements { source in
        guard let from = source.baseAddress, var to = result.baseAddress else { return }
        for block in 0..<outer {
          try Interruption.check()
          for position in resolved {
            to.initialize(from: from + (block * length + position) * inner, count: inner)
            to += inner
          }
        }
      }
    }
  }

  /// The parts of the first axis whose flag is not 0; a mask of the tensor's own shape picks single
  /// elements (NumPy's boolean indexing).
  /// - Throws: a `shape` failure where the mask fits neither.
  public func selecting(_ mask: Tensor) throws -> Tensor {
    if mask.shape == shape {
      return Tensor(Swift.zip(elements, mask.elements).compactMap { $1 != 0 ? $0 : nil })
    }
    guard rank >= 1, mask.shape == [shape[0]] else {
      throw Failure(
        .shape,
        "a mask of shape \(mask.shape.shapeDescription) does not select from shape "
          + shape.shapeDescription)
    }
    return try taking(mask.elements.indices.filter { mask.elements[$0] != 0 })
  }

  private static func resolved(_ position: Int, axis: Int, length: Int) throws(Failure) -> Int {
    guard position >= -length, position < length else {
      throw Failure(
        .index,
        length == 0
          ? "axis \(axis) is empty, so there is no index \(position)"
          : "index \(position) is outside axis \(axis), which has \(length): "
            + "\(-length) to \(length - 1)")
    }
    return position < 0 ? position + length : position
  }

  private func view(of indices: [TensorIndex]) throws(Failure) -> StridedView {
    let strides = shape.rowMajorStrides
    var view = StridedView(shape: [], strides: [])
    var axis = 0
    for index in indices {
      if index == .newAxis {
        view.shape.append(1)
        view.strides.append(0)
        continue
      }
      guard axis < rank else {
        let count = indices.count { $0 != .newAxis }
        throw Failure(
          .index, "\(count) indices for a tensor with \(rank) axes: shape \(shape.shapeDescription)")
      }
      switch index {
      case .position(let position):
        view.offset += try Self.resolved(position, axis: axis, length: shape[axis]) * strides[axis]
      case .slice(let start, let stop, let step):
        let slice = try TensorIndex.resolvedSlice(
          start: start, stop: stop, step: step, length: shape[axis])
        if slice.count > 0 { view.offset += slice.start * strides[axis] }
        view.shape.append(slice.count)
        // A single step may be longer than memory; it is never taken.
        view.strides.append(slice.count > 1 ? slice.step * strides[axis] : strides[axis])
      case .newAxis: break
      }
      axis += 1
    }
    view.shape += shape[axis...]
    view.strides += strides[axis...]
    return view
  }
}
