import Essentials
import Glibc
import NeuralNetworks
import Tensors
import Testing

/// What `fit`, `evaluate` and `predict` promise. In one row, since one sets the thread count,
/// which all of the process shares.
@Suite(.serialized)
struct TrainingTests {
  func model(seed: UInt64 = 1, dropout: Double = 0.3) throws -> Sequential {
    let model = try Sequential(
      [
        try Conv2D(filters: 4, kernel: Extent(3), activation: .relu), try MaxPool2D(),
        try Dropout(rate: dropout), Flatten(), try Dense(units: 1, activation: .sigmoid),
      ], inputShape: [8, 7, 1], seed: seed)
    try model.compile(loss: .binaryCrossentropy, metrics: [.accuracy])
    return model
  }

  func data(count: Int = 21, batchSize: Int = 8, shuffle: Bool = false) throws -> TensorBatches {
    var random = RandomSource(seed: 9)
    let x = try Tensor(
      shape: [count, 8, 7, 1], elements: (0..<count * 56).map { _ in Float(random.normal()) })
    return try TensorBatches(
      x: x, y: Tensor((0..<count).map { Float($0 % 2) }), batchSize: batchSize, shuffle: shuffle, seed: 4)
  }

  @Test func theSameSeedGivesTheSameBits() throws {
    let one = try model()
    let two = try model()
    let history = try one.fit(data(shuffle: true), epochs: 3)
    #expect(try two.fit(data(shuffle: true), epochs: 3).columns == history.columns)
    #expect(one.weights.map(\.value) == two.weights.map(\.value))
    #expect(try model(seed: 2).weights.map(\.value) != model().weights.map(\.value))
  }

  @Test func threadsChangeOnlyRounding() throws {
    let before = WorkerPool.threadCount
    defer { WorkerPool.threadCount = before }
    var results: [Tensor] = []
    for threads in [1, 2, 3, 5] {
      WorkerPool.threadCount = threads
      let model = try model()
      try model.fit(data(), epochs: 2)
      results.append(try model.predict(Tensor(repeating: 0.5, shape: [7, 8, 7, 1])))
    }
    for other in results.dropFirst() { try expectClose(other, results[0], within: 1e-5) }
  }

  @Test func eventsTellTheEpochs() throws {
    var log: [String] = []
    let history = try model().fit(data(), epochs: 2, validation: data(count: 9)) { event in
      switch event {
      case .epochBegan(let epoch, let epochs, let steps):
        log.append("began \(epoch)/\(epochs) \(steps ?? -1)")
      case .stepEnded(let report): log.append("step \(report.step)/\(report.stepCount ?? -1)")
      case .validationStepEnded(let report): log.append("validation \(report.step) \(report.logs[0].name)")
      case .epochEnded(let report): log.append("ended \(report.epoch) \(report.logs.map(\.name))")
      case .advised(let advice): log.append(advice)
      case .finished(let history, let outcome): log.append("finished \(history.epochCount) \(outcome)")
      }
    }
    let names = "[\"loss\", \"accuracy\", \"val_loss\", \"val_accuracy\"]"
    let epoch = { (number: Int) in
      [
        "began \(number)/2 3", "step 1/3", "step 2/3", "step 3/3", "validation 1 val_loss",
        "validation 2 val_loss", "ended \(number) \(names)",
      ]
    }
    #expect(log == epoch(0) + epoch(1) + ["finished 2 completed"])
    #expect(history["val_loss"]?.count == 2)
    #expect(history.epochSeconds.count == 2)
  }

  /// In a process of its own: the interrupt is meant for everything that runs in this one.
  @Test func anInterruptKeepsTheLastWholeStep() async {
    await #expect(processExitsWith: .success) {
      let tests = TrainingTests()
      let whole = try tests.model()
      var afterTwo: [Tensor] = []
      try whole.fit(tests.data()) { event in
        if case .stepEnded(let report) = event, report.step == 2 { afterTwo = whole.weights.map(\.value) }
      }
      let stopped = try tests.model()
      var outcome: TrainingEvent.Outcome?
      let failure = #expect(throws: Failure.self) {
        try stopped.fit(tests.data(), epochs: 5) { event in
          if case .stepEnded(let report) = event, report.step == 2 { Interruption.request() }
          if case .finished(_, let end) = event { outcome = end }
        }
      }
      Interruption.clear()
      let isRight =
        failure?.kind == .interrupt && outcome == .interrupted && stopped.weights.map(\.value) == afterTwo
      guard isRight else { exit(3) }
      // And it goes on from there as if nothing had been.
      try stopped.fit(tests.data())
    }
  }

  @Test func callbacksStopTraining() throws {
    let stopped = try model()
    let history = try stopped.fit(data(), epochs: 9, callbacks: [.afterEpoch { $0.epoch < 2 }])
    #expect(history.epochCount == 3)
    let still = try model(dropout: 0)
    try still.compile(optimizer: .sgd(learningRate: 0), loss: .binaryCrossentropy)
    let early = try still.fit(
      data(), epochs: 9, callbacks: [.earlyStopping(monitor: "loss", patience: 2, restoreBest: true)])
    #expect(early.epochCount == 3)
    let failure = #expect(throws: Failure.self) {
      try still.fit(data(), callbacks: [.earlyStopping(monitor: "val_los")])
    }
    #expect(failure?.description.contains("loss") == true)
  }

  @Test func nanGoesThroughPredictionAndStopsTraining() throws {
    let model = try model()
    var x = try Tensor(repeating: 0.5, shape: [5, 8, 7, 1])
    let clean = try model.predict(x)
    x.withUnsafeMutableElements { $0[2 * 56 + 17] = .nan }
    let outputs = try model.predict(x).elements
    #expect(outputs[2].isNaN)
    for index in [0, 1, 3, 4] { #expect(abs(outputs[index] - clean.elements[index]) < 1e-6) }
    let failure = #expect(throws: Failure.self) {
      try model.fit(TensorBatches(x: x, y: Tensor([0, 1, 0, 1, 0]), batchSize: 5))
    }
    #expect(failure?.message.contains("example 2") == true)
    #expect(failure?.message.contains("epoch 1, step 1") == true)
    // Weights that are no numbers give no numbers.
    try model.setWeights(model.weights.map { try Tensor(repeating: .nan, shape: $0.value.shape) })
    #expect(try model.predict(Tensor(repeating: 0.5, shape: [2, 8, 7, 1])).elements.allSatisfy(\.isNaN))
  }

  @Test func aRunawayLossIsTold() throws {
    let model = try Sequential([try Dense(units: 1)], inputShape: [2])
    try model.compile(optimizer: .sgd(learningRate: 1e30), loss: .meanSquaredError)
    let data = try TensorBatches(
      x: Tensor(shape: [2, 2], elements: [1, 2, 3, 4]), y: Tensor([1, 2]), batchSize: 1)
    let failure = #expect(throws: Failure.self) { try model.fit(data, epochs: 5) }
    #expect(failure?.message.contains("dense's kernel") == true)
    #expect(failure?.message.contains("epoch") == true)
  }

  @Test func wrongUseIsTold() throws {
    let x = try Tensor(repeating: 0, shape: [4, 3])
    let y = Tensor([0, 1, 2, 1])
    let dense = try Sequential([try Dense(units: 3, activation: .softmax)])
    func failure(_ body: () throws -> Void) throws -> Failure {
      try #require(#expect(throws: Failure.self) { try body() })
    }
    #expect(try failure { try dense.saveWeights("/dev/null") }.kind == .state)
    #expect(try failure { try dense.fit(TensorBatches(x: x, y: y)) }.kind == .state)
    try dense.compile(loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
    try dense.fit(TensorBatches(x: x, y: y))
    #expect(dense.inputShape == [3])
    #expect(
      try failure { try dense.fit(TensorBatches(x: x, y: Tensor([0, 1, 3, 1]))) }.message.contains(
        "label 2 is 3"))
    #expect(
      try failure { try dense.fit(TensorBatches(x: x, y: Tensor(repeating: 0, shape: [4, 3]))) }
        .description.contains("categorical_crossentropy"))
    #expect(try failure { _ = try dense.predict(Tensor([1, 2, 3])) }.description.contains("expand_dims"))
    #expect(try failure { _ = try dense.predict(Tensor(repeating: 0, shape: [4, 2])) }.kind == .shape)
    #expect(try failure { _ = try TensorBatches(x: x, y: Tensor([1])) }.kind == .shape)
    #expect(try failure { _ = try TensorBatches(x: x, y: y, batchSize: 0) }.parameter == "batch_size")
    #expect(try failure { _ = try Sequential([]) }.kind == .value)
    #expect(try failure { _ = try Dropout(rate: 1) }.parameter == "rate")
    #expect(try failure { _ = try Conv2D(filters: 0, kernel: Extent(3)) }.parameter == "filters")
    #expect(
      try failure { try dense.compile(optimizer: .adam(learningRate: -1), loss: .meanSquaredError) }
        .parameter == "learning_rate")
    let large = try failure {
      _ = try Sequential(
        [try Conv2D(filters: 2, kernel: Extent(3)), try MaxPool2D(pool: Extent(9))], inputShape: [8, 8, 1])
    }
    #expect(large.message.contains("layer 1 (max_pooling2d)"))
    #expect(large.message.contains("(6, 6, 2)"))
    #expect(
      try failure {
        _ = try Sequential([Flatten(), try Dense(units: 1 << 20)], inputShape: [4000, 4000, 3])
      }.kind == .memory)
    #expect(
      try failure { _ = try Sequential([Flatten()], inputShape: [.max, .max]) }.kind == .memory)
    let error = try #require(Metric(named: "mae"))
    try dense.compile(loss: .sparseCategoricalCrossentropy, metrics: [error])
    #expect(try failure { try dense.fit(TensorBatches(x: x, y: y)) }.parameter == "metrics")
  }

  @Test func streamedExamplesGiveWhatAStackGives() throws {
    let model = try model()
    let x = try Tensor(shape: [37, 8, 7, 1], elements: (0..<37 * 56).map { Float($0 % 29) / 10 })
    var done = 0
    let examples = (0..<37).lazy.map { index -> any TensorSource in
      Tensor(Array(x.elements[index * 56..<(index + 1) * 56])).reshapedForTest([8, 7, 1])
    }
    let streamed = try model.predict(examples: examples) { done = $0 }
    #expect(done == 37)
    try expectClose(streamed, model.predict(x), within: 1e-6)
    #expect(try model.predict(examples: [any TensorSource]()).shape == [0, 1])
    #expect(throws: Failure.self) { try model.predict(examples: [Tensor([1, 2])] as [any TensorSource]) }
  }

  @Test func severalThreadsMayUseOneModel() async throws {
    let model = try model()
    let x = try Tensor(repeating: 0.25, shape: [3, 8, 7, 1])
    let expected = try model.predict(x)
    try await withThrowingTaskGroup(of: Tensor.self) { group in
      for _ in 0..<8 { group.addTask { try model.predict(x) } }
      for try await result in group { #expect(result == expected) }
    }
  }

  @Test func dropoutScalesInTrainingOnly() throws {
    let model = try Sequential([try Dropout(rate: 0.5)], inputShape: [1000])
    let x = try Tensor(repeating: 1, shape: [2, 1000])
    #expect(try model.predict(x) == x)
    // With targets of 0 the loss is the mean square: half of the inputs, doubled.
    let loss = try model.gradients(
      TrainingBatch(x: x, y: Tensor(repeating: 0, shape: [2, 1000])), loss: .meanSquaredError
    ).loss
    #expect(abs(loss - 2) < 0.2)
  }
}

extension Tensor {
  fileprivate func reshapedForTest(_ shape: Shape) -> Tensor { (try? reshaped(shape)) ?? self }
}
