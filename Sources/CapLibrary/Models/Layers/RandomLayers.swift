import CapLanguage
import Essentials
import NeuralNetworks
import Tensors

/// Layers that training draws at random, and predicting passes through.
enum RandomLayers {
  static let all = [dropout, spatialDropout1D, spatialDropout2D, gaussianDropout, gaussianNoise]

  private static let dropout = FunctionDeclaration(
    "dropout", topic: "models", "A layer that sets a random share of its inputs to 0 while training",
    takes: ArgumentList(
      Argument("rate", .number(.between(0, 1, includesHigh: false)), "The share that is dropped"),
      LayerParameters.inputShape),
    returns:
      "a layer that keeps the shape; what is left is scaled by 1 / (1 - rate), predicting drops nothing",
    examples: [
      FunctionDeclaration.Example("sequential([dropout(0.5)], input_shape=[10]).output_shape", output: "[10]")
    ],
    source: "keras.layers.Dropout (Srivastava and others, 2014)", seeAlso: ["batch_norm"]
  ) { _, rate, inputShape in
    .object(
      LayerObject(try Dropout(rate: rate, inputShape: inputShape)))
  }

  private static let spatialDropout1D = FunctionDeclaration(
    "spatial_dropout1d", topic: "models",
    "A layer that sets random whole channels of sequences to 0 while training",
    takes: ArgumentList(
      Argument(
        "rate", .number(.between(0, 1, includesHigh: false)), "The share of the channels that is dropped"),
      LayerParameters.inputShape),
    returns:
      "a layer that keeps the shape; what is left is scaled by 1 / (1 - rate), predicting drops nothing",
    errors: ["shape: another number of axes"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([spatial_dropout1d(0.5)], input_shape=[90, 8]).output_shape",
        output: "[90, 8]")
    ],
    source: "keras.layers.SpatialDropout1D (Tompson and others, 2015)", seeAlso: ["dropout"]
  ) { _, rate, inputShape in
    layerValue(try SpatialDropout1D(rate: rate, inputShape: inputShape))
  }

  private static let spatialDropout2D = FunctionDeclaration(
    "spatial_dropout2d", topic: "models",
    "A layer that sets random whole channels of pictures to 0 while training",
    takes: ArgumentList(
      Argument(
        "rate", .number(.between(0, 1, includesHigh: false)), "The share of the channels that is dropped"),
      LayerParameters.inputShape),
    returns:
      "a layer that keeps the shape; what is left is scaled by 1 / (1 - rate), predicting drops nothing",
    errors: ["shape: another number of axes"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([spatial_dropout2d(0.5)], input_shape=[9, 8, 3]).output_shape",
        output: "[9, 8, 3]")
    ],
    source: "keras.layers.SpatialDropout2D (Tompson and others, 2015)", seeAlso: ["dropout"]
  ) { _, rate, inputShape in
    layerValue(try SpatialDropout2D(rate: rate, inputShape: inputShape))
  }

  private static let gaussianDropout = FunctionDeclaration(
    "gaussian_dropout", topic: "models",
    "A layer that multiplies its inputs by random numbers around 1 while training",
    takes: ArgumentList(
      Argument(
        "rate", .number(.between(0, 1, includesHigh: false)),
        "What a dropout of as much noise would drop: the deviation is √(rate / (1 - rate))"),
      LayerParameters.inputShape),
    returns: "a layer that keeps the shape; predicting changes nothing",
    errors: [],
    examples: [
      FunctionDeclaration.Example(
        "sequential([gaussian_dropout(0.5)], input_shape=[10]).output_shape",
        output: "[10]")
    ],
    source: "keras.layers.GaussianDropout (Srivastava and others, 2014)",
    seeAlso: ["dropout", "gaussian_noise"]
  ) { _, rate, inputShape in
    layerValue(try GaussianDropout(rate: rate, inputShape: inputShape))
  }

  private static let gaussianNoise = FunctionDeclaration(
    "gaussian_noise", topic: "models", "A layer that adds noise to its inputs while training",
    takes: ArgumentList(
      Argument("stddev", .number(.nonNegative), "The standard deviation of the noise"),
      LayerParameters.inputShape),
    returns: "a layer that keeps the shape; predicting adds nothing",
    errors: [],
    examples: [
      FunctionDeclaration.Example(
        "sequential([gaussian_noise(0.1)], input_shape=[10]).output_shape",
        output: "[10]")
    ],
    source: "keras.layers.GaussianNoise", seeAlso: ["dropout", "gaussian_dropout"]
  ) { _, stddev, inputShape in
    layerValue(
      try GaussianNoise(stddev: stddev, inputShape: inputShape))
  }
}
