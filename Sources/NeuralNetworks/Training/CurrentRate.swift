import Essentials

extension Sequential {
  /// The learning rate of the next step; nil before `compile`.
  public var learningRate: Double? {
    lock.with { training?.optimizer.learningRate.value(at: optimizerState?.step ?? 0) }
  }

  /// Goes on with another learning rate. What the optimizer has gathered stays.
  /// - Throws: a `state` failure before `compile`, or in what makes examples for this model's own prediction; a
  ///   `value` failure for a rate out of its range; `interrupt`.
  public func setLearningRate(_ rate: LearningRate) throws {
    try rate.check()
    try lock.withChanges("set_learning_rate") {
      _ = try compiledSettings("set_learning_rate")
      training?.optimizer.learningRate = rate
    }
  }
}
