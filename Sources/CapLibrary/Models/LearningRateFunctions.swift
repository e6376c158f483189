import CapLanguage
import Essentials
import NeuralNetworks

/// Looking for a learning rate.
enum LearningRateFunctions {
  static let all: [FunctionDeclaration] = [findLearningRate]

  private static let findLearningRate = FunctionDeclaration(
    "find_learning_rate", topic: "training", "Tries learning rates from small to large, one a step",
    takes: ArgumentList(
      TrainingArguments.model,
      Argument("x", .any, "A dataset of labelled batches, or a tensor of examples"),
      Argument("y", .any, default: .nothing, "Labels, where `x` is a tensor"),
      Argument("start", .number(.positive), default: 1e-6, "The first learning rate"),
      Argument("end", .number(.positive), default: 1, "The last one"),
      Argument("steps", .integer(.atLeast(3)), default: 100, "How many are tried, each on one batch"),
      Argument(
        "batch_size", .integer(.atLeast(1)), default: 32, "Examples a step, where `x` is a tensor")),
    returns:
      "a record: rates and losses, two lists for lines(r.rates, r.losses, xscale=\"log\"), and suggestion, the "
      + "rate at which the loss fell fastest (none where it never fell)",
    errors: [
      "state: the model was not compiled", "shape: examples or labels that do not fit the model",
    ],
    examples: [
      FunctionDeclaration.Example(
        TrainingArguments.exampleModel
          + "compile(m, loss=\"mse\")\nr = find_learning_rate(m, [[0, 1], [1, 0]], [1, 0], steps=20)\nlen(r.rates) == len(r.losses)",
        output: "true")
    ],
    notes:
      "Losses are smoothed over the last few batches. It ends early where the loss has risen to four times the "
      + "least. The model, its optimizer and its learning rate are as they were afterwards.",
    source: "Smith, 2017: Cyclical learning rates for training neural networks",
    seeAlso: ["set_learning_rate", "cosine_decay", "lines"]
  ) { context, m, x, y, start, end, steps, batchSize in
    let examples = TrainingExamples(
      model: m, x: x, y: y, batchSize: batchSize, steps: StepLimit(name: "steps", count: steps))
    let search = try m.findLearningRate(
      try examples.batches(shuffle: true, seed: context.random.next()), from: start, to: end,
      steps: steps)
    return .record([
      ("rates", .numbers(search.rates)), ("losses", .numbers(search.losses)),
      ("suggestion", search.suggestion.map { .number($0) } ?? .nothing),
    ])
  }
}
