import CapLanguage
import Essentials
import NeuralNetworks
import Tensors

/// Layers that look for patterns.
enum ConvolutionLayers {
  static let all = [conv1d, conv2d, depthwiseConv2D, separableConv2D, conv2DTranspose]

  private static let dilation = Argument(
    "dilation_rate", .extent, default: 1,
    "The distance between a window's places: one number or [height, width]; not with strides above 1")
  private static let kernel = Argument(
    "kernel_size", .extent, "The pattern's size: one number or [height, width]")
  private static let strides = Argument(
    "strides", .extent, default: 1, "The window's steps: one number or [height, width]")
  private static let groups = Argument(
    "groups", .integer(.atLeast(1)), default: 1,
    "Parts of the channels that have filters of their own; divides channels and filters")
  private static let filters = Argument(
    "filters", .integer(.atLeast(1)), "How many patterns: the channels of the output")
  private static let multiplier = Argument(
    "depth_multiplier", .integer(.atLeast(1)), default: 1, "Patterns for each channel")
  private static let refusals = [
    "value: sizes that are no positive whole numbers; filters that the groups do not divide; strides and dilation_rate both above 1",
    "shape: a window that does not fit into the input; another number of axes",
  ]

  private static let conv1d = FunctionDeclaration(
    "conv1d", topic: "models", "A layer that looks for small patterns along a sequence",
    takes: ArgumentList(
      filters,
      Argument("kernel_size", .length, unit: "steps", "The pattern's length"),
      Argument("strides", .length, default: 1, unit: "steps", "The window's step"),
      Argument(
        "padding", .choice(Padding.self), default: "valid",
        "\"valid\": only windows inside; \"same\": zeros around, so that a step of 1 keeps the length; \"causal\": zeros before, so that no output sees what comes later"
      ),
      Argument(
        "dilation_rate", .length, default: 1, unit: "steps",
        "The distance between a window's places; not with strides above 1"),
      groups,
      LayerParameters.activation,
      LayerParameters.useBias,
      LayerParameters.kernelRegularizer,
      LayerParameters.biasRegularizer,
      LayerParameters.inputShape),
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
  ) {
    _, filters, kernelSize, strides, padding, dilationRate, groups, activation, useBias, kernelRegularizer,
    biasRegularizer, inputShape in
    layerValue(
      try Conv1D(
        filters: filters, groups: groups,
        ConvolutionSettings(
          kernel: kernelSize, strides: strides, padding: padding, dilation: dilationRate,
          activation: activation, useBias: useBias, kernelRegularizer: kernelRegularizer,
          biasRegularizer: biasRegularizer, inputShape: inputShape)))
  }

  private static let conv2d = FunctionDeclaration(
    "conv2d", topic: "models", "A layer that looks for small patterns all over a picture",
    takes: ArgumentList(
      filters,
      kernel,
      strides,
      LayerParameters.padding,
      LayerParameters.activation,
      LayerParameters.inputShape,
      dilation,
      groups,
      LayerParameters.useBias,
      LayerParameters.kernelRegularizer,
      LayerParameters.biasRegularizer),
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
  ) {
    _, filters, kernelSize, strides, padding, activation, inputShape, dilationRate, groups, useBias,
    kernelRegularizer, biasRegularizer in
    layerValue(
      try Conv2D(
        filters: filters, groups: groups,
        ConvolutionSettings(
          kernel: kernelSize, strides: strides, padding: padding, dilation: dilationRate,
          activation: activation, useBias: useBias, kernelRegularizer: kernelRegularizer,
          biasRegularizer: biasRegularizer, inputShape: inputShape)))
  }

  private static let depthwiseConv2D = FunctionDeclaration(
    "depthwise_conv2d", topic: "models", "A layer that looks for small patterns in each channel by itself",
    takes: ArgumentList(
      kernel,
      strides,
      LayerParameters.padding,
      multiplier,
      dilation,
      LayerParameters.activation,
      LayerParameters.useBias,
      LayerParameters.regularizer("depthwise_regularizer", of: "the kernel"),
      LayerParameters.biasRegularizer,
      LayerParameters.inputShape),
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
  ) {
    _, kernelSize, strides, padding, depthMultiplier, dilationRate, activation, useBias, depthwiseRegularizer,
    biasRegularizer, inputShape in
    layerValue(
      try DepthwiseConv2D(
        depthMultiplier: depthMultiplier,
        ConvolutionSettings(
          kernel: kernelSize, strides: strides, padding: padding, dilation: dilationRate,
          activation: activation, useBias: useBias, kernelRegularizer: depthwiseRegularizer,
          biasRegularizer: biasRegularizer, inputShape: inputShape)))
  }

  private static let separableConv2D = FunctionDeclaration(
    "separable_conv2d", topic: "models",
    "A depthwise convolution, then a 1 × 1 convolution of all channels: far fewer weights than conv2d",
    takes: ArgumentList(
      filters,
      kernel,
      strides,
      LayerParameters.padding,
      dilation,
      multiplier,
      LayerParameters.activation,
      LayerParameters.useBias,
      LayerParameters.regularizer("depthwise_regularizer", of: "the first kernel"),
      LayerParameters.regularizer("pointwise_regularizer", of: "the second kernel"),
      LayerParameters.biasRegularizer,
      LayerParameters.inputShape),
    returns: "a layer: (height, width, channels) → (rows, columns, filters)", errors: refusals,
    examples: [
      FunctionDeclaration.Example(
        "sequential([separable_conv2d(16, 3)], input_shape=[20, 10, 8]).parameters", output: "216")
    ],
    source:
      "keras.layers.SeparableConv2D: Glorot-uniform depthwise_kernel (height, width, channels, multiplier) and pointwise_kernel (1, 1, in, out), zero bias",
    seeAlso: ["depthwise_conv2d", "conv2d"]
  ) {
    _, filters, kernelSize, strides, padding, dilationRate, depthMultiplier, activation, useBias,
    depthwiseRegularizer, pointwiseRegularizer, biasRegularizer, inputShape in
    layerValue(
      try SeparableConv2D(
        filters: filters, depthMultiplier: depthMultiplier,
        depthwiseRegularizer: depthwiseRegularizer,
        pointwiseRegularizer: pointwiseRegularizer,
        ConvolutionSettings(
          kernel: kernelSize, strides: strides, padding: padding, dilation: dilationRate,
          activation: activation, useBias: useBias, kernelRegularizer: nil, biasRegularizer: biasRegularizer,
          inputShape: inputShape)))
  }

  private static let conv2DTranspose = FunctionDeclaration(
    "conv2d_transpose", topic: "models",
    "A convolution turned round: each number of the input puts a small pattern into a larger output",
    takes: ArgumentList(
      filters,
      kernel,
      strides,
      LayerParameters.padding,
      LayerParameters.activation,
      LayerParameters.useBias,
      LayerParameters.kernelRegularizer,
      LayerParameters.biasRegularizer,
      LayerParameters.inputShape),
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
  ) {
    _, filters, kernelSize, strides, padding, activation, useBias, kernelRegularizer, biasRegularizer,
    inputShape in
    layerValue(
      try Conv2DTranspose(
        filters: filters,
        ConvolutionSettings(
          kernel: kernelSize, strides: strides, padding: padding, activation: activation, useBias: useBias,
          kernelRegularizer: kernelRegularizer, biasRegularizer: biasRegularizer, inputShape: inputShape)))
  }
}
