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
    callbacks: [TrainingCallback] = [], listener: (TrainingEvent) throws -> Void = { _ in }
  ) throws -> History {
    try lock.withChanges("fit") {
      guard epochs >= 0 else {
        throw Failure(.value, "epochs is \(epochs); it is at least 0", parameter: "epochs")
      }
      var trainer = Trainer(
        model: self, settings: try compiledSettings("fit"), epochs: epochs, callbacks: callbacks)
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
      return (result.loss, try executor.takeGradients())
    }
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

  /// - Parameter refusesNonFinite: whether to throw `NonFiniteExample` where an example holds what is no
  ///   number; else that goes through as the formulas say.
  func computeStep(
    _ batch: TrainingBatch, loss: Loss, refusesNonFinite: Bool = false
  ) throws -> Executor.StepResult {
    let shape = batch.examples.shape
    try checkExamples(shape)
    let network = try builtNetwork()
    guard let executor, shape[0] > 0 else {
      throw Failure(.value, "the batch has no examples", parameter: "x")
    }
    let fused = isFused(loss)
    let head = try LossHead(
      loss, isFused: fused, outputShape: network.outputShape, labels: batch.y, exampleCount: shape[0])
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
  let callbacks: [TrainingCallback]
  private var history = History()
  private var stops: [EarlyStop?]

  init(model: Sequential, settings: TrainingSettings, epochs: Int, callbacks: [TrainingCallback]) {
    self.model = model
    self.settings = settings
    self.epochs = epochs
    self.callbacks = callbacks
    stops = callbacks.map { callback in
      if case .earlyStopping(let monitor, let patience, let restoreBest) = callback {
        return EarlyStop(monitor: monitor, patience: patience, restoresBest: restoreBest)
      }
      return nil
    }
  }

  mutating func run(
    _ data: any BatchSource, validation: (any BatchSource)?, listener: (TrainingEvent) throws -> Void
  ) throws -> History {
    do {
      var outcome = TrainingEvent.Outcome.completed
      var stepCount = data.batchCount
      for epoch in 0..<epochs {
        try Interruption.check()
        let report = try runEpoch(epoch, data, stepCount, validation, listener)
        stepCount = report.stepCount
        history.append(report)
        try listener(.epochEnded(report))
        if try !mayGoOn(after: report) {
          outcome = .stopped
          break
        }
      }
      restoreBest()
      try listener(.finished(history: history, outcome: outcome))
      return history
    } catch {
      let isInterrupt = (error as? Failure)?.kind == .interrupt
      // The first error is the one to tell.
      try? listener(.finished(history: history, outcome: isInterrupt ? .interrupted : .failed))
      throw error
    }
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
    return EpochReport(
      epoch: epoch, epochCount: epochs, stepCount: step, seconds: clock.seconds, logs: logs)
  }

  private func train(
    on batch: TrainingBatch, epoch: Int, step: Int, _ totals: inout EpochTotals
  ) throws {
    let result: Executor.StepResult
    do {
      result = try model.computeStep(batch, loss: settings.loss, refusesNonFinite: true)
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
    do {
      guard result.loss.isFinite else {
        throw Failure(
          .value, "the loss is \(result.loss) in epoch \(epoch + 1), step \(step + 1)",
          hint: "the inputs are finite, so the weights have run away: try a smaller learning_rate, or "
            + "inputs scaled to about -1 … 1")
      }
      try model.lock.refuse {
        try totals.add(
          result.loss, outputs: result.outputs, outputShape: network.outputShape, labels: batch.y)
      }
      if model.optimizerState == nil {
        model.optimizerState = try OptimizerState(
          settings.optimizer, parameters: network.parameters, kernels: model.engineOptions.kernels)
      }
    } catch {
      executor.discardGradients()
      throw error
    }
    if let optimizer = model.optimizerState { executor.apply(result, optimizer) }
    model.stepsTaken += 1
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
        labels: batch.y, exampleCount: shape[0])
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
        sum / Double(max(head.unitCount, 1)), outputs: outputs, outputShape: network.outputShape,
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

  private mutating func mayGoOn(after report: EpochReport) throws -> Bool {
    var goesOn = true
    for (index, callback) in callbacks.enumerated() {
      switch callback {
      case .afterEpoch(let body): if try !model.lock.lend({ try body(report) }) { goesOn = false }
      case .earlyStopping:
        if try stops[index]?.mayGoOn(after: report, model: model) == false { goesOn = false }
      }
    }
    return goesOn
  }

  private func restoreBest() {
    guard let network = model.network else { return }
    for case let stop? in stops {
      guard let best = stop.bestWeights, best.count == network.parameters.count else { continue }
      for (parameter, tensor) in zip(network.parameters, best) { parameter.assign(tensor) }
      network.weightsChanged()
    }
  }
}

/// The state of one early stopping.
private struct EarlyStop {
  let monitor: String
  let patience: Int
  let restoresBest: Bool
  private var best: Double?
  private var waited = 0
  private(set) var bestWeights: [Tensor]?

  init(monitor: String, patience: Int, restoresBest: Bool) {
    self.monitor = monitor
    self.patience = patience
    self.restoresBest = restoresBest
  }

  mutating func mayGoOn(after report: EpochReport, model: Sequential) throws -> Bool {
    guard let value = report.logs.first(where: { $0.name == monitor })?.value else {
      throw Failure(
        .key, "early_stopping watches '\(monitor)', which is not measured",
        hint: "measured are " + report.logs.map(\.name).joined(separator: ", "), parameter: "monitor")
    }
    let largerIsBetter = try Metric.largerIsBetter(of: monitor, among: model.training?.metrics ?? [])
    if best.map({ largerIsBetter ? value > $0 : value < $0 }) ?? true {
      best = value
      waited = 0
      if restoresBest { bestWeights = model.network?.parameters.map(\.tensor) }
      return true
    }
    waited += 1
    return waited < max(patience, 1)
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
