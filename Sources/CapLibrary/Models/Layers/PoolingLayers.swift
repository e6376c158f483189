import CapLanguage
import Essentials
import NeuralNetworks
import Tensors

/// Layers that sum up windows, or everything.
enum PoolingLayers {
  static let all = [
    maxPool2D, averagePool2D, globalMaxPool2D, globalAveragePool2D, maxPool1D, averagePool1D, globalMaxPool1D,
    globalAveragePool1D,
  ]

  private static let picturePool = Argument(
    "pool_size", .extent, default: 2, "The window: one number or [height, width]")
  private static let pictureStrides = Argument(
    "strides", .optional(.extent), default: .nothing, "The window's steps; none takes the window's size")
  private static let sequencePool = Argument("pool_size", .length, default: 2, unit: "steps", "The window")
  private static let sequenceStrides = Argument(
    "strides", .optional(.length), default: .nothing, unit: "steps",
    "The window's step; none takes the window's size")
  private static let keepdims = Argument(
    "keepdims", .bool, default: false, "Whether the axes stay, with length 1")

  private static let maxPool2D = FunctionDeclaration(
    "max_pool2d", topic: "models", "A layer that keeps the largest value of each window",
    takes: ArgumentList(
      picturePool,
      pictureStrides,
      LayerParameters.padding,
      LayerParameters.inputShape),
    returns: "a layer: (height, width, channels) → (rows, columns, channels)",
    errors: ["shape: a window that does not fit into the input; another number of axes"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([max_pool2d(2)], input_shape=[9, 8, 3]).output_shape",
        output: "[4, 4, 3]")
    ],
    source: "keras.layers.MaxPooling2D", seeAlso: ["average_pool2d", "global_max_pool2d"]
  ) { _, poolSize, strides, padding, inputShape in
    layerValue(
      try MaxPool2D(
        pool: poolSize,
        strides: strides,
        padding: padding, inputShape: inputShape))
  }

  private static let averagePool2D = FunctionDeclaration(
    "average_pool2d", topic: "models", "A layer that keeps the mean of each window; padding does not count",
    takes: ArgumentList(
      picturePool,
      pictureStrides,
      LayerParameters.padding,
      LayerParameters.inputShape),
    returns: "a layer: (height, width, channels) → (rows, columns, channels)",
    errors: ["shape: a window that does not fit into the input; another number of axes"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([average_pool2d(2, padding=\"same\")], input_shape=[9, 8, 3]).output_shape",
        output: "[5, 4, 3]")
    ],
    source: "keras.layers.AveragePooling2D", seeAlso: ["max_pool2d", "global_average_pool2d"]
  ) { _, poolSize, strides, padding, inputShape in
    layerValue(
      try AveragePool2D(
        pool: poolSize,
        strides: strides,
        padding: padding, inputShape: inputShape))
  }

  private static let globalMaxPool2D = FunctionDeclaration(
    "global_max_pool2d", topic: "models", "A layer that keeps the largest value of each channel",
    takes: ArgumentList(
      keepdims,
      LayerParameters.inputShape),
    returns: "a layer: (height, width, channels) → (channels)",
    errors: ["shape: another number of axes"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([global_max_pool2d()], input_shape=[9, 8, 3]).output_shape", output: "[3]")
    ],
    source: "keras.layers.GlobalMaxPooling2D", seeAlso: ["global_average_pool2d"]
  ) { _, keepdims, inputShape in
    layerValue(
      GlobalMaxPool2D(keepsAxes: keepdims, inputShape: inputShape))
  }

  private static let globalAveragePool2D = FunctionDeclaration(
    "global_average_pool2d", topic: "models", "A layer that keeps one mean for each channel",
    takes: ArgumentList(
      keepdims,
      LayerParameters.inputShape),
    returns: "a layer: (height, width, channels) → (channels)",
    errors: ["shape: another number of axes"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([global_average_pool2d()], input_shape=[9, 8, 3]).output_shape", output: "[3]")
    ],
    source: "keras.layers.GlobalAveragePooling2D", seeAlso: ["flatten", "global_max_pool2d"]
  ) { _, keepdims, inputShape in
    layerValue(
      GlobalAveragePool2D(keepsAxes: keepdims, inputShape: inputShape))
  }

  private static let maxPool1D = FunctionDeclaration(
    "max_pool1d", topic: "models", "A layer that keeps the largest value of each window of a sequence",
    takes: ArgumentList(
      sequencePool,
      sequenceStrides,
      LayerParameters.padding,
      LayerParameters.inputShape),
    returns: "a layer: (steps, channels) → (steps, channels)",
    errors: ["shape: a window that does not fit into the input; another number of axes"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([max_pool1d(4)], input_shape=[16000, 8]).output_shape",
        output: "[4000, 8]")
    ],
    source: "keras.layers.MaxPooling1D", seeAlso: ["average_pool1d", "conv1d"]
  ) { _, poolSize, strides, padding, inputShape in
    layerValue(
      try MaxPool1D(
        pool: poolSize,
        strides: strides,
        padding: padding, inputShape: inputShape))
  }

  private static let averagePool1D = FunctionDeclaration(
    "average_pool1d", topic: "models",
    "A layer that keeps the mean of each window of a sequence; padding does not count",
    takes: ArgumentList(
      sequencePool,
      sequenceStrides,
      LayerParameters.padding,
      LayerParameters.inputShape),
    returns: "a layer: (steps, channels) → (steps, channels)",
    errors: ["shape: a window that does not fit into the input; another number of axes"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([average_pool1d(4, padding=\"same\")], input_shape=[9, 3]).output_shape",
        output: "[3, 3]")
    ],
    source: "keras.layers.AveragePooling1D", seeAlso: ["max_pool1d", "conv1d"]
  ) { _, poolSize, strides, padding, inputShape in
    layerValue(
      try AveragePool1D(
        pool: poolSize,
        strides: strides,
        padding: padding, inputShape: inputShape))
  }

  private static let globalMaxPool1D = FunctionDeclaration(
    "global_max_pool1d", topic: "models",
    "A layer that keeps the largest value of each channel of a sequence",
    takes: ArgumentList(
      keepdims,
      LayerParameters.inputShape),
    returns: "a layer: (steps, channels) → (channels)",
    errors: ["shape: another number of axes"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([global_max_pool1d()], input_shape=[90, 8]).output_shape", output: "[8]")
    ],
    source: "keras.layers.GlobalMaxPooling1D", seeAlso: ["global_average_pool1d"]
  ) { _, keepdims, inputShape in
    layerValue(
      GlobalMaxPool1D(keepsAxes: keepdims, inputShape: inputShape))
  }

  private static let globalAveragePool1D = FunctionDeclaration(
    "global_average_pool1d", topic: "models", "A layer that keeps one mean for each channel of a sequence",
    takes: ArgumentList(
      keepdims,
      LayerParameters.inputShape),
    returns: "a layer: (steps, channels) → (channels)",
    errors: ["shape: another number of axes"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([global_average_pool1d()], input_shape=[90, 8]).output_shape", output: "[8]")
    ],
    source: "keras.layers.GlobalAveragePooling1D", seeAlso: ["global_max_pool1d"]
  ) { _, keepdims, inputShape in
    layerValue(
      GlobalAveragePool1D(keepsAxes: keepdims, inputShape: inputShape))
  }
}
