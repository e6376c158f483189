import CapLanguage
import Essentials
import NeuralNetworks
import Notebook

/// What a model consists of.
enum SummaryFunctions {
  static let all: [FunctionDeclaration] = [summary]

  private static let summary = FunctionDeclaration(
    "summary", topic: "models", "Shows a model's layers, shapes and parameters",
    takes: ArgumentList(
      Argument("m", .object("model", ModelObject.self), "The model"),
      Argument(
        "plan", .bool, default: false,
        "Whether to show what the engine runs each layer with, and why; it measures what it has not yet"
      ),
      Argument("batch_size", .integer(.atLeast(1)), default: 32, "The batches that the plan is for")),
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
  ) { context, m, plan, batchSize in
    let session = context.host as? Session
    session?.emit(.table(m.summaryTable))
    if plan {
      session?.emit(.table(try m.planTable(batchSize: batchSize)))
    }
    return .nothing
  }
}
