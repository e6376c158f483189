import Essentials
import Tensors

/// What one batch says about the weights: for a training loop of one's own.
public struct StepGradients: Sendable {
  /// The mean loss over the batch.
  public let loss: Double
  /// The outputs before the weights moved, (examples, …).
  public let outputs: Tensor
  /// For each trainable array of weights, in the order of `weights`.
  public let gradients: [(name: String, value: Tensor)]
  /// What the moving statistics of batch norm come to with this batch, which they have not yet.
  public let statistics: [(name: String, value: Tensor)]
}

/// The steps of `fit`, one at a time.
extension Sequential {
  /// Loss, outputs and gradients of one batch, by the compiled loss; the model stays as it is. Dropout drops
  /// what it would in the next step.
  /// - Throws: a `state` failure before `compile`, or where it is called by what makes this model's examples; a
  ///   `shape` or `value` failure for data that does not fit; `interrupt`.
  public func gradients(_ batch: TrainingBatch) throws -> StepGradients {
    try lock.withChanges("gradients") {
      let settings = try compiledSettings("gradients")
      try checkExamples(batch.examples.shape)
      _ = try checkSetup(settings)
      try LabelFit.check(
        batch.y, loss: settings.loss, outputShape: builtNetwork().outputShape,
        exampleCount: batch.examples.shape[0])
      let result = try computeStep(batch, loss: settings.loss)
      let network = try builtNetwork()
      guard let executor else { throw Failure(.state, "the model is not built") }
      let statistics = executor.statistics(after: result)
      return StepGradients(
        loss: result.loss + network.penaltyLoss,
        outputs: try Tensor(
          shape: [batch.examples.shape[0]] + network.outputShape, elements: result.outputs),
        gradients: try executor.takeGradients(), statistics: statistics)
    }
  }

  /// Moves the weights as a step of `fit` would, with the compiled optimizer and what it has gathered.
  /// - Parameters:
  ///   - gradients: one for each trainable array of weights, by name.
  ///   - statistics: new values of moving statistics, by name.
  /// - Throws: a `state` failure before `compile`, a `key` failure for names that are missing or are none of the
  ///   model's, a `shape` failure, a `value` failure that names an array with NaN or infinity; nothing has moved
  ///   then.
  public func applyGradients(
    _ gradients: [(name: String, value: Tensor)], statistics: [(name: String, value: Tensor)] = []
  ) throws {
    try lock.withChanges("apply_gradients") {
      let settings = try compiledSettings("apply_gradients")
      let network = try builtNetwork()
      try network.checkArrays(gradients, "a gradient", ofTrainable: true, isWhole: true)
      try network.checkArrays(statistics, "statistics", ofTrainable: false, isWhole: false)
      guard let executor else { return }
      do {
        try executor.apply(gradients, currentOptimizerState(), settings.optimizer)
      } catch let found as NonFiniteStep { throw failure(found, loss: 0, "this step") }
      for (name, value) in statistics { network.parameters.first { $0.fileName == name }?.assign(value) }
      network.weightsChanged()
      stepsTaken += 1
    }
  }

  /// One step of `fit` on one batch; loss and metrics of that batch.
  /// - Throws: as `fit`.
  public func trainOnBatch(_ batch: TrainingBatch) throws -> [LogValue] {
    try fit(SingleBatch(batch: batch)).columns.compactMap { column in
      column.values.last.map { LogValue(name: column.name, value: $0) }
    }
  }

  /// Loss and metrics of one batch; nothing is learnt.
  /// - Throws: as `evaluate`.
  public func testOnBatch(_ batch: TrainingBatch) throws -> [LogValue] {
    try evaluate(SingleBatch(batch: batch))
  }

  /// The outputs as a training step would have them: dropout drops, batch norm takes the batch's statistics
  /// and keeps its moving ones. Each call drops others.
  /// - Throws: a `shape` failure where the examples do not fit; a `state` failure where it is called by what
  ///   makes this model's examples; `interrupt`.
  public func predictAsInTraining(_ x: Tensor) throws -> Tensor {
    try lock.withChanges("predict(training=true)") {
      try checkExamples(x.shape)
      let shape = [x.shape[0]] + (try builtNetwork().outputShape)
      guard x.shape[0] > 0 else { return try Tensor(shape: shape, elements: []) }
      let taken = stepsTaken
      defer { stepsTaken = taken }
      // Far from the steps of training, so that those drop what they would have.
      trainingPredictions += 1
      stepsTaken = 1 << 40 + trainingPredictions
      let result = try computeStep(
        TrainingBatch(x: x, y: try Tensor.zeros(shape)), loss: .meanSquaredError)
      executor?.discardGradients()
      return try Tensor(shape: shape, elements: result.outputs)
    }
  }
}

private struct SingleBatch: BatchSource {
  let batch: TrainingBatch
  var batchCount: Int? { 1 }
  func makeBatchIterator(epoch: Int) -> any BatchIterator { Iterator(batch: batch) }

  private struct Iterator: BatchIterator {
    var batch: TrainingBatch?
    mutating func next() -> TrainingBatch? {
      defer { batch = nil }
      return batch
    }
  }
}

extension Network {
  /// - Throws: a `key`, `shape` or `value` failure that names what does not fit the model's arrays.
  fileprivate func checkArrays(
    _ arrays: [(name: String, value: Tensor)], _ what: String, ofTrainable: Bool, isWhole: Bool
  ) throws(Failure) {
    let own = parameters.filter { $0.description.isTrainable == ofTrainable }
    for (name, value) in arrays {
      guard let parameter = own.first(where: { $0.fileName == name }) else {
        throw Failure(
          .key,
          "there is \(what) for '\(name)', which is no \(ofTrainable ? "trainable " : "moving ")array of the "
            + "model", hint: "it has \(own.map(\.fileName).joined(separator: ", "))", parameter: "gradients")
      }
      guard parameter.description.shape == value.shape else {
        throw Failure(
          .shape,
          "\(name) has the shape \(parameter.description.shape.shapeDescription), but \(what) for it has "
            + value.shape.shapeDescription, parameter: "gradients")
      }
      if let bad = value.elements.first(where: { !$0.isFinite }) {
        throw Failure(
          .value, "\(what) for \(name) holds \(bad); nothing was moved", parameter: "gradients")
      }
    }
    guard isWhole else { return }
    if let missing = own.first(where: { parameter in !arrays.contains { $0.name == parameter.fileName } }) {
      throw Failure(
        .key, "there is no gradient for \(missing.fileName)", hint: "zeros leave an array where it is",
        parameter: "gradients")
    }
  }
}
