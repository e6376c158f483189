import CapLanguage
import Essentials
import NeuralNetworks
import Tensors

/// Layers that bring numbers to one scale.
enum NormalisationLayers {
  static let all = [batchNorm, layerNorm, groupNorm]

  private static let batchNorm = FunctionDeclaration(
    "batch_norm", topic: "models",
    "A layer that brings each channel to mean 0 and deviation 1 over the batch",
    takes: ArgumentList(
      Argument("momentum", .number(.between(0, 1)), default: 0.99, "How slowly the moving statistics move"),
      Argument("epsilon", .number(.positive), default: 0.001, "Added to the variance"),
      LayerParameters.inputShape),
    returns: "a layer that keeps the shape; predicting uses the moving statistics",
    examples: [
      FunctionDeclaration.Example(
        "sequential([batch_norm()], input_shape=[9, 8, 3]).parameters", output: "12")
    ],
    source: "keras.layers.BatchNormalization (Ioffe and Szegedy, 2015)", seeAlso: ["dropout"]
  ) { _, momentum, epsilon, inputShape in
    .object(
      LayerObject(
        try BatchNorm(
          momentum: momentum, epsilon: epsilon,
          inputShape: inputShape)))
  }

  private static let layerNorm = FunctionDeclaration(
    "layer_norm", topic: "models",
    "A layer that brings each example to mean 0 and deviation 1 over its last axis",
    takes: ArgumentList(
      Argument("axis", .oneOrMore(), default: -1, "The last axis, or the last ones, such as [-2, -1]"),
      Argument("epsilon", .number(.positive), default: 0.001, "Added to the variance"),
      Argument("center", .bool, default: true, "Whether beta is added"),
      Argument("scale", .bool, default: true, "Whether gamma multiplies"),
      LayerParameters.inputShape),
    returns: "a layer that keeps the shape; the batch plays no part",
    errors: ["value: axes that are not the last ones"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([layer_norm()], input_shape=[9, 8, 3]).parameters",
        output: "6")
    ],
    source: "keras.layers.LayerNormalization (Ba and others, 2016)", seeAlso: ["batch_norm", "group_norm"]
  ) { _, axis, epsilon, center, scale, inputShape in
    guard axis.sorted() == Array((-max(axis.count, 1))..<0) else {
      throw Failure(
        .value, "the axes are the last ones, counted from the end: -1, or [-2, -1]", parameter: "axis")
    }
    return layerValue(
      try LayerNorm(
        axes: axis.count, epsilon: epsilon, centers: center,
        scales: scale, inputShape: inputShape))
  }

  private static let groupNorm = FunctionDeclaration(
    "group_norm", topic: "models",
    "A layer that brings groups of channels of each example to mean 0 and deviation 1",
    takes: ArgumentList(
      Argument(
        "groups", .integer(.atLeast(-1)), default: 32,
        "How many groups, which divide the channels; -1 for each channel by itself"),
      Argument("epsilon", .number(.positive), default: 0.001, "Added to the variance"),
      Argument("center", .bool, default: true, "Whether beta is added"),
      Argument("scale", .bool, default: true, "Whether gamma multiplies"),
      LayerParameters.inputShape),
    returns: "a layer that keeps the shape; the batch plays no part",
    errors: ["shape: channels that the groups do not divide"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([group_norm(4)], input_shape=[9, 8, 16]).parameters",
        output: "32")
    ],
    source: "keras.layers.GroupNormalization (Wu and He, 2018)", seeAlso: ["batch_norm", "layer_norm"]
  ) { _, groups, epsilon, center, scale, inputShape in
    layerValue(
      try GroupNorm(
        groups: groups, epsilon: epsilon,
        centers: center, scales: scale, inputShape: inputShape
      ))
  }
}
