import CapLanguage
import Essentials
import NeuralNetworks

/// What fit does before and after each epoch.
enum CallbackFunctions {
  static let all: [FunctionDeclaration] = [
    earlyStopping, reduceOnPlateau, learningRateScheduler, modelCheckpoint, backupAndRestore,
    csvLogger,
    terminateOnNaN,
  ]

  private static let returns = "a callback for fit"

  private static let monitorParameter = Argument(
    "monitor", .string, default: "val_loss", "The measure: loss, val_loss, val_recall, …")
  private static let modeParameter = Argument(
    "mode", .choice(TrainingCallback.Mode.self), default: "auto",
    "Whether smaller (\"min\") or larger (\"max\") is better; \"auto\" knows it of the measure")

  private static let exampleFit =
    "m = sequential([dense(1, activation=\"sigmoid\")], input_shape=[2])\ncompile(m, optimizer=sgd(0.1))\n"
    + "h = fit(m, [[0, 1], [1, 0]], [1, 0], epochs=4, verbose=false, callbacks="

  private static let earlyStopping = FunctionDeclaration(
    "early_stopping", topic: "training",
    "A callback for fit that stops when a measure gets no better",
    takes: ArgumentList(
      monitorParameter,
      Argument("patience", .integer(.nonNegative), default: 0, "Epochs without progress to wait for"),
      Argument(
        "restore_best", .bool, also: ["restore_best_weights"], default: false,
        "Whether to go back to the weights of the best epoch"),
      Argument(
        "min_delta", .number(.nonNegative), default: 0, "What is less than this is no progress"),
      modeParameter,
      Argument(
        "baseline", .optional(.number), default: .nothing, "Only what is better than this is progress"
      ),
      Argument(
        "start_from_epoch", .integer(.nonNegative), default: 0,
        "Epochs at the beginning that do not count")),
    returns: returns, errors: ["key: a measure that fit does not measure"],
    examples: [
      FunctionDeclaration.Example(
        inFolder:
          "history = fit(model, train, epochs=5, validation=test, callbacks=[early_stopping(patience=2)], verbose=false)\nlen(history.loss) <= 5",
        output: "true")
    ],
    source: "keras.callbacks.EarlyStopping",
    seeAlso: ["fit", "reduce_lr_on_plateau", "model_checkpoint"]
  ) { _, monitor, patience, restoreBest, minDelta, mode, baseline, startFromEpoch in
    .object(
      CallbackObject(
        .earlyStopping(
          monitor: monitor, patience: patience,
          restoreBest: restoreBest, minDelta: minDelta,
          mode: mode, baseline: baseline,
          startFromEpoch: startFromEpoch)))
  }

  private static let reduceOnPlateau = FunctionDeclaration(
    "reduce_lr_on_plateau", topic: "training",
    "A callback for fit that lowers the learning rate when a measure gets no better",
    takes: ArgumentList(
      monitorParameter,
      Argument(
        "factor", .number(.between(0, 1, includesHigh: false)), default: 0.1,
        "What the learning rate is multiplied by"),
      Argument(
        "patience", .integer(.nonNegative), default: 10, "Epochs without progress to wait for"),
      modeParameter,
      Argument(
        "min_delta", .number(.nonNegative), default: 0.0001, "What is less than this is no progress"),
      Argument("cooldown", .integer(.nonNegative), default: 0, "Epochs to wait after each time"),
      Argument(
        "min_lr", .number(.nonNegative), default: 0, "The learning rate does not fall below this")),
    returns: returns,
    errors: [
      "key: a measure that fit does not measure",
      "value: an optimizer whose learning rate is a schedule",
    ],
    examples: [
      FunctionDeclaration.Example(
        exampleFit
          + "[reduce_lr_on_plateau(\"loss\", factor=0.5, patience=1, min_delta=9)])\nh.learning_rate",
        output: "[0.1, 0.1, 0.05, 0.025]")
    ],
    notes:
      "The optimizer keeps what it has gathered. The history has the learning rate of each epoch.",
    source: "keras.callbacks.ReduceLROnPlateau",
    seeAlso: ["early_stopping", "learning_rate_scheduler"]
  ) { _, monitor, factor, patience, mode, minDelta, cooldown, minLr in
    .object(
      CallbackObject(
        .reduceOnPlateau(
          monitor: monitor, factor: factor,
          patience: patience, minDelta: minDelta,
          mode: mode, cooldown: cooldown,
          minRate: minLr)))
  }

  private static let learningRateScheduler = FunctionDeclaration(
    "learning_rate_scheduler", topic: "training",
    "A callback for fit that sets the learning rate before each epoch",
    takes: ArgumentList(
      Argument(
        "f", .function,
        "A function of the epoch, which counts from 0 as in Keras, or of the epoch and the learning rate so far"
      )),
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
  ) { context, f in
    let caller = context.workerCaller(for: f)
    let takesRate = f.parameterNames.count > 1
    return .object(
      CallbackObject(
        .learningRateScheduler { epoch, rate in
          let answer = try caller.call(
            takesRate ? [.number(epoch), .number(rate)] : [.number(epoch)])
          guard case .number(let rate) = answer else {
            throw Failure(
              .type,
              "the function of learning_rate_scheduler gave \(answer.kindPhrase), not a number",
              parameter: "callbacks")
          }
          return rate
        }))
  }

  private static let modelCheckpoint = FunctionDeclaration(
    "model_checkpoint", topic: "training", "A callback for fit that writes the model after epochs",
    takes: ArgumentList(
      Argument(
        "path", .path,
        "The file; {epoch}, {epoch:02d}, {val_loss:.4f} in it stand for the epoch, from 1, and its measures"
      ),
      monitorParameter,
      Argument(
        "save_best_only", .bool, default: false,
        "Whether only epochs are kept that are the best so far"),
      Argument(
        "save_weights_only", .bool, default: false,
        "Whether to write what save_weights does, not save"),
      modeParameter),
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
    source: "keras.callbacks.ModelCheckpoint",
    seeAlso: ["save", "backup_and_restore", "early_stopping"]
  ) { _, path, monitor, saveBestOnly, saveWeightsOnly, mode in
    .object(
      CallbackObject(
        .modelCheckpoint(
          path: path, monitor: monitor,
          saveBestOnly: saveBestOnly,
          saveWeightsOnly: saveWeightsOnly, mode: mode)))
  }

  private static let backupAndRestore = FunctionDeclaration(
    "backup_and_restore", topic: "training",
    "A callback for fit that lets a training go on after its process was ended",
    takes: ArgumentList(
      Argument("path", .path, "The file of this training; .safetensors is usual"),
      Argument(
        "delete_checkpoint", .bool, default: true,
        "Whether the file is removed once the training is done")),
    returns: returns,
    errors: [
      "value: the file is that of another training", "file: the file cannot be written",
      "format: it is no such file, or a broken one",
    ],
    examples: [
      FunctionDeclaration.Example(
        inFolder: exampleFit
          + "[backup_and_restore(\"run.safetensors\")])\nexists(\"run.safetensors\")",
        output: "false")
    ],
    notes:
      "After each epoch everything that the training needs is in the file: weights, what the optimizer has "
      + "gathered, steps, learning rate, history, what the other callbacks remember. Run the same script again and "
      + "fit goes on with the epoch after the last whole one. The result has the same bits as if nothing had been, "
      + "with the same --seed and --threads: orders of shuffle, random draws of map and dropout are those that would "
      + "have come. Functions among the callbacks begin anew.",
    source: "keras.callbacks.BackupAndRestore", seeAlso: ["model_checkpoint", "fit"]
  ) { _, path, deleteCheckpoint in
    .object(
      CallbackObject(
        .backup(
          path: path,
          deletesWhenDone: deleteCheckpoint)))
  }

  private static let csvLogger = FunctionDeclaration(
    "csv_logger", topic: "training", "A callback for fit that writes a table with a row an epoch",
    takes: ArgumentList(
      Argument("path", .path, "The file"),
      Argument("append", .bool, default: false, "Whether rows go behind those that are there")),
    returns: returns, errors: ["file: the file cannot be written"],
    examples: [
      FunctionDeclaration.Example(
        inFolder: exampleFit
          + "[csv_logger(\"log.csv\")])\n[row.epoch for row in read_csv(\"log.csv\")]",
        output: "[0, 1, 2, 3]")
    ],
    notes: "Columns: epoch, which counts from 0 as in Keras, then loss and metrics.",
    source: "keras.callbacks.CSVLogger", seeAlso: ["read_csv", "fit"]
  ) { _, path, append in
    .object(
      CallbackObject(
        .csvLogger(path: path, append: append)))
  }

  private static let terminateOnNaN = FunctionDeclaration(
    "terminate_on_nan", topic: "training", "A callback for fit that does what fit does anyway",
    returns: returns,
    examples: [
      FunctionDeclaration.Example(exampleFit + "[terminate_on_nan()])\nlen(h.loss)", output: "4")
    ],
    notes:
      "fit always ends with an error where loss, gradients, weights or moving statistics are no number; the "
      + "model keeps those of the last good step.",
    source: "keras.callbacks.TerminateOnNaN", seeAlso: ["fit"]
  ) { _ in .object(CallbackObject(.afterEpoch { _ in true })) }
}
