import Essentials

extension Tensor {
  /// The axis that a number from -rank ..< rank means, counted from the front.
  /// - Throws: an `index` failure that names the shape.
  func resolvedAxis(_ axis: Int) throws(Failure) -> Int {
    try shape.resolvedAxis(axis)
  }
}

extension Shape {
  /// The axis that a number from -rank ..< rank means, counted from the front.
  /// - Throws: an `index` failure that names the shape.
  public func resolvedAxis(_ axis: Int) throws(Failure) -> Int {
    guard axis >= -count, axis < count else {
      throw Failure(
        .index,
        count == 0
          ? "a tensor of shape () has no axes, so no axis \(axis)"
          : "there is no axis \(axis) in shape \(shapeDescription); axes go from \(-count) to \(count - 1)",
        parameter: "axis")
    }
    return axis < 0 ? axis + count : axis
  }

  /// How far apart neighbours along each axis are in memory, in elements.
  var rowMajorStrides: [Int] {
    var strides = [Int](repeating: 1, count: count)
    for axis in indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * self[axis + 1] }
    return strides
  }

  /// The shape that both broadcast to, by NumPy's rule: aligned at the last axis, and a length of 1
  /// is repeated.
  /// - Throws: a `shape` failure that names both shapes.
  public func broadcast(with other: Shape) throws(Failure) -> Shape {
    let rank = Swift.max(count, other.count)
    var result = Shape(repeating: 1, count: rank)
    for back in 1..<(rank + 1) {
      let a = back <= count ? self[count - back] : 1
      let b = back <= other.count ? other[other.count - back] : 1
      guard a == b || a == 1 || b == 1 else {
        throw Failure(
          .shape,
          "shapes \(shapeDescription) and \(other.shapeDescription) do not broadcast together: "
            + "axis \(-back) has \(a) and \(b)")
      }
      result[rank - back] = a == 1 ? b : a
    }
    _ = try result.checkedElementCount()
    return result
  }
}
