import CapLanguage
import NeuralNetworks

/// What fit does after each epoch.
enum CallbackFunctions {
  static let all: [FunctionDeclaration] = [earlyStopping]

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
}
