/// One column of a log line: `loss` 0.0126.
public struct LogValue: Sendable, Equatable {
  /// `loss`, `accuracy`, `val_loss`, ….
  public let name: String
  /// Its mean so far in the epoch.
  public let value: Double

  /// A name with its value.
  public init(name: String, value: Double) {
    self.name = name
    self.value = value
  }
}

/// How far an epoch is.
public struct StepReport: Sendable {
  /// The epoch, from 0.
  public let epoch: Int
  /// The steps done in this epoch.
  public let step: Int
  /// The steps of an epoch, where known (from the second epoch on it always is).
  public let stepCount: Int?
  /// Seconds since the epoch began.
  public let seconds: Double
  /// Loss and metrics so far.
  public let logs: [LogValue]
}

/// What an epoch came to.
public struct EpochReport: Sendable {
  /// The epoch, from 0.
  public let epoch: Int
  /// The epochs asked for.
  public let epochCount: Int
  /// The steps done.
  public let stepCount: Int
  /// Seconds for training and validation.
  public let seconds: Double
  /// Loss and metrics, then those of the validation with `val_` before their names.
  public let logs: [LogValue]
}

/// What happens while a model trains, in order.
public enum TrainingEvent: Sendable {
  /// An epoch (from 0) of `epochCount` begins; `stepCount` where it is known.
  case epochBegan(epoch: Int, epochCount: Int, stepCount: Int?)
  /// A training step ended.
  case stepEnded(StepReport)
  /// A validation step ended; the logs are those of the validation.
  case validationStepEnded(StepReport)
  /// Before the first step: what will be learnt badly the way that it is set up.
  case advised(String)
  /// An epoch ended, its validation included.
  case epochEnded(EpochReport)
  /// Training ended. After an interrupt or a failure the history holds the whole epochs before it,
  /// and the model the weights of its last whole step.
  case finished(history: History, outcome: Outcome)

  /// Why training ended.
  public enum Outcome: Sendable, Equatable {
    /// All epochs were trained.
    case completed
    /// A callback asked to stop.
    case stopped
    /// The user asked to stop; `fit` throws the interrupt.
    case interrupted
    /// `fit` throws what went wrong.
    case failed
  }
}

/// The log of each epoch.
public struct History: Sendable, Equatable {
  /// One value an epoch.
  public struct Column: Sendable, Equatable {
    /// `loss`, a metric, or either with `val_` before it.
    public let name: String
    /// In the order of epochs.
    public internal(set) var values: [Double]
  }

  /// In the order in which Keras prints them: loss, metrics, val_loss, val_metrics.
  public private(set) var columns: [Column] = []
  /// Seconds of each epoch, validation included.
  public private(set) var epochSeconds: [Double] = []

  /// No epochs.
  public init() {}

  /// Whole epochs in here.
  public var epochCount: Int { epochSeconds.count }

  /// The values of a column by name.
  public subscript(name: String) -> [Double]? { columns.first { $0.name == name }?.values }

  /// What was trained before, to go on from.
  init(columns: [(name: String, values: [Double])], epochSeconds: [Double]) {
    self.columns = columns.map { Column(name: $0.name, values: $0.values) }
    self.epochSeconds = epochSeconds
  }

  mutating func append(_ report: EpochReport) {
    for log in report.logs {
      if let index = columns.firstIndex(where: { $0.name == log.name }) {
        columns[index].values.append(log.value)
      } else {
        columns.append(Column(name: log.name, values: [log.value]))
      }
    }
    epochSeconds.append(report.seconds)
  }
}
