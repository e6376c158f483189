import Essentials
import Foundation
import NeuralNetworks
import Tensors
import TestSupport
import Testing

/// What holds of every layer there is, found in the sources rather than in a list that one may forget.
struct LayerKindTests {
  /// The types of the sources that say they are layers, by way of whatever protocol.
  private static func declared() throws -> Set<String> {
    let folder = RepositoryPaths.root.appendingPathComponent("Sources/NeuralNetworks")
    let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
    var names: Set<String> = []
    for case let file as URL in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: /public static let kind = "(\w+)"/) { names.insert(String(match.1)) }
    }
    return names
  }

  @Test func allAreRegistered() throws {
    let kinds = LayerKinds.all.map { $0.kind }
    let declared = try Self.declared()
    let sampled = try LayerSamples.all().map { type(of: $0.layer).kind }
    #expect(Set(kinds) == declared)
    #expect(Set(kinds).count == kinds.count)
    #expect(Set(sampled) == Set(kinds))
  }

  @Test func settingsComeBackFromAFile() throws {
    let folder = try TemporaryFolder()
    for (layer, input) in try LayerSamples.all() {
      let kind = type(of: layer).kind
      // The shape is the layer's own.
      let model = try Sequential([layer], seed: 5)
      #expect(model.inputShape == input, "\(kind)")
      let output = try layer.outputShape(for: input)
      #expect(model.outputShape == output, "\(kind)")
      let path = folder.path("\(kind).safetensors")
      try model.save(path)
      let loaded = try Sequential.load(path)
      #expect(loaded.layers[0].settings == layer.settings, "\(kind)")
      #expect(loaded.layers[0].inputShape == input, "\(kind)")
      #expect(
        loaded.layers[0].settings.values.keys.contains("input_shape"), "\(kind) does not keep its shape")
      let x = try Tensor(
        shape: [3] + input, elements: (0..<3 * input.reduce(1, *)).map { Float($0 % 17) / 4 - 2 })
      #expect(try loaded.predict(x) == model.predict(x), "\(kind)")
      #expect(loaded.summary.text == model.summary.text)
    }
  }

  /// A NaN in one example is a NaN in its own outputs, and in no other's.
  @Test func noNumberStaysNone() throws {
    for (layer, input) in try LayerSamples.all() {
      let model = try Sequential([layer], inputShape: input, seed: 5)
      let length = input.reduce(1, *)
      let elements = (0..<3 * length).map { Float($0 % 17) / 4 - 2 }
      let clean = try model.predict(Tensor(shape: [3] + input, elements: elements))
      var broken = elements
      for index in length..<2 * length { broken[index] = .nan }
      let result = try model.predict(Tensor(shape: [3] + input, elements: broken))
      let size = result.elements.count / 3
      let kind = type(of: layer).kind
      let areNone = result.elements[size..<2 * size].allSatisfy(\.isNaN)
      // What is put around stays.
      #expect(areNone || kind.hasPrefix("zero_padding"), "\(kind)")
      #expect(Array(result.elements[..<size]) == Array(clean.elements[..<size]), "\(kind)")
      #expect(Array(result.elements[(2 * size)...]) == Array(clean.elements[(2 * size)...]), "\(kind)")
    }
  }

  @Test func unknownKindsAreRefused() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("m.safetensors")
    try Sequential([try Dense(units: 1)], inputShape: [1]).save(path)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let text = String(decoding: bytes, as: UTF8.self).replacing("\"dense\\\"", with: "\"tense\\\"")
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    #expect(throws: Failure.self) { try Sequential.load(path) }
  }
}
