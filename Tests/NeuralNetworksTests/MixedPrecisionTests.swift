import Essentials
import NeuralNetworks
import Tensors
import Testing

/// Shorter numbers where they are asked for: close to float32, and their distance told.
struct MixedPrecisionTests {
  /// bfloat16 keeps 8 bits: a product is off by up to 2⁻⁸, a sum of many by less of its size.
  private let tolerance: Float = 2e-2

  private func model(channels: Int, choice: EngineOptions.Choice = .rule) throws -> Sequential {
    let model = try Sequential(
      [
        try Conv2D(filters: channels, kernel: Extent(5), activation: .relu),
        try Conv2D(filters: channels, kernel: Extent(3), strides: Extent(2), activation: .tanh),
        try MaxPool2D(), try Conv2D(filters: 3, kernel: Extent(3), activation: .relu), Flatten(),
        try Dense(units: 2, activation: .sigmoid),
      ], inputShape: [31, 40, 2], seed: 6)
    model.engineOptions = EngineOptions(choice: choice, cachePath: nil)
    return model
  }

  private func examples(_ count: Int) throws -> Tensor {
    var random = RandomSource(seed: 8)
    return try Tensor(
      shape: [count, 31, 40, 2], elements: (0..<count * 31 * 40 * 2).map { _ in Float(random.normal()) })
  }

  private func rows(_ x: Tensor) throws -> [any TensorSource] {
    let size = x.count / x.shape[0]
    return try (0..<x.shape[0]).map {
      try Tensor(shape: Array(x.shape.dropFirst()), elements: Array(x.elements[$0 * size..<($0 + 1) * size]))
    }
  }

  @Test(arguments: [5, 16, 48], [EngineOptions.Choice.rule, .measured])
  func isCloseToFloat32AndSaysHowClose(_ channels: Int, _ choice: EngineOptions.Choice) throws {
    let model = try model(channels: channels, choice: choice)
    let x = try examples(7)
    let exact = try model.predict(x)
    let mixed = try model.predict(x, precision: .mixed)
    try expectClose(mixed, exact, within: tolerance)
    #expect(try model.predict(examples: rows(x), precision: .mixed) == mixed)
    let report = try model.mixedPrecisionReport(rows(x))
    guard report.isSupported, !report.layers.isEmpty else {
      // Float32 did the work: the same bits.
      #expect(mixed == exact)
      #expect(report.examplesCompared == 0)
      return
    }
    #expect(report.layers.allSatisfy { [0, 1, 3].contains($0) })
    #expect(report.examplesCompared == 4)
    #expect(mixed != exact)
    let compared = zip(mixed.elements, exact.elements).prefix(4 * 2).map { Double(abs($0 - $1)) }
    // Measured plans for other numbers of examples may choose otherwise.
    if choice == .rule { #expect(report.largestDifference == compared.max()) }
    #expect(report.largestDifference < Double(tolerance))
    #expect(report.largestDifference > 0)
  }

  @Test func nanGoesThroughAsInFloat32() throws {
    let model = try model(channels: 16)
    var x = try examples(3)
    x.withUnsafeMutableElements { $0[31 * 40 * 2 + 7] = .nan }
    let mixed = try model.predict(x, precision: .mixed)
    let exact = try model.predict(x)
    #expect(mixed.elements.map(\.isNaN) == exact.elements.map(\.isNaN))
    #expect(mixed.elements.contains { $0.isNaN })
  }

  @Test func examplesThatDoNotFitAreNamed() throws {
    let model = try model(channels: 16)
    let wrong = try Tensor.zeros([3, 3, 2])
    let report = try? model.mixedPrecisionReport([wrong])
    // Only where something is computed.
    #expect(report == nil || report?.examplesCompared == 0)
  }

  // MARK: Chains on our own kernels, in 16-bit integers

  private static func convolution(
    _ filters: Int, _ padding: Padding = .valid, _ activation: Activation = .relu
  ) throws -> any Layer {
    try Conv2D(filters: filters, kernel: Extent(3), padding: padding, activation: activation)
  }

  private func chain(_ index: Int, kernels: FusedKernels) throws -> Sequential {
    let conv = Self.convolution
    let layers: [any Layer] =
      switch index {
      case 0: [try conv(16, .valid, .relu), try conv(16, .valid, .relu), Flatten(), try Dense(units: 1)]
      case 1:
        [
          try conv(32, .same, .relu), try MaxPool2D(), try conv(48, .same, .linear), Flatten(),
          try Dense(units: 3),
        ]
      default:
        [
          try conv(16, .same, .linear), try conv(128, .valid, .relu), try conv(16, .valid, .relu),
          try AveragePool2D(), Flatten(), try Dense(units: 2),
        ]
      }
    let model = try Sequential(layers, inputShape: index == 2 ? [21, 27, 16] : [38, 71, 1], seed: 3)
    model.engineOptions = EngineOptions(choice: .rule, cachePath: nil, kernels: kernels)
    return model
  }

  private func pictures(_ shape: Shape, _ count: Int) throws -> Tensor {
    var random = RandomSource(seed: 12)
    let size = shape.reduce(1, *)
    // Loud and quiet columns, as a spectrogram has.
    return try Tensor(
      shape: [count] + shape,
      elements: (0..<count * size).map { Float(random.normal()) * ($0 % 7 == 0 ? 5 : 0.3) })
  }

  private func scaled(_ x: Tensor, by factor: Float) throws -> Tensor {
    try Tensor(shape: x.shape, elements: x.elements.map { $0 * factor })
  }

  @Test(arguments: [0, 1, 2])
  func chainsAreCloseToFloat32(_ index: Int) throws {
    let model = try chain(index, kernels: .only(.avx512))
    let x = try pictures(try #require(model.inputShape), 5)
    let exact = try model.predict(x)
    let mixed = try model.predict(x, precision: .mixed)
    try expectClose(mixed, exact, within: 1e-2)
    let report = try #require(try model.firstMixedPrecisionReport(rows(x)))
    #expect(try model.firstMixedPrecisionReport(rows(x)) == nil)
    guard FusedKernels.InstructionSet.avx512.hasNarrowProducts else {
      #expect(!report.numbers.contains("16-bit integers"))
      return
    }
    // All but a first layer of one channel.
    #expect(report.layers == [[1], [2], [0, 1, 2]][index])
    #expect(report.numbers.allSatisfy { $0 == "16-bit integers" })
    #expect(report.largestDifference > 0)
    // An example alone gets what it gets among others.
    let alone = try model.predict(
      try Tensor.stacked([rows(x)[2]].compactMap { $0 as? Tensor }), precision: .mixed)
    let among = try Tensor(
      shape: alone.shape, elements: Array(mixed.elements[2 * alone.count..<3 * alone.count]))
    // The chain and a unit behind it give the same bits; oneDNN's dense layers depend on the batch's size.
    if index == 0 { #expect(alone == among) }
    try expectClose(alone, among, within: 1e-4)
    // Other weights are compared anew.
    try model.setWeights(try model.weights.map { try scaled($0.value, by: 1.5) })
    #expect(try model.firstMixedPrecisionReport(rows(x)) != nil)
  }

  @Test(arguments: FusedKernels.InstructionSet.allCases.filter(\.isAvailable))
  func chainsWithoutSuchProductsStayInFloat32(_ instructionSet: FusedKernels.InstructionSet) throws {
    let model = try chain(0, kernels: .only(instructionSet))
    let x = try pictures(try #require(model.inputShape), 3)
    let isSame = try model.predict(x, precision: .mixed) == model.predict(x)
    #expect(isSame != instructionSet.hasNarrowProducts)
  }

  @Test(arguments: [Float(0), 1e-35, 1e-12, 1e12])
  func chainsTakeAnySize(_ size: Float) throws {
    let model = try chain(0, kernels: .best)
    let shape = try #require(model.inputShape)
    let x = try scaled(try pictures(shape, 2), by: size)
    let exact = try model.predict(x)
    try expectClose(try model.predict(x, precision: .mixed), exact, within: 1e-2)
  }

  @Test func chainsLetNaNThrough() throws {
    let model = try chain(0, kernels: .best)
    var x = try pictures(try #require(model.inputShape), 3)
    x.withUnsafeMutableElements { $0[38 * 71 + 99] = .nan }
    let mixed = try model.predict(x, precision: .mixed)
    #expect(mixed.elements.map(\.isNaN) == [false, true, false])
  }
}
