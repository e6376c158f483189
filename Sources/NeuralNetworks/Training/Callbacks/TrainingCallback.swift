/// What `fit` does before and after each epoch. Names, defaults and meanings are those of `keras.callbacks`.
public enum TrainingCallback: Sendable {
  /// Whether smaller or larger values of a measure are better.
  public enum Mode: String, Sendable, CaseIterable {
    /// As the measure is known: larger for accuracy, recall and their kind, smaller for losses.
    case auto
    /// Smaller is better.
    case min
    /// Larger is better.
    case max
  }

  /// Stops when `monitor` (`val_loss`, `loss`, `val_recall`, …) has not got better by more than `minDelta` for
  /// `patience` epochs, and with `restoreBest` goes back to the weights of the best epoch. With a `baseline`
  /// only what is better than it counts as progress; epochs before `startFromEpoch` do not count.
  case earlyStopping(
    monitor: String = "val_loss", patience: Int = 0, restoreBest: Bool = false, minDelta: Double = 0,
    mode: Mode = .auto, baseline: Double? = nil, startFromEpoch: Int = 0)
  /// Multiplies the learning rate by `factor`, down to `minRate`, when `monitor` has not got better by more than
  /// `minDelta` for `patience` epochs; then waits for `cooldown` epochs.
  case reduceOnPlateau(
    monitor: String = "val_loss", factor: Double = 0.1, patience: Int = 10, minDelta: Double = 1e-4,
    mode: Mode = .auto, cooldown: Int = 0, minRate: Double = 0)
  /// Sets the learning rate before each epoch to what a function makes of the epoch, from 0, and the rate so far.
  case learningRateScheduler(@Sendable (_ epoch: Int, _ rate: Double) throws -> Double)
  /// Writes the model after each epoch, or after each that is the best so far. `{epoch}`, `{epoch:02d}`,
  /// `{val_loss:.2f}` in the path stand for the epoch, from 1, and the epoch's measures.
  case modelCheckpoint(
    path: String, monitor: String = "val_loss", saveBestOnly: Bool = false, saveWeightsOnly: Bool = false,
    mode: Mode = .auto)
  /// Writes a table with a row an epoch.
  case csvLogger(path: String, append: Bool = false)
  /// Keeps everything that a training needs to go on after each epoch, and goes on from there where the file
  /// is there already.
  case backup(path: String, deletesWhenDone: Bool = true)
  /// Looks at the epoch; false stops the training.
  case afterEpoch(@Sendable (EpochReport) throws -> Bool)
}
