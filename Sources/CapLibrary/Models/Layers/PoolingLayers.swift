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

  private static let pictureParameters = [
    Parameter(
      "pool_size", LayerParameters.extentKind, default: 2, "The window: one number or [height, width]"),
    Parameter(
      "strides", .optional(LayerParameters.extentKind), default: .nothing,
      "The window's steps; none takes the window's size"),
    LayerParameters.padding, LayerParameters.inputShape,
  ]
  private static let sequenceParameters = [
    Parameter(
      "pool_size", LayerParameters.extentKind, default: 2, unit: "steps", "The window"),
    Parameter(
      "strides", .optional(LayerParameters.extentKind), default: .nothing, unit: "steps",
      "The window's step; none takes the window's size"),
    LayerParameters.padding, LayerParameters.inputShape,
  ]
  private static let keepdims = Parameter(
    "keepdims", .bool, default: false, "Whether the axes stay, with length 1")

  private static let maxPool2D = FunctionDeclaration(
    "max_pool2d", topic: "models", "A layer that keeps the largest value of each window",
    parameters: pictureParameters,
    returns: "a layer: (height, width, channels) → (rows, columns, channels)",
    errors: ["shape: a window that does not fit into the input; another number of axes"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([max_pool2d(2)], input_shape=[9, 8, 3]).output_shape",
        output: "[4, 4, 3]")
    ],
    source: "keras.layers.MaxPooling2D", seeAlso: ["average_pool2d", "global_max_pool2d"]
  ) { arguments, _ in
    layerValue(
      try MaxPool2D(
        pool: arguments.extent("pool_size"),
        strides: arguments.isNothing("strides") ? nil : arguments.extent("strides"),
        padding: arguments.padding(), inputShape: arguments.inputShape()))
  }

  private static let averagePool2D = FunctionDeclaration(
    "average_pool2d", topic: "models", "A layer that keeps the mean of each window; padding does not count",
    parameters: pictureParameters,
    returns: "a layer: (height, width, channels) → (rows, columns, channels)",
    errors: ["shape: a window that does not fit into the input; another number of axes"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([average_pool2d(2, padding=\"same\")], input_shape=[9, 8, 3]).output_shape",
        output: "[5, 4, 3]")
    ],
    source: "keras.layers.AveragePooling2D", seeAlso: ["max_pool2d", "global_average_pool2d"]
  ) { arguments, _ in
    layerValue(
      try AveragePool2D(
        pool: arguments.extent("pool_size"),
        strides: arguments.isNothing("strides") ? nil : arguments.extent("strides"),
        padding: arguments.padding(), inputShape: arguments.inputShape()))
  }

  private static let globalMaxPool2D = FunctionDeclaration(
    "global_max_pool2d", topic: "models", "A layer that keeps the largest value of each channel",
    parameters: [keepdims, LayerParameters.inputShape],
    returns: "a layer: (height, width, channels) → (channels)",
    errors: ["shape: another number of axes"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([global_max_pool2d()], input_shape=[9, 8, 3]).output_shape", output: "[3]")
    ],
    source: "keras.layers.GlobalMaxPooling2D", seeAlso: ["global_average_pool2d"]
  ) { arguments, _ in
    layerValue(
      GlobalMaxPool2D(keepsAxes: try arguments.bool("keepdims"), inputShape: try arguments.inputShape()))
  }

  private static let globalAveragePool2D = FunctionDeclaration(
    "global_average_pool2d", topic: "models", "A layer that keeps one mean for each channel",
    parameters: [keepdims, LayerParameters.inputShape],
    returns: "a layer: (height, width, channels) → (channels)",
    errors: ["shape: another number of axes"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([global_average_pool2d()], input_shape=[9, 8, 3]).output_shape", output: "[3]")
    ],
    source: "keras.layers.GlobalAveragePooling2D", seeAlso: ["flatten", "global_max_pool2d"]
  ) { arguments, _ in
    layerValue(
      GlobalAveragePool2D(keepsAxes: try arguments.bool("keepdims"), inputShape: try arguments.inputShape()))
  }

  private static let maxPool1D = FunctionDeclaration(
    "max_pool1d", topic: "models", "A layer that keeps the largest value of each window of a sequence",
    parameters: sequenceParameters,
    returns: "a layer: (steps, channels) → (steps, channels)",
    errors: ["shape: a window that does not fit into the input; another number of axes"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([max_pool1d(4)], input_shape=[16000, 8]).output_shape",
        output: "[4000, 8]")
    ],
    source: "keras.layers.MaxPooling1D", seeAlso: ["average_pool1d", "conv1d"]
  ) { arguments, _ in
    layerValue(
      try MaxPool1D(
        pool: arguments.length("pool_size"),
        strides: arguments.isNothing("strides") ? nil : arguments.length("strides"),
        padding: arguments.padding(), inputShape: arguments.inputShape()))
  }

  private static let averagePool1D = FunctionDeclaration(
    "average_pool1d", topic: "models",
    "A layer that keeps the mean of each window of a sequence; padding does not count",
    parameters: sequenceParameters,
    returns: "a layer: (steps, channels) → (steps, channels)",
    errors: ["shape: a window that does not fit into the input; another number of axes"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([average_pool1d(4, padding=\"same\")], input_shape=[9, 3]).output_shape",
        output: "[3, 3]")
    ],
    source: "keras.layers.AveragePooling1D", seeAlso: ["max_pool1d", "conv1d"]
  ) { arguments, _ in
    layerValue(
      try AveragePool1D(
        pool: arguments.length("pool_size"),
        strides: arguments.isNothing("strides") ? nil : arguments.length("strides"),
        padding: arguments.padding(), inputShape: arguments.inputShape()))
  }

  private static let globalMaxPool1D = FunctionDeclaration(
    "global_max_pool1d", topic: "models",
    "A layer that keeps the largest value of each channel of a sequence",
    parameters: [keepdims, LayerParameters.inputShape],
    returns: "a layer: (steps, channels) → (channels)",
    errors: ["shape: another number of axes"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([global_max_pool1d()], input_shape=[90, 8]).output_shape", output: "[8]")
    ],
    source: "keras.layers.GlobalMaxPooling1D", seeAlso: ["global_average_pool1d"]
  ) { arguments, _ in
    layerValue(
      GlobalMaxPool1D(keepsAxes: try arguments.bool("keepdims"), inputShape: try arguments.inputShape()))
  }

  private static let globalAveragePool1D = FunctionDeclaration(
    "global_average_pool1d", topic: "models", "A layer that keeps one mean for each channel of a sequence",
    parameters: [keepdims, LayerParameters.inputShape],
    returns: "a layer: (steps, channels) → (channels)",
    errors: ["shape: another number of axes"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([global_average_pool1d()], input_shape=[90, 8]).output_shape", output: "[8]")
    ],
    source: "keras.layers.GlobalAveragePooling1D", seeAlso: ["global_max_pool1d"]
  ) { arguments, _ in
    layerValue(
      GlobalAveragePool1D(keepsAxes: try arguments.bool("keepdims"), inputShape: try arguments.inputShape()))
  }
}
