import Essentials
import NeuralNetworks
import Tensors
import TestSupport
import Testing

/// Optimizers, schedules, losses and weights of examples against Keras (make_training_reference.py).
struct KerasTrainingTests {
  static let reference = Result { try ParityTests.reference("training") }

  static func array(_ name: String) throws -> Tensor { try #require(try reference.get()[name], "\(name)") }

  static func network(_ last: Activation = .linear, units: Int = 3) throws -> Sequential {
    let model = try Sequential(
      [try Dense(units: 5, activation: .tanh), try Dense(units: units, activation: last)], inputShape: [6])
    try model.setWeights(
      model.weights.map { name, value in
        let start = try array("start.\(name)")
        let columns = start.shape.last ?? 1
        let own = value.shape.last ?? 1
        return try Tensor(
          shape: value.shape,
          elements: (0..<value.count).map { start.elements[$0 / own * columns + $0 % own] })
      })
    return model
  }

  func expectWeights(_ model: Sequential, _ prefix: String) throws {
    for (name, value) in model.weights {
      try expectClose(value, Self.array("\(prefix).\(name)"), within: 2e-5)
    }
  }

  static let optimizers: [(String, Optimizer)] = [
    ("adam", .adam(learningRate: 0.02)), ("adam_clipnorm", .adam(learningRate: 0.02, clipping: .norm(0.1))),
    ("adam_global_clipnorm", .adam(learningRate: 0.02, clipping: .globalNorm(0.1))),
    ("adam_clipvalue", .adam(learningRate: 0.02, clipping: .value(0.02))),
    ("adam_weight_decay", .adam(learningRate: 0.02, weightDecay: 0.3)),
    ("adamw", .adamw(learningRate: 0.02, weightDecay: 0.2)), ("nadam", .nadam(learningRate: 0.02)),
    ("rmsprop", .rmsprop(learningRate: 0.01)),
    ("rmsprop_momentum", .rmsprop(learningRate: 0.01, momentum: 0.7)),
    ("rmsprop_centered", .rmsprop(learningRate: 0.01, centered: true)),
    ("rmsprop_both", .rmsprop(learningRate: 0.01, rho: 0.8, momentum: 0.5, centered: true)),
    ("adagrad", .adagrad(learningRate: 0.1)),
    ("sgd_clipnorm", .sgd(learningRate: 0.1, momentum: 0.9, clipping: .norm(0.2))),
    ("sgd_global_clipnorm", .sgd(learningRate: 0.5, clipping: .globalNorm(0.2))),
    ("sgd_clipvalue", .sgd(learningRate: 0.5, momentum: 0.5, nesterov: true, clipping: .value(0.05))),
    ("sgd_weight_decay", .sgd(learningRate: 0.1, weightDecay: 0.1)),
    (
      "adam_cosine",
      .adam(
        learningRate: .cosineDecay(initial: 0.001, steps: 6, alpha: 0.1, warmupTarget: 0.05, warmupSteps: 3))
    ),
    ("sgd_exponential", .sgd(learningRate: .exponentialDecay(initial: 0.2, steps: 3, rate: 0.5))),
  ]

  @Test(arguments: optimizers)
  func tenStepsAreKeras(_ name: String, _ optimizer: Optimizer) throws {
    let model = try Self.network()
    try model.compile(optimizer: optimizer, loss: .meanSquaredError)
    try model.fit(TensorBatches(x: Self.array("x"), y: Self.array("y"), batchSize: 8), epochs: 5)
    try expectWeights(model, "optimizer.\(name)")
    // And the file knows all settings.
    let folder = try TemporaryFolder()
    try model.save(folder.path("m.safetensors"))
    let loaded = try Sequential.load(folder.path("m.safetensors"))
    #expect(loaded.learningRate == model.learningRate)
  }

  static let schedules: [(String, LearningRate)] = [
    ("exponential", .exponentialDecay(initial: 0.1, steps: 10, rate: 0.5)),
    ("exponential_staircase", .exponentialDecay(initial: 0.1, steps: 10, rate: 0.5, staircase: true)),
    ("inverse", .inverseTimeDecay(initial: 0.1, steps: 10, rate: 0.5)),
    ("inverse_staircase", .inverseTimeDecay(initial: 0.1, steps: 10, rate: 0.5, staircase: true)),
    ("polynomial", .polynomialDecay(initial: 0.1, steps: 20, end: 0.01, power: 2)),
    ("polynomial_cycle", .polynomialDecay(initial: 0.1, steps: 20, end: 0.01, power: 0.5, cycle: true)),
    ("cosine", .cosineDecay(initial: 0.1, steps: 20, alpha: 0.1)),
    (
      "cosine_warmup",
      .cosineDecay(initial: 0.01, steps: 20, alpha: 0.1, warmupTarget: 0.3, warmupSteps: 10)
    ),
    ("restarts", .cosineDecayRestarts(initial: 0.1, firstSteps: 10, alpha: 0.05)),
    ("restarts_scaled", .cosineDecayRestarts(initial: 0.1, firstSteps: 10, tMul: 1.5, mMul: 0.7)),
    ("restarts_even", .cosineDecayRestarts(initial: 0.1, firstSteps: 10, tMul: 1, mMul: 0.9)),
    ("piecewise", .piecewiseConstant(boundaries: [5, 20], values: [0.3, 0.2, 0.1])),
  ]

  @Test(arguments: schedules)
  func schedulesAreKeras(_ name: String, _ rate: LearningRate) throws {
    let expected = try Self.array("schedule.\(name)").elements
    for (step, expected) in zip(try Self.array("schedule.steps").elements, expected) {
      let value = rate.value(at: Int(step))
      #expect(abs(value - Double(expected)) < 1e-6, "step \(step): \(value) instead of \(expected)")
    }
  }

  static let losses: [(String, Loss, Activation, String)] = [
    ("bce", .binaryCrossentropy, .sigmoid, "binary"),
    ("bce_smooth", .binaryCrossentropy(labelSmoothing: 0.1), .sigmoid, "binary"),
    ("bce_logits", .binaryCrossentropy(fromLogits: true, labelSmoothing: 0.2), .linear, "binary"),
    ("cce_smooth", .categoricalCrossentropy(labelSmoothing: 0.1), .softmax, "one_hot"),
    ("cce_logits", .categoricalCrossentropy(fromLogits: true, labelSmoothing: 0.3), .linear, "one_hot"),
    ("scce_logits", .sparseCategoricalCrossentropy(fromLogits: true), .linear, "classes"),
    ("focal", .binaryFocalCrossentropy(), .sigmoid, "binary"),
    (
      "focal_balanced",
      .binaryFocalCrossentropy(appliesClassBalancing: true, alpha: 0.3, gamma: 1.5, labelSmoothing: 0.1),
      .sigmoid, "binary"
    ),
    ("focal_logits", .binaryFocalCrossentropy(gamma: 3, fromLogits: true), .linear, "binary"),
    ("focal_plain", .binaryFocalCrossentropy(appliesClassBalancing: true, gamma: 0.5), .sigmoid, "binary"),
    ("cfocal", .categoricalFocalCrossentropy(), .softmax, "one_hot"),
    (
      "cfocal_logits",
      .categoricalFocalCrossentropy(alpha: 0.4, gamma: 1.5, fromLogits: true, labelSmoothing: 0.1), .linear,
      "one_hot"
    ),
    ("cfocal_plain", .categoricalFocalCrossentropy(gamma: 1), .sigmoid, "one_hot"),
    ("mae", .meanAbsoluteError, .linear, "y"), ("huber", .huber(delta: 0.7), .linear, "y"),
    ("log_cosh", Loss(.logCosh), .linear, "y"), ("hinge", Loss(.hinge), .linear, "signs"),
    ("hinge_binary", Loss(.hinge), .linear, "binary"), ("squared_hinge", Loss(.squaredHinge), .tanh, "signs"),
    ("kl", Loss(.klDivergence), .softmax, "shares"),
  ]

  @Test(arguments: losses)
  func lossesAreKeras(_ name: String, _ loss: Loss, _ activation: Activation, _ labels: String) throws {
    let model = try Sequential([try Dense(units: 3, activation: activation)], inputShape: [6])
    try model.setWeights([Self.array("loss.kernel"), Self.array("loss.bias")])
    let y = try Self.array(labels == "y" ? "y" : "loss.\(labels)")
    let (value, gradients) = try model.gradients(TrainingBatch(x: Self.array("x"), y: y), loss: loss)
    let expected = Double(try Self.array("loss.\(name).value").elements[0])
    #expect(abs(value - expected) < 2e-6 * max(1, expected), "\(value) instead of \(expected)")
    try expectClose(gradients[0].value, Self.array("loss.\(name).kernel"), within: 3e-6)
    try expectClose(gradients[1].value, Self.array("loss.\(name).bias"), within: 3e-6)
  }

  private func trained(
    _ name: String, _ model: Sequential, _ loss: Loss, _ y: Tensor, weights: Tensor? = nil,
    classWeights: ClassWeights? = nil, validates: Bool = false
  ) throws {
    let x = try Self.array("x")
    try model.compile(optimizer: .sgd(learningRate: 0.1), loss: loss)
    let data = try TensorBatches(x: x, y: y, weights: weights, batchSize: 8)
    let history = try model.fit(
      data, epochs: 5, validation: validates ? data : nil, classWeights: classWeights)
    try expectWeights(model, "weighted.\(name)")
    for (column, key) in [("loss", "losses"), ("val_loss", "val_losses")] where history[column] != nil {
      let values = Tensor((history[column] ?? []).map { Float($0) })
      try expectClose(values, Self.array("weighted.\(name).\(key)"), within: 1e-5)
    }
  }

  @Test func weightsOfExamplesAreKeras() throws {
    let weights = try Self.array("weighted.sample_weight")
    try trained(
      "sample", Self.network(), .meanSquaredError, Self.array("y"), weights: weights, validates: true)
    let model = try Self.network(.softmax)
    try model.compile(loss: .categoricalCrossentropy)
    let data = try TensorBatches(
      x: Self.array("x"), y: Self.array("loss.one_hot"), weights: weights, batchSize: 5)
    let expected = try Self.array("weighted.evaluation").elements[0]
    #expect(abs(try model.evaluate(data)[0].value - Double(expected)) < 1e-5)
  }

  @Test func weightsOfClassesAreKeras() throws {
    try trained(
      "class_sparse", Self.network(.softmax), .sparseCategoricalCrossentropy, Self.array("loss.classes"),
      classWeights: ClassWeights([0: 2, 1: 0.5, 2: 3]), validates: true)
    try trained(
      "class_one_hot", Self.network(.softmax), .categoricalCrossentropy, Self.array("loss.one_hot"),
      classWeights: ClassWeights([0: 2, 2: 3]))
    try trained(
      "class_binary", Self.network(.sigmoid, units: 1), .binaryCrossentropy, Self.array("weighted.half"),
      classWeights: ClassWeights([0: 0.3, 1: 4]))
  }

  /// loss + l1 · Σ|w| + l2 · Σw², and its slope, in training and evaluation; kept in files.
  @Test func regularizersAddTheirPenalty() throws {
    func model(_ kernel: Regularizer?, _ bias: Regularizer?) throws -> Sequential {
      let model = try Sequential(
        [try Dense(units: 3, kernelRegularizer: kernel, biasRegularizer: bias)], inputShape: [6])
      try model.setWeights([Self.array("loss.kernel"), Self.array("loss.bias")])
      try model.compile(optimizer: .sgd(learningRate: 0.1), loss: .meanSquaredError)
      return model
    }
    let plain = try model(nil, nil)
    let heavy = try model(Regularizer(l1: 0.01, l2: 0.02), Regularizer(l2: 0.3))
    let data = try TensorBatches(x: Self.array("x"), y: Self.array("y"), batchSize: 16)
    let kernel = try Self.array("loss.kernel").elements.map(Double.init)
    let bias = try Self.array("loss.bias").elements.map(Double.init)
    let penalty =
      kernel.reduce(0) { $0 + 0.01 * abs($1) + 0.02 * $1 * $1 } + bias.reduce(0) { $0 + 0.3 * $1 * $1 }
    let (one, other) = (try plain.evaluate(data)[0].value, try heavy.evaluate(data)[0].value)
    #expect(abs(other - one - penalty) < 1e-6)
    let trained = try heavy.fit(data)["loss"]?.last ?? 0
    #expect(abs(trained - other) < 1e-6)
    try plain.fit(data)
    for (start, slope, index) in [
      (kernel, { (w: Double) in 0.01 * (w > 0 ? 1 : -1) + 0.04 * w }, 0), (bias, { 0.6 * $0 }, 1),
    ] as [([Double], (Double) -> Double, Int)] {
      for (place, w) in start.enumerated() {
        let expected = Double(plain.weights[index].value.elements[place]) - 0.1 * slope(w)
        #expect(abs(Double(heavy.weights[index].value.elements[place]) - expected) < 1e-6)
      }
    }
    // A loop of one's own makes the same step.
    let own = try model(Regularizer(l1: 0.01, l2: 0.02), Regularizer(l2: 0.3))
    let step = try own.gradients(TrainingBatch(x: Self.array("x"), y: Self.array("y")))
    #expect(abs(step.loss - other) < 1e-6)
    try own.applyGradients(step.gradients, statistics: step.statistics)
    #expect(own.weights.map(\.value) == heavy.weights.map(\.value))
    let folder = try TemporaryFolder()
    try heavy.save(folder.path("m.safetensors"))
    let loaded = try Sequential.load(folder.path("m.safetensors"))
    #expect(abs(try loaded.evaluate(data)[0].value - heavy.evaluate(data)[0].value) < 1e-6)
  }

  @Test func wrongWeightsAreTold() throws {
    let model = try Self.network()
    try model.compile(loss: .meanSquaredError)
    let (x, y) = (try Self.array("x"), try Self.array("y"))
    #expect(throws: Failure.self) { try TensorBatches(x: x, y: y, weights: Tensor([1, 2])) }
    let both = try TensorBatches(x: x, y: y, weights: Tensor(repeating: 1, shape: [16]))
    for (data, weights) in [(both, [0: 2.0]), (try TensorBatches(x: x, y: y), [7: 1.0])] {
      let failure = #expect(throws: Failure.self) {
        try model.fit(data, classWeights: ClassWeights(weights))
      }
      #expect(failure?.parameter == "class_weight")
    }
    #expect(throws: Failure.self) { try ClassWeights([0: .nan]) }
    let nan = try TensorBatches(x: x, y: y, weights: Tensor(repeating: .nan, shape: [16]))
    let failure = #expect(throws: Failure.self) { try model.fit(nan) }
    #expect(failure?.message.contains("weight of example 0") == true)
  }
}
