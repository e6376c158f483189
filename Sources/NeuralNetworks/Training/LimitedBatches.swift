import Essentials

/// So many batches an epoch of another source, as Keras's `steps_per_epoch` and `validation_steps` mean it.
public final class LimitedBatches: BatchSource, @unchecked Sendable {
  private let source: any BatchSource
  private let steps: Int
  private let continues: Bool
  // Used by the thread that trains.
  private var current: (any BatchIterator)?
  private var passes = 0
  /// Epochs to pass over before the first.
  private var toSkip = 0
  /// The fewest steps of an epoch at whose end the source ran out, if one did.
  public private(set) var shortest: Int?

  /// - Parameters:
  ///   - steps: at least 1.
  ///   - continues: whether an epoch goes on where the last one ended; the source starts anew once it has
  ///     ended. Else each epoch starts anew.
  public init(_ source: any BatchSource, steps: Int, continues: Bool) {
    self.source = source
    self.steps = max(steps, 1)
    self.continues = continues
  }

  /// The steps.
  public var batchCount: Int? { steps }

  /// What decides the source's order.
  public var seed: UInt64? { source.seed }

  /// The batches that would have come. Where an epoch goes on in the middle of the source, what lies before is
  /// made once more.
  public func continued(afterEpochs epochs: Int, seed: UInt64?) -> any BatchSource {
    let batches = LimitedBatches(
      source.continued(afterEpochs: continues ? 0 : epochs, seed: seed), steps: steps, continues: continues)
    batches.toSkip = continues ? epochs : 0
    return batches
  }

  /// Begins an epoch.
  public func makeBatchIterator(epoch: Int) throws -> any BatchIterator {
    while toSkip > 0 {
      toSkip -= 1
      for given in 0..<steps where try next(after: given) == nil { break }
    }
    guard continues else { return Limited(iterator: try source.makeBatchIterator(epoch: epoch), left: steps) }
    return Continued(batches: self)
  }

  /// The next batch of an epoch that has given `given`; nil where the source has ended.
  fileprivate func next(after given: Int) throws -> TrainingBatch? {
    if given >= steps { return nil }
    do {
      if current == nil {
        current = try source.makeBatchIterator(epoch: passes)
        passes += 1
      }
      if let batch = try current?.next() { return batch }
      current = nil
      // Ended with the last epoch: it starts anew. Ended within this one: the epoch is shorter.
      guard given == 0 else {
        shortest = min(shortest ?? given, given)
        return nil
      }
      current = try source.makeBatchIterator(epoch: passes)
      passes += 1
      return try current?.next()
    } catch {
      current = nil
      throw error
    }
  }

  private struct Limited: BatchIterator {
    var iterator: any BatchIterator
    var left: Int

    mutating func next() throws -> TrainingBatch? {
      guard left > 0 else { return nil }
      left -= 1
      return try iterator.next()
    }
  }

  private struct Continued: BatchIterator {
    let batches: LimitedBatches
    var given = 0

    mutating func next() throws -> TrainingBatch? {
      defer { given += 1 }
      return try batches.next(after: given)
    }
  }
}
