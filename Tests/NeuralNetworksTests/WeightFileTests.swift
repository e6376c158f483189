import Essentials
import Foundation
import NeuralNetworks
import Tensors
import TestSupport
import Testing

/// Weight and model files: ours, Python's, and broken ones.
struct WeightFileTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  func everyKind() throws -> Sequential {
    let model = try Sequential(
      [
        try Conv2D(filters: 3, kernel: Extent(2, 3), padding: .same, activation: .relu), try BatchNorm(),
        try MaxPool2D(padding: .same), try AveragePool2D(pool: Extent(1, 2), strides: Extent(1)),
        try Dropout(rate: 0.25), ActivationLayer(.tanh), GlobalAveragePool2D(),
        try Dense(units: 4, activation: .sigmoid), Flatten(), try Dense(units: 2, activation: .softmax),
      ], inputShape: [6, 7, 2], name: "every \"kind\"\n", seed: .max)
    try model.compile(
      optimizer: .sgd(learningRate: 0.25, momentum: 0.5, nesterov: true),
      loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
    return model
  }

  @Test func aModelComesBackWhole() throws {
    let model = try everyKind()
    let path = folder.path("model.safetensors")
    try model.save(path)
    let loaded = try Sequential.load(path)
    let x = try Tensor(shape: [3, 6, 7, 2], elements: (0..<252).map { Float($0 % 17) - 8 })
    #expect(try loaded.predict(x) == model.predict(x))
    #expect(loaded.name == model.name)
    #expect(loaded.seed == .max)
    #expect(loaded.isCompiled)
    #expect(loaded.summary.text == model.summary.text)
    #expect(loaded.weights.map(\.name).contains("layers.1.moving_variance"))
    // Compile settings: the same step does the same.
    let data = try TensorBatches(x: x, y: Tensor([0, 1, 1]))
    #expect(try loaded.fit(data).columns == model.fit(data).columns)
  }

  @Test func pythonsFileLoads() throws {
    let model = try Sequential(
      [try Dense(units: 20, activation: .relu), try Dense(units: 3)], inputShape: [10])
    let file = RepositoryPaths.root.appendingPathComponent(
      "Tests/NeuralNetworksTests/Reference/weights.safetensors")
    try model.loadWeights(file.path)
    let reference = try ParityTests.reference("vectors")
    try expectClose(
      model.predict(try #require(reference["x"])), try #require(reference["predictions"]), within: 1e-5)
    // And out again, to the same arrays.
    try model.saveWeights(folder.path("again.safetensors"))
    let again = try SafeTensors(reading: folder.path("again.safetensors"))
    for (name, value) in try SafeTensors(reading: file.path).tensors { #expect(again[name] == value) }
  }

  @Test func differencesAreNamed() throws {
    let model = try everyKind()
    let path = folder.path("w.safetensors")
    try SafeTensors(tensors: [
      ("layers.0.kernel", try Tensor(repeating: 0, shape: [3, 3, 2, 3])), ("stray", Tensor([1])),
    ]).write(path)
    let before = model.weights.map(\.value)
    let failure = #expect(throws: Failure.self) { try model.loadWeights(path) }
    let message = try #require(failure).description
    #expect(message.contains(path))
    #expect(message.contains("layers.0.kernel is (3, 3, 2, 3) instead of (2, 3, 2, 3)"))
    #expect(message.contains("layers.0.bias is missing"))
    #expect(model.weights.map(\.value) == before)
    #expect(throws: Failure.self) { try Sequential.load(path) }
  }

  /// Headers that lie, each with a word of the message that must come.
  static let lies: [(header: String, data: Int, word: String)] = [
    ("{ ", 0, "JSON"), ("[]", 0, "object"), ("{\"a\":1}", 0, "'a'"),
    ("{\"a\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4, "F16"),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4, "span"),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, "shape"),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}", 4, "shape"),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, "begins at byte 4"),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 4, "would end at byte 8"),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 8, "8 follow"),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 8, "in order"),
    (
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,4]}}", 4, "impossible"
    ),
    (
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
        + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "ends at 4"
    ),
    (
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
        + "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "twice"
    ),
    (String(repeating: "[", count: 100_000), 0, "nesting"),
  ]

  @Test(arguments: lies.indices)
  func lyingHeadersAreRefused(_ index: Int) throws {
    let lie = Self.lies[index]
    let path = folder.path("lie.safetensors")
    var bytes = withUnsafeBytes(of: UInt64(lie.header.utf8.count).littleEndian) { Data($0) }
    bytes.append(Data(lie.header.utf8))
    bytes.append(Data(count: lie.data))
    try bytes.write(to: URL(fileURLWithPath: path))
    let failure = #expect(throws: Failure.self) { try SafeTensors(reading: path) }
    let found = try #require(failure)
    #expect(found.kind == .format)
    #expect(found.message.contains(path))
    #expect(found.message.contains(lie.word), "\(found.message)")
  }

  @Test func brokenFilesAreRefused() throws {
    for (name, bytes) in [
      ("empty", Data()), ("short", Data([1, 2, 3])), ("huge", Data(repeating: 0xFF, count: 64)),
      ("text", Data("<html>not weights at all</html>".utf8)),
    ] {
      let path = folder.path(name)
      try bytes.write(to: URL(fileURLWithPath: path))
      let failure = #expect(throws: Failure.self) { try Sequential.load(path) }
      #expect(failure?.kind == .format)
      #expect(failure?.message.contains(path) == true)
    }
    #expect(#expect(throws: Failure.self) { try Sequential.load(folder.path("none")) }?.kind == .file)
    #expect(#expect(throws: Failure.self) { try Sequential.load(folder.url.path) }?.kind == .file)
    // Truncated at every place, a real file never loads and never traps.
    let path = folder.path("whole.safetensors")
    try everyKind().save(path)
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    for count in stride(from: 0, to: whole.count, by: 97) {
      try whole.prefix(count).write(to: URL(fileURLWithPath: path))
      #expect(throws: Failure.self) { try Sequential.load(path) }
    }
  }

  @Test func aFullDiskLeavesTheOldFile() throws {
    let model = try everyKind()
    let failure = #expect(throws: Failure.self) { try model.save("/dev/full") }
    #expect(failure?.kind == .file)
    #expect(failure?.message.contains("/dev/full") == true)
    #expect(throws: Failure.self) { try model.save(folder.path("no/such/folder/m.safetensors")) }
  }
}
