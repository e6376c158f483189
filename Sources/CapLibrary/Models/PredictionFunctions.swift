import CapLanguage
import Datasets
import Essentials
import NeuralNetworks
import Notebook
import Tensors

/// Measuring and asking a model.
enum PredictionFunctions {
  static let all: [FunctionDeclaration] = [evaluate, predict]

  private static let evaluate = FunctionDeclaration(
    "evaluate", topic: "training", "Measures loss and metrics, and learns nothing",
    takes: ArgumentList(
      TrainingArguments.model,
      Argument("x", .any, "A dataset of labelled batches, or a tensor of examples"),
      Argument("y", .any, default: .nothing, "Labels, where `x` is a tensor"),
      Argument(
        "batch_size", .integer(.atLeast(1)), default: 32, "Examples at a time, where `x` is a tensor"),
      TrainingArguments.steps("steps", "How many batches; none takes all"),
      TrainingArguments.sampleWeight),
    returns: "a record: loss, then each metric",
    errors: ["state: the model was not compiled", "shape: examples or labels that do not fit"],
    examples: [
      FunctionDeclaration.Example(
        TrainingArguments.exampleModel
          + "compile(m, loss=\"mse\", metrics=[\"accuracy\"])\nkeys(evaluate(m, [[0, 1], [1, 0]], [1, 0]))",
        output: "[\"loss\", \"accuracy\"]")
    ],
    source: "keras.Model.evaluate", seeAlso: ["fit", "predict"]
  ) { _, m, x, y, batchSize, steps, sampleWeight in
    let examples = TrainingExamples(
      model: m, x: x, y: y, weights: sampleWeight, batchSize: batchSize, steps: steps)
    let logs = try m.evaluate(try examples.batches(shuffle: false, seed: 0))
    return .record(logs.map { ($0.name, .number($0.value)) })
  }

  private static let predict = FunctionDeclaration(
    "predict", topic: "training", "Asks a model",
    takes: ArgumentList(
      TrainingArguments.model,
      Argument(
        "x", .any,
        "Examples: a tensor (examples, …), a dataset of batches, or a lazy dataset of single examples"
      ),
      Argument(
        "precision", .choice(Precision.self), default: .string("float32"),
        "\"mixed\" multiplies 16-bit numbers where that is faster, and tells by how much the outputs differ"
      ),
      TrainingArguments.steps("steps", "How many batches of a dataset of batches; none takes all"),
      Argument(
        "training", .bool, default: false,
        "Whether to work as in training: dropout drops (others each time), batch norm takes the batch's statistics; "
          + "`x` is a tensor then")),
    gives: TensorObject.self,
    returns:
      "a tensor of outputs, shape (examples, outputs); scores of windows know their times, and classes that have names",
    errors: ["shape: examples that do not fit the model", "state: the model has no weights yet"],
    examples: [
      FunctionDeclaration.Example(
        TrainingArguments.exampleModel + "predict(m, zeros([4, 2])).shape", output: "[4, 1]")
    ],
    notes: "A lazy dataset is never held in memory: a few examples exist at a time.",
    source: "keras.Model.predict", seeAlso: ["windows", "classes", "group_calls"]
  ) { context, m, x, precision, steps, training in
    if training {
      return TrainingArguments.scores(try m.predictAsInTraining(try x.tensor()), of: m)
    }
    let (outputs, examples, windowing) = try predictions(
      m, try limited(x.value, steps.count), precision)
    if precision == .mixed, let session = context.host as? Session {
      // Measured once for a model's weights: to predict both ways takes its time.
      if let report = try m.firstMixedPrecisionReport(examples) { tell(report, of: m, in: session) }
    }
    return TrainingArguments.scores(outputs, of: m, windowing: windowing)
  }

  /// What to ask about: `x`, or its first batches.
  private static func limited(_ x: Value, _ steps: Int?) throws -> Value {
    guard case .object(let object as DatasetObject) = x else {
      guard steps == nil else {
        throw Failure(
          .value, "'steps' counts the batches of a dataset, and 'x' is none",
          hint: "x[:n] is a part",
          parameter: "steps")
      }
      return x
    }
    guard let steps else {
      guard object.dataset.cardinality != .infinite else {
        throw object.endless(
          "a prediction of it never ends", hint: object.isBatched ? "say steps=100, or" : nil,
          parameter: "x")
      }
      return x
    }
    guard object.isBatched else {
      throw Failure(
        .value, "'steps' counts batches, and this dataset gives single examples",
        hint: "take(ds, n) is a part",
        parameter: "steps")
    }
    return .object(
      object.with(try object.dataset.take(steps), windowing: object.windowing))
  }

  /// The outputs, and a few of the examples that they are for.
  private static func predictions(
    _ model: Sequential, _ x: Value, _ precision: Precision
  ) throws -> (Tensor, [any TensorSource], Windowing?) {
    guard case .object(let object as DatasetObject) = x else {
      let x = try Conversions.tensor(x, name: "x")
      return (try model.predict(x, precision: precision), firstRows(of: x), nil)
    }
    if object.isBatched {
      let iterator = try object.dataset.makeIterator()
      var parts: [Tensor] = []
      var some: [any TensorSource] = []
      while let batch = try iterator.next() {
        switch try batch.numbers(name: "x") {
        case .tensor(let x):
          parts.append(try model.predict(x, precision: precision))
          if parts.count == 1 { some = firstRows(of: x) }
        case .sources(let sources):
          parts.append(try model.predict(examples: sources, precision: precision))
          if parts.count == 1 { some = Array(sources.prefix(ExampleJobs.firstCount)) }
        }
      }
      guard !parts.isEmpty else { throw Failure(.value, "the dataset is empty", parameter: "x") }
      return (try Tensor.concatenated(parts, axis: 0), some, object.windowing)
    }
    let examples = try ExampleJobs(object.dataset)
    let outputs = try model.predict(
      count: object.dataset.count, precision: precision, nextJob: examples.next)
    return (outputs, examples.first, object.windowing)
  }

  private static func firstRows(of x: Tensor) -> [any TensorSource] {
    guard let count = x.shape.first, count > 0 else { return [] }
    let size = x.count / count
    return (0..<min(count, ExampleJobs.firstCount)).compactMap { row in
      try? Tensor(
        shape: Array(x.shape.dropFirst()),
        elements: Array(x.elements[row * size..<(row + 1) * size]))
    }
  }

  private static func tell(
    _ report: MixedPrecisionReport, of model: Sequential, in session: Session
  ) {
    guard report.isSupported else {
      session.warn(
        "this processor has no instructions for products of 16-bit numbers: the outputs are float32's"
      )
      return
    }
    guard !report.layers.isEmpty else {
      session.emit(
        .text("mixed precision: no layer is faster in 16-bit numbers; the outputs are float32's\n"))
      return
    }
    let layers = zip(report.layers, report.numbers).map { "\(model.layerNames[$0]) in \($1)" }
    session.emit(
      .text(
        "mixed precision: \(layers.joined(separator: ", ")); the first \(report.examplesCompared) examples' "
          + "outputs differ from float32's by at most "
          + "\(NumberText.scientific(report.largestDifference, digits: 1))\n"))
  }
}
