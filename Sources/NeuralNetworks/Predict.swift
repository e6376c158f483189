import Essentials
import Tensors

extension Sequential {
  /// The model's outputs for (examples, …): (examples, …outputs).
  ///
  /// An example with NaN gives NaN where NaN reaches, as the formulas say.
  /// - Throws: a `shape` failure where the examples do not fit the model; `interrupt`.
  public func predict(_ x: Tensor, precision: Precision = .float32) throws -> Tensor {
    try lock.with {
      try checkExamples(x.shape)
      let network = try builtNetwork()
      let count = x.shape[0]
      return try Tensor(shape: [count] + network.outputShape) { destination in
        guard let to = destination.baseAddress else { return }
        try executor?.predict(.rows(nil, of: x), into: to, precision: precision)
      }
    }
  }

  /// The outputs for examples that are made one after the other, a few at a time, on all cores:
  /// no more of them exist at once than threads work on them.
  /// - Parameter progress: told how many are done, on the calling thread.
  /// - Throws: a `shape` failure that names the example that does not fit; `interrupt`; what an
  ///   example throws.
  public func predict<Examples: Sequence>(
    examples: Examples, precision: Precision = .float32, progress: (Int) throws -> Void = { _ in }
  ) throws -> Tensor where Examples.Element == any TensorSource {
    try lock.with {
      var outputs: [Float] = []
      var done = 0
      var iterator = examples.makeIterator()
      while true {
        try Interruption.check()
        // Enough for all threads to have work; each makes its example when it gets to it. The first few
        // start while the next ones, from a recording perhaps, are still being decoded.
        var group: [any TensorSource] = []
        let width = max(8, WorkerPool.threadCount * 4)
        while group.count < (done == 0 ? width : 2 * width), let next = iterator.next() {
          if !isBuilt { try build(inputShape: next.shape) }
          let network = try builtNetwork()
          guard next.shape == network.inputShape else {
            throw unfit(next, at: done + group.count, network)
          }
          group.append(next)
        }
        if group.isEmpty { break }
        let size = try builtNetwork().outputShape.reduce(1, *)
        outputs += try [Float](unsafeUninitializedCapacity: group.count * size) { buffer, count in
          guard let base = buffer.baseAddress else { return }
          base.initialize(repeating: 0, count: group.count * size)
          count = group.count * size
          try executor?.predict(.sources(group), into: base, precision: precision)
        }
        done += group.count
        try progress(done)
      }
      let shape = network?.outputShape ?? []
      return try Tensor(shape: [done] + shape, elements: outputs)
    }
  }

  func unfit(_ example: any TensorSource, at index: Int, _ network: Network) -> Failure {
    Failure(
      .shape,
      "example \(index) has the shape \(example.shape.shapeDescription), but the model takes "
        + network.inputShape.shapeDescription, parameter: "x")
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
