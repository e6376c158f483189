import Foundation
import NeuralNetworks
import Tensors
import TestSupport
import Testing

/// What Keras computes for small models, from files that Reference/make_reference.py wrote.
struct ParityTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let layers: @Sendable () throws -> [any Layer]
    let loss: Loss
    let optimizer: Optimizer
    let metrics: [Metric]
    var batchSize = 8
    var testDescription: String { name }
  }

  static let binary: [Metric] = [.accuracy, .recall, .precision, .auc]

  static let cases: [Case] = [
    Case(
      name: "tutorial",
      layers: {
        [
          try Conv2D(filters: 16, kernel: Extent(3), activation: .relu),
          try Conv2D(filters: 16, kernel: Extent(3), activation: .relu), Flatten(),
          try Dense(units: 1, activation: .sigmoid),
        ]
      }, loss: .binaryCrossentropy, optimizer: .adam(), metrics: binary),
    Case(
      name: "winograd",
      layers: {
        [
          try Conv2D(filters: 16, kernel: Extent(3), padding: .same, activation: .relu),
          try Conv2D(filters: 32, kernel: Extent(3), padding: .same, activation: .tanh),
          try MaxPool2D(pool: Extent(3), strides: Extent(2), padding: .same), GlobalAveragePool2D(),
          try Dense(units: 4, activation: .softmax),
        ]
      }, loss: .sparseCategoricalCrossentropy, optimizer: .adam(learningRate: 0.01), metrics: [.accuracy],
      batchSize: 4),
    Case(
      name: "strided",
      layers: {
        [
          try Conv2D(filters: 5, kernel: Extent(3, 2), strides: Extent(2, 3), padding: .same),
          ActivationLayer(.relu),
          try AveragePool2D(pool: Extent(2), strides: Extent(1), padding: .same),
          try Conv2D(filters: 17, kernel: Extent(2), activation: .sigmoid),
          try MaxPool2D(pool: Extent(2, 1)), Flatten(), try Dense(units: 6, activation: .tanh),
          try Dense(units: 3, activation: .softmax),
        ]
      }, loss: .categoricalCrossentropy, optimizer: .sgd(learningRate: 0.05, momentum: 0.9),
      metrics: [.accuracy]),
    Case(
      name: "normalised",
      layers: {
        [
          try Conv2D(filters: 7, kernel: Extent(3)), try BatchNorm(), ActivationLayer(.relu),
          try AveragePool2D(), Flatten(), try BatchNorm(momentum: 0.9, epsilon: 0.01),
          try Dense(units: 1, activation: .sigmoid),
        ]
      }, loss: .binaryCrossentropy, optimizer: .sgd(learningRate: 0.05, momentum: 0.5), metrics: binary),
    Case(
      name: "vectors", layers: { [try Dense(units: 20, activation: .relu), try Dense(units: 3)] },
      loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.02, momentum: 0.8, nesterov: true),
      metrics: []),
    Case(
      name: "sequences",
      layers: {
        [
          try Dense(units: 6, activation: .sigmoid), try BatchNorm(), try Dense(units: 4), Flatten(),
          try Dense(units: 2, activation: .sigmoid),
        ]
      }, loss: .binaryCrossentropy, optimizer: .sgd(learningRate: 0.1), metrics: [.accuracy]),
    Case(
      name: "plain_probabilities",
      layers: { [try Dense(units: 8, activation: .tanh), try Dense(units: 3), ActivationLayer(.sigmoid)] },
      loss: .categoricalCrossentropy, optimizer: .adam(learningRate: 0.01), metrics: [.accuracy]),
    Case(
      name: "plain_sparse",
      layers: { [try Dense(units: 8, activation: .tanh), try Dense(units: 3), ActivationLayer(.sigmoid)] },
      loss: .sparseCategoricalCrossentropy, optimizer: .adam(learningRate: 0.01), metrics: [.accuracy]),
    Case(
      name: "saturated", layers: { [try Dense(units: 1, activation: .sigmoid)] },
      loss: .binaryCrossentropy, optimizer: .adam(learningRate: 0.1), metrics: binary),
    Case(
      name: "linear_probabilities", layers: { [try Dense(units: 1)] }, loss: .binaryCrossentropy,
      optimizer: .sgd(learningRate: 0.01), metrics: []),
  ]

  static func reference(_ name: String) throws -> SafeTensors {
    let file = RepositoryPaths.root.appendingPathComponent(
      "Tests/NeuralNetworksTests/Reference/\(name).safetensors")
    return try SafeTensors(reading: file.path)
  }

  static func model(
    _ test: Case, _ reference: SafeTensors, x: Tensor, options: EngineOptions = EngineOptions(choice: .rule)
  ) throws -> Sequential {
    let model = try Sequential(test.layers(), inputShape: Array(x.shape.dropFirst()))
    model.engineOptions = options
    try model.setWeights(model.weights.map { try #require(reference[$0.name]) })
    try model.compile(optimizer: test.optimizer, loss: test.loss, metrics: test.metrics)
    return model
  }

  /// On oneDNN, and on our own kernels for each instruction set of this machine.
  @Test(arguments: cases, FusedKernelTests.paths)
  func agreesWithKeras(_ test: Case, _ kernels: FusedKernels) throws {
    try check(test, EngineOptions(choice: .rule, kernels: kernels))
  }

  /// Each way to compute a convolution, wherever oneDNN has it.
  @Test(
    arguments: cases.filter { $0.name.contains(/^(tutorial|winograd|strided)$/) },
    ConvolutionAlgorithm.allCases)
  func agreesWithKerasBy(_ test: Case, _ algorithm: ConvolutionAlgorithm) throws {
    try check(test, EngineOptions(choice: .only(algorithm), kernels: .off))
  }

  private func check(_ test: Case, _ options: EngineOptions) throws {
    let reference = try Self.reference(test.name)
    let x = try #require(reference["x"])
    let y = try #require(reference["y"])
    let model = try Self.model(test, reference, x: x, options: options)

    try expectClose(model.predict(x), try #require(reference["predictions"]), within: 1e-5)

    // Each step's own loss, from the means over the epoch that `fit` tells.
    let data = try TensorBatches(x: x, y: y, batchSize: test.batchSize)
    let perEpoch = try #require(data.batchCount)
    let epochs = 12 / perEpoch
    var losses: [Double] = []
    var previous = 0.0
    let history = try model.fit(data, epochs: epochs) { event in
      guard case .stepEnded(let report) = event else { return }
      let mean = report.logs[0].value
      losses.append(mean * Double(report.step) - previous * Double(report.step - 1))
      previous = mean
    }
    let expected = try #require(reference["losses"]).elements
    #expect(losses.count == expected.count)
    for (loss, expected) in zip(losses, expected) {
      #expect(abs(loss - Double(expected)) <= 1e-4 * max(1, Double(expected)), "\(losses)")
    }
    // Inputs of 60 and more multiply the rounding of weights.
    let tolerance: Float = test.name == "saturated" ? 5e-4 : 1e-4
    try expectClose(model.predict(x), try #require(reference["after"]), within: tolerance)

    let names = history.columns.map(\.name).sorted()
    let last = try #require(reference["history"]).elements
    for (name, expected) in zip(names, last) {
      let value = try #require(history[name]?.last)
      #expect(abs(value - Double(expected)) < 1e-4 * max(1, Double(expected)), "\(name)")
    }
    let evaluation = try #require(reference["evaluation"]).elements
    for (log, expected) in zip(try model.evaluate(data).sorted { $0.name < $1.name }, evaluation) {
      #expect(abs(log.value - Double(expected)) < 1e-4 * max(1, Double(expected)), "\(log.name)")
    }
  }

  @Test func theSummaryIsThatOfTheTutorial() throws {
    let model = try Sequential(Self.cases[0].layers(), inputShape: [1491, 257, 1])
    let summary = model.summary
    #expect(summary.rows.map(\.name) == ["conv2d", "conv2d_1", "flatten", "dense"])
    #expect(
      summary.rows.map(\.outputDescription) == [
        "(None, 1489, 255, 16)", "(None, 1487, 253, 16)", "(None, 6019376)", "(None, 1)",
      ])
    #expect(summary.rows.map(\.parameterCount) == [160, 2320, 0, 6_019_377])
    #expect(summary.totalCount == 6_021_857)
    #expect(summary.nonTrainableCount == 0)
    #expect(summary.text.contains("Total params: 6,021,857 (22.97 MB)"))
    #expect(summary.text.contains("conv2d_1 (Conv2D)"))
    model.engineOptions = EngineOptions(choice: .rule, kernels: .off)
    #expect(try model.planReport(batchSize: 16)?.choices.map(\.layer) == [0, 1, 2, 3])
  }
}

func expectClose(
  _ actual: Tensor, _ expected: Tensor, within tolerance: Float,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  #expect(actual.shape == expected.shape, sourceLocation: sourceLocation)
  let worst = zip(actual.elements, expected.elements).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? 0
  #expect(worst <= tolerance, "differs by \(worst)", sourceLocation: sourceLocation)
}
