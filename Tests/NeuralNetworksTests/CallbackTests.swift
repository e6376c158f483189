import Essentials
import NeuralNetworks
import Tensors
import TestSupport
import Testing

/// What callbacks do, with the rules of Keras's.
struct CallbackTests {
  private func model(_ optimizer: Optimizer = .sgd(learningRate: 0.1), seed: UInt64 = 1) throws -> Sequential
  {
    let model = try Sequential(
      [try Dense(units: 4, activation: .tanh), try Dropout(rate: 0.3), try Dense(units: 1)], inputShape: [3],
      seed: seed)
    try model.compile(optimizer: optimizer, loss: .meanSquaredError)
    return model
  }

  private func data(seed: UInt64 = 5) throws -> TensorBatches {
    var random = RandomSource(seed: 3)
    let x = try Tensor(shape: [20, 3], elements: (0..<60).map { _ in Float(random.normal()) })
    return try TensorBatches(
      x: x, y: Tensor((0..<20).map { Float($0 % 3) }), batchSize: 8, shuffle: true, seed: seed)
  }

  @Test func theRateFollowsAFunction() throws {
    let model = try self.model(.adam(learningRate: 0.1))
    let history = try model.fit(
      data(), epochs: 3, callbacks: [.learningRateScheduler { epoch, rate in epoch == 0 ? 0.5 : rate / 2 }])
    #expect(history["learning_rate"] == [0.5, 0.25, 0.125])
    #expect(model.learningRate == 0.125)
    let scheduled = try self.model(.adam(learningRate: .cosineDecay(initial: 0.1, steps: 9)))
    for callback in [
      TrainingCallback.learningRateScheduler { _, rate in rate }, .reduceOnPlateau(monitor: "loss"),
    ] {
      let failure = #expect(throws: Failure.self) { try scheduled.fit(data(), callbacks: [callback]) }
      #expect(failure?.message.contains("cosine_decay") == true)
    }
  }

  /// Progress of less than 9 is none: lowered after each 2 epochs, at rest for 1, and not below 0.02.
  @Test func plateausLowerTheRate() throws {
    let history = try model().fit(
      data(), epochs: 8,
      callbacks: [
        .reduceOnPlateau(
          monitor: "loss", factor: 0.5, patience: 2, minDelta: 9, cooldown: 1, minRate: 0.02)
      ])
    // Keras logs the rate before the callback changes it.
    #expect(history["learning_rate"] == [0.1, 0.1, 0.1, 0.05, 0.05, 0.025, 0.025, 0.02])
  }

  @Test func stoppingKnowsBaselineModeAndStart() throws {
    func epochs(_ callback: TrainingCallback) throws -> Int {
      let model = try self.model(.sgd(learningRate: 0))
      return try model.fit(data(), epochs: 9, callbacks: [callback]).epochCount
    }
    #expect(try epochs(.earlyStopping(monitor: "loss", patience: 3, minDelta: 99)) == 4)
    #expect(try epochs(.earlyStopping(monitor: "loss", patience: 2, minDelta: 99, startFromEpoch: 3)) == 6)
    // Never better than the baseline: what gets better does not set the patience back.
    let model = try self.model()
    let history = try model.fit(
      data(), epochs: 9, callbacks: [.earlyStopping(monitor: "loss", patience: 4, baseline: -1)])
    #expect(history.epochCount <= 9)
    #expect(throws: Failure.self) { try model.fit(data(), callbacks: [.earlyStopping(monitor: "val_loss")]) }
  }

  @Test func checkpointsKeepEachAndTheBest() throws {
    let folder = try TemporaryFolder()
    let model = try self.model()
    try model.fit(
      data(), epochs: 3,
      callbacks: [
        .modelCheckpoint(path: folder.path("e{epoch:02d}-{loss:.1f}.safetensors"), saveWeightsOnly: true),
        .modelCheckpoint(
          path: folder.path("most.safetensors"), monitor: "loss", saveBestOnly: true, mode: .max),
        .csvLogger(path: folder.path("log.csv")),
      ])
    let names = (Folder.names(in: folder.url.path) ?? []).filter { $0.hasPrefix("e0") }
    #expect(names.map { String($0.prefix(4)) }.sorted() == ["e01-", "e02-", "e03-"])
    // The largest loss is the first epoch's.
    let most = try Sequential.load(folder.path("most.safetensors"))
    let first = try #require(names.first { $0.hasPrefix("e01") })
    #expect(try SafeTensors(reading: folder.path(first)).tensors.map(\.value) == most.weights.map(\.value))
    let failure = #expect(throws: Failure.self) {
      try model.fit(data(), callbacks: [.modelCheckpoint(path: folder.path("{val_loss}.safetensors"))])
    }
    #expect(failure?.message.contains("val_loss") == true)
  }

  /// A model that is saved, loaded and trained on is the one that was never away.
  @Test(arguments: [
    Optimizer.adam(), .adamw(), .nadam(), .adagrad(), .sgd(momentum: 0.9),
    .rmsprop(momentum: 0.5, centered: true),
    .adam(learningRate: .cosineDecay(initial: 0.01, steps: 10)),
  ])
  func filesKeepTheOptimizer(_ optimizer: Optimizer) throws {
    let folder = try TemporaryFolder()
    let one = try model(optimizer)
    try one.fit(data(), epochs: 2)
    try one.save(folder.path("m.safetensors"))
    let two = try Sequential.load(folder.path("m.safetensors"))
    try one.fit(data(seed: 6), epochs: 2)
    try two.fit(data(seed: 6), epochs: 2)
    #expect(one.weights.map(\.value) == two.weights.map(\.value))
    // Without it moments begin anew, and weights can still be read from either.
    try one.save(folder.path("small.safetensors"), includesOptimizer: false)
    let small = try SafeTensors(reading: folder.path("small.safetensors"))
    #expect(small.tensors.map(\.name) == one.weights.map(\.name))
    try two.loadWeights(folder.path("m.safetensors"))
  }

  /// Ended after some epochs, by an error of a callback, and done again from the backup.
  @Test func backupsGoOnWithTheSameBits() throws {
    struct End: Error {}
    let folder = try TemporaryFolder()
    func callbacks(_ path: String, endingAfter last: Int = 99) -> [TrainingCallback] {
      [
        .earlyStopping(monitor: "loss", patience: 3, restoreBest: true, minDelta: 0.05),
        .reduceOnPlateau(monitor: "loss", factor: 0.5, patience: 1, minDelta: 0.05),
        .backup(path: folder.path(path)),
        .afterEpoch { if $0.epoch >= last { throw End() } else { return true } },
      ]
    }
    let whole = try model(.adam(learningRate: 0.05))
    let history = try whole.fit(
      data(), epochs: 12, validation: data(seed: 9), callbacks: callbacks("whole.safetensors"))
    for last in [1, 2, 4] {
      let stopped = try model(.adam(learningRate: 0.05))
      #expect(throws: End.self) {
        try stopped.fit(
          data(), epochs: 12, validation: data(seed: 9),
          callbacks: callbacks("\(last).safetensors", endingAfter: last))
      }
      let resumed = try model(.adam(learningRate: 0.05))
      // The file knows the order's seed.
      let rest = try resumed.fit(
        data(seed: 77), epochs: 12, validation: data(seed: 9), callbacks: callbacks("\(last).safetensors"))
      #expect(rest.columns == history.columns)
      #expect(resumed.weights.map(\.value) == whole.weights.map(\.value))
      // Done, so the file is gone.
      #expect(throws: Failure.self) { try SafeTensors(reading: folder.path("\(last).safetensors")) }
    }
  }

  @Test func backupsOfOtherTrainingsAreRefused() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("b.safetensors")
    let backup = TrainingCallback.backup(path: path, deletesWhenDone: false)
    try model().fit(data(), epochs: 2, callbacks: [backup])
    for other in [try model(.adam()), try model(seed: 2)] {
      let failure = #expect(throws: Failure.self) { try other.fit(data(), callbacks: [backup]) }
      #expect(failure?.message.contains("another training") == true)
    }
    let failure = #expect(throws: Failure.self) {
      try model().fit(data(), callbacks: [backup, .earlyStopping(monitor: "loss")])
    }
    #expect(failure?.message.contains("callbacks") == true)
    // What is complete is not trained again, and may be trained further.
    #expect(try model().fit(data(), epochs: 2, callbacks: [backup]).epochCount == 2)
    #expect(try model().fit(data(), epochs: 5, callbacks: [backup]).epochCount == 5)
    try model().saveWeights(path)
    #expect(throws: Failure.self) { try model().fit(data(), callbacks: [backup]) }
  }

  @Test func lookingForARateChangesNothing() throws {
    let model = try self.model(.adam(learningRate: 0.02))
    try model.fit(data())
    let before = model.weights.map(\.value)
    let search = try model.findLearningRate(data(), from: 1e-5, to: 1e4, steps: 60)
    #expect(search.rates.count == search.losses.count)
    #expect(search.rates.count < 60, "the loss has risen")
    let areFinite = search.losses.allSatisfy(\.isFinite)
    #expect(areFinite)
    #expect(search.suggestion.map { $0 > 1e-5 && $0 < 10 } == true)
    #expect(model.weights.map(\.value) == before)
    #expect(model.learningRate == 0.02)
    let other = try self.model(.adam(learningRate: 0.02))
    try other.fit(data())
    try other.fit(data())
    try model.fit(data())
    #expect(model.weights.map(\.value) == other.weights.map(\.value))
  }
}
