import CapLanguage
import Datasets
import Essentials
import NeuralNetworks
import Notebook
import Tensors

/// Compiling, training, asking and keeping networks.
enum TrainingFunctions {
  static let all: [FunctionDeclaration] = [
    compile, adam, sgd, fit, earlyStopping, evaluate, predict, summary, save, loadModel, saveWeights,
    loadWeights,
  ]

  static let modelParameter = Parameter("m", .object("model", ModelObject.self), "The model")

  private static func model(_ arguments: Arguments) throws -> Sequential {
    try arguments.object("m", as: ModelObject.self).model
  }

  private static let exampleModel = "m = sequential([dense(1, activation=\"sigmoid\")], input_shape=[2])\n"

  private static let compile = FunctionDeclaration(
    "compile", topic: "training", "Says what a model is to learn, how, and what to measure on the way",
    parameters: [
      modelParameter,
      Parameter(
        "optimizer", .oneOf([.choice(["adam", "sgd"]), .object("optimizer", OptimizerObject.self)]),
        default: "adam",
        "How weights follow their gradients: a name, or adam(…) or sgd(…) with settings"),
      Parameter(
        "loss", .choice(Loss.allCases.map(\.rawValue)), default: "binary_crossentropy",
        "What training makes small"),
      Parameter(
        "metrics", .list(.choice(Metric.allCases.map(\.rawValue))), default: [],
        "What is measured beside the loss"),
    ],
    returns: "none; the model is changed",
    examples: [
      FunctionDeclaration.Example(
        exampleModel
          + "compile(m, optimizer=adam(learning_rate=0.01), metrics=[\"recall\", \"precision\"])\nm.compiled",
        output: "true")
    ],
    notes: "Losses: binary_crossentropy for one output that is a probability (labels 0 and 1); "
      + "sparse_categorical_crossentropy for several classes (labels 0, 1, 2, …), categorical_crossentropy "
      + "for one-hot labels; mse for numbers.",
    source: "keras.Model.compile", seeAlso: ["fit", "adam", "sgd"]
  ) { arguments, _ in
    let optimizer: Optimizer
    switch arguments["optimizer"] {
    case .object(let object as OptimizerObject): optimizer = object.optimizer
    case .string(let name) where name.text == "sgd": optimizer = .sgd()
    default: optimizer = .adam()
    }
    guard let loss = Loss(rawValue: try arguments.string("loss")) else { return .nothing }
    let metrics = try arguments.strings("metrics").compactMap { Metric(rawValue: $0) }
    try model(arguments).compile(optimizer: optimizer, loss: loss, metrics: metrics)
    return .nothing
  }

  private static let adam = FunctionDeclaration(
    "adam", topic: "training", "The Adam optimizer, with its settings",
    parameters: [
      Parameter("learning_rate", .number(.nonNegative), default: 0.001, "The size of a step"),
      Parameter(
        "beta_1", .number(.between(0, 1, includesHigh: false)), default: 0.9, "Decay of the mean of gradients"
      ),
      Parameter(
        "beta_2", .number(.between(0, 1, includesHigh: false)), default: 0.999,
        "Decay of the mean of their squares"),
      Parameter("epsilon", .number(.positive), default: 1e-7, "Keeps the division finite"),
    ],
    returns: "an optimizer for compile",
    examples: [
      FunctionDeclaration.Example("adam(learning_rate=0.01)", output: "Optimizer adam(learning_rate=0.01)")
    ],
    source: "Kingma and Ba, 2015; keras.optimizers.Adam", seeAlso: ["sgd", "compile"]
  ) { arguments, _ in
    .object(
      OptimizerObject(
        .adam(
          learningRate: try arguments.number("learning_rate"), beta1: try arguments.number("beta_1"),
          beta2: try arguments.number("beta_2"), epsilon: try arguments.number("epsilon"))))
  }

  private static let sgd = FunctionDeclaration(
    "sgd", topic: "training", "Plain gradient descent, with its settings",
    parameters: [
      Parameter("learning_rate", .number(.nonNegative), default: 0.01, "The size of a step"),
      Parameter("momentum", .number(.between(0, 1)), default: 0, "The share of the last step that goes on"),
      Parameter("nesterov", .bool, default: false, "Whether momentum looks ahead"),
    ],
    returns: "an optimizer for compile",
    examples: [
      FunctionDeclaration.Example(
        "sgd(0.1, momentum=0.9)", output: "Optimizer sgd(learning_rate=0.1, momentum=0.9)")
    ],
    source: "keras.optimizers.SGD", seeAlso: ["adam", "compile"]
  ) { arguments, _ in
    .object(
      OptimizerObject(
        .sgd(
          learningRate: try arguments.number("learning_rate"), momentum: try arguments.number("momentum"),
          nesterov: try arguments.bool("nesterov"))))
  }

  private static let fit = FunctionDeclaration(
    "fit", topic: "training", "Trains a model",
    parameters: [
      modelParameter,
      Parameter(
        "x", .any, "A dataset of labelled batches, or a tensor of examples (then `y` has their labels)"),
      Parameter("y", .any, default: .nothing, "Labels, where `x` is a tensor: one for each example"),
      Parameter("epochs", .integer(.atLeast(1)), default: 1, "How many times to go through the data"),
      Parameter(
        "validation", .any, default: .nothing,
        "What to measure on after each epoch: a dataset of batches, or [x, y]"),
      Parameter("batch_size", .integer(.atLeast(1)), default: 32, "Examples a step, where `x` is a tensor"),
      Parameter("shuffle", .bool, default: true, "Whether each epoch has a new order, where `x` is a tensor"),
      Parameter(
        "callbacks", .list(.oneOf([.object("callback", CallbackObject.self), .function])), default: [],
        "early_stopping(…), or functions of a record of the epoch's values; one that gives false stops"),
      Parameter("verbose", .bool, default: true, "Whether to show a progress bar"),
    ],
    returns: "the history: history.loss and history[\"val_recall\"] are lists, one number an epoch",
    errors: [
      "state: the model was not compiled", "shape: examples or labels that do not fit the model",
      "value: a loss that is no number any more; the weights are those of the last whole step",
    ],
    examples: [
      FunctionDeclaration.Example(
        exampleModel
          + "compile(m, loss=\"mse\")\nh = fit(m, [[0, 1], [1, 0]], [1, 0], epochs=3, verbose=false)\nlen(h.loss)",
        output: "3")
    ],
    notes:
      "Ctrl-C ends it; the model keeps the weights of the last whole step, and at the prompt the history so far "
      + "is returned.",
    source: "keras.Model.fit", seeAlso: ["compile", "evaluate", "predict", "plot"]
  ) { arguments, context in
    let model = try model(arguments)
    let session = context.host as? Session
    let progress = TrainingProgress(session: try arguments.bool("verbose") ? session : nil)
    let data = try batches(arguments, shuffle: try arguments.bool("shuffle"), seed: context.random.next())
    let validation = try validationBatches(arguments)
    let callbacks = try callbacks(arguments, context)
    var history = History()
    do {
      history = try model.fit(
        data, epochs: try arguments.int("epochs"), validation: validation, callbacks: callbacks
      ) { event in
        if case .finished(let partial, _) = event { history = partial }
        progress.show(event)
      }
    } catch let failure as Failure where failure.kind == .interrupt && session?.settings.isInteractive == true
    {
      // The cell ends at its next step, since the request stands; what was learnt so far is assigned first.
      session?.warn("training was interrupted; the model keeps the weights of its last whole step")
    }
    return .object(HistoryObject(history))
  }

  private static func batches(_ arguments: Arguments, shuffle: Bool, seed: UInt64) throws -> any BatchSource {
    if case .object(let object as DatasetObject) = arguments["x"] {
      guard arguments.isNothing("y") else {
        throw Failure(.value, "a dataset brings its own labels", hint: "leave 'y' out", parameter: "y")
      }
      return try DatasetBatches(object, parameter: "x")
    }
    guard !arguments.isNothing("y") else {
      throw Failure(.value, "'y' is missing: the labels of the examples in 'x'", parameter: "x")
    }
    return try TensorBatches(
      x: try Conversions.tensor(arguments["x"], name: "x"),
      y: try Conversions.tensor(arguments["y"], name: "y"),
      batchSize: try arguments.int("batch_size"), shuffle: shuffle, seed: seed)
  }

  private static func validationBatches(_ arguments: Arguments) throws -> (any BatchSource)? {
    switch arguments["validation"] {
    case .nothing: return nil
    case .object(let object as DatasetObject): return try DatasetBatches(object, parameter: "validation")
    case .list(let pair) where pair.count == 2:
      return try TensorBatches(
        x: try Conversions.tensor(pair[0], name: "validation"),
        y: try Conversions.tensor(pair[1], name: "validation"),
        batchSize: try arguments.int("batch_size"))
    default:
      throw Failure(
        .type, "'validation' takes a dataset of batches or [x, y], not \(arguments["validation"].kindPhrase)",
        parameter: "validation")
    }
  }

  private static func callbacks(_ arguments: Arguments, _ context: CallContext) throws -> [TrainingCallback] {
    try arguments.list("callbacks").compactMap { item in
      switch item {
      case .object(let object as CallbackObject): return object.callback
      case .function(let function):
        let caller = context.workerCaller(for: function)
        return .afterEpoch { report in
          let fields =
            [("epoch", Value.number(report.epoch + 1))]
            + report.logs.map { ($0.name, Value.number($0.value)) }
          return try caller.call([.record(fields)]) != .bool(false)
        }
      default: return nil
      }
    }
  }

  private static let earlyStopping = FunctionDeclaration(
    "early_stopping", topic: "training", "A callback for fit that stops when a measure gets no better",
    parameters: [
      Parameter("monitor", .string, default: "val_loss", "The measure: loss, val_loss, val_recall, …"),
      Parameter("patience", .integer(.nonNegative), default: 0, "Epochs without progress to wait for"),
      Parameter("restore_best", .bool, default: false, "Whether to go back to the weights of the best epoch"),
    ],
    returns: "a callback",
    examples: [
      FunctionDeclaration.Example(
        inFolder:
          "history = fit(model, train, epochs=5, validation=test, callbacks=[early_stopping(patience=2)], verbose=false)\nlen(history.loss) <= 5",
        output: "true")
    ],
    source: "keras.callbacks.EarlyStopping", seeAlso: ["fit"]
  ) { arguments, _ in
    .object(
      CallbackObject(
        .earlyStopping(
          monitor: try arguments.string("monitor"), patience: try arguments.int("patience"),
          restoreBest: try arguments.bool("restore_best"))))
  }

  private static let evaluate = FunctionDeclaration(
    "evaluate", topic: "training", "Measures loss and metrics, and learns nothing",
    parameters: [
      modelParameter, Parameter("x", .any, "A dataset of labelled batches, or a tensor of examples"),
      Parameter("y", .any, default: .nothing, "Labels, where `x` is a tensor"),
      Parameter(
        "batch_size", .integer(.atLeast(1)), default: 32, "Examples at a time, where `x` is a tensor"),
    ],
    returns: "a record: loss, then each metric",
    errors: ["state: the model was not compiled", "shape: examples or labels that do not fit"],
    examples: [
      FunctionDeclaration.Example(
        exampleModel
          + "compile(m, loss=\"mse\", metrics=[\"accuracy\"])\nkeys(evaluate(m, [[0, 1], [1, 0]], [1, 0]))",
        output: "[\"loss\", \"accuracy\"]")
    ],
    source: "keras.Model.evaluate", seeAlso: ["fit", "predict"]
  ) { arguments, _ in
    let logs = try model(arguments).evaluate(try batches(arguments, shuffle: false, seed: 0))
    return .record(logs.map { ($0.name, .number($0.value)) })
  }

  private static let predict = FunctionDeclaration(
    "predict", topic: "training", "Asks a model",
    parameters: [
      modelParameter,
      Parameter(
        "x", .any,
        "Examples: a tensor (examples, …), a dataset of batches, or a lazy dataset of single examples"),
      Parameter(
        "precision", .choice(Precision.allCases.map(\.rawValue)), default: .string("float32"),
        "\"mixed\" multiplies 16-bit numbers where that is faster, and tells by how much the outputs differ"),
    ],
    returns: "a tensor of outputs, shape (examples, outputs); scores of windows know their times",
    errors: ["shape: examples that do not fit the model", "state: the model has no weights yet"],
    examples: [
      FunctionDeclaration.Example(exampleModel + "predict(m, zeros([4, 2])).shape", output: "[4, 1]")
    ],
    notes: "A lazy dataset is never held in memory: a few examples exist at a time.",
    source: "keras.Model.predict", seeAlso: ["windows", "classes", "group_calls"]
  ) { arguments, context in
    let model = try model(arguments)
    let precision = Precision(rawValue: try arguments.string("precision")) ?? .float32
    let (outputs, examples, windowing) = try predictions(model, arguments["x"], precision)
    if precision == .mixed, let session = context.host as? Session {
      // Measured once for a model's weights: to predict both ways takes its time.
      if let report = try model.firstMixedPrecisionReport(examples) { tell(report, of: model, in: session) }
    }
    return .object(TensorObject(outputs, windowing: windowing))
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
        shape: Array(x.shape.dropFirst()), elements: Array(x.elements[row * size..<(row + 1) * size]))
    }
  }

  private static func tell(_ report: MixedPrecisionReport, of model: Sequential, in session: Session) {
    guard report.isSupported else {
      session.warn(
        "this processor has no instructions for products of 16-bit numbers: the outputs are float32's")
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
          + "\(Decimals.scientific(report.largestDifference, digits: 1))\n"))
  }

  private static let summary = FunctionDeclaration(
    "summary", topic: "models", "Shows a model's layers, shapes and parameters",
    parameters: [
      modelParameter,
      Parameter(
        "plan", .bool, default: false,
        "Whether to show what the engine runs each layer with, and why; it measures what it has not yet"),
      Parameter("batch_size", .integer(.atLeast(1)), default: 32, "The batches that the plan is for"),
    ],
    returns: "none; it shows a table",
    examples: [
      FunctionDeclaration.Example(
        inFolder: "summary(model)",
        output: """
          Model: "sequential"
          Layer (type)   Output Shape  Param #
          ─────────────  ────────────  ───────
          dense (Dense)  (None, 1)           3
          Total params: 3 (12 bytes)
          Trainable params: 3 (12 bytes)
          Non-trainable params: 0 (0 bytes)
          """)
    ],
    source: "keras.Model.summary",
    seeAlso: ["sequential"]
  ) { arguments, context in
    let object = try arguments.object("m", as: ModelObject.self)
    let session = context.host as? Session
    session?.emit(.table(object.summaryTable))
    if try arguments.bool("plan") {
      session?.emit(.table(try object.planTable(batchSize: try arguments.int("batch_size"))))
    }
    return .nothing
  }

  private static let pathParameter = Parameter("path", .string, "The file; .safetensors is usual")
  private static let writeErrors = ["file: the file cannot be written, or the disk is full"]
  private static let readErrors = [
    "file: the file is missing or unreadable", "format: it is no such file, or a broken one",
  ]

  private static let save = FunctionDeclaration(
    "save", topic: "weights", "Writes a model: its layers, settings and weights",
    parameters: [modelParameter, pathParameter],
    returns: "none", errors: writeErrors,
    examples: [FunctionDeclaration.Example(inFolder: "save(model, \"capuchin.safetensors\")", output: "")],
    notes: "One .safetensors file, the architecture in its metadata. It appears whole or not at all.",
    seeAlso: ["load_model", "save_weights"]
  ) { arguments, _ in
    try model(arguments).save(try FileFunctions.path(arguments))
    return .nothing
  }

  private static let loadModel = FunctionDeclaration(
    "load_model", topic: "weights", "Reads a model that save wrote", parameters: [pathParameter],
    returns: "a model, compiled if it was when it was saved", errors: readErrors,
    examples: [
      FunctionDeclaration.Example(
        inFolder: "model = load_model(\"capuchin.safetensors\")\nmodel.parameters", output: "3")
    ],
    seeAlso: ["save"]
  ) { arguments, _ in
    let path = try FileFunctions.path(arguments)
    return .object(ModelObject(try Paths.reading(path, name: "path") { try Sequential.load(path) }))
  }

  private static let saveWeights = FunctionDeclaration(
    "save_weights", topic: "weights", "Writes a model's weights alone",
    parameters: [modelParameter, pathParameter],
    returns: "none", errors: writeErrors,
    examples: [
      FunctionDeclaration.Example(inFolder: "save_weights(model, \"weights.safetensors\")", output: "")
    ],
    notes:
      "Tensors layers.N.kernel, layers.N.bias, … (N counts every layer from 0), float32, in Keras's layouts.",
    seeAlso: ["load_weights", "save"]
  ) { arguments, _ in
    try model(arguments).saveWeights(try FileFunctions.path(arguments))
    return .nothing
  }

  private static let loadWeights = FunctionDeclaration(
    "load_weights", topic: "weights", "Gives a model the weights of a file",
    parameters: [modelParameter, pathParameter],
    returns: "none; the model is changed",
    errors: readErrors + ["shape: names or shapes that are not the model's"],
    examples: [
      FunctionDeclaration.Example(inFolder: "load_weights(model, \"weights.safetensors\")", output: "")
    ],
    seeAlso: ["save_weights"]
  ) { arguments, _ in
    let path = try FileFunctions.path(arguments)
    let model = try model(arguments)
    try Paths.reading(path, name: "path") { try model.loadWeights(path) }
    return .nothing
  }
}
