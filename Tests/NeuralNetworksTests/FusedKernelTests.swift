import Essentials
import Glibc
import NeuralNetworks
import Tensors
import TestSupport
import Testing

/// Chains on our own kernels, on each instruction set of this machine, against oneDNN.
struct FusedKernelTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let shape: Shape
    let batch: Int
    let layers: @Sendable () throws -> [any Layer]
    var loss = Loss.meanSquaredError
    var offset: Float = 0
    /// Of the largest number.
    var tolerance: Float = 5e-5
    var testDescription: String { name }
  }

  /// Every way that this machine can compute.
  static let paths: [FusedKernels] =
    [.off, .best] + FusedKernels.InstructionSet.allCases.filter(\.isAvailable).map { .only($0) }

  private static func conv(
    _ filters: Int, _ padding: Padding = .valid, _ activation: Activation = .relu, window: Int = 3
  ) throws -> any Layer {
    try Conv2D(filters: filters, kernel: Extent(window), padding: padding, activation: activation)
  }

  private static func tutorial(
    _ shape: Shape, _ batch: Int, offset: Float = 0, tolerance: Float = 5e-5
  ) -> Case {
    Case(
      name: "tutorial \(shape) × \(batch), offset \(offset)", shape: shape, batch: batch,
      layers: {
        [try conv(16), try conv(16), Flatten(), try Dense(units: 1, activation: .sigmoid)]
      }, loss: .binaryCrossentropy, offset: offset, tolerance: tolerance)
  }

  static let cases: [Case] = [
    tutorial([5, 5, 1], 1), tutorial([6, 7, 1], 17), tutorial([9, 70, 1], 3), tutorial([43, 27, 2], 4),
    tutorial([40, 39, 1], 5, offset: 50), tutorial([21, 22, 4], 2),
    // Large enough for outputs to be kept in half precision, whose rounding is 1 part in 2048.
    tutorial([90, 110, 1], 9, tolerance: 5e-4),
    Case(
      name: "one picture becomes 1 × 1", shape: [3, 3, 16], batch: 17,
      layers: { [try conv(16), Flatten(), try Dense(units: 1)] }),
    Case(
      name: "same padding, 1 × 1", shape: [1, 1, 3], batch: 3,
      layers: { [try conv(32, .same), try conv(48, .same, .linear), Flatten(), try Dense(units: 1)] }),
    Case(
      name: "same padding, three channels, 32 and 48", shape: [13, 18, 3], batch: 3,
      layers: {
        [try conv(32, .same), try conv(48, .same), Flatten(), try Dense(units: 3, activation: .tanh)]
      }),
    Case(
      name: "17 channels go to oneDNN", shape: [14, 15, 1], batch: 3,
      layers: { [try conv(16), try conv(16), try conv(17), Flatten(), try Dense(units: 2)] }),
    Case(
      name: "pools between, four convolutions", shape: [47, 53, 1], batch: 3,
      layers: {
        [
          try conv(16), try conv(16), try MaxPool2D(), try conv(32, .same), try conv(32),
          try AveragePool2D(pool: Extent(3)), Flatten(), try Dense(units: 5, activation: .relu),
          try Dense(units: 1, activation: .sigmoid),
        ]
      }, loss: .binaryCrossentropy),
    Case(
      name: "a pool last, then one unit", shape: [23, 26, 1], batch: 5,
      layers: {
        [
          try conv(16, .same, .linear), ActivationLayer(.relu), try conv(16),
          try MaxPool2D(pool: Extent(3, 2)),
          Flatten(), try Dense(units: 1, activation: .tanh),
        ]
      }),
    Case(
      name: "deep, with linear layers", shape: [25, 30, 16], batch: 2,
      layers: {
        [
          try conv(32, .same, .linear), try conv(16), try conv(16, .same), try conv(48, .valid, .linear),
          Flatten(), try Dense(units: 1),
        ]
      }),
    Case(
      name: "normalisation and global pool behind", shape: [17, 19, 1], batch: 4,
      layers: {
        [
          try conv(16), try conv(16, .same), try BatchNorm(), GlobalAveragePool2D(),
          try Dense(units: 3, activation: .softmax),
        ]
        // Means of what has mean 0: the convolutions' gradients are nearly nothing, and rounding is most of them.
      }, loss: .categoricalCrossentropy, tolerance: 2e-4),
    Case(
      name: "one channel, same padding, one unit", shape: [7, 49, 1], batch: 17,
      layers: { [try conv(16, .same), try conv(16, .same), Flatten(), try Dense(units: 1)] }, offset: 50),
    Case(
      name: "one channel, 32 filters", shape: [12, 65, 1], batch: 1,
      layers: { [try conv(32), try conv(16, .same), Flatten(), try Dense(units: 1)] }),
    Case(
      name: "a linear first layer", shape: [11, 73, 1], batch: 3,
      layers: { [try conv(16, .same, .linear), try conv(16), Flatten(), try Dense(units: 1)] }),
    Case(
      name: "a chain of one convolution of few channels, an odd number of rows", shape: [9, 10, 1], batch: 3,
      layers: { [try conv(16), Flatten(), try Dense(units: 1)] }),
    Case(
      name: "a chain and nothing else", shape: [12, 11, 1], batch: 3,
      layers: { [try conv(16), try conv(16, .same)] }),
    Case(
      name: "5 × 5 windows, pools, one unit", shape: [44, 38, 1], batch: 5,
      layers: {
        [
          try conv(16, window: 5), try MaxPool2D(), try conv(32, window: 5), try MaxPool2D(), Flatten(),
          try Dense(units: 1, activation: .sigmoid),
        ]
      }, loss: .binaryCrossentropy),
    Case(
      name: "5 × 5 with same padding, three channels, last in front of one unit", shape: [19, 23, 3],
      batch: 3,
      layers: {
        [
          try conv(48, .same, window: 5), try conv(16, .same, .linear, window: 5),
          try conv(16, .same, window: 5), Flatten(), try Dense(units: 1),
        ]
      }, offset: 50),
    Case(
      name: "1 × 1 between, a global pool behind", shape: [30, 22, 1], batch: 5,
      layers: {
        [
          try conv(32, .same), try MaxPool2D(), try conv(16, window: 1), try conv(64, .same), try MaxPool2D(),
          try conv(32, .same, .linear, window: 1), try conv(48, window: 1), GlobalAveragePool2D(),
          try Dense(units: 3),
        ]
      }),
    Case(
      name: "rows of tiles together, more examples than are kept", shape: [34, 17, 1], batch: 9,
      layers: {
        [
          try conv(32, .same), try conv(64, .same), try MaxPool2D(), try conv(128, .same), try conv(128),
          try MaxPool2D(), Flatten(), try Dense(units: 16, activation: .relu), try Dense(units: 1),
        ]
      }),
  ]

  /// Alone it takes all threads, a part of its rows on each.
  @Test(arguments: cases, paths)
  func anExampleAloneHasTheSameBits(_ test: Case, _ path: FusedKernels) throws {
    let model = try model(test, path)
    // Behind other layers oneDNN may multiply one row in another order than several.
    let layers = try test.layers()
    guard case .only = path, layers.last is Conv2D || (layers.last as? Dense)?.units == 1,
      !layers.dropLast().contains(where: { $0 is Dense || $0 is BatchNorm })
    else { return }
    let batch = try data(test, output: try #require(model.outputShape))
    let together = try model.predict(batch.x).elements
    let size = together.count / test.batch
    for index in 0..<test.batch {
      let count = test.shape.reduce(1, *)
      let one = try Tensor(
        shape: [1] + test.shape, elements: Array(batch.x.elements[index * count..<(index + 1) * count]))
      #expect(try model.predict(one).elements == Array(together[index * size..<(index + 1) * size]))
    }
  }

  private func data(_ test: Case, output: Shape) throws -> TrainingBatch {
    var random = RandomSource(seed: 11)
    let count = test.batch * test.shape.reduce(1, *)
    let x = try Tensor(
      shape: [test.batch] + test.shape,
      elements: (0..<count).map { _ in Float(random.normal()) + test.offset })
    let size = output.reduce(1, *)
    let y = try Tensor(
      shape: [test.batch] + output,
      elements: (0..<test.batch * size).map {
        test.loss == .meanSquaredError ? Float(random.normal()) : Float($0 % 2)
      })
    return TrainingBatch(x: x, y: y)
  }

  private func model(_ test: Case, _ path: FusedKernels) throws -> Sequential {
    let model = try Sequential(test.layers(), inputShape: test.shape, seed: 3)
    var random = RandomSource(seed: 7)
    try model.setWeights(
      model.weights.map { name, value in
        name.hasSuffix("variance")
          ? value
          : try Tensor(
            shape: value.shape, elements: value.elements.map { $0 + Float(random.normal() * 0.03) })
      })
    model.engineOptions = EngineOptions(choice: .rule, kernels: path)
    return model
  }

  @Test(arguments: cases, paths)
  func agreeWithOneDNN(_ test: Case, _ path: FusedKernels) throws {
    let plain = try model(test, .off)
    let fused = try model(test, path)
    let batch = try data(test, output: try #require(plain.outputShape))
    let x = try batch.x
    // Relative to the largest: sums of large numbers are what rounds.
    func check(_ actual: Tensor, _ expected: Tensor, _ name: String) {
      #expect(actual.shape == expected.shape)
      let largest = expected.elements.map(abs).max() ?? 0
      let worst = zip(actual.elements, expected.elements).map { abs($0 - $1) }.max() ?? 0
      #expect(worst <= test.tolerance * max(largest, 1e-3), "\(name): \(worst) of \(largest)")
    }
    check(try fused.predict(x), try plain.predict(x), "outputs")
    let expected = try plain.gradients(batch, loss: test.loss)
    for _ in 0..<2 {
      let actual = try fused.gradients(batch, loss: test.loss)
      #expect(abs(actual.loss - expected.loss) <= 1e-5 * max(1, abs(expected.loss)))
      for ((name, actual), (_, expected)) in zip(actual.gradients, expected.gradients) {
        check(actual, expected, name)
      }
    }
    check(try fused.predict(x), try plain.predict(x), "outputs again")
  }

  @Test(arguments: paths)
  func theSameSeedGivesTheSameBits(_ path: FusedKernels) throws {
    let test = Self.cases[3]
    var weights: [[Tensor]] = []
    for _ in 0..<2 {
      let model = try model(test, path)
      try model.compile(loss: .binaryCrossentropy)
      let batch = try data(test, output: [1])
      try model.fit(TensorBatches(x: batch.x, y: batch.y, batchSize: 3), epochs: 2)
      weights.append(model.weights.map(\.value))
    }
    #expect(weights[0] == weights[1])
  }

  /// What Winograd would spread over a tile, or overflow at, gives what oneDNN's plain path gives.
  @Test(arguments: paths, [Float.nan, .infinity, -.infinity, 1e30, -3e38])
  func oddNumbersGiveWhatThePlainPathGives(_ path: FusedKernels, _ value: Float) throws {
    let test = Self.cases[2]
    let plain = try model(test, .off)
    let fused = try model(test, path)
    var batch = try data(test, output: [1])
    var x = try batch.x
    x.withUnsafeMutableElements { $0[630 + 75] = value }
    batch = TrainingBatch(x: x, y: batch.y)
    for (actual, expected) in zip(try fused.predict(x).elements, try plain.predict(x).elements) {
      #expect(actual == expected || abs(actual - expected) < 1e-5 || (actual.isNaN && expected.isNaN))
    }
    let (actual, expected) = (
      try fused.gradients(batch, loss: test.loss), try plain.gradients(batch, loss: test.loss)
    )
    #expect(actual.loss == expected.loss || (actual.loss.isNaN && expected.loss.isNaN))
    for ((name, actual), (_, expected)) in zip(actual.gradients, expected.gradients) {
      let isSame = zip(actual.elements, expected.elements).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
      #expect(isSame, "\(name)")
    }
  }

  @Test func thePlanIsTold() throws {
    for (number, layers) in [(0, [0, 1, 3]), (11, [0, 1, 2, 3, 4, 5])] {
      for path in Self.paths {
        guard case .only(let instructionSet) = path else { continue }
        let model = try model(Self.cases[number], path)
        for isCompiled in [false, true] {
          if isCompiled { try model.compile(loss: .binaryCrossentropy) }
          let report = try #require(try model.planReport(batchSize: 8))
          let fused = report.choices.filter { $0.algorithm.hasPrefix("fused") }
          #expect(fused.map(\.layer) == layers)
          #expect(fused.allSatisfy { $0.algorithm.hasSuffix(instructionSet.rawValue) })
          #expect(report.byteCountPerThread > 0)
        }
      }
    }
  }

  @Test func weightsThatAreNoNumbersGiveNone() throws {
    for path in Self.paths {
      let model = try model(Self.cases[2], path)
      try model.setWeights(model.weights.map { try Tensor(repeating: .nan, shape: $0.value.shape) })
      #expect(try model.predict(Tensor(repeating: 0.5, shape: [2, 9, 70, 1])).elements.allSatisfy(\.isNaN))
    }
  }

  /// Adam, momentum and plain steps on streamed gradients go where oneDNN's go.
  @Test(
    arguments: paths,
    [
      Optimizer.adam(learningRate: 0.01), .sgd(learningRate: 0.05),
      .sgd(learningRate: 0.02, momentum: 0.9, nesterov: true),
    ])
  func trainingGoesTheSameWay(_ path: FusedKernels, _ optimizer: Optimizer) throws {
    let test = Self.cases[3]
    let batch = try data(test, output: [1])
    let models = try [FusedKernels.off, path].map { path in
      let model = try model(test, path)
      try model.compile(optimizer: optimizer, loss: .binaryCrossentropy)
      try model.fit(TensorBatches(x: batch.x, y: batch.y, batchSize: 3), epochs: 3)
      return model
    }
    for ((name, actual), (_, expected)) in zip(models[1].weights, models[0].weights) {
      try expectClose(actual, expected, within: 2e-4, "\(name)")
    }
    try expectClose(models[1].predict(batch.x), models[0].predict(batch.x), within: 2e-4, "outputs")
  }

  /// Where the gradients are the same (no chain here), Adam gives the same bits with every instruction set,
  /// also where they do not divide by a vector's length.
  @Test func adamGivesTheSameBitsEverywhere() throws {
    let x = try Tensor(shape: [6, 13], elements: (0..<78).map { Float($0 * 37 % 29) / 9 - 1 })
    let y = try Tensor(shape: [6, 7], elements: (0..<42).map { Float($0 * 11 % 17) / 5 })
    let weights = try Self.paths.map { path -> [Tensor] in
      let model = try Sequential([try Dense(units: 7)], inputShape: [13], seed: 2)
      model.engineOptions = EngineOptions(choice: .rule, kernels: path)
      try model.compile(optimizer: .adam(learningRate: 0.01), loss: .meanSquaredError)
      try model.fit(TensorBatches(x: x, y: y, batchSize: 2), epochs: 3)
      return model.weights.map(\.value)
    }
    for other in weights.dropFirst() { #expect(other == weights[0]) }
  }

  private func expectClose(_ actual: Tensor, _ expected: Tensor, within tolerance: Float, _ name: String)
    throws
  {
    let worst = zip(actual.elements, expected.elements).map { abs($0 - $1) }.max() ?? 0
    #expect(worst <= tolerance, "\(name) differs by \(worst)")
  }

  @Test func anInterruptKeepsTheLastWholeStep() async {
    await #expect(processExitsWith: .success) {
      let tests = FusedKernelTests()
      let test = FusedKernelTests.cases[3]
      for path in FusedKernelTests.paths {
        func fitted(stopping: Bool) throws -> (weights: [Tensor], failure: Failure?) {
          let model = try tests.model(test, path)
          try model.compile(loss: .binaryCrossentropy)
          let batch = try tests.data(test, output: [1])
          var afterTwo: [Tensor] = []
          let data = try TensorBatches(x: batch.x, y: batch.y, batchSize: 1)
          do {
            try model.fit(data, epochs: 2) { event in
              guard case .stepEnded(let report) = event, report.step == 2 else { return }
              if stopping { Interruption.request() }
              if afterTwo.isEmpty { afterTwo = model.weights.map(\.value) }
            }
          } catch let failure as Failure {
            Interruption.clear()
            return (model.weights.map(\.value), failure)
          }
          return (afterTwo, nil)
        }
        let (whole, stopped) = try (fitted(stopping: false), fitted(stopping: true))
        guard stopped.failure?.kind == .interrupt, stopped.weights == whole.weights else { exit(3) }
      }
    }
  }

  @Test func anInterruptStopsAPrediction() async {
    await #expect(processExitsWith: .success) {
      for path in FusedKernelTests.paths {
        let model = try Sequential(
          FusedKernelTests.cases[0].layers(), inputShape: [1491, 257, 1])
        model.engineOptions = EngineOptions(choice: .rule, kernels: path)
        Interruption.request()
        let x = try Tensor(repeating: 0, shape: [2, 1491, 257, 1])
        let failure = #expect(throws: Failure.self) { try model.predict(x) }
        Interruption.clear()
        guard failure?.kind == .interrupt else { exit(3) }
        guard try model.predict(x).elements[0] == 0.5 else { exit(4) }
      }
    }
  }
}
