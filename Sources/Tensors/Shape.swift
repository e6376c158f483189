import Essentials

/// Lengths of a tensor's axes, outermost first. `[]` is the shape of a scalar.
public typealias Shape = [Int]

extension Shape {
  /// The number of elements, checked.
  /// - Throws: a `value` failure for a negative length, a `memory` failure where the elements
  ///   would not fit into this machine's address space or into `Tensor.byteLimit`.
  public func checkedElementCount() throws(Failure) -> Int {
    var count = 1
    for length in self {
      guard length >= 0 else {
        throw Failure(.value, "a shape has no negative lengths: \(shapeDescription)")
      }
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      count = overflow ? Int.max : product
    }
    if contains(0) { return 0 }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
    guard !overflow, bytes <= Tensor.byteLimit else {
      let size = ByteCount.text(reduce(4.0) { $0 * Double($1) })
      throw Failure(
        .memory, "a tensor of shape \(shapeDescription) takes \(size)",
        hint: "this machine can give at most \(ByteCount.text(Double(Tensor.byteLimit)))")
    }
    return count
  }

  /// As Python prints a tuple: `(1491, 257, 1)`, `(3,)`, `()`.
  public var shapeDescription: String {
    count == 1 ? "(\(self[0]),)" : "(" + map(String.init).joined(separator: ", ") + ")"
  }
}
