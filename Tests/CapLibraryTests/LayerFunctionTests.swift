import CapLanguage
import CapLibrary
import NeuralNetworks
import Testing

/// Every layer there is can be had in the language.
struct LayerFunctionTests {
  @Test func everyKindHasAFunctionWithAnInputShape() throws {
    for type in LayerKinds.all {
      let declaration = try #require(StandardLibrary.functions.first { $0.name == type.kind }, "\(type.kind)")
      #expect(declaration.parameters.contains { $0.name == "input_shape" }, "\(type.kind)")
    }
  }
}
