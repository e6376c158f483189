/// Lowers the learning rate when a measure gets no better.
final class PlateauReduction: CallbackRun {
  private var progress: Progress
  private let factor: Double
  private let patience: Int
  private let cooldown: Int
  private let minRate: Double
  private var waited = 0
  private var cooling = 0

  init(_ progress: Progress, factor: Double, patience: Int, cooldown: Int, minRate: Double) {
    self.progress = progress
    self.factor = factor
    self.patience = patience
    self.cooldown = cooldown
    self.minRate = minRate
  }

  var changesRate: Bool { true }

  func epochBegins(_ epoch: Int, model: Sequential) throws {
    _ = try model.settableRate("reduce_lr_on_plateau")
  }

  func epochEnded(_ report: EpochReport, model: Sequential) throws -> Bool {
    let value = try progress.value(in: report)
    if cooling > 0 {
      cooling -= 1
      waited = 0
    }
    if try progress.isBetter(value, than: progress.best, model: model) {
      progress.best = value
      waited = 0
    } else if cooling == 0 {
      waited += 1
      let rate = try model.settableRate("reduce_lr_on_plateau")
      if waited >= patience, rate > minRate {
        try model.setLearningRate(.constant(max(rate * factor, minRate)))
        cooling = cooldown
        waited = 0
      }
    }
    return true
  }

  var state: CallbackState? {
    CallbackState(
      numbers: [("best", progress.best), ("waited", Double(waited)), ("cooling", Double(cooling))])
  }

  func resume(from state: CallbackState) {
    progress.best = state["best"]
    waited = state.count("waited")
    cooling = state.count("cooling")
  }
}
