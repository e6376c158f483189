import Essentials
import Tensors

extension Sequential {
  /// The model's outputs for (examples, …): (examples, …outputs).
  /// - Throws: a `shape` failure where the examples do not fit the model; `interrupt`.
  public func predict(_ x: Tensor) throws -> Tensor {
    throw Failure(.state, "not yet")
  }

  /// The outputs for examples that are made one after the other, a few at a time, on all cores:
  /// no more of them exist at once than threads work on them.
  /// - Parameter progress: told how many are done, on the calling thread.
  /// - Throws: a `shape` failure that names the example that does not fit; `interrupt`; what an
  ///   example throws.
  public func predict<Examples: Sequence>(
    examples: Examples, progress: (Int) throws -> Void = { _ in }
  ) throws -> Tensor where Examples.Element == any TensorSource {
    throw Failure(.state, "not yet")
  }
}
