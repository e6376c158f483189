import CapLanguage
import Essentials
import NeuralNetworks
import Notebook
import Tensors

/// One layer's description, as a value of the language.
final class LayerObject: DomainObject, @unchecked Sendable {
  let layer: any Layer

  init(_ layer: any Layer) {
    self.layer = layer
    super.init()
  }

  override var kindName: String { "layer" }
  override var summary: String {
    "Layer \(type(of: layer).kind)(\(Self.text(layer.settings)))"
  }

  override func isEqual(to other: DomainObject) -> Bool {
    guard let other = other as? LayerObject else { return false }
    return type(of: layer).kind == type(of: other.layer).kind
      && layer.settings == other.layer.settings
  }

  private static func text(_ settings: LayerSettings) -> String {
    settings.values.sorted { $0.key < $1.key }.map { "\($0)=\(text($1))" }.joined(separator: ", ")
  }

  private static func text(_ value: LayerSettings.Value) -> String {
    switch value {
    case .flag(let flag): flag ? "true" : "false"
    case .group(let group): "{" + text(group) + "}"
    case .number(let number): Value.number(number).description
    case .word(let word): "\"\(word)\""
    case .integers(let numbers): "[" + numbers.map(String.init).joined(separator: ", ") + "]"
    }
  }
}

/// An optimizer with its settings.
final class OptimizerObject: DomainObject, @unchecked Sendable {
  let optimizer: Optimizer

  init(_ optimizer: Optimizer) {
    self.optimizer = optimizer
    super.init()
  }

  override var kindName: String { "optimizer" }
  override var summary: String { "Optimizer \(optimizer.summary)" }
}

/// A loss with its settings.
final class LossObject: DomainObject, @unchecked Sendable {
  let loss: Loss

  init(_ loss: Loss) {
    self.loss = loss
    super.init()
  }

  override var kindName: String { "loss" }
  override var summary: String {
    "Loss \(loss.rawValue)(\(loss.settings.map { "\($0.name)=\($0.value.text)" }.joined(separator: ", ")))"
  }
}

/// A learning rate that changes from step to step.
final class ScheduleObject: DomainObject, @unchecked Sendable {
  let rate: LearningRate

  init(_ rate: LearningRate) {
    self.rate = rate
    super.init()
  }

  override var kindName: String { "schedule" }
  override var summary: String { "Schedule \(rate.summary)" }
}

/// A callback of `fit`.
final class CallbackObject: DomainObject, @unchecked Sendable {
  let callback: TrainingCallback

  init(_ callback: TrainingCallback) {
    self.callback = callback
    super.init()
  }

  override var kindName: String { "callback" }
}

/// A network. The one reference among the language's values: `fit` changes it for everyone who holds it.
final class ModelObject: DomainObject, RichDisplay, @unchecked Sendable {
  let model: Sequential

  init(_ model: Sequential) {
    self.model = model
    super.init()
  }

  override var kindName: String { "model" }
  override var summary: String {
    let layers = model.layers.count
    guard let input = model.inputShape, let output = model.outputShape else {
      return "Model of \(layers) layer\(layers == 1 ? "" : "s"), not built yet"
    }
    return "Model of \(layers) layer\(layers == 1 ? "" : "s") · \(input.shapeDescription) → "
      + "\(output.shapeDescription) · \(ModelSummary.grouped(model.summary.totalCount)) parameters"
      + (model.isCompiled ? " · compiled" : "")
  }

  override class var ownFieldNames: [String] {
    [
      "input_shape", "output_shape", "parameters", "layers", "weights", "compiled", "classes",
      "learning_rate",
    ]
  }

  override func field(_ name: String) throws -> Value? {
    switch name {
    case "input_shape": model.inputShape.map { .list($0.map { .number($0) }) } ?? .nothing
    case "output_shape": model.outputShape.map { .list($0.map { .number($0) }) } ?? .nothing
    case "parameters": .number(model.summary.totalCount)
    case "layers": .list(model.layers.map { .object(LayerObject($0)) })
    case "weights":
      .record(try model.readWeights().map { ($0.name, .object(TensorObject($0.value))) })
    case "compiled": .bool(model.isCompiled)
    case "classes": model.classNames.map { .list($0.map { .string($0) }) } ?? .nothing
    case "learning_rate": model.learningRate.map { .number($0) } ?? .nothing
    default: nil
    }
  }

  func outputs(in session: Session) throws -> [Output] { [.table(summaryTable)] }

  /// Keras's summary: a row a layer, the totals below.
  var summaryTable: Table {
    let summary = model.summary
    return Table(
      title: "Model: \"\(summary.name)\"",
      columns: [
        Table.Column("Layer (type)"), Table.Column("Output Shape"),
        Table.Column("Param #", alignment: .right),
      ],
      rows: summary.rows.map {
        [
          "\($0.name) (\($0.layerClass))", $0.outputDescription,
          ModelSummary.grouped($0.parameterCount),
        ]
      },
      notes: [
        "Total params: \(Self.size(summary.totalCount))",
        "Trainable params: \(Self.size(summary.trainableCount))",
        "Non-trainable params: \(Self.size(summary.nonTrainableCount))",
      ])
  }

  /// What the engine runs each layer with, and why.
  func planTable(batchSize: Int) throws -> Table {
    let names = model.layerNames
    guard let report = try model.planReport(batchSize: batchSize) else {
      return Table(columns: [], rows: [])
    }
    return Table(
      title: model.isCompiled ? "Plan of a training step" : "Plan of a prediction",
      columns: [
        Table.Column("Layer"), Table.Column("Computes"), Table.Column("Algorithm"),
        Table.Column("Layout"),
        Table.Column("Time", alignment: .right), Table.Column("Memory", alignment: .right),
        Table.Column("Why"),
      ],
      rows: report.choices.map { choice in
        [
          names.indices.contains(choice.layer) ? names[choice.layer] : "\(choice.layer)",
          choice.pass,
          choice.algorithm, choice.layout,
          choice.seconds.map { "\(NumberText.fixed($0 * 1e3, 2)) ms" } ?? "",
          choice.byteCount > 0 ? ByteCount.text(Double(choice.byteCount)) : "", choice.reason,
        ]
      },
      notes: [
        "\(report.examplesAtOnce) of a batch's examples at a time on each thread, which works in "
          + ByteCount.text(Double(report.byteCountPerThread))
      ])
  }

  private static func size(_ count: Int) -> String {
    "\(ModelSummary.grouped(count)) (\(ByteCount.text(Double(count) * 4)))"
  }
}

/// What training measured, epoch by epoch.
final class HistoryObject: DomainObject, @unchecked Sendable {
  let history: History

  init(_ history: History) {
    self.history = history
    super.init()
  }

  override var kindName: String { "history" }
  override var summary: String {
    let epochs = history.epochCount
    let last = history.columns.compactMap { column in
      column.values.last.map { "\(column.name): \(ProgressText.measure($0, 4))" }
    }
    return (["History of \(epochs) epoch\(epochs == 1 ? "" : "s")"] + last).joined(separator: " · ")
  }

  override var fieldNames: [String] { history.columns.map(\.name) + ["epochs", "seconds"] }

  override func field(_ name: String) throws -> Value? {
    switch name {
    case "epochs": .number(history.epochCount)
    case "seconds": .numbers(history.epochSeconds)
    default: history[name].map { .numbers($0) }
    }
  }

  override func subscripted(_ subscripts: [Subscript]) throws -> Value? {
    guard subscripts.count == 1, case .index(.string(let name)) = subscripts[0] else { return nil }
    guard let values = history[name.text] else {
      throw Failure(
        .key, "the history has no '\(name.text)'",
        hint: "it has \(history.columns.map(\.name).joined(separator: ", "))")
    }
    return .numbers(values)
  }
}
