import Foundation
import NeuralNetworks
import Tensors
import TestSupport
import Testing

/// Metrics against Keras's, from Reference/make_metrics.py: a network that passes its input on has known scores.
@Suite struct MetricTests {
  private struct Reference: Decodable {
    struct Binary: Decodable {
      let y: [[Float]]
      let p: [[Float]]
      let values: [String: Double]
    }
    struct Classes: Decodable {
      let y: [Float]
      let p: [[Float]]
      let values: [String: Double]
    }
    let binary: Binary
    let several: Binary
    let classes: Classes
  }

  private func reference() throws -> Reference {
    let url = RepositoryPaths.root.appendingPathComponent(
      "Tests/NeuralNetworksTests/Reference/metrics.json")
    return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url))
  }

  private func tensor(_ rows: [[Float]]) throws -> Tensor {
    try Tensor(shape: [rows.count, rows[0].count], elements: rows.flatMap { $0 })
  }

  private func check(
    _ p: [[Float]], _ y: Tensor, _ loss: Loss, _ metrics: [Metric], classes: [String]? = nil,
    _ expected: [String: Double]
  ) throws {
    let model = try Sequential([ActivationLayer(.linear)], inputShape: [p[0].count])
    if let classes { try model.nameClasses(classes) }
    try model.compile(loss: loss, metrics: metrics)
    let logs = try model.evaluate(try TensorBatches(x: tensor(p), y: y, batchSize: 32))
    #expect(Set(logs.map(\.name)) == Set(expected.keys).union(["loss"]))
    for log in logs where log.name != "loss" {
      let value = try #require(expected[log.name])
      #expect(abs(log.value - value) < 2e-6, "\(log.name): \(log.value), Keras has \(value)")
    }
  }

  @Test func ofOneOutput() throws {
    let data = try reference().binary
    let named = [
      "accuracy", "recall", "precision", "specificity", "auc", "pr_auc", "average_precision", "mae", "mse",
    ]
    let metrics =
      try named.map { try #require(Metric(named: $0)) } + [
        Metric(.binaryAccuracy(threshold: 0.7), name: "binary_accuracy_70"),
        Metric(.recall(threshold: 0.7), name: "recall_70"), Metric(.f1(threshold: nil)),
        Metric(.area(.roc, thresholds: 50), name: "auc_50"),
      ]
    try check(data.p, tensor(data.y), .meanSquaredError, metrics, data.values)
  }

  @Test func ofSeveralLabelsAnExample() throws {
    let data = try reference().several
    let metrics = [
      .accuracy, try #require(Metric(named: "binary_accuracy")), .recall,
      try Metric(.recall(threshold: 0.5), classes: .named("c")),
      try Metric(.precision(threshold: 0.5), classes: .number(0)), try Metric(.f1(threshold: 0.5)),
      try Metric(.f1(threshold: nil), classes: .each, name: "each"), .auc,
      try Metric(.area(.roc, thresholds: 200), classes: .named("b")),
      try #require(Metric(named: "pr_auc")), try #require(Metric(named: "average_precision")),
      try Metric(.averagePrecision, classes: .named("d")), try #require(Metric(named: "specificity")),
    ]
    try check(
      data.p, tensor(data.y), .binaryCrossentropy, metrics, classes: ["a", "b", "c", "d"], data.values)
  }

  @Test func ofClassNumbers() throws {
    let data = try reference().classes
    let metrics = [
      .accuracy, try Metric(.topK(2)), .recall, .precision,
      try Metric(.recall(threshold: 0.5), classes: .number(3)), try #require(Metric(named: "f1")), .auc,
      try #require(Metric(named: "pr_auc")),
    ]
    try check(data.p, Tensor(data.y), .sparseCategoricalCrossentropy, metrics, data.values)
    // The same from one-hot labels.
    let oneHot = data.y.map { label in (0..<5).map { Float($0) == label ? Float(1) : 0 } }
    try check(data.p, tensor(oneHot), .categoricalCrossentropy, metrics, data.values)
  }

  @Test func ofTheCallersOwn() throws {
    let model = try Sequential([ActivationLayer(.linear)], inputShape: [1])
    let metrics = [
      try Metric(.custom(CustomMetric("batches") { _, p in .number(Double(p.shape[0])) })),
      try Metric(.custom(CustomMetric("examples") { _, p in .perExample(p.elements.map { Double($0) }) })),
      try Metric(.custom(CustomMetric("whole", ofWholeEpoch: true) { y, _ in .number(Double(y.count)) })),
    ]
    try model.compile(loss: .meanSquaredError, metrics: metrics)
    let x = try Tensor(shape: [5, 1], elements: [1, 2, 3, 4, 10])
    let logs = try model.evaluate(try TensorBatches(x: x, y: Tensor([0, 0, 0, 0, 0]), batchSize: 4))
    let values = Dictionary(uniqueKeysWithValues: logs.map { ($0.name, $0.value) })
    #expect(values["batches"] == 2.5)
    #expect(values["examples"] == 4)
    #expect(values["whole"] == 5)
  }

  @Test func aFileKeepsSettings() throws {
    let metrics = [
      .accuracy, try Metric(.recall(threshold: 0.7), classes: .named("owl")),
      try Metric(.f1(threshold: nil), classes: .each), try Metric(.area(.precisionRecall, thresholds: 50)),
    ]
    let model = try Sequential([try Dense(units: 3, activation: .sigmoid)], inputShape: [2])
    try model.nameClasses(["frog", "owl", "toad"])
    try model.compile(loss: .binaryCrossentropy, metrics: metrics)
    let folder = try TemporaryFolder()
    let path = folder.path("model.safetensors")
    try model.save(path)
    let loaded = try Sequential.load(path)
    #expect(loaded.classNames == ["frog", "owl", "toad"])
    let data = try TensorBatches(x: Tensor.zeros([4, 2]), y: Tensor.zeros([4, 3]))
    #expect(try loaded.evaluate(data) == model.evaluate(data))
  }
}
