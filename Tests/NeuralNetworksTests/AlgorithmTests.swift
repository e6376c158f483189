import Essentials
import Foundation
import NeuralNetworks
import Tensors
import TestSupport
import Testing

/// The choice among oneDNN's algorithms: each right, the choice told, and kept.
struct AlgorithmTests {
  struct Sizes: Sendable, CustomTestStringConvertible {
    var height: Int
    var width: Int
    var channels: Int
    var filters: Int
    var batch = 2
    var padding = Padding.same
    var offset: Float = 0
    var testDescription: String {
      "\(batch) × \(height) × \(width) × \(channels) → \(filters) \(padding) + \(offset)"
    }
  }

  static let sizes = [
    Sizes(height: 1, width: 1, channels: 1, filters: 1),
    Sizes(height: 1, width: 1, channels: 16, filters: 16),
    Sizes(height: 23, width: 17, channels: 16, filters: 16, batch: 1),
    Sizes(height: 18, width: 21, channels: 16, filters: 48, batch: 17, padding: .valid),
    Sizes(height: 19, width: 18, channels: 48, filters: 16, padding: .valid, offset: 50),
    Sizes(height: 9, width: 31, channels: 17, filters: 3),
    Sizes(height: 20, width: 5, channels: 3, filters: 17),
    Sizes(height: 37, width: 33, channels: 1, filters: 16, batch: 3, padding: .valid, offset: 50),
    // 373 rows of tiles, a prime number.
    Sizes(height: 1490, width: 18, channels: 16, filters: 16, batch: 1, padding: .valid),
  ]

  private func model(_ sizes: Sizes, _ options: EngineOptions) throws -> Sequential {
    let model = try Sequential(
      [
        try Conv2D(filters: sizes.channels, kernel: Extent(1), padding: .same),
        try Conv2D(filters: sizes.filters, kernel: Extent(3), padding: sizes.padding, activation: .relu),
        Flatten(), try Dense(units: 2),
      ], inputShape: [sizes.height, sizes.width, sizes.channels], seed: 4)
    model.engineOptions = options
    return model
  }

  /// Against the plainest one, number by number.
  @Test(arguments: sizes, ConvolutionAlgorithm.allCases)
  func algorithmsAgree(_ sizes: Sizes, _ algorithm: ConvolutionAlgorithm) throws {
    var random = RandomSource(seed: 9)
    let shape = [sizes.batch, sizes.height, sizes.width, sizes.channels]
    let x = try Tensor(
      shape: shape,
      elements: (0..<shape.reduce(1, *)).map { _ in Float(random.normal()) + sizes.offset })
    let y = try Tensor(
      shape: [sizes.batch, 2], elements: (0..<2 * sizes.batch).map { _ in Float(random.normal()) })
    let direct = try model(sizes, EngineOptions(choice: .only(.direct)))
    let other = try model(sizes, EngineOptions(choice: .only(algorithm)))
    let expected = try direct.gradients(TrainingBatch(x: x, y: y), loss: .meanSquaredError)
    let actual = try other.gradients(TrainingBatch(x: x, y: y), loss: .meanSquaredError)
    #expect(abs(actual.loss - expected.loss) <= 1e-4 * max(1, expected.loss))
    for (own, plain) in zip(actual.gradients, expected.gradients) {
      let scale = plain.value.elements.reduce(Float(1e-3)) { max($0, abs($1)) }
      try expectClose(own.value, plain.value, within: 2e-4 * scale)
    }
    try expectClose(
      other.predict(x), direct.predict(x),
      within: 1e-4 * max(1, direct.predict(x).elements.map(abs).max() ?? 1))
  }

  /// Large enough to be measured.
  private let large = Sizes(height: 80, width: 72, channels: 16, filters: 16, batch: 1)

  private func convolutions(_ options: EngineOptions) throws -> [PlanChoice] {
    let model = try model(large, options)
    try model.compile(loss: .meanSquaredError)
    let report = try #require(try model.planReport(batchSize: 1))
    #expect(report.examplesAtOnce == 1)
    #expect(report.byteCountPerThread > 3 * 80 * 72 * 16 * 4)
    return report.choices.filter { $0.layer == 1 }
  }

  @Test func whatIsAskedForIsTold() throws {
    let passes = ["forward", "weights' gradient", "data gradient"]
    let forced = try convolutions(EngineOptions(choice: .only(.winograd)))
    #expect(forced.map(\.pass) == passes)
    // Where the processor has no Winograd kernels, the rule's choice is taken, and that is told.
    for choice in forced {
      #expect(choice.reason == (choice.algorithm.hasPrefix("winograd") ? "asked for" : "not to be had, rule"))
    }
    let direct = try convolutions(EngineOptions(choice: .only(.direct)))
    #expect(direct.allSatisfy { $0.algorithm == "direct" && $0.reason == "asked for" && $0.seconds == nil })
    let rule = try convolutions(EngineOptions(choice: .rule, kernels: .off))
    #expect(rule.allSatisfy { $0.seconds == nil && $0.byteCount > 0 && !$0.code.isEmpty })
  }

  @Test func measuredOnceAndKept() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("caches/of/convolutions.txt")
    let options = EngineOptions(choice: .measured, cachePath: path, kernels: .off)
    let first = try convolutions(options)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let lines = text.split(separator: "\n")
    // What there was but one program for was not measured.
    let measured = first.filter { $0.seconds != nil }
    try #require(!measured.isEmpty)
    #expect(lines.count == 1 + measured.count)
    let second = try convolutions(options)
    #expect(second.map(\.code) == first.map(\.code))
    #expect(second.filter { $0.reason == "measured before" }.count == measured.count)

    // Another process finds the file: here, one whose times were changed.
    let changed = folder.path("changed.txt")
    let times = lines.dropFirst().map { line in
      line.split(separator: "\t").dropLast().joined(separator: "\t") + "\t123456"
    }
    try ([String(lines[0])] + times).joined(separator: "\n").write(
      toFile: changed, atomically: true, encoding: .utf8)
    let found = try convolutions(EngineOptions(choice: .measured, cachePath: changed, kernels: .off))
    #expect(found.map(\.code) == first.map(\.code))
    #expect(found.filter { $0.seconds == 0.123456 }.count == measured.count)
  }

  @Test(arguments: ["nonsense\n\u{0}\t\t", "capuchin-repl convolutions 1\na\tb\nc\td\t-1\n\t\t5\n", ""])
  func brokenCachesChangeNothing(_ content: String) throws {
    let folder = try TemporaryFolder()
    let path = folder.path("convolutions.txt")
    try content.write(toFile: path, atomically: true, encoding: .utf8)
    let options = EngineOptions(choice: .measured, cachePath: path, kernels: .off)
    #expect(try convolutions(options).count == 3)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.hasPrefix("capuchin-repl convolutions 1\n"))
    #expect(!text.contains("nonsense") && !text.contains("a\tb\n"))
  }

  @Test func whereNothingCanBeWrittenNothingIsKept() throws {
    let folder = try TemporaryFolder()
    try "".write(toFile: folder.path("file"), atomically: true, encoding: .utf8)
    for path in [folder.path("file/convolutions.txt"), folder.path(""), "/proc/nothing/convolutions.txt"] {
      #expect(try convolutions(EngineOptions(choice: .measured, cachePath: path, kernels: .off)).count == 3)
    }
    #expect(try convolutions(EngineOptions(choice: .measured, cachePath: nil, kernels: .off)).count == 3)
  }

  @Test func whatIsKeptGivesTheSameBits() throws {
    let folder = try TemporaryFolder()
    let options = EngineOptions(choice: .measured, cachePath: folder.path("c.txt"), kernels: .off)
    var random = RandomSource(seed: 2)
    let x = try Tensor(
      shape: [3, 80, 72, 16], elements: (0..<3 * 80 * 72 * 16).map { _ in Float(random.normal()) })
    let y = try Tensor(shape: [3, 2], elements: [1, 0, 0, 1, 1, 1])
    let runs = try (0..<2).map { _ in
      let model = try model(large, options)
      try model.compile(loss: .meanSquaredError)
      try model.fit(TensorBatches(x: x, y: y, batchSize: 2), epochs: 2)
      return model.weights.map(\.value)
    }
    #expect(runs[0] == runs[1])
  }
}
