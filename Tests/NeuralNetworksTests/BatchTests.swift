import Essentials
import NeuralNetworks
import Synchronization
import Tensors
import Testing

/// A batch gives the same, whether its examples lie in a tensor, apart in a larger one, or are made when needed.
struct BatchTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let layers: @Sendable () throws -> [any Layer]
    var shape: Shape = [14, 19, 1]
  }

  static let cases: [Case] = [
    Case(testDescription: "a chain and one unit") {
      [try conv(3), try conv(3), Flatten(), try Dense(units: 1, activation: .sigmoid)]
    },
    // Outputs kept in half precision.
    Case(
      testDescription: "a chain and one unit, large",
      layers: { [try conv(3), try conv(3), Flatten(), try Dense(units: 1, activation: .sigmoid)] },
      shape: [90, 110, 1]),
    Case(testDescription: "a chain and several units") {
      [try conv(3), try conv(3), Flatten(), try Dense(units: 3), try Dense(units: 1, activation: .sigmoid)]
    },
    Case(testDescription: "oneDNN, several examples at once") {
      [try conv(5), try MaxPool2D(), Flatten(), try Dense(units: 1, activation: .sigmoid)]
    },
    Case(testDescription: "the whole batch at once") {
      [
        try conv(3), try BatchNorm(), GlobalAveragePool2D(), try Dense(units: 1, activation: .sigmoid),
      ]
    },
  ]

  private static func conv(_ side: Int) throws -> any Layer {
    try Conv2D(filters: 16, kernel: Extent(side), activation: .relu)
  }

  /// An example that is made when it is asked for.
  private final class Source: TensorSource {
    let tensor: Tensor
    let made = Mutex(0)
    init(_ tensor: Tensor) { self.tensor = tensor }
    var shape: Shape { tensor.shape }
    var storedByteCount: Int { 8 }
    func write(into destination: UnsafeMutableBufferPointer<Float>) throws {
      made.withLock { $0 += 1 }
      tensor.write(into: destination)
    }
  }

  private struct Batches: BatchSource, BatchIterator {
    var batches: [TrainingBatch]
    var batchCount: Int? { batches.count }
    func makeBatchIterator(epoch: Int) -> any BatchIterator { self }
    mutating func next() -> TrainingBatch? { batches.isEmpty ? nil : batches.removeFirst() }
  }

  private func model(_ test: Case) throws -> Sequential {
    let model = try Sequential(test.layers(), inputShape: test.shape, seed: 5)
    model.engineOptions = EngineOptions(choice: .rule)
    try model.compile(loss: .binaryCrossentropy)
    return model
  }

  private func example(_ test: Case, _ index: Int) throws -> Tensor {
    var random = RandomSource(seed: 21, path: UInt64(index))
    let count = test.shape.reduce(1, *)
    return try Tensor(shape: test.shape, elements: (0..<count).map { _ in Float(random.normal()) })
  }

  @Test(arguments: cases)
  func allWaysGiveTheSameBits(_ test: Case) throws {
    let examples = try (0..<11).map { try example(test, $0) }
    let all = try Tensor.stacked(examples)
    let labels = Tensor((0..<11).map { Float($0 % 3 == 0 ? 1 : 0) })
    for rows in [Array(0..<11), [7, 2, 10, 3, 4, 5, 0, 9, 1], [4]] {
      let x = try Tensor.stacked(rows.map { examples[$0] })
      let y = Tensor(rows.map { labels.elements[$0] })
      let sources = rows.map { Source(examples[$0]) }
      let batches = [
        TrainingBatch(x: x, y: y), try TrainingBatch(rows: rows, of: all, y: labels),
        try TrainingBatch(examples: sources, y: y),
      ]
      for batch in batches { #expect(try batch.x == x && batch.y == y) }
      for source in sources { source.made.withLock { $0 = 0 } }
      var results: [(history: History, weights: [Tensor], measured: [LogValue])] = []
      for batch in batches {
        let model = try model(test)
        let data = Batches(batches: [batch, batch])
        let history = try model.fit(data)
        results.append((history, model.weights.map(\.value), try model.evaluate(data)))
      }
      for other in results.dropFirst() {
        #expect(other.history.columns == results[0].history.columns)
        #expect(other.weights == results[0].weights)
        #expect(other.measured == results[0].measured)
      }
      // Once in each of two steps and of two batches measured.
      for source in sources { #expect(source.made.withLock { $0 } == 4) }
    }
  }

  @Test(arguments: cases)
  func nanIsRefusedWithItsPlace(_ test: Case) throws {
    var examples = try (0..<9).map { try example(test, $0) }
    examples[6].withUnsafeMutableElements { $0[100] = .infinity }
    let y = Tensor(Array(repeating: 0, count: 9))
    let model = try model(test)
    let before = model.weights.map(\.value)
    let rows = [8, 7, 6, 5, 4, 3, 2, 1, 0]
    for (batch, place) in [
      (TrainingBatch(x: try Tensor.stacked(examples), y: y), 6),
      (try TrainingBatch(rows: rows, of: Tensor.stacked(examples), y: y), 2),
      (try TrainingBatch(examples: examples, y: y), 6),
    ] {
      let failure = #expect(throws: Failure.self) { try model.fit(Batches(batches: [batch])) }
      #expect(failure?.message.contains("example \(place) of the batch contains inf") == true)
      #expect(failure?.message.contains("epoch 1, step 1") == true)
    }
    #expect(model.weights.map(\.value) == before)
    // A clean batch goes as if nothing had been.
    let clean = TrainingBatch(x: try Tensor.stacked(Array(examples[..<6])), y: Tensor([0, 1, 0, 1, 0, 1]))
    let other = try self.model(test)
    try model.fit(Batches(batches: [clean]))
    try other.fit(Batches(batches: [clean]))
    #expect(model.weights.map(\.value) == other.weights.map(\.value))
  }

  /// Numbers too large for our own kernels in one example of a later group: the plain path takes the batch.
  @Test func largeNumbersGiveWhatThePlainPathGives() throws {
    let test = Self.cases[0]
    var examples = try (0..<17).map { try example(test, $0) }
    examples[16].withUnsafeMutableElements { $0[100] = 1e30 }
    let batch = try TrainingBatch(examples: examples, y: Tensor(Array(repeating: 1, count: 17)))
    let (fused, plain) = (try model(test), try model(test))
    plain.engineOptions = EngineOptions(choice: .rule, kernels: .off)
    let (actual, expected) = (
      try fused.gradients(batch, loss: .binaryCrossentropy),
      try plain.gradients(batch, loss: .binaryCrossentropy)
    )
    #expect(actual.loss == expected.loss)
    for (own, other) in zip(actual.gradients, expected.gradients) { #expect(own.value == other.value) }
  }

  @Test func wrongBatchesAreTold() throws {
    let x = try Tensor(repeating: 0, shape: [3, 2])
    let y = Tensor([0, 1, 0])
    #expect(throws: Failure.self) { try TrainingBatch(rows: [0, 3], of: x, y: y) }
    #expect(throws: Failure.self) { try TrainingBatch(rows: [-1], of: x, y: y) }
    #expect(throws: Failure.self) { try TrainingBatch(rows: [2], of: x, y: Tensor([1])) }
    #expect(throws: Failure.self) { try TrainingBatch(rows: [0], of: Tensor(scalar: 1), y: y) }
    #expect(throws: Failure.self) { try TrainingBatch(examples: [], y: y) }
    let failure = #expect(throws: Failure.self) {
      try TrainingBatch(examples: [Tensor([1, 2]), Tensor([1, 2]), Tensor([1])], y: y)
    }
    #expect(failure?.kind == .shape && failure?.message.contains("example 2") == true)
  }
}
