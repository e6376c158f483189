import Essentials
import NeuralNetworks
import Tensors
import Testing

/// Batch normalisation with what follows it in one pass, on each instruction set of this machine, and folded into
/// the layer before it when predicting, against oneDNN's separate layers.
struct NormalisedBlockTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let shape: Shape
    let batch: Int
    var offset: Float = 0
    let layers: @Sendable () throws -> [any Layer]
    var testDescription: String { name }
  }

  static let sets = FusedKernels.InstructionSet.allCases.filter(\.isAvailable)

  private static func block(
    _ filters: Int, kernel: Int = 3, strides: Int = 1, _ padding: Padding = .same, relu: Bool = true,
    pool: (any Layer)? = nil
  ) throws -> [any Layer] {
    let convolution = try Conv2D(
      filters: filters, kernel: Extent(kernel), strides: Extent(strides), padding: padding)
    return [convolution, try BatchNorm(momentum: 0.8)] + (relu ? [ActivationLayer(.relu)] : [])
      + (pool.map { [$0] } ?? [])
  }

  private static func end(_ units: Int = 2) throws -> [any Layer] { [Flatten(), try Dense(units: units)] }

  static let cases: [Case] = [
    Case(
      name: "one channel, 8 filters, a max pool that leaves rows and columns over", shape: [30, 21, 1],
      batch: 7
    ) {
      try block(8, pool: MaxPool2D(pool: Extent(4, 2))) + block(16, pool: MaxPool2D(pool: Extent(3, 3)))
        + end()
    },
    Case(name: "valid padding, an average pool", shape: [31, 22, 2], batch: 5) {
      try block(17, .valid, pool: AveragePool2D(pool: Extent(3, 2)))
        + block(33, .valid, pool: AveragePool2D()) + end()
    },
    Case(name: "no pool, no relu, four channels", shape: [13, 9, 4], batch: 3) {
      try block(40, relu: false) + block(16, strides: 2, relu: false) + end()
    },
    Case(name: "a pool behind no relu", shape: [12, 14, 1], batch: 4) {
      try block(16, relu: false, pool: MaxPool2D()) + block(24, .valid, relu: false, pool: AveragePool2D())
        + end()
    },
    Case(name: "an odd number of rows, one example", shape: [9, 8, 3], batch: 1) {
      try block(16, .valid, pool: MaxPool2D(pool: Extent(1, 5))) + end()
    },
    Case(name: "far from zero", shape: [20, 18, 1], batch: 6, offset: 60) {
      try block(16, .valid, pool: MaxPool2D()) + block(16, pool: MaxPool2D()) + end()
    },
    Case(name: "5 × 5 first, then 1 × 1", shape: [17, 19, 1], batch: 9) {
      try block(16, kernel: 5) + block(48, kernel: 1, pool: MaxPool2D()) + end()
    },
    Case(name: "a chain before, overlapping pools behind", shape: [26, 30, 1], batch: 5) {
      [
        try Conv2D(filters: 16, kernel: Extent(3), activation: .relu),
        try Conv2D(filters: 16, kernel: Extent(3)), try BatchNorm(), ActivationLayer(.relu),
        try MaxPool2D(pool: Extent(3), strides: Extent(2)),
      ] + (try block(16, pool: MaxPool2D(padding: .same))) + (try end())
    },
    Case(name: "a normalisation first, tanh behind the next, dense ones", shape: [10, 11, 16], batch: 5) {
      [
        try BatchNorm(), try Conv2D(filters: 16, kernel: Extent(3)), try BatchNorm(), ActivationLayer(.tanh),
        Flatten(), try Dense(units: 6), try BatchNorm(), ActivationLayer(.sigmoid), try Dense(units: 3),
      ]
    },
    Case(name: "a convolution with a function of its own before the norm", shape: [12, 11, 2], batch: 4) {
      [
        try Conv2D(filters: 16, kernel: Extent(3), activation: .relu), try BatchNorm(), try AveragePool2D(),
        try Conv2D(filters: 8, kernel: Extent(3), activation: .tanh), try BatchNorm(),
      ] + (try end(1))
    },
    Case(name: "windows larger than the picture's rest", shape: [5, 4, 1], batch: 3) {
      try block(16, pool: MaxPool2D(pool: Extent(5, 4))) + end(1)
    },
  ]

  private func model(_ test: Case, _ kernels: FusedKernels) throws -> Sequential {
    let model = try Sequential(test.layers(), inputShape: test.shape, seed: 3)
    var random = RandomSource(seed: 7)
    try model.setWeights(
      model.weights.map { name, value in
        let spread = name.hasSuffix("variance") ? 0.2 : 0.05
        return try Tensor(
          shape: value.shape,
          elements: value.elements.map {
            $0 + Float(random.uniform(name.hasSuffix("variance") ? 0 : -1, 1) * spread)
          })
      })
    model.engineOptions = EngineOptions(choice: .rule, kernels: kernels)
    return model
  }

  private func data(_ test: Case, output: Shape) throws -> TrainingBatch {
    var random = RandomSource(seed: 11)
    func normal(_ shape: Shape, _ offset: Float) throws -> Tensor {
      try Tensor(
        shape: shape, elements: (0..<shape.reduce(1, *)).map { _ in Float(random.normal()) + offset })
    }
    return TrainingBatch(
      x: try normal([test.batch] + test.shape, test.offset), y: try normal([test.batch] + output, 0))
  }

  /// Relative to the largest number: sums of large ones are what rounds.
  private func check(
    _ actual: Tensor, _ expected: Tensor, _ name: String, least: Float, tolerance: Float = 5e-5
  ) {
    let largest = max(expected.elements.map(abs).max() ?? 0, least)
    let worst = zip(actual.elements, expected.elements).map { abs($0 - $1) }.max() ?? 0
    #expect(worst <= tolerance * largest, "\(name): \(worst) of \(largest)")
  }

  @Test(arguments: cases, sets)
  func stepsAgreeWithSeparateLayers(_ test: Case, _ set: FusedKernels.InstructionSet) throws {
    let plain = try model(test, .off)
    let fused = try model(test, .only(set))
    let batch = try data(test, output: try #require(plain.outputShape))
    let expected = try plain.gradients(batch, loss: .meanSquaredError)
    let actual = try fused.gradients(batch, loss: .meanSquaredError)
    #expect(abs(actual.loss - expected.loss) <= 2e-5 * max(1, abs(expected.loss)))
    // A bias before a normalisation has no gradient but rounding's.
    let largest = expected.gradients.flatMap { $0.value.elements.map(abs) }.max() ?? 0
    for ((name, actual), (_, expected)) in zip(actual.gradients, expected.gradients) {
      check(actual, expected, name, least: largest * 0.1, tolerance: test.offset == 0 ? 5e-5 : 1e-3)
    }
    for model in [plain, fused] {
      try model.compile(optimizer: .sgd(learningRate: 1e-3), loss: .meanSquaredError)
      try model.fit(TensorBatches(x: batch.x, y: batch.y, batchSize: test.batch), epochs: 2)
    }
    for ((name, actual), (_, expected)) in zip(fused.weights, plain.weights) {
      check(actual, expected, name, least: 1)
    }
  }

  /// In training the shares of two threads differ in size and layout; one thread has no shares.
  @Test(arguments: cases)
  func predictionsAreThoseOfSingleExamples(_ test: Case) throws {
    let model = try model(test, .best)
    let x = try data(test, output: try #require(model.outputShape)).x
    let all = try model.predict(x)
    let size = test.shape.reduce(1, *)
    let width = all.count / test.batch
    for index in 0..<test.batch {
      let one = try Tensor(
        shape: [1] + test.shape, elements: Array(x.elements[index * size..<(index + 1) * size]))
      check(
        try model.predict(one),
        try Tensor(shape: [1, width], elements: Array(all.elements[index * width..<(index + 1) * width])),
        "example \(index)", least: 1e-3)
    }
  }

  /// Folded weights follow the weights.
  @Test func predictionsFollowTraining() throws {
    let test = Self.cases[0]
    let folded = try model(test, .best)
    let batch = try data(test, output: try #require(folded.outputShape))
    _ = try folded.predict(batch.x)
    try folded.compile(optimizer: .sgd(learningRate: 0.01), loss: .meanSquaredError)
    try folded.fit(TensorBatches(x: batch.x, y: batch.y, batchSize: 4), epochs: 2)
    let fresh = try model(test, .best)
    try fresh.setWeights(folded.weights.map(\.value))
    #expect(try folded.predict(batch.x) == fresh.predict(batch.x))
  }

  /// What folding would overflow at is predicted by the layers as they are.
  @Test func largeScalesAreNotFolded() throws {
    let model = try Sequential(
      [try Dense(units: 1), try BatchNorm()], inputShape: [2], seed: 1)
    try model.setWeights([
      try Tensor(shape: [2, 1], elements: [1e30, 1e30]), try Tensor(shape: [1], elements: [0]),
      try Tensor(shape: [1], elements: [1e30]), try Tensor(shape: [1], elements: [0]),
      try Tensor(shape: [1], elements: [0]), try Tensor(shape: [1], elements: [1e-6]),
    ])
    let out = try model.predict(try Tensor(shape: [1, 2], elements: [1e-30, -1e-30]))
    #expect(out.elements == [0])
  }
}
