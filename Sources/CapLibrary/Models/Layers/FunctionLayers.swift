import CapLanguage
import Essentials
import NeuralNetworks
import Tensors

/// Layers that put a function on each number.
enum FunctionLayers {
  static let all = [activation, leakyReLU, elu, reLU]

  private static let activation = FunctionDeclaration(
    "activation", topic: "models", "A layer that puts a function on each input",
    takes: ArgumentList(
      Argument("name", .choice(Activation.self), "The function"),
      LayerParameters.inputShape),
    returns: "a layer that keeps the shape",
    examples: [
      FunctionDeclaration.Example(
        "sequential([activation(\"relu\")], input_shape=[10]).output_shape", output: "[10]")
    ],
    source: "keras.layers.Activation", seeAlso: ["dense", "conv2d", "leaky_relu"]
  ) { _, name, inputShape in
    .object(LayerObject(ActivationLayer(name, inputShape: inputShape)))
  }

  private static let leakyReLU = FunctionDeclaration(
    "leaky_relu", topic: "models", "A layer that keeps positive numbers, and scales negative ones down",
    takes: ArgumentList(
      Argument("negative_slope", .number(.nonNegative), default: 0.3, "What negative numbers are scaled by"),
      LayerParameters.inputShape),
    returns: "a layer that keeps the shape",
    examples: [
      FunctionDeclaration.Example(
        "predict(sequential([leaky_relu(0.25)], input_shape=[2]), [[-1, 2]])", output: "[[-0.25  2.  ]]")
    ],
    notes: "As a name, activation=\"leaky_relu\" has a slope of 0.2, as in Keras.",
    source: "keras.layers.LeakyReLU (Maas and others, 2013)", seeAlso: ["activation", "elu", "re_lu"]
  ) { _, negativeSlope, inputShape in
    layerValue(
      try LeakyReLU(negativeSlope: negativeSlope, inputShape: inputShape))
  }

  private static let elu = FunctionDeclaration(
    "elu", topic: "models", "A layer that keeps positive numbers, and bends negative ones towards -alpha",
    takes: ArgumentList(
      Argument("alpha", .number(.nonNegative), default: 1, "What is approached far below 0, negated"),
      LayerParameters.inputShape),
    returns: "a layer that keeps the shape: x, or alpha × (exp(x) - 1) below 0",
    examples: [
      FunctionDeclaration.Example(
        "predict(sequential([elu()], input_shape=[2]), [[-50, 2]])", output: "[[-1.  2.]]")
    ],
    source: "keras.layers.ELU (Clevert and others, 2015)", seeAlso: ["activation", "leaky_relu"]
  ) { _, alpha, inputShape in
    layerValue(try ELU(alpha: alpha, inputShape: inputShape))
  }

  private static let reLU = FunctionDeclaration(
    "re_lu", topic: "models", "A layer that keeps positive numbers up to a limit",
    takes: ArgumentList(
      Argument(
        "max_value", .optional(.number(.nonNegative)), default: .nothing,
        "The largest result; none for no limit"),
      Argument("negative_slope", .number(.nonNegative), default: 0, "The slope below the threshold"),
      Argument("threshold", .number(.nonNegative), default: 0, "Where numbers begin to pass"),
      LayerParameters.inputShape),
    returns: "a layer that keeps the shape",
    examples: [
      FunctionDeclaration.Example(
        "predict(sequential([re_lu(max_value=6)], input_shape=[3]), [[-1, 2, 9]])", output: "[[0. 2. 6.]]")
    ],
    notes: "The function relu(x) takes numbers; activation=\"relu\" is the plain one of a layer.",
    source: "keras.layers.ReLU", seeAlso: ["activation", "leaky_relu", "relu"]
  ) { _, maxValue, negativeSlope, threshold, inputShape in
    layerValue(
      try ReLU(
        maxValue: maxValue ?? .infinity,
        negativeSlope: negativeSlope, threshold: threshold,
        inputShape: inputShape))
  }
}
