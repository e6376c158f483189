import Essentials
import NeuralNetworks
import Notebook

/// Shows training the way Keras does: a line to begin each epoch, a bar that moves with each step.
final class TrainingProgress {
  private let session: Session?
  private var id = 0
  private var validationShare = ""
  private var lastShown = 0.0

  init(session: Session?) { self.session = session }

  func show(_ event: TrainingEvent) {
    guard let session else { return }
    switch event {
    case .epochBegan(let epoch, let epochCount, _):
      id = session.newProgressID()
      lastShown = 0
      session.emit(.text("Epoch \(epoch + 1)/\(epochCount)\n"))
    case .stepEnded(let report): show(report, in: session, validating: false)
    case .validationStepEnded(let report): show(report, in: session, validating: true)
    case .epochEnded(let report):
      let detail = Self.timing(report.seconds, steps: report.stepCount) + Self.text(report.logs)
      session.emit(
        .progress(
          Progress(
            id: id, label: "\(report.stepCount)/\(report.stepCount)", fraction: 1, detail: detail,
            isDone: true)))
    case .advised, .finished: break
    }
  }

  /// At most about ten pictures a second: a small network makes thousands of steps.
  private func show(_ report: StepReport, in session: Session, validating: Bool) {
    guard report.seconds - lastShown > 0.1 || report.seconds < lastShown || report.step == 1 else { return }
    lastShown = report.seconds
    let count = report.stepCount.map(String.init) ?? "?"
    let label = (validating ? "validating " : "") + "\(report.step)/\(count)"
    let detail =
      validating
      ? Self.text(report.logs).drop { $0 == " " || $0 == "-" }.description
      : Self.timing(report.seconds, steps: report.step) + Self.text(report.logs)
    session.emit(
      .progress(
        Progress(
          id: id, label: label, fraction: report.stepCount.map { Double(report.step) / Double(max($0, 1)) },
          detail: detail)))
  }

  /// `23s 640ms/step`, as Keras writes it.
  private static func timing(_ seconds: Double, steps: Int) -> String {
    let each = seconds / Double(max(steps, 1))
    let whole = Int(seconds.rounded())
    let perStep =
      each >= 1
      ? "\(decimals(each, 1))s" : each >= 1e-3 ? "\(Int((each * 1e3).rounded()))ms" : "\(Int(each * 1e6))us"
    return "\(whole)s \(perStep)/step"
  }

  private static func text(_ logs: [LogValue]) -> String {
    logs.map { " - \($0.name): \(decimals($0.value, 4))" }.joined()
  }

  /// A number with so many decimals; small ones as `1.2345e-05`, like Keras.
  static func decimals(_ value: Double, _ places: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value > 0 ? "inf" : "-inf" }
    if value != 0, value.magnitude < 1e-3, places > 2 { return Decimals.scientific(value, digits: places) }
    return Decimals.fixed(value, places)
  }
}
