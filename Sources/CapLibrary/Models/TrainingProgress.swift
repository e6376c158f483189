import Essentials
import NeuralNetworks
import Notebook

/// Shows training the way Keras does: a line to begin each epoch, a bar that moves with each step.
final class TrainingProgress {
  private let session: Session?
  private var id = 0
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
      session.emit(
        .progress(
          Progress(
            id: id, unit: .step, done: report.stepCount, total: report.stepCount, seconds: report.seconds,
            measures: Self.measures(report.logs), isDone: true)))
    case .advised, .finished: break
    }
  }

  /// At most about ten pictures a second: a small network makes thousands of steps.
  private func show(_ report: StepReport, in session: Session, validating: Bool) {
    guard report.seconds - lastShown > 0.1 || report.seconds < lastShown || report.step == 1 else { return }
    lastShown = report.seconds
    session.emit(
      .progress(
        Progress(
          id: id, unit: .step, name: validating ? "validating" : "", done: report.step,
          total: report.stepCount, seconds: validating ? nil : report.seconds,
          measures: Self.measures(report.logs))))
  }

  private static func measures(_ logs: [LogValue]) -> [Progress.Measure] {
    logs.map { Progress.Measure($0.name, $0.value) }
  }
}
