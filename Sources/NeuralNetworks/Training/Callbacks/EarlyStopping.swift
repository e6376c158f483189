import Tensors

/// Stops when a measure gets no better.
final class EarlyStopping: CallbackRun {
  private var progress: Progress
  private let patience: Int
  private let restoresBest: Bool
  private let baseline: Double?
  private let startFromEpoch: Int
  private var waited = 0
  private var bestWeights: [Tensor]?

  init(_ progress: Progress, patience: Int, restoresBest: Bool, baseline: Double?, startFromEpoch: Int) {
    self.progress = progress
    self.patience = patience
    self.restoresBest = restoresBest
    self.baseline = baseline
    self.startFromEpoch = startFromEpoch
  }

  func epochEnded(_ report: EpochReport, model: Sequential) throws -> Bool {
    let value = try progress.value(in: report)
    guard report.epoch >= startFromEpoch else { return true }
    func weights() -> [Tensor]? { model.network?.parameters.map(\.tensor) }
    if restoresBest, bestWeights == nil { bestWeights = weights() }
    waited += 1
    if try progress.isBetter(value, than: progress.best, model: model) {
      progress.best = value
      if restoresBest { bestWeights = weights() }
      if try progress.isBetter(value, than: baseline, model: model) { waited = 0 }
      return true
    }
    return waited < patience || report.epoch == 0
  }

  func trainingEnded(model: Sequential) {
    guard let network = model.network, let bestWeights, bestWeights.count == network.parameters.count else {
      return
    }
    for (parameter, tensor) in zip(network.parameters, bestWeights) { parameter.assign(tensor) }
    network.weightsChanged()
  }

  var state: CallbackState? {
    CallbackState(numbers: [("best", progress.best), ("waited", Double(waited))], weights: bestWeights)
  }

  func resume(from state: CallbackState) {
    progress.best = state["best"]
    waited = state.count("waited")
    bestWeights = state.weights
  }
}
