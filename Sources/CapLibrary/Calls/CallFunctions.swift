import CallDetection
import CapLanguage
import Essentials
import Tensors

/// From scores of windows to calls and their tables.
enum CallFunctions {
  static let all: [FunctionDeclaration] = [
    classes, runs, groupCalls, countCalls, writeRaven, writeAudacity, confusionMatrix, roc, precisionRecall,
  ]

  private static let scoresParameter = Argument(
    "scores", .any, "One score a window, as `predict` gives: shape (windows) or (windows, 1)")
  private static let thresholdParameter = Argument(
    "threshold", .number, default: 0.5, "A window above it fires")

  /// A tensor of one column as a row of numbers, with the times of its windows where they are known.
  static func row(_ value: Value, name: String) throws -> (values: [Float], windowing: Windowing?) {
    let tensor = try Conversions.tensor(value, name: name)
    guard tensor.rank == 1 || (tensor.rank == 2 && tensor.shape[1] == 1) else {
      throw Failure(
        .shape,
        "'\(name)' takes one score a window, shape (windows) or (windows, 1), not \(tensor.shape.shapeDescription)",
        hint: tensor.rank == 2 ? "scores[:, 1] picks the scores of class 1" : nil, parameter: name)
    }
    return (tensor.elements, (value.asObject as? TensorObject)?.windowing)
  }

  private static let classes = FunctionDeclaration(
    "classes", topic: "calls", "Turns scores into classes: 1 above the threshold, else 0, or their names",
    takes: ArgumentList(
      scoresParameter,
      thresholdParameter),
    gives: TensorObject.self,
    returns:
      "a tensor of zeros and ones, shape (windows); of a model whose classes have names, a list of those: "
      + "one output above the threshold is the second name, else the first; of several that exclude one another "
      + "the largest; else a list of all above the threshold",
    errors: ["shape: more than one score a window, from a model without names"],
    examples: [
      FunctionDeclaration.Example("sum(classes([0.2, 0.7, 0.995], 0.99))", output: "1"),
      FunctionDeclaration.Example(
        "m = sequential([dense(3, activation=\"softmax\")], input_shape=[2])\n"
          + "compile(m, loss=\"sparse_categorical_crossentropy\", classes=[\"frog\", \"owl\", \"toad\"])\n"
          + "len(classes(predict(m, zeros([4, 2]))))", output: "4"),
    ],
    seeAlso: ["runs", "count_calls", "confusion_matrix"]
  ) { _, scores, threshold in
    if let object = scores.value.asObject as? TensorObject, let known = object.scoreClasses {
      return .list(known.words(of: object.tensor, threshold: Float(threshold)))
    }
    let (values, windowing) = try row(scores.value, name: "scores")
    let flags = Flags.classes(values, threshold: threshold)
    return .object(TensorObject(Tensor(flags.map { $0 ? 1 : 0 }), windowing: windowing))
  }

  private static let runs = FunctionDeclaration(
    "runs", topic: "calls", "Finds where ones stand next to one another",
    takes: ArgumentList(
      Argument("flags", .any, "Zeros and ones, or bools: shape (windows)")),
    returns: "a list of pairs [start, end): positions of each run",
    examples: [FunctionDeclaration.Example("runs([0, 1, 1, 0, 1])", output: "[[1, 3], [4, 5]]")],
    seeAlso: ["count_calls", "group_calls"]
  ) { _, flags in
    let (values, _) = try row(flags.value, name: "flags")
    return .list(
      Flags.runs(values.map { $0 > 0 }).map { .list([.number($0.lowerBound), .number($0.upperBound)]) })
  }

  private static let countCalls = FunctionDeclaration(
    "count_calls", topic: "calls", "Counts calls: windows in a row that fire are one call",
    takes: ArgumentList(
      scoresParameter,
      thresholdParameter), returns: "a number",
    examples: [FunctionDeclaration.Example("count_calls([0.1, 0.9, 0.8, 0.2, 0.7])", output: "2")],
    source: "the rule behind every published count of the Capuchinbird challenge",
    seeAlso: ["group_calls", "classes"]
  ) { _, scores, threshold in
    let (values, _) = try row(scores.value, name: "scores")
    return .number(Flags.countRuns(Flags.classes(values, threshold: threshold)))
  }

  private static let groupCalls = FunctionDeclaration(
    "group_calls", topic: "calls", "Groups windows that fire into calls with times",
    takes: ArgumentList(
      scoresParameter,
      thresholdParameter,
      Argument(
        "max_gap", .time(.nonNegative), default: .seconds(0), unit: "s",
        "A pause up to this long parts no call"
      ),
      Argument(
        "min_length", .time(.nonNegative), default: .seconds(0), unit: "s", "Shorter calls are left out"),
      Argument(
        "length", .optional(.time(.positive)), default: .nothing, unit: "s",
        "The length of a window; none asks the scores, which know it when they were predicted from windows"),
      Argument(
        "step", .optional(.time(.positive)), default: .nothing, unit: "s",
        "From window to window; none asks the scores")),
    returns: "a table: start and end in seconds, peak and mean score",
    errors: ["value: scores that know no times, and no `length`"],
    examples: [
      FunctionDeclaration.Example("group_calls([0.1, 0.9, 0.8, 0.2], length=3s)[0].end", output: "9")
    ], seeAlso: ["count_calls", "write_raven", "plot"]
  ) { _, scores, threshold, maxGap, minLength, length, step in
    let (values, known) = try row(scores.value, name: "scores")
    guard let windowLength = length ?? known?.length else {
      throw Failure(
        .value, "these scores do not know how long their windows are", hint: "say length=3s",
        parameter: "scores")
    }
    let windowing = Windowing(
      length: windowLength, step: step ?? (length == nil ? known?.step : nil) ?? windowLength,
      start: known?.start ?? 0, source: known?.source)
    let track = try WindowScores(values, windowing)
    let calls = try track.calls(
      threshold: threshold, maximalGap: maxGap,
      minimalLength: minLength)
    return .object(
      TableObject(
        columns: ["start", "end", "peak_score", "mean_score"],
        rows: calls.map {
          [
            .number($0.start), .number($0.end), .number($0.peakScore),
            .number($0.meanScore),
          ]
        }))
  }

  private static let callsParameter = Argument(
    "calls", .any, "A table or list of records with start and end in seconds, as group_calls gives")
  private static let pathParameter = Argument("path", .path, "The file")
  private static let writeErrors = [
    "key: a row without start or end", "file: the file cannot be written, or the disk is full",
  ]

  private static func callTable(_ calls: ArgumentValue) throws -> CallTable {
    let table = try TableObject.make(calls.value, name: calls.name)
    guard let starts = table.column("start"), let ends = table.column("end") else {
      throw Failure(
        .key, "calls have a 'start' and an 'end'", hint: "group_calls(scores) makes them", parameter: "calls")
    }
    let peaks = table.column("peak_score")
    let recordings = table.column("recording")
    return CallTable(
      try starts.indices.map { row in
        guard let start = seconds(starts[row]), let end = seconds(ends[row]) else {
          throw Failure(
            .type, "start and end of call \(row + 1) are no numbers of seconds", parameter: "calls")
        }
        return CallTable.Row(
          Call(start: start, end: end, peakScore: peaks?[row].asNumber ?? 1),
          recording: recordings?[row].asString)
      })
  }

  private static func seconds(_ value: Value) -> Double? {
    if case .quantity(let quantity) = value, quantity.unit == .second { return quantity.amount }
    return value.asNumber
  }

  private static let writeRaven = FunctionDeclaration(
    "write_raven", topic: "calls", "Writes calls as a selection table for Raven",
    takes: ArgumentList(
      pathParameter,
      callsParameter), returns: "none", errors: writeErrors,
    examples: [
      FunctionDeclaration.Example(
        inFolder: "write_raven(\"calls.txt\", group_calls(scores, 0.99))", output: "")
    ],
    seeAlso: ["group_calls", "write_audacity", "write_csv"]
  ) { _, path, calls in
    try callTable(calls).writeRaven(to: path)
    return .nothing
  }

  private static let writeAudacity = FunctionDeclaration(
    "write_audacity", topic: "calls", "Writes calls as a label track for Audacity",
    takes: ArgumentList(
      pathParameter,
      callsParameter), returns: "none", errors: writeErrors,
    examples: [
      FunctionDeclaration.Example(
        inFolder: "write_audacity(\"labels.txt\", group_calls(scores, 0.99))", output: "")
    ],
    seeAlso: ["group_calls", "write_raven"]
  ) { _, path, calls in
    try callTable(calls).writeAudacity(to: path)
    return .nothing
  }

  private static let trueParameter = Argument(
    "y_true", .any, inner: ["labels"], "The true labels: shape (examples)")

  private static func wholeNumbers(_ value: Value, _ name: String) throws -> [Int] {
    try row(value, name: name).values.map { number in
      guard let whole = Int(exactly: number) else {
        throw Failure(
          .value, "'\(name)' takes whole numbers, not \(number)",
          hint: name == "y_pred" ? "classes(scores, 0.5) turns scores into classes" : nil, parameter: name)
      }
      return whole
    }
  }

  private static let confusionMatrix = FunctionDeclaration(
    "confusion_matrix", topic: "calls", "Counts how often each true class was taken for which class",
    takes: ArgumentList(
      trueParameter,
      Argument(
        "y_pred", .any, "The predicted classes, as many: numbers or words; or scores that know their names")),
    gives: TensorObject.self,
    returns:
      "a tensor of counts, shape (classes, classes): true classes down, predicted ones across, in rising order or "
      + "that of the model's classes; plot(confusion_matrix(…)) draws it",
    errors: ["shape: more of one than of the other", "type: words in one, numbers in the other"],
    examples: [
      FunctionDeclaration.Example("confusion_matrix([0, 0, 1], [0, 1, 1])[0, 1]", output: "1"),
      FunctionDeclaration.Example(
        "confusion_matrix([\"owl\", \"frog\", \"owl\"], [\"owl\", \"owl\", \"owl\"])",
        output: """
          true ↓ taken for →  frog  owl
          ──────────────────  ────  ───
          frog                   0    1
          owl                    0    2
          """),
    ],
    source: "sklearn.metrics.confusion_matrix", seeAlso: ["classes", "roc"]
  ) { _, yTrue, yPred in
    let (matrix, names) = try confusion(yTrue.value, yPred.value)
    let size = matrix.classes.count
    return .object(
      TensorObject(
        try Tensor(shape: [size, size], elements: matrix.counts.flatMap { row in row.map { Float($0) } }),
        classes: names))
  }

  private static func confusion(_ actual: Value, _ predicted: Value) throws -> (ConfusionMatrix, [String]) {
    var predicted = predicted
    var order: [String] = []
    if let scores = predicted.asObject as? TensorObject, let known = scores.scoreClasses {
      guard known.isExclusive || known.unitCount == 1 else {
        throw Failure(
          .value, "several classes may be right for one example: a confusion matrix is of one",
          hint: "scores[:, 0] are those of one class", parameter: "y_pred")
      }
      predicted = .list(known.words(of: scores.tensor, threshold: nil))
      order = known.names
    }
    guard words(actual) != nil || words(predicted) != nil else {
      let matrix = try ConfusionMatrix(
        trueClasses: try wholeNumbers(actual, "y_true"),
        predictedClasses: try wholeNumbers(predicted, "y_pred"))
      return (matrix, matrix.classes.map(String.init))
    }
    // Class numbers beside scores that know their names.
    let known = order
    let trueWords =
      try words(actual)
      ?? (known.isEmpty
        ? nil
        : try wholeNumbers(actual, "y_true").map { known.indices.contains($0) ? known[$0] : String($0) })
    guard let trueWords, let predictedWords = words(predicted) else {
      throw Failure(
        .type, "one takes classes as words, the other as numbers",
        hint: "classes(scores) gives words where the model's classes have names",
        parameter: words(actual) == nil ? "y_true" : "y_pred")
    }
    let occurring = Set(trueWords).union(predictedWords)
    let names = order + occurring.subtracting(order).sorted()
    let places = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
    let matrix = try ConfusionMatrix(
      trueClasses: trueWords.map { places[$0] ?? 0 },
      predictedClasses: predictedWords.map { places[$0] ?? 0 },
      classes: Array(names.indices))
    return (matrix, names)
  }

  /// A list of words; nil for anything else.
  private static func words(_ value: Value) -> [String]? {
    guard case .list(let items) = value, !items.isEmpty else { return nil }
    let words = items.compactMap(\.asString)
    return words.count == items.count ? words : nil
  }

  private static let scoreParameter = Argument("scores", .any, "One score an example, as many")

  private static let roc = FunctionDeclaration(
    "roc", topic: "calls", "What each threshold costs and gains",
    takes: ArgumentList(
      trueParameter,
      scoreParameter),
    returns: "a record: fpr, tpr, thresholds (lists) and auc; plot(roc(…)) draws it",
    errors: [
      "value: labels other than 0 and 1, or only one of them", "shape: more labels than scores or fewer",
    ],
    examples: [FunctionDeclaration.Example("roc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]).auc", output: "0.75")],
    source: "sklearn.metrics.roc_curve", seeAlso: ["precision_recall"]
  ) { _, yTrue, scores in
    let curve = try ROCCurve(
      labels: try row(yTrue.value, name: "y_true").values.map { Double($0) },
      scores: try row(scores.value, name: "scores").values.map { Double($0) })
    return .record([
      ("fpr", .numbers(curve.falsePositiveRates)), ("tpr", .numbers(curve.truePositiveRates)),
      ("thresholds", .numbers(curve.thresholds)), ("auc", .number(curve.area)),
    ])
  }

  private static let precisionRecall = FunctionDeclaration(
    "precision_recall", topic: "calls", "Precision and recall at each threshold",
    takes: ArgumentList(
      trueParameter,
      scoreParameter),
    returns: "a record: precision, recall, thresholds (lists); plot(precision_recall(…)) draws it",
    errors: ["value: labels other than 0 and 1", "shape: more labels than scores or fewer"],
    examples: [
      FunctionDeclaration.Example(
        "precision_recall([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]).recall[0]", output: "1")
    ],
    source: "sklearn.metrics.precision_recall_curve", seeAlso: ["roc"]
  ) { _, yTrue, scores in
    let curve = try PrecisionRecallCurve(
      labels: try row(yTrue.value, name: "y_true").values.map { Double($0) },
      scores: try row(scores.value, name: "scores").values.map { Double($0) })
    return .record([
      ("precision", .numbers(curve.precisions)), ("recall", .numbers(curve.recalls)),
      ("thresholds", .numbers(curve.thresholds)),
    ])
  }
}
