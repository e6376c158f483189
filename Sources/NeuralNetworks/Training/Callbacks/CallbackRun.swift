import Essentials
import Tensors

/// A callback during one call of `fit`, with what it remembers.
protocol CallbackRun: AnyObject {
  /// Before an epoch's first step.
  func epochBegins(_ epoch: Int, model: Sequential) throws
  /// After an epoch. Gives false to stop.
  func epochEnded(_ report: EpochReport, model: Sequential) throws -> Bool
  /// After the last epoch.
  func trainingEnded(model: Sequential)
  /// What has to be kept to go on later; nil for nothing.
  var state: CallbackState? { get }
  /// Goes on from what was kept.
  func resume(from state: CallbackState)
  /// Whether it changes the learning rate, so that histories show that.
  var changesRate: Bool { get }
}

/// What a callback remembers, as a file keeps it.
struct CallbackState {
  var numbers: [(name: String, value: Double?)] = []
  var weights: [Tensor]?

  subscript(_ name: String) -> Double? { numbers.first { $0.name == name }?.value ?? nil }
  func count(_ name: String) -> Int { self[name].flatMap { Int(exactly: $0) } ?? 0 }
}

extension CallbackRun {
  func epochBegins(_ epoch: Int, model: Sequential) throws {}
  func epochEnded(_ report: EpochReport, model: Sequential) throws -> Bool { true }
  func trainingEnded(model: Sequential) {}
  var state: CallbackState? { nil }
  func resume(from state: CallbackState) {}
  var changesRate: Bool { false }
}

extension TrainingCallback {
  /// The callback at work; nil for one that `fit` itself does.
  func makeRun() -> (any CallbackRun)? {
    switch self {
    case .earlyStopping(
      let monitor, let patience, let restoresBest, let minDelta, let mode, let baseline, let start):
      EarlyStopping(
        Progress(monitor, mode, minDelta: minDelta, of: "early_stopping"), patience: patience,
        restoresBest: restoresBest, baseline: baseline, startFromEpoch: start)
    case .reduceOnPlateau(
      let monitor, let factor, let patience, let minDelta, let mode, let cooldown, let minRate):
      PlateauReduction(
        Progress(monitor, mode, minDelta: minDelta, of: "reduce_lr_on_plateau"), factor: factor,
        patience: patience, cooldown: cooldown, minRate: minRate)
    case .learningRateScheduler(let body): RateScheduler(body)
    case .modelCheckpoint(let path, let monitor, let bestOnly, let weightsOnly, let mode):
      CheckpointWriter(
        path, bestOnly ? Progress(monitor, mode, minDelta: 0, of: "model_checkpoint") : nil,
        weightsOnly: weightsOnly)
    case .csvLogger(let path, let append): CSVLogger(path, append: append)
    case .afterEpoch(let body): EpochFunction(body)
    case .backup: nil
    }
  }
}

/// A function of the caller's.
private final class EpochFunction: CallbackRun {
  private let body: @Sendable (EpochReport) throws -> Bool
  init(_ body: @escaping @Sendable (EpochReport) throws -> Bool) { self.body = body }
  func epochEnded(_ report: EpochReport, model: Sequential) throws -> Bool { try body(report) }
}

/// Sets the rate before each epoch.
private final class RateScheduler: CallbackRun {
  private let body: @Sendable (Int, Double) throws -> Double
  init(_ body: @escaping @Sendable (Int, Double) throws -> Double) { self.body = body }

  var changesRate: Bool { true }

  func epochBegins(_ epoch: Int, model: Sequential) throws {
    let rate = try body(epoch, try model.settableRate("learning_rate_scheduler"))
    guard rate >= 0, rate.isFinite else {
      throw Failure(
        .value, "the function of learning_rate_scheduler gave \(rate) for epoch \(epoch)",
        hint: "a learning rate is a number from 0", parameter: "callbacks")
    }
    try model.setLearningRate(.constant(rate))
  }
}

extension Sequential {
  /// The learning rate, for a callback that is to change it.
  /// - Throws: a `value` failure where a schedule decides it.
  func settableRate(_ callback: String) throws -> Double {
    let rate = try compiledSettings("fit").optimizer.learningRate
    guard rate.isConstant else {
      throw Failure(
        .value, "\(callback) sets the learning rate, but the optimizer has a schedule: \(rate.summary)",
        hint: "compile with a number as learning_rate, or leave the callback out", parameter: "callbacks")
    }
    return rate.value(at: 0)
  }
}
