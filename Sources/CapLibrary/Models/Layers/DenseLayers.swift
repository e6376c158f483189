import CapLanguage
import Essentials
import NeuralNetworks
import Tensors

/// Layers in which every output weighs every input.
enum DenseLayers {
  static let all = [dense]

  private static let dense = FunctionDeclaration(
    "dense", topic: "models", "A layer in which every output weighs every input",
    takes: ArgumentList(
      Argument("units", .integer(.atLeast(1)), "How many outputs"),
      LayerParameters.activation,
      LayerParameters.inputShape,
      LayerParameters.useBias,
      LayerParameters.kernelRegularizer,
      LayerParameters.biasRegularizer),
    returns: "a layer: (…, inputs) → (…, units)",
    examples: [
      FunctionDeclaration.Example("sequential([dense(2)], input_shape=[10]).parameters", output: "22")
    ],
    source: "keras.layers.Dense: Glorot-uniform kernel (in, out), zero bias", seeAlso: ["flatten"]
  ) { _, units, activation, inputShape, useBias, kernelRegularizer, biasRegularizer in
    layerValue(
      try Dense(
        units: units, activation: activation,
        useBias: useBias,
        kernelRegularizer: kernelRegularizer,
        biasRegularizer: biasRegularizer, inputShape: inputShape))
  }
}
