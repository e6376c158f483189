import Essentials
import Glibc
import Tensors

extension Sequential {
  /// Trains for `epochs` epochs and returns the log of each.
  ///
  /// Everything that happens is told to `listener`, on the calling thread; nothing is printed.
  /// A step is whole or undone: after an interrupt or a failure the model has the weights of its
  /// last whole step, and `finished` brings the history so far.
  /// - Throws: a `state` failure before `compile`, or in what makes examples for this model's own
  ///   prediction; a `shape` or `value` failure for data that does not fit, or a loss that is no number;
  ///   `interrupt`; what the source, a callback or `listener` throws.
  @discardableResult
  public func fit(
    _ data: any BatchSource, epochs: Int = 1, validation: (any BatchSource)? = nil,
    classWeights: ClassWeights? = nil, callbacks: [TrainingCallback] = [],
    listener: (TrainingEvent) throws -> Void = { _ in }
  ) throws -> History {
    try lock.withChanges("fit") {
      guard epochs >= 0 else {
        throw Failure(.value, "epochs is \(epochs); it is at least 0", parameter: "epochs")
      }
      var trainer = Trainer(
        model: self, settings: try compiledSettings("fit"), epochs: epochs, callbacks: callbacks)
      trainer.classWeights = classWeights
      return try trainer.run(data, validation: validation, listener: listener)
    }
  }

  /// Loss and metrics over `data`, in the order of `compile`.
  /// - Throws: a `state` failure before `compile`; a `shape` or `value` failure for data that does not
  ///   fit; `interrupt`; what the source throws.
  public func evaluate(
    _ data: any BatchSource, listener: (StepReport) throws -> Void = { _ in }
  ) throws -> [LogValue] {
    try lock.withReading("evaluate") {
      let trainer = Trainer(
        model: self, settings: try compiledSettings("evaluate"), epochs: 0, callbacks: [])
      return try trainer.evaluate(data, epoch: 0, prefix: "", listener: listener)
    }
  }

  /// The loss of one batch and its gradient for each trainable array of weights, in the order of
  /// `weights` without the moving statistics. For those who check or study gradients: the model
  /// stays as it is. Dropout zeroes what it would in the next step of `fit`.
  /// - Throws: a `shape` or `value` failure for data that does not fit; a `state` failure where it is called
  ///   by what makes examples for this model's own prediction; `interrupt`.
  public func gradients(
    _ batch: TrainingBatch, loss: Loss
  ) throws -> (loss: Double, gradients: [(name: String, value: Tensor)]) {
    try lock.withChanges("gradients") {
      let result = try computeStep(batch, loss: loss)
      guard let executor else { return (result.loss, []) }
      return (result.loss + executor.network.penaltyLoss, try executor.takeGradients())
    }
  }

  /// What the optimizer has gathered; nothing at first.
  func currentOptimizerState() throws -> OptimizerState {
    if let optimizerState { return optimizerState }
    let made = try OptimizerState(
      compiledSettings("fit").optimizer, parameters: builtNetwork().parameters, kernels: engineOptions.kernels
    )
    optimizerState = made
    return made
  }

  /// What a user reads of a step that was not made.
  func failure(_ found: NonFiniteStep, loss: Double, _ step: String) -> Failure {
    guard let parameter = network?.parameters[found.parameter] else {
      return Failure(.value, "the loss is \(loss) in \(step)")
    }
    let name = "\(layerNames[parameter.layer])'s \(parameter.description.name)"
    if found.place == "value", !parameter.value.isAllFinite {
      return Failure(
        .value, "\(name) holds \(found.value) before \(step)",
        hint: "make the model anew, or load_weights from a file of an earlier epoch")
    }
    let what =
      switch found.place {
      case "value": "\(name) would be \(found.value) after \(step)"
      case "gradient": "the gradient of \(name) is \(found.value) in \(step)"
      default: "the optimizer's \(found.place) of \(name) would be \(found.value) after \(step)"
      }
    return Failure(
      .value, what + (loss.isFinite ? "" : ", where the loss is \(loss)"),
      hint:
        "the inputs are finite, so the weights have run away (the model keeps those before this step): try a "
        + "smaller learning_rate, clipnorm=1, or inputs scaled to about -1 … 1")
  }

  func compiledSettings(_ action: String) throws -> TrainingSettings {
    guard let training else {
      throw Failure(
        .state, "the model is not compiled", hint: "call compile(model, …) before \(action)")
    }
    return training
  }

  /// Whether the loss works on what the last activation gets.
  func isFused(_ loss: Loss) -> Bool {
    LossHead.isFused(loss, layers.last?.finalActivation ?? .linear)
  }

  /// - Parameters:
  ///   - weights: what each example's loss is multiplied by; nil for the batch's own.
  ///   - refusesNonFinite: whether to throw `NonFiniteExample` where an example holds what is no
  ///     number; else that goes through as the formulas say.
  func computeStep(
    _ batch: TrainingBatch, loss: Loss, weights: Tensor? = nil, refusesNonFinite: Bool = false
  ) throws -> Executor.StepResult {
    let shape = batch.examples.shape
    try checkExamples(shape)
    let network = try builtNetwork()
    guard let executor, shape[0] > 0 else {
      throw Failure(.value, "the batch has no examples", parameter: "x")
    }
    let fused = isFused(loss)
    let head = try LossHead(
      loss, isFused: fused, outputShape: network.outputShape, labels: batch.y,
      weights: try (weights ?? batch.weights)?.exampleWeights(count: shape[0]), exampleCount: shape[0])
    return try batch.examples.withReader { examples in
      try executor.computeGradients(
        examples, head: head, isFused: fused, step: stepsTaken, refusesNonFinite: refusesNonFinite)
    }
  }
}

/// One call of `fit` or `evaluate`. The model's lock is held.
private struct Trainer {
  let model: Sequential
  let settings: TrainingSettings
  let epochs: Int
  var classWeights: ClassWeights?
  private var history = History()
  private let running: [any CallbackRun]
  private let backup: (file: TrainingBackup, deletesWhenDone: Bool)?

  init(model: Sequential, settings: TrainingSettings, epochs: Int, callbacks: [TrainingCallback]) {
    self.model = model
    self.settings = settings
    self.epochs = epochs
    running = callbacks.compactMap { $0.makeRun() }
    backup =
      callbacks.compactMap {
        if case .backup(let path, let deletes) = $0 {
          (file: TrainingBackup(path: path), deletesWhenDone: deletes)
        } else {
          nil
        }
      }.first
  }

  mutating func run(
    _ data: any BatchSource, validation: (any BatchSource)?, listener: (TrainingEvent) throws -> Void
  ) throws -> History {
    do {
      var (data, validation) = (data, validation)
      var outcome = TrainingEvent.Outcome.completed
      let first = try resume(&data, &validation)
      var stepCount = data.batchCount
      for epoch in first..<max(first, epochs) {
        try Interruption.check()
        for callback in running {
          try model.lock.lend { try callback.epochBegins(epoch, model: model) }
        }
        let report = try runEpoch(epoch, data, stepCount, validation, listener)
        stepCount = report.stepCount
        history.append(report)
        try listener(.epochEnded(report))
        let goesOn = try mayGoOn(after: report)
        try keep(epoch + 1, data, isFinished: !goesOn)
        if !goesOn {
          outcome = .stopped
          break
        }
      }
      for callback in running { callback.trainingEnded(model: model) }
      if let backup, backup.deletesWhenDone { backup.file.remove() }
      try listener(.finished(history: history, outcome: outcome))
      return history
    } catch {
      let isInterrupt = (error as? Failure)?.kind == .interrupt
      // The first error is the one to tell.
      try? listener(.finished(history: history, outcome: isInterrupt ? .interrupted : .failed))
      throw error
    }
  }

  /// Goes on from a backup, where there is one.
  /// - Returns: the first epoch to train.
  private mutating func resume(
    _ data: inout any BatchSource, _ validation: inout (any BatchSource)?
  ) throws -> Int {
    guard let backup, backup.file.exists else { return 0 }
    let place = try backup.file.restore(model, callbackCount: running.count)
    for (callback, state) in zip(running, place.callbacks) {
      if let state { callback.resume(from: state) }
    }
    history = place.history
    data = data.continued(afterEpochs: place.epochs, seed: place.dataSeed)
    validation = validation?.continued(afterEpochs: place.epochs, seed: nil)
    return place.isFinished ? epochs : place.epochs
  }

  /// Writes the backup, where one is wanted.
  private func keep(_ epochs: Int, _ data: any BatchSource, isFinished: Bool) throws {
    guard let backup else { return }
    try backup.file.write(
      TrainingBackup.Place(
        epochs: epochs, history: history, stepsTaken: model.stepsTaken, dataSeed: data.seed,
        isFinished: isFinished, callbacks: running.map(\.state)), of: model)
  }

  private func runEpoch(
    _ epoch: Int, _ data: any BatchSource, _ stepCount: Int?, _ validation: (any BatchSource)?,
    _ listener: (TrainingEvent) throws -> Void
  ) throws -> EpochReport {
    let clock = Stopwatch()
    try listener(.epochBegan(epoch: epoch, epochCount: epochs, stepCount: stepCount))
    var totals = epochTotals()
    // What makes the examples works ahead, while weights move.
    var iterator = try model.lock.refuse { try data.makeBatchIterator(epoch: epoch) }
    var step = 0
    while let batch = try model.lock.refuse({ try iterator.next() }) {
      try Interruption.check()
      try model.checkExamples(batch.examples.shape)
      for advice in try model.checkSetup(settings) { try listener(.advised(advice)) }
      try LabelFit.check(
        batch.y, loss: settings.loss, outputShape: model.builtNetwork().outputShape,
        exampleCount: batch.examples.shape[0])
      if epoch == 0, step == 0,
        let advice = LabelFit.advice(
          batch.y, loss: settings.loss, outputShape: try model.builtNetwork().outputShape)
      {
        try listener(.advised(advice))
      }
      try train(on: batch, epoch: epoch, step: step, &totals)
      step += 1
      try listener(
        .stepEnded(
          StepReport(
            epoch: epoch, step: step, stepCount: stepCount, seconds: clock.seconds,
            logs: try totals.logs("", isWhole: false))))
    }
    guard step > 0 else { throw Failure(.value, "the training data has no batches", parameter: "data") }
    var logs = try totals.logs("", isWhole: true)
    if let validation {
      logs += try model.lock.lend {
        try evaluate(validation, epoch: epoch, prefix: "val_") {
          try listener(.validationStepEnded($0))
        }
      }
    }
    if running.contains(where: \.changesRate), let rate = model.learningRate {
      logs.append(LogValue(name: "learning_rate", value: rate))
    }
    return EpochReport(
      epoch: epoch, epochCount: epochs, stepCount: step, seconds: clock.seconds, logs: logs)
  }

  private func train(
    on batch: TrainingBatch, epoch: Int, step: Int, _ totals: inout EpochTotals
  ) throws {
    let result: Executor.StepResult
    do {
      result = try model.computeStep(
        batch, loss: settings.loss, weights: try weights(of: batch), refusesNonFinite: true)
    } catch let found as NonFiniteExample {
      // NaN in would be NaN everywhere out; say where it is rather than that the loss is NaN.
      throw Failure(
        .value,
        "example \(found.example) of the batch contains \(found.value), which makes the loss NaN "
          + "(epoch \(epoch + 1), step \(step + 1))",
        hint: "look for NaN in the samples, log(0), or a division by zero in what makes the examples",
        parameter: "data")
    }
    guard let executor = model.executor, let network = model.network else { return }
    let place = "epoch \(epoch + 1), step \(step + 1)"
    do {
      guard result.loss.isFinite else {
        if let found = network.nonFiniteParameter {
          throw NonFiniteStep(parameter: found.index, place: "value", value: found.value)
        }
        if let found = executor.nonFiniteGradient(result) { throw found }
        throw Failure(
          .value, "the loss is \(result.loss) in \(place)",
          hint: "the inputs are finite, so the weights have run away: try a smaller learning_rate, or inputs "
            + "scaled to about -1 … 1")
      }
      let loss = result.loss + network.penaltyLoss
      try model.lock.refuse {
        try totals.add(loss, outputs: result.outputs, outputShape: network.outputShape, labels: batch.y)
      }
      let state = try model.currentOptimizerState()
      try executor.apply(result, state, model.compiledSettings("fit").optimizer)
    } catch let found as NonFiniteStep {
      executor.discardGradients()
      throw model.failure(found, loss: result.loss, place)
    } catch {
      executor.discardGradients()
      throw error
    }
    model.stepsTaken += 1
  }

  /// What each example's loss is multiplied by, where classes have weights.
  private func weights(of batch: TrainingBatch) throws -> Tensor? {
    guard let classWeights else { return nil }
    guard batch.weights == nil else {
      throw Failure(
        .value, "class_weight and sample_weight are both given", hint: "keep one of them, or multiply them",
        parameter: "class_weight")
    }
    try model.checkExamples(batch.examples.shape)
    return try classWeights.weights(
      for: batch.y, classCount: model.builtNetwork().outputShape.last ?? 1)
  }

  func evaluate(
    _ data: any BatchSource, epoch: Int, prefix: String, listener: (StepReport) throws -> Void
  ) throws -> [LogValue] {
    let clock = Stopwatch()
    var totals = epochTotals()
    var iterator = try model.lock.serve { try data.makeBatchIterator(epoch: epoch) }
    var step = 0
    while let batch = try model.lock.serve({ try iterator.next() }) {
      try Interruption.check()
      let shape = batch.examples.shape
      try model.checkExamples(shape)
      let network = try model.builtNetwork()
      _ = try model.checkSetup(settings)
      try LabelFit.check(
        batch.y, loss: settings.loss, outputShape: network.outputShape, exampleCount: shape[0])
      let head = try LossHead(
        settings.loss, isFused: model.isFused(settings.loss), outputShape: network.outputShape,
        labels: batch.y, weights: try batch.weights?.exampleWeights(count: shape[0]), exampleCount: shape[0])
      var outputs = [Float](repeating: 0, count: shape[0] * network.outputShape.reduce(1, *))
      var heads = outputs
      let sum = try outputs.withUnsafeMutableBufferPointer { outputs -> Double in
        try heads.withUnsafeMutableBufferPointer { heads -> Double in
          guard let outputs = outputs.baseAddress, let heads = heads.baseAddress else { return 0 }
          try model.readingExecutor?.predict(batch.examples, into: outputs, heads: heads)
          return head.evaluate(
            firstExample: 0, count: shape[0], output: outputs, head: heads, gradient: nil)
        }
      }
      try totals.add(
        sum / Double(max(head.unitCount, 1)) + network.penaltyLoss, outputs: outputs,
        outputShape: network.outputShape,
        labels: batch.y)
      step += 1
      try listener(
        StepReport(
          epoch: epoch, step: step, stepCount: data.batchCount, seconds: clock.seconds,
          logs: try totals.logs(prefix, isWhole: false)))
    }
    guard step > 0 else {
      throw Failure(
        .value, "the \(prefix.isEmpty ? "" : "validation ")data has no batches",
        parameter: prefix.isEmpty ? "data" : "validation")
    }
    return try totals.logs(prefix, isWhole: true)
  }

  private func epochTotals() -> EpochTotals {
    EpochTotals(settings.metrics) { [model, loss = settings.loss] in model.metricScene($0, loss) }
  }

  private func mayGoOn(after report: EpochReport) throws -> Bool {
    var goesOn = true
    for callback in running {
      if try !model.lock.lend({ try callback.epochEnded(report, model: model) }) { goesOn = false }
    }
    return goesOn
  }
}

/// Seconds since it was made.
private struct Stopwatch {
  private let start = ContinuousClock.now

  var seconds: Double {
    let duration = ContinuousClock.now - start
    return Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }
}

extension Tensor {
  /// The weights of so many examples.
  /// - Throws: a `shape` or `value` failure for another number of weights, or one that is no number.
  fileprivate func exampleWeights(count: Int) throws(Failure) -> [Float] {
    guard shape == [count] || shape == [count, 1] else {
      throw Failure(
        .shape,
        "the weights of a batch of \(count) examples have the shape \(shape.shapeDescription)",
        hint: "one number an example", parameter: "sample_weight")
    }
    if let index = elements.firstIndex(where: { !$0.isFinite }) {
      throw Failure(
        .value, "the weight of example \(index) of the batch is \(elements[index])",
        parameter: "sample_weight")
    }
    return elements
  }
}
