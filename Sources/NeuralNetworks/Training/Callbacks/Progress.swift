import Essentials

/// Whether a measure gets better from epoch to epoch.
struct Progress {
  let monitor: String
  private let mode: TrainingCallback.Mode
  private let minDelta: Double
  private let callback: String
  /// The best value so far.
  var best: Double?

  init(_ monitor: String, _ mode: TrainingCallback.Mode, minDelta: Double, of callback: String) {
    self.monitor = monitor
    self.mode = mode
    self.minDelta = abs(minDelta)
    self.callback = callback
  }

  /// The measure's value in an epoch.
  /// - Throws: a `key` failure where it was not measured.
  func value(in report: EpochReport) throws -> Double {
    guard let value = report.logs.first(where: { $0.name == monitor })?.value else {
      throw Failure(
        .key, "\(callback) watches '\(monitor)', which is not measured",
        hint: "measured are " + report.logs.map(\.name).joined(separator: ", "), parameter: "monitor")
    }
    return value
  }

  /// Whether a value is better than another by more than `minDelta`.
  func isBetter(_ value: Double, than other: Double?, model: Sequential) throws -> Bool {
    guard let other, !other.isNaN else { return true }
    let larger =
      switch mode {
      case .max: true
      case .min: false
      case .auto: try Metric.largerIsBetter(of: monitor, among: model.training?.metrics ?? [])
      }
    return larger ? value - minDelta > other : value + minDelta < other
  }
}
