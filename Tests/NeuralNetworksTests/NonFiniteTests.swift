import Essentials
import NeuralNetworks
import Tensors
import TestSupport
import Testing

/// Numbers that are none end `fit`; the model keeps those of the last good step.
struct NonFiniteTests {
  /// What a failing step must leave alone.
  private func state(_ model: Sequential) -> [[Float]] { model.weights.map(\.value.elements) }

  private func expectFailure(
    _ model: Sequential, _ data: TensorBatches, epochs: Int = 1, names: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    var good = state(model)
    let failure = #expect(throws: Failure.self, sourceLocation: sourceLocation) {
      try model.fit(data, epochs: epochs) { event in
        if case .stepEnded = event { good = state(model) }
      }
    }
    for name in names {
      #expect(
        failure?.message.contains(name) == true, "\(failure?.message ?? "")", sourceLocation: sourceLocation)
    }
    #expect(state(model) == good, sourceLocation: sourceLocation)
    let areFinite = good.joined().allSatisfy(\.isFinite)
    #expect(areFinite, sourceLocation: sourceLocation)
  }

  private func rows(_ rows: [[Float]], _ y: [Float]) throws -> TensorBatches {
    try TensorBatches(
      x: Tensor(shape: [rows.count, rows[0].count], elements: Array(rows.joined())), y: Tensor(y),
      batchSize: 2)
  }

  /// The third batch's gradient leaves the range of numbers.
  @Test(arguments: [
    Optimizer.sgd(learningRate: 1e-6, momentum: 0.9), .adam(), .adamw(), .nadam(), .rmsprop(), .adagrad(),
    .sgd(clipping: .value(1)),
  ])
  func anInfiniteGradientIsNamed(_ optimizer: Optimizer) throws {
    let model = try Sequential([try Dense(units: 2), try Dense(units: 1)], inputShape: [1])
    try model.setWeights([
      Tensor(shape: [1, 2], elements: [1, 1]), Tensor([0, 0]), Tensor(shape: [2, 1], elements: [1, 1]),
      Tensor([0]),
    ])
    try model.compile(optimizer: optimizer, loss: .meanSquaredError)
    let data = try rows([[1], [2], [3], [1], [1e30], [1]], [1, 2, 3, 1, 0, 1])
    try expectFailure(model, data, names: ["dense's kernel", "epoch 1, step 3", "gradient"])
    // And it goes on.
    try model.fit(rows([[1], [2]], [1, 2]))
  }

  /// Finite gradients, finite weights, but a step that is too long.
  @Test func aStepOutOfTheRangeIsUndone() throws {
    for optimizer in [Optimizer.sgd(learningRate: 3e38), .sgd(learningRate: 1e38, momentum: 0.9)] {
      let model = try Sequential([try Dense(units: 1)], inputShape: [2])
      try model.compile(optimizer: optimizer, loss: .meanSquaredError)
      try expectFailure(
        model, rows([[1, 2], [3, 4]], [500, 900]), epochs: 3, names: ["dense's", "step 1"])
    }
    // A moment that would be infinite, where weights would not show it.
    let model = try Sequential([try Dense(units: 1)], inputShape: [1])
    try model.compile(optimizer: .adam(), loss: .meanSquaredError)
    try model.setWeights([Tensor(shape: [1, 1], elements: [1]), Tensor([0])])
    try expectFailure(
      model, rows([[1], [1], [1e12], [1]], [1, 2, 3, 1]), names: ["velocity of dense's kernel", "step 2"])
  }

  /// ReLU hides the NaN from the loss; the moving statistics would keep it for ever.
  @Test func statisticsAreGuarded() throws {
    for layers in [
      [try Dense(units: 2), try BatchNorm(), ActivationLayer(.relu), try Dense(units: 1)] as [any Layer],
      [try BatchNorm(), try Dense(units: 1, activation: .sigmoid)],
    ] {
      let model = try Sequential(layers, inputShape: [1])
      try model.compile(loss: .binaryCrossentropy)
      try expectFailure(
        model, rows([[1], [2], [3], [1], [3e38], [-3e38]], [1, 0, 1, 1, 0, 1]), names: ["epoch 1, step 3"])
    }
  }

  @Test func weightsThatAreNoNumbersAreNamed() throws {
    let model = try Sequential(
      [try Dense(units: 2, activation: .relu), try Dense(units: 1)], inputShape: [1])
    try model.compile(loss: .meanSquaredError)
    let data = try rows([[1], [2]], [1, 2])
    try model.fit(data)
    var weights = model.weights.map(\.value)
    weights[2] = try Tensor(shape: [2, 1], elements: [1, .nan])
    try model.setWeights(weights)
    let failure = #expect(throws: Failure.self) { try model.fit(data) }
    #expect(failure?.message.contains("dense_1's kernel") == true)
    #expect(failure?.message.contains("before epoch 1, step 1") == true)
  }

  /// The streamed gradient, which never stands in memory.
  @Test func theWholeStepInOnePassIsGuarded() throws {
    let model = try Sequential(
      [
        try Conv2D(filters: 16, kernel: Extent(3), activation: .relu),
        try Conv2D(filters: 16, kernel: Extent(3), activation: .relu), Flatten(), try Dense(units: 1),
      ], inputShape: [20, 20, 1])
    try model.compile(optimizer: .adam(), loss: .meanSquaredError)
    let x = try Tensor(repeating: 0.5, shape: [4, 20, 20, 1])
    let data = try TensorBatches(x: x, y: Tensor([1, 0, 3.2e38, 0]), batchSize: 2)
    try expectFailure(model, data, names: ["epoch 1, step 2"])
    #expect(try model.predict(x).elements.allSatisfy(\.isFinite))
  }

  /// Clipping reads a streamed gradient twice; with one thread or two, on our kernels or oneDNN, it is one step.
  @Test(arguments: [
    Optimizer.sgd(learningRate: 0.1, clipping: .norm(0.01)), .adam(clipping: .globalNorm(0.01)),
    .rmsprop(clipping: .value(1e-4)), .adamw(learningRate: 0.01), .nadam(), .adagrad(),
  ])
  func clippingIsTheSameOnAllPaths(_ optimizer: Optimizer) throws {
    var results: [[Tensor]] = []
    for kernels in [FusedKernels.best, .off] {
      let model = try Sequential(
        [
          try Conv2D(filters: 16, kernel: Extent(3), activation: .relu),
          try Conv2D(filters: 16, kernel: Extent(3), activation: .relu), Flatten(),
          try Dense(units: 1, activation: .sigmoid),
        ], inputShape: [20, 20, 1], seed: 3)
      model.engineOptions = EngineOptions(choice: .rule, kernels: kernels)
      try model.compile(optimizer: optimizer, loss: .binaryCrossentropy)
      var random = RandomSource(seed: 2)
      let x = try Tensor(
        shape: [12, 20, 20, 1], elements: (0..<12 * 400).map { _ in Float(random.normal()) })
      let y = Tensor((0..<12).map { Float($0 % 2) })
      try model.fit(TensorBatches(x: x, y: y, batchSize: 6), epochs: 2)
      results.append(model.weights.map(\.value))
    }
    for (one, other) in zip(results[0], results[1]) { try expectClose(one, other, within: 1e-4) }
  }
}
