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
    parameters: [
      Parameter("momentum", .number(.between(0, 1)), default: 0.99, "How slowly the moving statistics move"),
      Parameter("epsilon", .number(.positive), default: 0.001, "Added to the variance"),
      LayerParameters.inputShape,
    ],
    returns: "a layer that keeps the shape; predicting uses the moving statistics",
    examples: [
      FunctionDeclaration.Example(
        "sequential([batch_norm()], input_shape=[9, 8, 3]).parameters", output: "12")
    ],
    source: "keras.layers.BatchNormalization (Ioffe and Szegedy, 2015)", seeAlso: ["dropout"]
  ) { arguments, _ in
    .object(
      LayerObject(
        try BatchNorm(
          momentum: try arguments.number("momentum"), epsilon: try arguments.number("epsilon"),
          inputShape: try arguments.inputShape())))
  }

  private static let layerNorm = FunctionDeclaration(
    "layer_norm", topic: "models",
    "A layer that brings each example to mean 0 and deviation 1 over its last axis",
    parameters: [
      Parameter(
        "axis", .oneOf([.integer, .list(.integer)]), default: -1,
        "The last axis, or the last ones, such as [-2, -1]"),
      Parameter("epsilon", .number(.positive), default: 0.001, "Added to the variance"),
      Parameter("center", .bool, default: true, "Whether beta is added"),
      Parameter("scale", .bool, default: true, "Whether gamma multiplies"),
      LayerParameters.inputShape,
    ],
    returns: "a layer that keeps the shape; the batch plays no part",
    errors: ["value: axes that are not the last ones"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([layer_norm()], input_shape=[9, 8, 3]).parameters",
        output: "6")
    ],
    source: "keras.layers.LayerNormalization (Ba and others, 2016)", seeAlso: ["batch_norm", "group_norm"]
  ) { arguments, _ in
    let axes = try arguments["axis"].asInt.map { [$0] } ?? arguments.ints("axis")
    guard axes.sorted() == Array((-max(axes.count, 1))..<0) else {
      throw Failure(
        .value, "the axes are the last ones, counted from the end: -1, or [-2, -1]", parameter: "axis")
    }
    return layerValue(
      try LayerNorm(
        axes: axes.count, epsilon: arguments.number("epsilon"), centers: arguments.bool("center"),
        scales: arguments.bool("scale"), inputShape: arguments.inputShape()))
  }

  private static let groupNorm = FunctionDeclaration(
    "group_norm", topic: "models",
    "A layer that brings groups of channels of each example to mean 0 and deviation 1",
    parameters: [
      Parameter(
        "groups", .integer(.atLeast(-1)), default: 32,
        "How many groups, which divide the channels; -1 for each channel by itself"),
      Parameter("epsilon", .number(.positive), default: 0.001, "Added to the variance"),
      Parameter("center", .bool, default: true, "Whether beta is added"),
      Parameter("scale", .bool, default: true, "Whether gamma multiplies"),
      LayerParameters.inputShape,
    ],
    returns: "a layer that keeps the shape; the batch plays no part",
    errors: ["shape: channels that the groups do not divide"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([group_norm(4)], input_shape=[9, 8, 16]).parameters",
        output: "32")
    ],
    source: "keras.layers.GroupNormalization (Wu and He, 2018)", seeAlso: ["batch_norm", "layer_norm"]
  ) { arguments, _ in
    layerValue(
      try GroupNorm(
        groups: arguments.int("groups"), epsilon: arguments.number("epsilon"),
        centers: arguments.bool("center"), scales: arguments.bool("scale"), inputShape: arguments.inputShape()
      ))
  }
}
