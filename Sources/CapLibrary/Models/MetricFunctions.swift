import CapLanguage
import Essentials
import NeuralNetworks
import Tensors

/// A metric with its settings.
final class MetricObject: DomainObject, @unchecked Sendable {
  let metric: Metric

  init(_ metric: Metric) {
    self.metric = metric
    super.init()
  }

  override var kindName: String { "metric" }
  override var summary: String { "Metric \(metric.name)" }
}

/// What is measured beside the loss.
enum MetricFunctions {
  static let all: [FunctionDeclaration] = [
    recall, precision, specificity, f1, auc, prAUC, averagePrecision, topK, binaryAccuracy, metric,
  ]

  private static let topic = "metrics"
  private static let returns = "a metric for compile; its column in the history has its name"
  private static let errors = ["value: a setting out of its range"]
  private static let name = Argument(
    "name", .optional(.string), default: .nothing, "The column's name; none is Keras's")
  private static let threshold = Argument(
    "threshold", .number(.between(0, 1)), default: 0.5, "A score above it counts as found")
  private static let classID = Argument(
    "class_id", .value(.optional(.oneOf([.integer(.nonNegative), .string]))), default: .nothing,
    "One class, by its number or name: the column is recall_owl; none takes all classes together")
  private static let perClass = Argument(
    "per_class", .bool, default: false, "Whether each class has a column: recall_frog, recall_owl")

  private static let classes = Argument<Metric.Classes>.group(classID, perClass) {
    classID, isEach in
    if classID.value.isNothing { return isEach ? .each : .all }
    if isEach {
      throw Failure(
        .value, "either one class or each of them", hint: "leave 'class_id' out",
        parameter: "class_id")
    }
    return try classID.value.asInt.map { .number($0) } ?? .named(try classID.string())
  }

  private static func made(
    _ measure: Metric.Measure, _ classes: Metric.Classes = .all, _ name: String?
  )
    throws -> Value
  {
    .object(MetricObject(try Metric(measure, classes: classes, name: name)))
  }

  /// A metric of positives that were found or not.
  private static func ofThreshold(
    _ name: String, _ summary: String, notes: String? = nil, source: String,
    _ measure: @escaping @Sendable (Double) -> Metric.Measure
  ) -> FunctionDeclaration {
    FunctionDeclaration(
      name, topic: topic, summary,
      takes: ArgumentList(
        threshold,
        classes,
        Self.name), returns: returns,
      errors: errors,
      examples: [
        FunctionDeclaration.Example(
          TrainingArguments.exampleModel
            + "compile(m, metrics=[\(name)(0.7)])\nkeys(evaluate(m, [[0, 1], [1, 0]], [1, 0]))",
          output: "[\"loss\", \"\(name)\"]")
      ],
      notes: (notes.map { $0 + " " } ?? "")
        + "Counts are of the whole epoch. Class numbers as labels count as one-hot. Nothing to divide by gives 0.",
      source: source, seeAlso: ["compile", "f1"]
    ) { _, threshold, classes, name in try made(measure(threshold), classes, name) }
  }

  private static let recall = ofThreshold(
    "recall", "A metric: the share of positives that were found", source: "keras.metrics.Recall"
  ) { .recall(threshold: $0) }

  private static let precision = ofThreshold(
    "precision", "A metric: the share of what was found that is positive",
    source: "keras.metrics.Precision"
  ) { .precision(threshold: $0) }

  private static let specificity = ofThreshold(
    "specificity", "A metric: the share of negatives that were left alone",
    source: "true negatives / (true negatives + false positives)"
  ) { .specificity(threshold: $0) }

  private static let f1 = FunctionDeclaration(
    "f1", topic: topic, "A metric: the harmonic mean of precision and recall",
    takes: ArgumentList(
      Argument(
        "threshold", .optional(.number(.between(0, 1))), default: .nothing,
        "A score above it counts as found; none: the largest of a softmax, else above 0.5"),
      classes,
      name),
    returns: returns, errors: errors,
    examples: [
      FunctionDeclaration.Example(
        TrainingArguments.exampleModel + "compile(m, metrics=[f1(0.4), \"recall\"])\nm.compiled",
        output: "true")
    ],
    notes:
      "2 TP / (2 TP + FP + FN), from the counts of the whole epoch; of several classes the mean (\"macro\").",
    source: "keras.metrics.F1Score", seeAlso: ["recall", "precision"]
  ) { _, threshold, classes, name in
    return try made(.f1(threshold: threshold), classes, name)
  }

  private static let thresholdCount = Argument(
    "num_thresholds", .integer(.between(2, 100_000)), default: 200,
    "How many thresholds the curve has")

  private static let auc = FunctionDeclaration(
    "auc", topic: topic, "A metric: the area under a curve over all thresholds",
    takes: ArgumentList(
      Argument(
        "curve", .choice(Metric.Curve.self), default: "ROC",
        "\"ROC\": true over false positives; \"PR\": precision over recall"),
      thresholdCount,
      classes,
      name),
    returns: returns, errors: errors,
    examples: [
      FunctionDeclaration.Example("auc(\"PR\", num_thresholds=500)", output: "Metric pr_auc")
    ],
    notes: "All outputs count together, each with its label.",
    source: "keras.metrics.AUC", seeAlso: ["average_precision", "roc"]
  ) { _, curve, numThresholds, classes, name in
    return try made(.area(curve, thresholds: numThresholds), classes, name)
  }

  private static let prAUC = FunctionDeclaration(
    "pr_auc", topic: topic, "A metric: the area under precision over recall",
    takes: ArgumentList(
      thresholdCount,
      classes,
      name), returns: returns, errors: errors,
    examples: [FunctionDeclaration.Example("pr_auc(per_class=true)", output: "Metric pr_auc")],
    source: "keras.metrics.AUC(curve=\"PR\"); Davis and Goadrich, 2006",
    seeAlso: ["auc", "average_precision"]
  ) { _, numThresholds, classes, name in
    try made(.area(.precisionRecall, thresholds: numThresholds), classes, name)
  }

  private static let averagePrecision = FunctionDeclaration(
    "average_precision", topic: topic, "A metric: precision at every found positive, on average",
    takes: ArgumentList(
      classes,
      name), returns: returns,
    examples: [
      FunctionDeclaration.Example("average_precision()", output: "Metric average_precision")
    ],
    notes:
      "From the exact order of an epoch's scores; of several classes the mean. Known at an epoch's end.",
    source: "sklearn.metrics.average_precision_score", seeAlso: ["pr_auc"]
  ) { _, classes, name in try made(.averagePrecision, classes, name) }

  private static let topK = FunctionDeclaration(
    "top_k_accuracy", topic: topic,
    "A metric: how often the true class is among the k largest outputs",
    takes: ArgumentList(
      Argument(
        "k", .integer(.atLeast(1)), default: 5, "How many outputs; fewer than there are"),
      name),
    returns: returns,
    errors: ["value: as many outputs as there are, or more: it would always be 1"],
    examples: [FunctionDeclaration.Example("top_k_accuracy(3)", output: "Metric top_k_accuracy")],
    source: "keras.metrics.SparseTopKCategoricalAccuracy and TopKCategoricalAccuracy",
    seeAlso: ["compile"]
  ) { _, k, name in
    try made(.topK(k), .all, name)
  }

  private static let binaryAccuracy = FunctionDeclaration(
    "binary_accuracy", topic: topic,
    "A metric: the share of outputs on the right side of a threshold",
    takes: ArgumentList(
      threshold,
      name), returns: returns, errors: errors,
    examples: [
      FunctionDeclaration.Example("binary_accuracy(0.7)", output: "Metric binary_accuracy")
    ],
    notes:
      "Each output counts for itself: the measure for several labels an example, where accuracy asks for "
      + "the largest.",
    source: "keras.metrics.BinaryAccuracy", seeAlso: ["compile"]
  ) { _, threshold, name in
    try made(.binaryAccuracy(threshold: threshold), .all, name)
  }

  private static let metric = FunctionDeclaration(
    "metric", topic: topic, "A metric of one's own",
    takes: ArgumentList(
      Argument("name", .string, "The column's name"),
      Argument(
        "f", .function,
        "A function of labels and scores, both tensors (examples, …); it gives a number, or one for each example"
      ),
      Argument(
        "whole_epoch", .bool, default: false,
        "Whether it gets all of an epoch at its end; else each batch, and the mean over batches counts (over "
          + "examples, if it gives a number for each)"),
      Argument(
        "mode", .optional(.choice([("max", true), ("min", false)])), default: .nothing,
        "Whether larger or smaller is better, for early_stopping and model_checkpoint")),
    returns: returns, errors: ["type: a function that gives no numbers"],
    examples: [
      FunctionDeclaration.Example(
        TrainingArguments.exampleModel
          + "sure = metric(\"sure\", (y_true, y_pred) => mean(abs(y_pred - 0.5) > 0.4), mode=\"max\")\n"
          + "compile(m, metrics=[sure])\nkeys(evaluate(m, [[0, 1], [1, 0]], [1, 0]))",
        output: "[\"loss\", \"sure\"]")
    ],
    notes:
      "A function with a name is a metric as it stands: metrics=[my_metric]. It works on the script's "
      + "variables as they are at that time. No file keeps it: compile again after load_model.",
    source: "keras.metrics.MeanMetricWrapper", seeAlso: ["compile"]
  ) { context, name, f, wholeEpoch, mode in
    return .object(
      MetricObject(
        try custom(
          name, f, ofWholeEpoch: wholeEpoch,
          largerIsBetter: mode, context)))
  }

  private static func custom(
    _ name: String, _ function: FunctionObject, ofWholeEpoch: Bool = false,
    largerIsBetter: Bool? = nil,
    _ context: CallContext
  ) throws -> Metric {
    let caller = context.workerCaller(for: function)
    return try Metric(
      .custom(
        CustomMetric(name, ofWholeEpoch: ofWholeEpoch, largerIsBetter: largerIsBetter) {
          yTrue, yPred in
          let result = try caller.call([.object(TensorObject(yTrue)), .object(TensorObject(yPred))])
          if let number = result.asNumber { return .number(number) }
          guard let numbers = try Conversions.tensorIfNumericOrNil(result), numbers.rank <= 1 else {
            throw Failure(
              .type,
              "the metric '\(name)' gives a number, or one for each example, but it gave \(result.kindPhrase)",
              hint: "mean(…) makes a number of a tensor")
          }
          return numbers.rank == 0
            ? .number(Double(numbers.elements[0]))
            : .perExample(numbers.elements.map { Double($0) })
        }))
  }

  // MARK: For compile

  static let list = Argument(
    "metrics",
    .list(
      .matching("a metric's name, a metric such as recall(0.7), or a function") { value in
        if case .function = value { return true }
        return value.asString != nil || value.asObject is MetricObject
      }), default: [],
    "What is measured beside the loss: names, recall(…), f1(…) and so on with settings, or functions of "
      + "(y_true, y_pred)")

  static func metrics(_ items: [ArgumentValue], _ context: CallContext) throws -> [Metric] {
    try items.map { item in
      switch item.value {
      case .object(let object as MetricObject): return object.metric
      case .function(let function):
        guard function.declaration == nil else {
          // `recall` for `recall()`: the metric with its defaults.
          if let plain = Metric(named: function.name) { return plain }
          throw Failure(
            .type, "\(function.name) is no metric",
            hint: "metrics are \(Metric.names.joined(separator: ", "))",
            parameter: "metrics")
        }
        guard function.name != "function" else {
          throw Failure(
            .value, "a metric without a name has no column", hint: "write metric(\"name\", f)",
            parameter: "metrics")
        }
        return try custom(function.name, function, context)
      default:
        let name = item.value.asString ?? ""
        if let metric = Metric(named: name) { return metric }
        let near = NearNames.of(name, in: Metric.names).first.map { "did you mean \"\($0)\"?" }
        throw Failure(
          .value, "no metric has the name '\(name)'",
          hint: near ?? "metrics are \(Metric.names.joined(separator: ", "))", parameter: "metrics")
      }
    }
  }
}
