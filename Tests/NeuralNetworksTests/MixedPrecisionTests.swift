import Essentials
import NeuralNetworks
import Tensors
import Testing

/// bfloat16 where it is asked for: close to float32, and its distance told.
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
}
