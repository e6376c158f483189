import Essentials
import Glibc
import Tensors

/// What training steps with rising learning rates came to.
public struct LearningRateSearch: Sendable {
  /// The learning rates, rising by the same factor.
  public internal(set) var rates: [Double] = []
  /// The loss of the batch that each was tried on, smoothed.
  public internal(set) var losses: [Double] = []

  /// Where the loss fell fastest, as learning rates are usually drawn; nil where it never fell.
  public var suggestion: Double? {
    var best: (slope: Double, rate: Double)?
    for index in rates.indices.dropFirst() where index + 1 < rates.count {
      let slope = losses[index + 1] - losses[index - 1]
      if slope < best?.slope ?? 0 { best = (slope, rates[index]) }
    }
    return best?.rate
  }
}

extension Sequential {
  /// Tries learning rates from small to large, one a step, and tells the losses (Smith, 2017).
  ///
  /// It ends early where the loss has risen to four times the least, or is no number any more. The model, its
  /// optimizer and its learning rate are as they were afterwards.
  /// - Throws: what `fit` throws but for the loss, a `value` failure for rates or steps out of their range.
  public func findLearningRate(
    _ data: any BatchSource, from low: Double = 1e-6, to high: Double = 1, steps: Int = 100,
    listener: (_ step: Int, _ loss: Double) throws -> Void = { _, _ in }
  ) throws -> LearningRateSearch {
    guard low > 0, high > low, high.isFinite else {
      throw Failure(
        .value, "the learning rates go from \(low) to \(high); they rise, and begin above 0", parameter: "end"
      )
    }
    guard steps >= 3 else {
      throw Failure(.value, "steps is \(steps); it is at least 3", parameter: "steps")
    }
    return try lock.withChanges("find_learning_rate") {
      let settings = try compiledSettings("find_learning_rate")
      var batches = try data.makeBatchIterator(epoch: 0)
      var next = try batches.next()
      guard let first = next else {
        throw Failure(.value, "the training data has no batches", parameter: "x")
      }
      try checkExamples(first.examples.shape)
      let (state, taken, before) = (optimizerState, stepsTaken, try builtNetwork().parameters.map(\.tensor))
      defer {
        optimizerState = state
        stepsTaken = taken
        training = settings
        if let network {
          for (parameter, tensor) in zip(network.parameters, before) { parameter.assign(tensor) }
          network.weightsChanged()
        }
      }
      optimizerState = nil
      var search = LearningRateSearch()
      var mean = 0.0
      for step in 0..<steps {
        try Interruption.check()
        let rate = low * pow(high / low, Double(step) / Double(steps - 1))
        training?.optimizer.learningRate = .constant(rate)
        if next == nil {
          batches = try data.makeBatchIterator(epoch: step)
          next = try batches.next()
        }
        guard let batch = next, let loss = try trialStep(batch, settings) else { break }
        next = try batches.next()
        // The mean of the last losses, each weighing 0.8 of the one after it.
        mean = 0.8 * mean + 0.2 * loss
        let smoothed = mean / (1 - pow(0.8, Double(step + 1)))
        search.rates.append(rate)
        search.losses.append(smoothed)
        try listener(step, smoothed)
        if let least = search.losses.min(), smoothed > 4 * least, step > 3 { break }
      }
      return search
    }
  }

  /// One step; nil where a number is none.
  private func trialStep(_ batch: TrainingBatch, _ settings: TrainingSettings) throws -> Double? {
    let result = try computeStep(batch, loss: settings.loss, refusesNonFinite: true)
    guard let executor else { return nil }
    guard result.loss.isFinite else {
      executor.discardGradients()
      return nil
    }
    do {
      try executor.apply(result, currentOptimizerState(), compiledSettings("find_learning_rate").optimizer)
    } catch is NonFiniteStep { return nil }
    stepsTaken += 1
    return result.loss
  }
}
