import Essentials
import Tensors

extension Sequential {
  /// Trains for `epochs` epochs and returns the log of each.
  ///
  /// Everything that happens is told to `listener`, on the calling thread; nothing is printed.
  /// A step is whole or undone: after an interrupt or a failure the model has the weights of its
  /// last whole step, and `finished` brings the history so far.
  /// - Throws: a `state` failure before `compile`; a `shape` or `value` failure for data that does not
  ///   fit, or a loss that is no number; `interrupt`; what the source, a callback or `listener` throws.
  @discardableResult
  public func fit(
    _ data: any BatchSource, epochs: Int = 1, validation: (any BatchSource)? = nil,
    callbacks: [TrainingCallback] = [], listener: (TrainingEvent) throws -> Void = { _ in }
  ) throws -> History {
    throw Failure(.state, "not yet")
  }

  /// Loss and metrics over `data`, in the order of `compile`.
  public func evaluate(
    _ data: any BatchSource, listener: (StepReport) throws -> Void = { _ in }
  ) throws -> [LogValue] {
    throw Failure(.state, "not yet")
  }

  /// The loss of one batch and its gradient for each trainable array of weights, in the order of
  /// `weights` without the moving statistics. For those who check or study gradients; changes nothing.
  public func gradients(
    _ batch: TrainingBatch, loss: Loss
  ) throws -> (loss: Double, gradients: [(name: String, value: Tensor)]) {
    throw Failure(.state, "not yet")
  }
}
