extension Tensor {
  /// Whether all elements are close: |a - b| ≤ absolute + relative · |b|, shapes broadcast together
  /// (NumPy's `allclose`).
  /// - Throws: a `shape` failure where the shapes do not go together.
  public func isClose(
    to other: Tensor, relative: Double = 1e-5, absolute: Double = 1e-8, nanEqual: Bool = false
  ) throws -> Bool {
    let shape = try self.shape.broadcast(with: other.shape)
    let (a, b) = (try broadcast(to: shape).elements, try other.broadcast(to: shape).elements)
    return Swift.zip(a, b).allSatisfy { x, y in
      if x == y || (nanEqual && x.isNaN && y.isNaN) { return true }
      guard x.isFinite, y.isFinite else { return false }
      return (Double(x) - Double(y)).magnitude <= absolute + relative * Double(y).magnitude
    }
  }

  /// The greatest |a - b| of two tensors of one shape; NaN where one element is NaN and the other
  /// is not. 0 for no elements.
  /// - Throws: a `shape` failure where the shapes do not go together.
  public func greatestDistance(to other: Tensor) throws -> Float {
    let shape = try self.shape.broadcast(with: other.shape)
    let (a, b) = (try broadcast(to: shape).elements, try other.broadcast(to: shape).elements)
    var greatest: Float = 0
    for (x, y) in Swift.zip(a, b) where x != y && !(x.isNaN && y.isNaN) {
      let distance = (x - y).magnitude
      if distance.isNaN { return .nan }
      greatest = Swift.max(greatest, distance)
    }
    return greatest
  }
}
