import Essentials
import Tensors

/// Examples for one step of training or prediction, stacked along a first axis.
public struct Batch: Sendable, Equatable {
  /// The inputs; the first axis counts the examples.
  public let x: Tensor
  /// The targets, one along the first axis for each example; nil where only inputs are wanted.
  public let y: Tensor?

  /// Inputs and their targets.
  /// - Throws: a `shape` failure where `x` has no axis, or `y` has another number of examples.
  public init(x: Tensor, y: Tensor? = nil) throws {
    guard x.rank >= 1 else {
      throw Failure(.shape, "a batch needs an axis of examples, and its inputs have no axes")
    }
    if let y, y.shape.first != x.shape[0] {
      throw Failure(
        .shape,
        "inputs of shape \(x.shape.shapeDescription) and targets of shape "
          + "\(y.shape.shapeDescription) have different numbers of examples")
    }
    self.x = x
    self.y = y
  }

  /// The number of examples.
  public var count: Int { x.shape[0] }

  /// The bytes of inputs and targets.
  public var byteCount: Int { x.storedByteCount + (y?.storedByteCount ?? 0) }

  /// The batch of these examples, filled in place on all cores (see `Collation.stacked`).
  ///
  /// `targets` are numbers, for a `y` of shape (examples), or tensors, which are stacked.
  public init(inputs: [any TensorSource], targets: [any TensorSource]? = nil) throws {
    let y = try targets.map { try Collation.stacked($0, what: "target") }
    try self.init(x: Collation.stacked(inputs, what: "example"), y: y)
  }
}

extension Dataset where Element == Batch {
  /// Makes batches ahead, counting their bytes; see `prefetch(_:byteCount:byteBudget:)`.
  public func prefetch(_ count: Int) throws -> Dataset<Batch> {
    try prefetch(count, byteCount: { $0.byteCount })
  }
}
