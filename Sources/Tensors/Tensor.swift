import Essentials

/// A dense array of 32-bit floats with any number of axes, row-major, with value semantics.
///
/// Copies share their elements until one of them is changed.
public struct Tensor: Sendable, Equatable {
  /// Lengths of the axes, outermost first.
  public let shape: Shape
  /// The elements in row-major order; always as many as `shape` says.
  public private(set) var elements: [Float]

  /// The most bytes that one tensor may take: three quarters of the machine's memory.
  public static let byteLimit = ByteCount.physicalMemory / 4 * 3

  /// A tensor of this shape with these elements, row-major.
  /// - Throws: a `shape` failure where the counts differ, and what `checkedElementCount` throws.
  public init(shape: Shape, elements: [Float]) throws(Failure) {
    let count = try shape.checkedElementCount()
    guard count == elements.count else {
      throw Failure(
        .shape,
        "\(elements.count) elements do not fill the shape \(shape.shapeDescription), which has \(count)")
    }
    self.shape = shape
    self.elements = elements
  }

  /// A tensor with one axis.
  public init(_ elements: [Float]) {
    shape = [elements.count]
    self.elements = elements
  }

  /// A tensor without axes.
  public init(scalar: Float) {
    shape = []
    elements = [scalar]
  }

  /// A tensor of this shape that holds one value everywhere.
  public init(repeating value: Float, shape: Shape) throws(Failure) {
    let count = try shape.checkedElementCount()
    self.shape = shape
    // In pieces, so that an interrupt ends the filling of gigabytes.
    let filled = [Float](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        if filled > 0, Interruption.isRequested { return }
        let next = Swift.min(count - filled, 1 << 22)
        buffer[filled..<filled + next].initialize(repeating: value)
        filled += next
      }
    }
    if filled.count < count { throw Failure(.interrupt, "interrupted") }
    elements = filled
  }

  /// A tensor of this shape whose every element `fill` must write; nothing is zeroed before.
  public init(
    shape: Shape, filling fill: (UnsafeMutableBufferPointer<Float>) throws -> Void
  ) throws {
    let count = try shape.checkedElementCount()
    self.shape = shape
    elements = try Array(unsafeUninitializedCapacity: count) { buffer, initialized in
      try fill(UnsafeMutableBufferPointer(rebasing: buffer[0..<count]))
      initialized = count
    }
  }

  /// The number of axes.
  public var rank: Int { shape.count }
  /// The number of elements.
  public var count: Int { elements.count }

  /// The same elements under another shape of as many elements. Copies nothing.
  /// - Throws: a `shape` failure where the counts differ.
  public func reshaped(_ shape: Shape) throws(Failure) -> Tensor {
    guard try shape.checkedElementCount() == count else {
      throw Failure(
        .shape,
        "cannot reshape \(self.shape.shapeDescription) (\(count) elements) to \(shape.shapeDescription)")
    }
    return try Tensor(shape: shape, elements: elements)
  }

  /// Gives the elements to `body` for reading.
  public func withUnsafeElements<Result>(
    _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try elements.withUnsafeBufferPointer(body)
  }

  /// Gives the elements to `body` for reading and writing.
  public mutating func withUnsafeMutableElements<Result>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try elements.withUnsafeMutableBufferPointer { try body($0) }
  }
}
