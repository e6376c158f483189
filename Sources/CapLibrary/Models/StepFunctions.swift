import CapLanguage
import Essentials
import NeuralNetworks
import Tensors

/// Training loops of one's own: the steps of fit, one at a time.
enum StepFunctions {
  static let all: [FunctionDeclaration] = [
    gradients, applyGradients, trainOnBatch, trainStep, testOnBatch, predictOnBatch, setWeights,
  ]

  private static let topic = "training"
  private static let x = Argument("x", .any, "Examples: a tensor (examples, …)")
  private static let y = Argument("y", .any, "Their labels, as for fit: numbers, or words")
  private static let compiled =
    "m = sequential([dense(1)], input_shape=[2])\ncompile(m, optimizer=sgd(0.1), loss=\"mse\")\n"
  private static let errors = [
    "state: the model was not compiled", "shape: examples or labels that do not fit the model",
  ]

  private static func batch(_ x: ArgumentValue, _ y: ArgumentValue, _ model: Sequential) throws
    -> TrainingBatch
  {
    let (x, y) = try TrainingExamples.tensors(x.value, y.value, model, names: (x.name, y.name))
    return TrainingBatch(x: x, y: y)
  }

  private static func record(_ arrays: [(name: String, value: Tensor)]) -> Value {
    .record(arrays.map { ($0.name, .object(TensorObject($0.value))) })
  }

  private static func record(_ logs: [LogValue]) -> Value {
    .record(logs.map { ($0.name, .number($0.value)) })
  }

  private static let gradients = FunctionDeclaration(
    "gradients", topic: topic, "How the loss of one batch changes with each weight",
    takes: ArgumentList(
      TrainingArguments.model,
      x,
      y),
    returns:
      "a record: loss (a number), outputs (a tensor), gradients (a record of tensors by the names of "
      + "m.weights), statistics (what the moving statistics of batch norm come to)",
    errors: errors,
    examples: [
      FunctionDeclaration.Example(
        compiled + "g = gradients(m, [[1, 0], [0, 1]], [0, 0])\nkeys(g.gradients)",
        output: "[\"layers.0.kernel\", \"layers.0.bias\"]")
    ],
    notes:
      "By the compiled loss, the mean over the batch, in training mode; the model stays as it is.",
    source: "tf.GradientTape.gradient", seeAlso: ["apply_gradients", "train_on_batch"]
  ) { _, m, x, y in
    let found = try m.gradients(try batch(x, y, m))
    return .record([
      ("loss", .number(found.loss)), ("outputs", .object(TensorObject(found.outputs))),
      ("gradients", record(found.gradients)), ("statistics", record(found.statistics)),
    ])
  }

  private static let applyGradients = FunctionDeclaration(
    "apply_gradients", topic: topic, "Moves a model's weights by gradients",
    takes: ArgumentList(
      TrainingArguments.model,
      Argument(
        "gradients", .any,
        "What gradients(…) gives, or a record of tensors, one for each trainable array of m.weights")),
    returns: "none; the model is changed",
    errors: [
      "state: the model was not compiled",
      "key: an array without a gradient, or a name that is none of the model's",
      "shape: a gradient of another shape", "value: NaN or infinity, named; nothing is moved then",
    ],
    examples: [
      FunctionDeclaration.Example(
        compiled
          + "apply_gradients(m, gradients(m, [[1, 0], [0, 1]], [5, 5]))\nm.weights[\"layers.0.bias\"][0] > 0",
        output: "true")
    ],
    notes:
      "With the compiled optimizer and what it has gathered, as a step of fit: a loop over gradients and "
      + "apply_gradients has the same bits as fit(shuffle=false) over the same batches.",
    source: "keras.optimizers.Optimizer.apply_gradients", seeAlso: ["gradients", "set_weights"]
  ) { _, m, gradients in
    guard case .record(let given) = gradients.value else {
      throw Failure(
        .type, "'gradients' takes a record of tensors, not \(gradients.value.kindPhrase)",
        hint: "gradients(m, x, y) makes one", parameter: "gradients")
    }
    if case .record(let inner)? = given["gradients"] {
      var statistics: [(name: String, value: Tensor)] = []
      if case .record(let moving)? = given["statistics"] {
        statistics = try arrays(moving, "gradients")
      }
      try m.applyGradients(try arrays(inner, "gradients"), statistics: statistics)
    } else {
      try m.applyGradients(try arrays(given, "gradients"))
    }
    return .nothing
  }

  private static func arrays(_ record: RecordObject, _ name: String) throws -> [(
    name: String, value: Tensor
  )] {
    try zip(record.keys, record.values).map { key, value in
      (key, try Conversions.tensor(value, name: name))
    }
  }

  private static func stepping(_ name: String, seeAlso: [String]) -> FunctionDeclaration {
    FunctionDeclaration(
      name, topic: topic, "One training step on one batch",
      takes: ArgumentList(
        TrainingArguments.model,
        x,
        y),
      returns: "a record: loss and metrics of the batch, before the weights moved", errors: errors,
      examples: [
        FunctionDeclaration.Example(
          compiled + "keys(\(name)(m, [[1, 0], [0, 1]], [0, 0]))", output: "[\"loss\"]")
      ],
      notes: "A loop over batches has the same bits as fit(shuffle=false) over them.",
      source: "keras.Model.train_on_batch", seeAlso: seeAlso
    ) { _, m, x, y in
      record(try m.trainOnBatch(try batch(x, y, m)))
    }
  }

  private static let trainOnBatch = stepping(
    "train_on_batch", seeAlso: ["test_on_batch", "gradients", "fit"])
  private static let trainStep = stepping("train_step", seeAlso: ["train_on_batch", "gradients"])

  private static let testOnBatch = FunctionDeclaration(
    "test_on_batch", topic: topic, "Measures loss and metrics of one batch",
    takes: ArgumentList(
      TrainingArguments.model,
      x,
      y), returns: "a record: loss, then each metric",
    errors: errors,
    examples: [
      FunctionDeclaration.Example(
        compiled + "keys(test_on_batch(m, [[1, 0]], [0]))", output: "[\"loss\"]")
    ],
    source: "keras.Model.test_on_batch", seeAlso: ["evaluate", "train_on_batch"]
  ) { _, m, x, y in
    record(try m.testOnBatch(try batch(x, y, m)))
  }

  private static let predictOnBatch = FunctionDeclaration(
    "predict_on_batch", topic: topic, "Asks a model about one batch",
    takes: ArgumentList(
      TrainingArguments.model,
      x),
    gives: TensorObject.self, returns: "a tensor of outputs, shape (examples, outputs)",
    errors: ["shape: examples that do not fit the model"],
    examples: [
      FunctionDeclaration.Example(
        compiled + "predict_on_batch(m, zeros([4, 2])).shape", output: "[4, 1]")
    ],
    source: "keras.Model.predict_on_batch", seeAlso: ["predict"]
  ) { _, m, x in
    return TrainingArguments.scores(
      try m.predict(try x.tensor()), of: m)
  }

  private static let setWeights = FunctionDeclaration(
    "set_weights", topic: "weights", "Gives a model weights",
    takes: ArgumentList(
      TrainingArguments.model,
      Argument(
        "weights", .any,
        "A record of tensors by the names of m.weights, some or all of them; or a list, all in that order"
      )),
    returns: "none; the model is changed",
    errors: [
      "key: a name that is none of the model's", "shape: an array of another shape, or not as many",
    ],
    examples: [
      FunctionDeclaration.Example(
        compiled + "set_weights(m, {\"layers.0.bias\": [3]})\npredict(m, zeros([1, 2]))[0, 0]",
        output: "3")
    ],
    notes: "What an optimizer has gathered stays.", source: "keras.Model.set_weights",
    seeAlso: ["load_weights", "apply_gradients"]
  ) { _, m, weights in
    var now = try m.readWeights()
    switch weights.value {
    case .record(let record):
      for (name, value) in try arrays(record, "weights") {
        guard let index = now.firstIndex(where: { $0.name == name }) else {
          throw Failure(
            .key, "the model has no weights '\(name)'",
            hint: "it has \(now.map(\.name).joined(separator: ", "))",
            parameter: "weights")
        }
        now[index].value = value
      }
      try m.setWeights(now.map(\.value))
    case .list(let items):
      try m.setWeights(try items.map { try Conversions.tensor($0, name: "weights") })
    default:
      throw Failure(
        .type, "'weights' takes a record or a list of tensors, not \(weights.value.kindPhrase)",
        hint: "m.weights is such a record", parameter: "weights")
    }
    return .nothing
  }
}
