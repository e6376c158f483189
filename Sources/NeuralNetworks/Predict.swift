import Essentials
import Tensors

extension Sequential {
  /// The model's outputs for (examples, …): (examples, …outputs).
  ///
  /// An example with NaN gives NaN where NaN reaches, as the formulas say.
  /// - Throws: a `shape` failure where the examples do not fit the model; `interrupt`.
  public func predict(_ x: Tensor, precision: Precision = .float32) throws -> Tensor {
    try lock.withReading("predict") {
      try checkExamples(x.shape)
      let network = try builtNetwork()
      let count = x.shape[0]
      return try Tensor(shape: [count] + network.outputShape) { destination in
        guard let to = destination.baseAddress else { return }
        try readingExecutor?.predict(.rows(nil, of: x), into: to, precision: precision)
      }
    }
  }

  /// The outputs for examples that come one after the other: no more of them exist at once than threads
  /// work on.
  /// - Parameter progress: told how many are done, on the calling thread.
  /// - Throws: a `shape` failure that names the example that does not fit; `interrupt`; what an
  ///   example throws.
  public func predict<Examples: Sequence>(
    examples: Examples, precision: Precision = .float32, progress: @escaping (Int) throws -> Void = { _ in }
  ) throws -> Tensor where Examples.Element == any TensorSource {
    try predict(ExampleSupply(examples, serving: lock), precision: precision, progress: progress)
  }

  /// The outputs for examples that are made on all cores, each on the thread that scores it.
  /// - Parameters:
  ///   - count: how many there are, as far as it is known.
  ///   - nextJob: what makes the next example; nil at the end. It is called by one thread at a time, but not
  ///     always the same: by one that has nothing to score. What it gives is called on any thread. Both may
  ///     ask this model, but not change it.
  ///   - progress: told how many are done, on the calling thread.
  /// - Throws: a `shape` failure that names the example that does not fit; `interrupt`; what `nextJob` or a
  ///   job throws.
  public func predict(
    count: Int?, precision: Precision = .float32, progress: @escaping (Int) throws -> Void = { _ in },
    nextJob: @escaping () throws -> (@Sendable () throws -> any TensorSource)?
  ) throws -> Tensor {
    try predict(
      ExampleSupply(count: count, serving: lock, source: nextJob), precision: precision, progress: progress)
  }

  private func predict(
    _ supply: ExampleSupply, precision: Precision, progress: @escaping (Int) throws -> Void
  ) throws -> Tensor {
    try lock.withReading("predict") {
      guard let first = try supply.makeFirst() else {
        return try Tensor(shape: [0] + (network?.outputShape ?? []), elements: [])
      }
      if !isBuilt { try build(inputShape: first.shape) }
      let network = try builtNetwork()
      let outputs = try readingExecutor?.predict(supply, precision: precision, progress: progress) ?? []
      let size = network.outputShape.reduce(1, *)
      return try Tensor(shape: [outputs.count / size] + network.outputShape, elements: outputs)
    }
  }

  /// Builds the model for examples of a batch of this shape, or checks that they fit.
  func checkExamples(_ batch: Shape) throws {
    guard !batch.isEmpty else {
      throw Failure(.shape, "x is a single number; the model takes (examples, …)", parameter: "x")
    }
    let shape = Array(batch.dropFirst())
    if let network, network.inputShape != shape {
      let isOneExample = batch == network.inputShape
      throw Failure(
        .shape,
        "x has the shape \(batch.shapeDescription), but the model takes "
          + "(examples, \(network.inputShape.map(String.init).joined(separator: ", ")))",
        hint: isOneExample ? "for a single example use expand_dims(x, 0)" : nil, parameter: "x")
    }
    if network == nil { try build(inputShape: shape) }
  }
}
