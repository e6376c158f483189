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
    takes: ArgumentList(
      Argument("layers", .list(.layer), "The layers, first to last"), LayerParameters.inputShape),
    gives: ModelObject.self,
    returns: "a model with fresh weights (once its input shape is known), which the session's seed decides",
    errors: ["shape: a layer that cannot take what the one before it gives; the message names it"],
    examples: [
      FunctionDeclaration.Example(
        "m = sequential([dense(4, activation=\"relu\"), dense(1)], input_shape=[3])\nm.parameters",
        output: "21")
    ],
    source: "keras.Sequential", seeAlso: ["summary", "compile", "fit"]
  ) { context, layers, inputShape in
    .object(ModelObject(try Sequential(layers, inputShape: inputShape, seed: context.random.next())))
  }
}
