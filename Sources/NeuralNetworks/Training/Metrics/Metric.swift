import Essentials
import Tensors

/// What is measured beside the loss, over a whole epoch, with its settings.
///
/// Numbers are those of Keras's metrics of the same names, but `averagePrecision`, which is scikit-learn's.
/// Labels are one for each output (0 or 1, several may be 1), or class numbers, which count as one-hot.
public struct Metric: Sendable {
  /// What is computed.
  public enum Measure: Sendable, Equatable {
    /// The share of right answers: above 0.5 for one output, else the largest output, as Keras picks.
    case accuracy
    /// The share of outputs on the right side of a threshold, each for itself.
    case binaryAccuracy(threshold: Double)
    /// The share of examples whose largest output is that of the largest label.
    case categoricalAccuracy
    /// The share of examples whose true class is among the `k` largest outputs.
    case topK(Int)
    /// Found positives among all positives, TP / (TP + FN); of several outputs all together.
    case recall(threshold: Double)
    /// True positives among all that are above the threshold, TP / (TP + FP).
    case precision(threshold: Double)
    /// Negatives that were left alone among all negatives, TN / (TN + FP).
    case specificity(threshold: Double)
    /// 2 TP / (2 TP + FP + FN), from the counts of the whole epoch; of several outputs the mean. Without a
    /// threshold it is 0.5, or the largest output where classes exclude one another.
    case f1(threshold: Double?)
    /// The area under a curve of so many thresholds, Keras's way (interpolated for precision and recall).
    case area(Curve, thresholds: Int)
    /// Σ (Rₙ − Rₙ₋₁) Pₙ over all thresholds that there are; of several outputs the mean.
    case averagePrecision
    /// The mean absolute difference.
    case absoluteError
    /// The mean squared difference.
    case squaredError
    /// A function of the caller's.
    case custom(CustomMetric)
  }

  /// Which curve an area lies under.
  public enum Curve: String, Sendable, CaseIterable {
    /// True positives over false ones.
    case roc = "ROC"
    /// Precision over recall.
    case precisionRecall = "PR"
  }

  /// Which of several outputs count.
  public enum Classes: Sendable, Equatable {
    /// All together.
    case all
    /// One, by its number.
    case number(Int)
    /// One, by its name.
    case named(String)
    /// Each for itself, in columns of their own.
    case each
  }

  /// What is computed.
  public let measure: Measure
  /// The name of its column: `recall`.
  public let name: String
  /// Which outputs count.
  public let classes: Classes
  /// Whether larger is better; nil where only its author knows.
  public let largerIsBetter: Bool?

  /// A metric; without a name it has Keras's.
  /// - Throws: a `value` failure for a setting out of its range.
  public init(_ measure: Measure, classes: Classes = .all, name: String? = nil) throws(Failure) {
    self.measure = measure
    self.classes = classes
    self.name = name ?? measure.kerasName
    largerIsBetter =
      switch measure {
      case .absoluteError, .squaredError: false
      case .custom(let custom): custom.largerIsBetter
      default: true
      }
    try check()
  }

  private init(plain measure: Measure) {
    self.measure = measure
    classes = .all
    name = measure.kerasName
    largerIsBetter = true
  }

  /// `.accuracy` with its defaults.
  public static let accuracy = Metric(plain: .accuracy)
  /// `.recall` at 0.5.
  public static let recall = Metric(plain: .recall(threshold: 0.5))
  /// `.precision` at 0.5.
  public static let precision = Metric(plain: .precision(threshold: 0.5))
  /// The area under the ROC curve, from 200 thresholds.
  public static let auc = Metric(plain: .area(.roc, thresholds: 200))

  /// The metrics that a name alone stands for, with its defaults, in the order in which to list them.
  private static let named: [(name: String, measure: Measure)] = [
    ("accuracy", .accuracy), ("binary_accuracy", .binaryAccuracy(threshold: 0.5)),
    ("categorical_accuracy", .categoricalAccuracy), ("sparse_categorical_accuracy", .categoricalAccuracy),
    ("top_k_accuracy", .topK(5)), ("recall", .recall(threshold: 0.5)),
    ("precision", .precision(threshold: 0.5)), ("specificity", .specificity(threshold: 0.5)),
    ("f1", .f1(threshold: nil)), ("auc", .area(.roc, thresholds: 200)),
    ("pr_auc", .area(.precisionRecall, thresholds: 200)), ("average_precision", .averagePrecision),
    ("mae", .absoluteError), ("mse", .squaredError),
  ]
  private static let synonyms = [
    "acc": "accuracy", "f1_score": "f1", "top_k_categorical_accuracy": "top_k_accuracy",
    "sparse_top_k_categorical_accuracy": "top_k_accuracy", "mean_absolute_error": "mae",
    "mean_squared_error": "mse",
  ]

  /// The names that `init(named:)` knows; others of Keras's for the same things it knows too.
  public static var names: [String] { named.map(\.name) }

  /// Keras's other names for the same.
  public static var otherNames: [String] { synonyms.keys.sorted() }

  /// The metric that a name stands for, with default settings; its column has that name.
  public init?(named name: String) {
    let own = Self.synonyms[name] ?? name
    guard let measure = Self.named.first(where: { $0.name == own })?.measure,
      let made = try? Metric(measure, name: name)
    else { return nil }
    self = made
  }

  /// Whether larger is better of a column: a loss, or what one of these metrics measures.
  /// - Throws: a `value` failure where nobody said so.
  static func largerIsBetter(of column: String, among metrics: [Metric]) throws(Failure) -> Bool {
    let own = column.hasPrefix("val_") ? String(column.dropFirst(4)) : column
    let found =
      metrics.first { $0.name == own } ?? metrics.first { $0.classes != .all && own.hasPrefix($0.name + "_") }
    guard let found else { return false }
    guard let answer = found.largerIsBetter else {
      throw Failure(
        .value, "nobody said whether '\(column)' is better when it is larger or smaller",
        hint: "say mode=\"max\" or mode=\"min\": metric(\"\(found.name)\", f, mode=\"max\")",
        parameter: "monitor")
    }
    return answer
  }

  private func check() throws(Failure) {
    switch measure {
    case .binaryAccuracy(let threshold), .recall(let threshold), .precision(let threshold),
      .specificity(let threshold), .f1(.some(let threshold)):
      guard threshold >= 0, threshold <= 1 else {
        throw Failure(.value, "threshold is \(threshold); it is from 0 to 1", parameter: "threshold")
      }
    case .topK(let k):
      guard k >= 1 else { throw Failure(.value, "k is \(k); it is at least 1", parameter: "k") }
    case .area(_, let thresholds):
      guard thresholds >= 2, thresholds <= 100_000 else {
        throw Failure(
          .value, "num_thresholds is \(thresholds); it is from 2 to 100000", parameter: "num_thresholds")
      }
    default: break
    }
    if classes != .all {
      switch measure {
      case .recall, .precision, .specificity, .f1, .area, .averagePrecision: break
      default:
        throw Failure(.value, "\(name) is of all classes together", hint: "recall and precision take one")
      }
    }
  }
}

extension Metric: Equatable {
  /// The same numbers in the same column.
  public static func == (a: Metric, b: Metric) -> Bool {
    a.measure == b.measure && a.name == b.name && a.classes == b.classes
  }
}

extension Metric.Measure {
  /// The column's name where the user gives none.
  var kerasName: String {
    switch self {
    case .accuracy: "accuracy"
    case .binaryAccuracy: "binary_accuracy"
    case .categoricalAccuracy: "categorical_accuracy"
    case .topK: "top_k_accuracy"
    case .recall: "recall"
    case .precision: "precision"
    case .specificity: "specificity"
    case .f1: "f1"
    case .area(.roc, _): "auc"
    case .area(.precisionRecall, _): "pr_auc"
    case .averagePrecision: "average_precision"
    case .absoluteError: "mae"
    case .squaredError: "mse"
    case .custom(let custom): custom.name
    }
  }
}

/// A metric that a function computes of labels and outputs.
public final class CustomMetric: Sendable, Equatable {
  /// What the function gave.
  public enum Result: Sendable {
    /// A number for the batch, or the epoch.
    case number(Double)
    /// A number for each example, of which the mean is taken.
    case perExample([Double])
  }

  let name: String
  let ofWholeEpoch: Bool
  let largerIsBetter: Bool?
  let body: @Sendable (_ yTrue: Tensor, _ yPred: Tensor) throws -> Result

  /// - Parameters:
  ///   - ofWholeEpoch: whether `body` gets all labels and outputs of an epoch at its end. Else it gets those
  ///     of each batch, and the mean over batches counts (over examples, where it gives a number for each),
  ///     as in Keras.
  ///   - body: called on the thread that calls `fit`, once at a time.
  public init(
    _ name: String, ofWholeEpoch: Bool = false, largerIsBetter: Bool? = nil,
    body: @escaping @Sendable (_ yTrue: Tensor, _ yPred: Tensor) throws -> Result
  ) {
    self.name = name
    self.ofWholeEpoch = ofWholeEpoch
    self.largerIsBetter = largerIsBetter
    self.body = body
  }

  /// The same function.
  public static func == (a: CustomMetric, b: CustomMetric) -> Bool { a === b }
}
