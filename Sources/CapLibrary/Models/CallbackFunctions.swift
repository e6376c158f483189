import CapLanguage
import Essentials
import NeuralNetworks

/// What fit does before and after each epoch.
enum CallbackFunctions {
  static let all: [FunctionDeclaration] = [
    earlyStopping, reduceOnPlateau, learningRateScheduler, modelCheckpoint, backupAndRestore, csvLogger,
    terminateOnNaN,
  ]

  private static let returns = "a callback for fit"

  private static let monitorParameter = Parameter(
    "monitor", .string, default: "val_loss", "The measure: loss, val_loss, val_recall, …")
  private static let modeParameter = Parameter(
    "mode", .choice(TrainingCallback.Mode.allCases.map(\.rawValue)), default: "auto",
    "Whether smaller (\"min\") or larger (\"max\") is better; \"auto\" knows it of the measure")

  private static func mode(_ arguments: Arguments) throws -> TrainingCallback.Mode {
    TrainingCallback.Mode(rawValue: try arguments.string("mode")) ?? .auto
  }

  private static let exampleFit =
    "m = sequential([dense(1, activation=\"sigmoid\")], input_shape=[2])\ncompile(m, optimizer=sgd(0.1))\n"
    + "h = fit(m, [[0, 1], [1, 0]], [1, 0], epochs=4, verbose=false, callbacks="

  private static let earlyStopping = FunctionDeclaration(
    "early_stopping", topic: "training", "A callback for fit that stops when a measure gets no better",
    parameters: [
      monitorParameter,
      Parameter("patience", .integer(.nonNegative), default: 0, "Epochs without progress to wait for"),
      Parameter("restore_best", .bool, default: false, "Whether to go back to the weights of the best epoch"),
      Parameter("min_delta", .number(.nonNegative), default: 0, "What is less than this is no progress"),
      modeParameter,
      Parameter(
        "baseline", .optional(.number), default: .nothing, "Only what is better than this is progress"),
      Parameter(
        "start_from_epoch", .integer(.nonNegative), default: 0, "Epochs at the beginning that do not count"),
    ],
    returns: returns, errors: ["key: a measure that fit does not measure"],
    examples: [
      FunctionDeclaration.Example(
        inFolder:
          "history = fit(model, train, epochs=5, validation=test, callbacks=[early_stopping(patience=2)], verbose=false)\nlen(history.loss) <= 5",
        output: "true")
    ],
    source: "keras.callbacks.EarlyStopping (whose restore_best_weights is restore_best here)",
    seeAlso: ["fit", "reduce_lr_on_plateau", "model_checkpoint"]
  ) { arguments, _ in
    .object(
      CallbackObject(
        .earlyStopping(
          monitor: try arguments.string("monitor"), patience: try arguments.int("patience"),
          restoreBest: try arguments.bool("restore_best"), minDelta: try arguments.number("min_delta"),
          mode: try mode(arguments), baseline: try arguments.optionalNumber("baseline"),
          startFromEpoch: try arguments.int("start_from_epoch"))))
  }

  private static let reduceOnPlateau = FunctionDeclaration(
    "reduce_lr_on_plateau", topic: "training",
    "A callback for fit that lowers the learning rate when a measure gets no better",
    parameters: [
      monitorParameter,
      Parameter(
        "factor", .number(.between(0, 1, includesHigh: false)), default: 0.1,
        "What the learning rate is multiplied by"),
      Parameter("patience", .integer(.nonNegative), default: 10, "Epochs without progress to wait for"),
      modeParameter,
      Parameter("min_delta", .number(.nonNegative), default: 0.0001, "What is less than this is no progress"),
      Parameter("cooldown", .integer(.nonNegative), default: 0, "Epochs to wait after each time"),
      Parameter("min_lr", .number(.nonNegative), default: 0, "The learning rate does not fall below this"),
    ],
    returns: returns,
    errors: [
      "key: a measure that fit does not measure", "value: an optimizer whose learning rate is a schedule",
    ],
    examples: [
      FunctionDeclaration.Example(
        exampleFit
          + "[reduce_lr_on_plateau(\"loss\", factor=0.5, patience=1, min_delta=9)])\nh.learning_rate",
        output: "[0.1, 0.1, 0.05, 0.025]")
    ],
    notes: "The optimizer keeps what it has gathered. The history has the learning rate of each epoch.",
    source: "keras.callbacks.ReduceLROnPlateau", seeAlso: ["early_stopping", "learning_rate_scheduler"]
  ) { arguments, _ in
    .object(
      CallbackObject(
        .reduceOnPlateau(
          monitor: try arguments.string("monitor"), factor: try arguments.number("factor"),
          patience: try arguments.int("patience"), minDelta: try arguments.number("min_delta"),
          mode: try mode(arguments), cooldown: try arguments.int("cooldown"),
          minRate: try arguments.number("min_lr"))))
  }

  private static let learningRateScheduler = FunctionDeclaration(
    "learning_rate_scheduler", topic: "training",
    "A callback for fit that sets the learning rate before each epoch",
    parameters: [
      Parameter(
        "f", .function,
        "A function of the epoch, which counts from 0 as in Keras, or of the epoch and the learning rate so far"
      )
    ],
    returns: returns,
    errors: [
      "value: an optimizer whose learning rate is a schedule, or a function that gives no number from 0"
    ],
    examples: [
      FunctionDeclaration.Example(
        exampleFit + "[learning_rate_scheduler((epoch, rate) => rate / 2)])\nh.learning_rate",
        output: "[0.05, 0.025, 0.0125, 0.00625]")
    ],
    source: "keras.callbacks.LearningRateScheduler", seeAlso: ["set_learning_rate", "cosine_decay"]
  ) { arguments, context in
    let function = try arguments.function("f")
    let caller = context.workerCaller(for: function)
    let takesRate = function.parameterNames.count > 1
    return .object(
      CallbackObject(
        .learningRateScheduler { epoch, rate in
          let answer = try caller.call(takesRate ? [.number(epoch), .number(rate)] : [.number(epoch)])
          guard case .number(let rate) = answer else {
            throw Failure(
              .type, "the function of learning_rate_scheduler gave \(answer.kindPhrase), not a number",
              parameter: "callbacks")
          }
          return rate
        }))
  }

  private static let modelCheckpoint = FunctionDeclaration(
    "model_checkpoint", topic: "training", "A callback for fit that writes the model after epochs",
    parameters: [
      Parameter(
        "path", .string,
        "The file; {epoch}, {epoch:02d}, {val_loss:.4f} in it stand for the epoch, from 1, and its measures"),
      monitorParameter,
      Parameter(
        "save_best_only", .bool, default: false, "Whether only epochs are kept that are the best so far"),
      Parameter(
        "save_weights_only", .bool, default: false, "Whether to write what save_weights does, not save"),
      modeParameter,
    ],
    returns: returns,
    errors: [
      "key: a measure that fit does not measure", "value: a path that names such a measure",
      "file: the file cannot be written",
    ],
    examples: [
      FunctionDeclaration.Example(
        inFolder: exampleFit
          + "[model_checkpoint(\"best.safetensors\", \"loss\", save_best_only=true)])\nload_model(\"best.safetensors\").compiled",
        output: "true")
    ],
    notes: "Each file appears whole or not at all.",
    source: "keras.callbacks.ModelCheckpoint", seeAlso: ["save", "backup_and_restore", "early_stopping"]
  ) { arguments, _ in
    .object(
      CallbackObject(
        .modelCheckpoint(
          path: try FileFunctions.path(arguments), monitor: try arguments.string("monitor"),
          saveBestOnly: try arguments.bool("save_best_only"),
          saveWeightsOnly: try arguments.bool("save_weights_only"), mode: try mode(arguments))))
  }

  private static let backupAndRestore = FunctionDeclaration(
    "backup_and_restore", topic: "training",
    "A callback for fit that lets a training go on after its process was ended",
    parameters: [
      Parameter("path", .string, "The file of this training; .safetensors is usual"),
      Parameter(
        "delete_checkpoint", .bool, default: true, "Whether the file is removed once the training is done"),
    ],
    returns: returns,
    errors: [
      "value: the file is that of another training", "file: the file cannot be written",
      "format: it is no such file, or a broken one",
    ],
    examples: [
      FunctionDeclaration.Example(
        inFolder: exampleFit + "[backup_and_restore(\"run.safetensors\")])\nexists(\"run.safetensors\")",
        output: "false")
    ],
    notes:
      "After each epoch everything that the training needs is in the file: weights, what the optimizer has "
      + "gathered, steps, learning rate, history, what the other callbacks remember. Run the same script again and "
      + "fit goes on with the epoch after the last whole one. The result has the same bits as if nothing had been, "
      + "with the same --seed and --threads: orders of shuffle, random draws of map and dropout are those that would "
      + "have come. Functions among the callbacks begin anew.",
    source: "keras.callbacks.BackupAndRestore", seeAlso: ["model_checkpoint", "fit"]
  ) { arguments, _ in
    .object(
      CallbackObject(
        .backup(
          path: try FileFunctions.path(arguments),
          deletesWhenDone: try arguments.bool("delete_checkpoint"))))
  }

  private static let csvLogger = FunctionDeclaration(
    "csv_logger", topic: "training", "A callback for fit that writes a table with a row an epoch",
    parameters: [
      Parameter("path", .string, "The file"),
      Parameter("append", .bool, default: false, "Whether rows go behind those that are there"),
    ],
    returns: returns, errors: ["file: the file cannot be written"],
    examples: [
      FunctionDeclaration.Example(
        inFolder: exampleFit + "[csv_logger(\"log.csv\")])\n[row.epoch for row in read_csv(\"log.csv\")]",
        output: "[0, 1, 2, 3]")
    ],
    notes: "Columns: epoch, which counts from 0 as in Keras, then loss and metrics.",
    source: "keras.callbacks.CSVLogger", seeAlso: ["read_csv", "fit"]
  ) { arguments, _ in
    .object(
      CallbackObject(
        .csvLogger(path: try FileFunctions.path(arguments), append: try arguments.bool("append"))))
  }

  private static let terminateOnNaN = FunctionDeclaration(
    "terminate_on_nan", topic: "training", "A callback for fit that does what fit does anyway",
    parameters: [], returns: returns,
    examples: [FunctionDeclaration.Example(exampleFit + "[terminate_on_nan()])\nlen(h.loss)", output: "4")],
    notes:
      "fit always ends with an error where loss, gradients, weights or moving statistics are no number; the "
      + "model keeps those of the last good step.",
    source: "keras.callbacks.TerminateOnNaN", seeAlso: ["fit"]
  ) { _, _ in .object(CallbackObject(.afterEpoch { _ in true })) }
}
