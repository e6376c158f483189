import CapLanguage
import Essentials
import NeuralNetworks
import Tensors

/// The layers that networks are built of, and the networks.
enum LayerFunctions {
  static let all: [FunctionDeclaration] =
    [sequential] + ConvolutionLayers.all + RecurrentLayers.all + PoolingLayers.all + NormalisationLayers.all
    + RandomLayers.all + ShapingLayers.all + DenseLayers.all + FunctionLayers.all + Regularizers.all

  private static let sequential = FunctionDeclaration(
    "sequential", topic: "models", "Builds a network of layers, one after the other",
    parameters: [
      Parameter("layers", .list(.object("layer", LayerObject.self)), "The layers, first to last"),
      LayerParameters.inputShape,
    ],
    returns: "a model with fresh weights (once its input shape is known), which the session's seed decides",
    errors: ["shape: a layer that cannot take what the one before it gives; the message names it"],
    examples: [
      FunctionDeclaration.Example(
        "m = sequential([dense(4, activation=\"relu\"), dense(1)], input_shape=[3])\nm.parameters",
        output: "21")
    ],
    source: "keras.Sequential", seeAlso: ["summary", "compile", "fit"]
  ) { arguments, context in
    let layers = try arguments.list("layers").compactMap { ($0.asObject as? LayerObject)?.layer }
    return .object(
      ModelObject(
        try Sequential(layers, inputShape: try arguments.inputShape(), seed: context.random.next())))
  }
}
