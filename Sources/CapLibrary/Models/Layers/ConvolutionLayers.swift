import CapLanguage
import Essentials
import NeuralNetworks
import Tensors

/// Layers that look for patterns.
enum ConvolutionLayers {
  static let all = [conv1d, conv2d, depthwiseConv2D, separableConv2D, conv2DTranspose]

  private static let dilation = Parameter(
    "dilation_rate", LayerParameters.extentKind, default: 1,
    "The distance between a window's places: one number or [height, width]; not with strides above 1")
  private static let kernel = Parameter(
    "kernel_size", LayerParameters.extentKind, "The pattern's size: one number or [height, width]")
  private static let strides = Parameter(
    "strides", LayerParameters.extentKind, default: 1, "The window's steps: one number or [height, width]")
  private static let groups = Parameter(
    "groups", .integer(.atLeast(1)), default: 1,
    "Parts of the channels that have filters of their own; divides channels and filters")
  private static let filters = Parameter(
    "filters", .integer(.atLeast(1)), "How many patterns: the channels of the output")
  private static let multiplier = Parameter(
    "depth_multiplier", .integer(.atLeast(1)), default: 1, "Patterns for each channel")
  private static let refusals = [
    "value: sizes that are no positive whole numbers; filters that the groups do not divide; strides and dilation_rate both above 1",
    "shape: a window that does not fit into the input; another number of axes",
  ]

  private static let conv1d = FunctionDeclaration(
    "conv1d", topic: "models", "A layer that looks for small patterns along a sequence",
    parameters: [
      filters,
      Parameter(
        "kernel_size", .oneOf([.integer(.atLeast(1)), .list(.integer(.atLeast(1)))]), unit: "steps",
        "The pattern's length"),
      Parameter(
        "strides", .oneOf([.integer(.atLeast(1)), .list(.integer(.atLeast(1)))]), default: 1, unit: "steps",
        "The window's step"),
      Parameter(
        "padding", .choice(Padding.allCases.map(\.rawValue)), default: "valid",
        "\"valid\": only windows inside; \"same\": zeros around, so that a step of 1 keeps the length; \"causal\": zeros before, so that no output sees what comes later"
      ),
      Parameter(
        "dilation_rate", .oneOf([.integer(.atLeast(1)), .list(.integer(.atLeast(1)))]), default: 1,
        unit: "steps", "The distance between a window's places; not with strides above 1"),
      groups, LayerParameters.activation, LayerParameters.useBias,
    ] + LayerParameters.regularizers + [LayerParameters.inputShape],
    returns:
      "a layer: (steps, channels) → (steps, filters); \"valid\": (steps - dilation_rate * (kernel_size - 1) - 1) // strides + 1 steps",
    errors: refusals,
    examples: [
      FunctionDeclaration.Example(
        "sequential([conv1d(16, 64, strides=4, activation=\"relu\")], input_shape=[16000, 1]).output_shape",
        output: "[3985, 16]")
    ],
    source: "keras.layers.Conv1D: Glorot-uniform kernel (width, in / groups, out), zero bias",
    seeAlso: ["conv2d", "max_pool1d"]
  ) { arguments, _ in
    layerValue(
      try Conv1D(
        filters: arguments.int("filters"), groups: arguments.int("groups"),
        arguments.convolution(isOneDimensional: true)))
  }

  private static let conv2d = FunctionDeclaration(
    "conv2d", topic: "models", "A layer that looks for small patterns all over a picture",
    parameters: [
      filters, kernel, strides, LayerParameters.padding, LayerParameters.activation,
      LayerParameters.inputShape, dilation, groups, LayerParameters.useBias,
    ] + LayerParameters.regularizers,
    returns:
      "a layer: (height, width, channels) → (rows, columns, filters); \"valid\": rows = (height - dilation_rate * (kernel_size - 1) - 1) // strides + 1",
    errors: refusals,
    examples: [
      FunctionDeclaration.Example(
        "sequential([conv2d(16, [3, 3], activation=\"relu\")], input_shape=[1491, 257, 1]).output_shape",
        output: "[1489, 255, 16]")
    ],
    source: "keras.layers.Conv2D: Glorot-uniform kernel (height, width, in / groups, out), zero bias",
    seeAlso: ["max_pool2d", "separable_conv2d", "dense"]
  ) { arguments, _ in
    layerValue(
      try Conv2D(
        filters: arguments.int("filters"), groups: arguments.int("groups"), arguments.convolution()))
  }

  private static let depthwiseConv2D = FunctionDeclaration(
    "depthwise_conv2d", topic: "models", "A layer that looks for small patterns in each channel by itself",
    parameters: [
      kernel, strides, LayerParameters.padding, multiplier, dilation, LayerParameters.activation,
      LayerParameters.useBias,
      LayerParameters.regularizer("depthwise_regularizer", of: "the kernel"),
      LayerParameters.biasRegularizer, LayerParameters.inputShape,
    ],
    returns: "a layer: (height, width, channels) → (rows, columns, channels × depth_multiplier)",
    errors: refusals,
    examples: [
      FunctionDeclaration.Example(
        "sequential([depthwise_conv2d(3, padding=\"same\")], input_shape=[20, 10, 8]).parameters",
        output: "80")
    ],
    source:
      "keras.layers.DepthwiseConv2D: Glorot-uniform kernel (height, width, channels, multiplier), zero bias",
    seeAlso: ["separable_conv2d", "conv2d"]
  ) { arguments, _ in
    layerValue(
      try DepthwiseConv2D(
        depthMultiplier: arguments.int("depth_multiplier"),
        arguments.convolution(kernelRegularizer: "depthwise_regularizer")))
  }

  private static let separableConv2D = FunctionDeclaration(
    "separable_conv2d", topic: "models",
    "A depthwise convolution, then a 1 × 1 convolution of all channels: far fewer weights than conv2d",
    parameters: [
      filters, kernel, strides, LayerParameters.padding, dilation, multiplier, LayerParameters.activation,
      LayerParameters.useBias,
      LayerParameters.regularizer("depthwise_regularizer", of: "the first kernel"),
      LayerParameters.regularizer("pointwise_regularizer", of: "the second kernel"),
      LayerParameters.biasRegularizer, LayerParameters.inputShape,
    ],
    returns: "a layer: (height, width, channels) → (rows, columns, filters)", errors: refusals,
    examples: [
      FunctionDeclaration.Example(
        "sequential([separable_conv2d(16, 3)], input_shape=[20, 10, 8]).parameters", output: "216")
    ],
    source:
      "keras.layers.SeparableConv2D: Glorot-uniform depthwise_kernel (height, width, channels, multiplier) and pointwise_kernel (1, 1, in, out), zero bias",
    seeAlso: ["depthwise_conv2d", "conv2d"]
  ) { arguments, _ in
    layerValue(
      try SeparableConv2D(
        filters: arguments.int("filters"), depthMultiplier: arguments.int("depth_multiplier"),
        depthwiseRegularizer: arguments.regularizer("depthwise_regularizer"),
        pointwiseRegularizer: arguments.regularizer("pointwise_regularizer"),
        arguments.convolution(kernelRegularizer: nil)))
  }

  private static let conv2DTranspose = FunctionDeclaration(
    "conv2d_transpose", topic: "models",
    "A convolution turned round: each number of the input puts a small pattern into a larger output",
    parameters: [
      filters, kernel, strides, LayerParameters.padding, LayerParameters.activation,
      LayerParameters.useBias,
    ] + LayerParameters.regularizers + [LayerParameters.inputShape],
    returns:
      "a layer: (height, width, channels) → (rows, columns, filters); \"same\": rows = height * strides; \"valid\": as many more as kernel_size is above strides",
    errors: [
      "value: sizes that are no positive whole numbers", "shape: another number of axes than three",
    ],
    examples: [
      FunctionDeclaration.Example(
        "sequential([conv2d_transpose(8, 3, strides=2, padding=\"same\")], input_shape=[20, 10, 16]).output_shape",
        output: "[40, 20, 8]")
    ],
    source: "keras.layers.Conv2DTranspose: Glorot-uniform kernel (height, width, out, in), zero bias",
    seeAlso: ["conv2d", "up_sampling2d"]
  ) { arguments, _ in
    layerValue(
      try Conv2DTranspose(filters: arguments.int("filters"), arguments.convolution(hasDilation: false)))
  }
}
