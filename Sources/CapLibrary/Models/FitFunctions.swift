import CapLanguage
import Essentials
import NeuralNetworks
import Notebook
import Tensors

/// Training.
enum FitFunctions {
  static let all: [FunctionDeclaration] = [fit]

  private static let fit = FunctionDeclaration(
    "fit", topic: "training", "Trains a model",
    takes: ArgumentList(
      TrainingArguments.model,
      Argument(
        "x", .any, inner: ["data"],
        "A dataset of labelled batches, or a tensor of examples (then `y` has their labels)"),
      Argument("y", .any, default: .nothing, "Labels, where `x` is a tensor: one for each example"),
      Argument("epochs", .integer(.atLeast(1)), default: 1, "How many times to go through the data"),
      Argument(
        "validation", .any, also: ["validation_data"], default: .nothing,
        "What to measure on after each epoch: a dataset of batches, [x, y] or [x, y, sample_weight]"),
      Argument(
        "batch_size", .integer(.atLeast(1)), default: 32, "Examples a step, where `x` is a tensor"),
      Argument(
        "shuffle", .bool, default: true, "Whether each epoch has a new order, where `x` is a tensor"),
      Argument(
        "callbacks", .list(.value(.oneOf([.object("callback", CallbackObject.self), .function]))),
        default: [],
        "early_stopping(…), model_checkpoint(…) and so on, or functions of a record of the epoch's values; one that gives false stops"
      ),
      TrainingArguments.steps(
        "steps_per_epoch",
        "Batches an epoch: the next epoch goes on where this one ended; none takes all. An endless dataset needs it"
      ),
      TrainingArguments.steps(
        "validation_steps", "Batches of each validation, from the first one; none takes all"),
      TrainingArguments.classes,
      Argument(
        "validation_split", .number(.between(0, 1, includesHigh: false)), default: 0,
        "The share at the end of the tensors `x` and `y`, before any shuffling, that is validated on, not trained"
      ),
      Argument(
        "class_weight", .value(.optional(.oneOf([.list(.number(.nonNegative)), .record]))),
        default: .nothing,
        "What the loss of each class's examples is multiplied by: [1, 5], or {\"1\": 5} for some, by number or name"
      ),
      TrainingArguments.sampleWeight,
      Argument("verbose", .bool, default: true, "Whether to show a progress bar")),
    returns: "the history: history.loss and history[\"val_recall\"] are lists, one number an epoch",
    errors: [
      "state: the model was not compiled", "shape: examples or labels that do not fit the model",
      "value: a loss that is no number any more; the weights are those of the last whole step",
    ],
    examples: [
      FunctionDeclaration.Example(
        TrainingArguments.exampleModel
          + "compile(m, loss=\"mse\")\nh = fit(m, [[0, 1], [1, 0]], [1, 0], epochs=3, verbose=false)\nlen(h.loss)",
        output: "3")
    ],
    notes:
      "Ctrl-C ends it; the model keeps the weights of the last whole step, and at the prompt the history so far "
      + "is returned. Weights multiply the losses of examples; the loss is their sum over the number of examples, as in Keras, "
      + "and metrics do not follow them. class_weight is for training only, not for the validation.",
    source: "keras.Model.fit", seeAlso: ["compile", "evaluate", "predict", "plot"]
  ) {
    context, m, x, y, epochs, validation, batchSize, shuffle, callbacks, stepsPerEpoch,
    validationSteps, classes,
    validationSplit, classWeight, sampleWeight, verbose in
    let session = context.host as? Session
    if let classes { try m.nameClasses(classes) }
    let progress = TrainingProgress(session: verbose ? session : nil)
    let seed = context.random.next()
    let tell = { (news: String) in if verbose { session?.emit(.text(news)) } }
    let examples = TrainingExamples(
      model: m, x: x, y: y, weights: sampleWeight, batchSize: batchSize, steps: stepsPerEpoch)
    let data: any BatchSource
    let validationData: (any BatchSource)?
    if validationSplit > 0 {
      guard validation.value.isNothing else {
        throw Failure(
          .value, "validation and validation_split are both given", hint: "keep one of them",
          parameter: "validation_split")
      }
      (data, validationData) = try examples.parts(
        validationShare: validationSplit, validationSteps: validationSteps, shuffle: shuffle,
        seed: seed,
        tell: tell)
    } else {
      data = try examples.batches(shuffle: shuffle, seed: seed, continues: true, tell: tell)
      validationData = try examples.validationBatches(validation, validationSteps)
    }
    var history = History()
    do {
      history = try m.fit(
        data, epochs: epochs, validation: validationData,
        classWeights: try TrainingArguments.classWeights(classWeight, of: m),
        callbacks: try trainingCallbacks(callbacks, context)
      ) { event in
        if case .finished(let partial, _) = event { history = partial }
        if case .advised(let advice) = event { session?.warn(advice) }
        progress.show(event)
      }
    } catch let failure as Failure
      where failure.kind == .interrupt && session?.settings.isInteractive == true
    {
      // The cell ends at its next step, since the request stands; what was learnt so far is assigned first.
      session?.warn("training was interrupted; the model keeps the weights of its last whole step")
    }
    if let limited = data as? LimitedBatches, let steps = limited.shortest {
      session?.warn(
        "the data ended after \(steps) of \(limited.batchCount ?? 0) steps of an epoch, which was shorter",
        hint: "repeat(ds) has no end")
    }
    return .object(HistoryObject(history))
  }

  private static func trainingCallbacks(
    _ callbacks: [ArgumentValue], _ context: CallContext
  ) throws -> [TrainingCallback] {
    callbacks.compactMap { item in
      switch item.value {
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
}
