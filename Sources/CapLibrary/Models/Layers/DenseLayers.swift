import CapLanguage
import Essentials
import NeuralNetworks
import Tensors

/// Layers in which every output weighs every input.
enum DenseLayers {
  static let all = [dense]

  private static let dense = FunctionDeclaration(
    "dense", topic: "models", "A layer in which every output weighs every input",
    parameters: [
      Parameter("units", .integer(.atLeast(1)), "How many outputs"), LayerParameters.activation,
      LayerParameters.inputShape, LayerParameters.useBias,
    ] + LayerParameters.regularizers,
    returns: "a layer: (…, inputs) → (…, units)",
    examples: [
      FunctionDeclaration.Example("sequential([dense(2)], input_shape=[10]).parameters", output: "22")
    ],
    source: "keras.layers.Dense: Glorot-uniform kernel (in, out), zero bias", seeAlso: ["flatten"]
  ) { arguments, _ in
    layerValue(
      try Dense(
        units: arguments.int("units"), activation: arguments.activation(),
        useBias: arguments.bool("use_bias"),
        kernelRegularizer: arguments.regularizer("kernel_regularizer"),
        biasRegularizer: arguments.regularizer("bias_regularizer"), inputShape: arguments.inputShape()))
  }
}
