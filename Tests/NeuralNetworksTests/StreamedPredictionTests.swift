import Essentials
import Glibc
import NeuralNetworks
import Synchronization
import Tensors
import Testing

/// Examples that come one after the other are dealt out to all threads, whoever has nothing to score getting
/// the next ones: the outputs are those of a stack, and the first failure is the one that is told.
@Suite struct StreamedPredictionTests {
  typealias Job = @Sendable () throws -> any TensorSource

  /// With one unit behind the chain, groups are of any size; with two, each has the same.
  private static func model(units: Int, kernels: FusedKernels = .best) throws -> Sequential {
    let model = try Sequential(
      [
        try Conv2D(filters: 16, kernel: Extent(3), activation: .relu),
        try Conv2D(filters: 16, kernel: Extent(3), activation: .relu), Flatten(),
        try Dense(units: units, activation: .sigmoid),
      ], inputShape: [23, 27, 1], seed: 4)
    model.engineOptions = EngineOptions(choice: .rule, cachePath: nil, kernels: kernels)
    return model
  }

  private static let size = 23 * 27

  private static func examples(_ count: Int) throws -> [Tensor] {
    var random = RandomSource(seed: 9)
    return try (0..<count).map { _ in
      try Tensor(shape: [23, 27, 1], elements: (0..<size).map { _ in Float(random.normal()) })
    }
  }

  /// Hands out examples, some late, and tells if two threads ask at the same time.
  private static func jobs(_ examples: [Tensor], failing: [Int: Failure] = [:]) -> () throws -> Job? {
    var next = 0
    var isAsked = false
    return {
      precondition(!isAsked, "two threads ask at the same time")
      isAsked = true
      defer { isAsked = false }
      guard next < examples.count else { return nil }
      let index = next
      next += 1
      if index % 5 == 3 { usleep(500) }
      if let failure = failing[-1 - index] { throw failure }
      return {
        if index % 4 == 1 { usleep(300) }
        if let failure = failing[index] { throw failure }
        return examples[index]
      }
    }
  }

  @Test(arguments: [1, 2], [FusedKernels.off, .best])
  func outputsAreThoseOfEachAlone(units: Int, kernels: FusedKernels) throws {
    let model = try Self.model(units: units, kernels: kernels)
    for count in [1, 2, 3, 7, 16, 41] {
      let examples = try Self.examples(count)
      let alone = try examples.flatMap {
        try model.predict(Tensor(shape: [1, 23, 27, 1], elements: $0.elements)).elements
      }
      // What is known of the count decides about groups alone.
      for told in [nil, count, 3, 100] {
        let outputs = try model.predict(count: told, nextJob: Self.jobs(examples))
        #expect(outputs.shape == [count, units])
        for (actual, expected) in zip(outputs.elements, alone) { #expect(abs(actual - expected) < 1e-6) }
        // However the threads shared them.
        #expect(try model.predict(count: told, nextJob: Self.jobs(examples)) == outputs)
      }
    }
    #expect(try model.predict(count: 4, nextJob: { nil }).shape == [0, units])
  }

  /// An example times what the same model says of it, asked by whichever thread makes it.
  private static func weighed(
    _ examples: [Tensor], by model: Sequential, _ ask: @escaping @Sendable (Tensor) throws -> Float
  ) -> () throws -> Job? {
    let next = jobs(examples)
    return {
      guard let job = try next() else { return nil }
      return {
        guard let example = try job() as? Tensor else { throw Failure(.type, "no tensor") }
        let weight = try ask(example)
        return try Tensor(shape: example.shape, elements: example.elements.map { $0 * weight })
      }
    }
  }

  @Test(arguments: [1, 2], [FusedKernels.off, .best])
  func whoMakesAnExampleMayAskTheSameModel(units: Int, kernels: FusedKernels) throws {
    let model = try Self.model(units: units, kernels: kernels)
    let examples = try Self.examples(30)
    let ask: @Sendable (Tensor) throws -> Float = { example in
      // In both ways of asking; and what is only read is read.
      let one = try model.predict(examples: [example as any TensorSource]).elements[0]
      let batch = try Tensor(shape: [1] + example.shape, elements: example.elements)
      #expect(try model.predict(batch).elements[0] == one)
      #expect(model.isBuilt)
      return one
    }
    let weighed = try examples.map { example -> any TensorSource in
      let weight = try ask(example)
      return try Tensor(shape: example.shape, elements: example.elements.map { $0 * weight })
    }
    let expected = try model.predict(examples: weighed)
    #expect(try model.predict(count: 30, nextJob: Self.weighed(examples, by: model, ask)) == expected)
  }

  @Test func whoMakesAnExampleMayNotChangeTheModel() throws {
    let model = try Self.model(units: 1)
    let weights = model.weights.map(\.value)
    let failure = #expect(throws: Failure.self) {
      try model.predict(
        count: 9,
        nextJob: Self.weighed(try Self.examples(9), by: model) { _ in
          try model.setWeights(weights)
          return 1
        })
    }
    #expect(failure?.kind == .state)
    // And the model goes on.
    try model.setWeights(weights)
    #expect(try model.predict(examples: Self.examples(3)).shape == [3, 1])
  }

  @Test func progressIsToldUpToTheEnd() throws {
    let model = try Self.model(units: 1)
    var told: [Int] = []
    _ = try model.predict(count: 30, progress: { told.append($0) }, nextJob: Self.jobs(Self.examples(30)))
    #expect(told.last == 30)
    #expect(told == told.sorted())
  }

  @Test func theFirstExampleBuildsAModelAndIsMadeOnce() throws {
    let model = try Sequential([Flatten(), try Dense(units: 2)])
    let made = Atomic<Int>(0)
    var next = 0
    let outputs = try model.predict(count: nil) {
      next += 1
      if next > 3 { return nil }
      return {
        made.add(1, ordering: .relaxed)
        return Tensor([1, 2, 3])
      }
    }
    #expect(outputs.shape == [3, 2])
    #expect(made.load(ordering: .relaxed) == 3)
  }

  @Test(arguments: [1, 2]) func theFirstFailureIsTold(units: Int) throws {
    let model = try Self.model(units: units)
    let examples = try Self.examples(40)
    let early = Failure(.format, "early")
    let late = Failure(.file, "late")
    // A job's number, or for the source -1 - number.
    for failing in [
      [11: early, 12: late], [0: early, 30: late], [-1: early], [-18: early], [11: early, -15: late],
    ] {
      for _ in 0..<4 {
        let failure = #expect(throws: Failure.self) {
          try model.predict(count: 40, nextJob: Self.jobs(examples, failing: failing))
        }
        #expect(failure?.message == "early")
      }
    }
    var mixed = examples
    mixed[21] = Tensor([1, 2])
    let failure = #expect(throws: Failure.self) { try model.predict(count: 40, nextJob: Self.jobs(mixed)) }
    #expect(failure?.kind == .shape)
    #expect(failure?.message.contains("example 21") == true)
    // The model is as good as before.
    #expect(try model.predict(count: nil, nextJob: Self.jobs(examples)).shape == [40, units])
  }

  /// An example that takes the careful way changes nobody else's bits.
  @Test(arguments: [1, 2]) func nanStaysWithItsExample(units: Int) throws {
    let model = try Self.model(units: units)
    var examples = try Self.examples(21)
    let clean = try model.predict(count: 21, nextJob: Self.jobs(examples)).elements
    let unusual = [0, 6, 7, 20]
    for index in unusual {
      examples[index].withUnsafeMutableElements { $0[100] = index == 7 ? .infinity : .nan }
    }
    let outputs = try model.predict(count: 21, nextJob: Self.jobs(examples)).elements
    for index in 0..<21 * units {
      if unusual.contains(index / units) {
        #expect(outputs[index].isNaN || index / units == 7)
      } else {
        #expect(outputs[index] == clean[index])
      }
    }
  }

  /// A tensor whose rows are made a few at a time, in order and each once.
  private struct Rows: RowSource {
    let tensor: Tensor
    var together = 2
    var bound: Float = 100
    var failing = -1
    var shape: Shape { tensor.shape }
    var storedByteCount: Int { 0 }

    func write(into destination: UnsafeMutableBufferPointer<Float>) throws {
      tensor.write(into: destination)
    }

    func makeRows() -> (any RowMaker)? { Maker(self) }

    private final class Maker: RowMaker {
      let source: Rows
      var next = 0
      init(_ source: Rows) { self.source = source }
      var bound: Float { source.bound }
      var rowsTogether: Int { source.together }
      func write(_ rows: Range<Int>, into destination: UnsafeMutablePointer<Float>) throws {
        precondition(rows.lowerBound == next && rows.lowerBound % source.together == 0)
        next = rows.upperBound
        if rows.contains(source.failing) { throw Failure(.file, "row \(source.failing)") }
        let elements = source.tensor.elements
        for index in 0..<rows.count * 27 { destination[index] = elements[rows.lowerBound * 27 + index] }
      }
    }
  }

  /// Rows made on the way give the bits of whole examples, beside examples that are whole.
  @Test(arguments: [1, 2], FusedKernelTests.paths)
  func rowsMayBeMadeOnTheWay(units: Int, kernels: FusedKernels) throws {
    let model = try Self.model(units: units, kernels: kernels)
    let examples = try Self.examples(23)
    let whole = try model.predict(count: 23, nextJob: Self.jobs(examples))
    let mixed: [any TensorSource] = examples.enumerated().map { index, tensor in
      switch index % 6 {
      case 0: tensor
      case 1: Rows(tensor: tensor, together: 7)
      // More than is made at a time, and more than the chain takes: then the whole is asked for.
      case 2: Rows(tensor: tensor, together: 17)
      case 3: Rows(tensor: tensor, bound: 1e38)
      default: Rows(tensor: tensor)
      }
    }
    #expect(try model.predict(examples: mixed) == whole)
    var broken = mixed
    broken[10] = Rows(tensor: examples[10], failing: 17)
    guard units == 1, kernels != .off else { return }
    let failure = #expect(throws: Failure.self) { try model.predict(examples: broken) }
    #expect(failure?.message == "row 17")
    #expect(try model.predict(examples: mixed) == whole)
  }

  @Test func anInterruptStopsIt() async {
    await #expect(processExitsWith: .success) {
      for units in [1, 2] {
        let model = try StreamedPredictionTests.model(units: units)
        let examples = try StreamedPredictionTests.examples(8)
        var asked = 0
        let failure = #expect(throws: Failure.self) {
          // It never ends by itself.
          try model.predict(count: nil) {
            asked += 1
            if asked == 50 { Interruption.request() }
            let example = examples[asked % 8]
            return { example }
          }
        }
        Interruption.clear()
        guard failure?.kind == .interrupt, asked < 200 else { exit(3) }
        guard try model.predict(examples: examples).shape == [8, units] else { exit(4) }
      }
    }
  }
}
