import CapLanguage
import Essentials
import NeuralNetworks
import Tensors

/// The layers that networks are built of.
enum LayerFunctions {
  static let all: [FunctionDeclaration] =
    [
      sequential, conv2d, maxPool2D, averagePool2D, globalAveragePool2D, batchNorm, dropout, flatten, dense,
      activation,
    ]

  private static let activationParameter = Parameter(
    "activation", .optional(.choice(Activation.allCases.map(\.rawValue))), default: .nothing,
    "The function on the outputs; none is \"linear\"")
  private static let inputShapeParameter = Parameter(
    "input_shape", .optional(.list(.integer(.atLeast(1)))), default: .nothing,
    "The shape of one example, without the batch axis, for a first layer: [height, width, channels]")
  private static let paddingParameter = Parameter(
    "padding", .choice(Padding.allCases.map(\.rawValue)), default: "valid",
    "\"valid\": only windows inside; \"same\": zeros around, so that a step of 1 keeps the size")

  private static let extentKind =
    ParameterKind.oneOf([.integer(.atLeast(1)), .list(.integer(.atLeast(1)))])

  private static func extent(_ arguments: Arguments, _ name: String) throws -> Extent {
    if case .number = arguments[name] { return Extent(try arguments.int(name)) }
    let sides = try arguments.ints(name)
    guard sides.count == 2 else {
      throw Failure(
        .value, "'\(name)' takes one number or [height, width], not \(sides.count) numbers", parameter: name)
    }
    return Extent(sides[0], sides[1])
  }

  private static func inputShape(_ arguments: Arguments) throws -> Shape? {
    arguments.isNothing("input_shape") ? nil : try arguments.ints("input_shape")
  }

  private static func activation(_ arguments: Arguments) throws -> Activation {
    try arguments.optionalString("activation").flatMap { Activation(rawValue: $0) } ?? .linear
  }

  private static func padding(_ arguments: Arguments) throws -> Padding {
    Padding(rawValue: try arguments.string("padding")) ?? .valid
  }

  private static let sequential = FunctionDeclaration(
    "sequential", topic: "models", "Builds a network of layers, one after the other",
    parameters: [
      Parameter("layers", .list(.object("layer", LayerObject.self)), "The layers, first to last"),
      inputShapeParameter,
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
        try Sequential(layers, inputShape: try inputShape(arguments), seed: context.random.next())))
  }

  private static let conv2d = FunctionDeclaration(
    "conv2d", topic: "models", "A layer that looks for small patterns all over a picture",
    parameters: [
      Parameter("filters", .integer(.atLeast(1)), "How many patterns: the channels of the output"),
      Parameter("kernel", extentKind, "The pattern's size: one number or [height, width]"),
      Parameter(
        "strides", extentKind, default: 1, "The window's steps: one number or [height, width]"),
      paddingParameter, activationParameter, inputShapeParameter,
    ],
    returns:
      "a layer: (height, width, channels) → (rows, columns, filters); \"valid\": rows = (height - kernel) // stride + 1",
    errors: ["value: sizes that are no positive whole numbers"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([conv2d(16, [3, 3], activation=\"relu\")], input_shape=[1491, 257, 1]).output_shape",
        output: "[1489, 255, 16]")
    ],
    source: "keras.layers.Conv2D: Glorot-uniform kernel (height, width, in, out), zero bias",
    seeAlso: ["max_pool2d", "dense"]
  ) { arguments, _ in
    .object(
      LayerObject(
        try Conv2D(
          filters: try arguments.int("filters"), kernel: try extent(arguments, "kernel"),
          strides: try extent(arguments, "strides"), padding: try padding(arguments),
          activation: try activation(arguments), inputShape: try inputShape(arguments))))
  }

  private static let poolParameters = [
    Parameter("pool_size", extentKind, default: 2, "The window: one number or [height, width]"),
    Parameter(
      "strides", .optional(extentKind), default: .nothing,
      "The window's steps; none takes the window's size"),
    paddingParameter, inputShapeParameter,
  ]

  private static func strides(_ arguments: Arguments) throws -> Extent? {
    arguments.isNothing("strides") ? nil : try extent(arguments, "strides")
  }

  private static let maxPool2D = FunctionDeclaration(
    "max_pool2d", topic: "models", "A layer that keeps the largest value of each window",
    parameters: poolParameters, returns: "a layer: (height, width, channels) → (rows, columns, channels)",
    examples: [
      FunctionDeclaration.Example(
        "sequential([max_pool2d(2)], input_shape=[9, 8, 3]).output_shape", output: "[4, 4, 3]")
    ],
    source: "keras.layers.MaxPooling2D", seeAlso: ["average_pool2d"]
  ) { arguments, _ in
    .object(
      LayerObject(
        try MaxPool2D(
          pool: try extent(arguments, "pool_size"), strides: try strides(arguments),
          padding: try padding(arguments),
          inputShape: try inputShape(arguments))))
  }

  private static let averagePool2D = FunctionDeclaration(
    "average_pool2d", topic: "models", "A layer that keeps the mean of each window; padding does not count",
    parameters: poolParameters, returns: "a layer: (height, width, channels) → (rows, columns, channels)",
    examples: [
      FunctionDeclaration.Example(
        "sequential([average_pool2d(2, padding=\"same\")], input_shape=[9, 8, 3]).output_shape",
        output: "[5, 4, 3]")
    ],
    source: "keras.layers.AveragePooling2D", seeAlso: ["max_pool2d"]
  ) { arguments, _ in
    .object(
      LayerObject(
        try AveragePool2D(
          pool: try extent(arguments, "pool_size"), strides: try strides(arguments),
          padding: try padding(arguments),
          inputShape: try inputShape(arguments))))
  }

  private static let globalAveragePool2D = FunctionDeclaration(
    "global_average_pool2d", topic: "models", "A layer that keeps one mean for each channel",
    parameters: [inputShapeParameter], returns: "a layer: (height, width, channels) → (channels)",
    examples: [
      FunctionDeclaration.Example(
        "sequential([global_average_pool2d()], input_shape=[9, 8, 3]).output_shape", output: "[3]")
    ],
    source: "keras.layers.GlobalAveragePooling2D", seeAlso: ["flatten"]
  ) { _, _ in .object(LayerObject(GlobalAveragePool2D())) }

  private static let batchNorm = FunctionDeclaration(
    "batch_norm", topic: "models",
    "A layer that brings each channel to mean 0 and deviation 1 over the batch",
    parameters: [
      Parameter("momentum", .number(.between(0, 1)), default: 0.99, "How slowly the moving statistics move"),
      Parameter("epsilon", .number(.positive), default: 0.001, "Added to the variance"), inputShapeParameter,
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
          inputShape: try inputShape(arguments))))
  }

  private static let dropout = FunctionDeclaration(
    "dropout", topic: "models", "A layer that sets a random share of its inputs to 0 while training",
    parameters: [
      Parameter("rate", .number(.between(0, 1, includesHigh: false)), "The share that is dropped"),
      inputShapeParameter,
    ],
    returns:
      "a layer that keeps the shape; what is left is scaled by 1 / (1 - rate), predicting drops nothing",
    examples: [
      FunctionDeclaration.Example("sequential([dropout(0.5)], input_shape=[10]).output_shape", output: "[10]")
    ],
    source: "keras.layers.Dropout (Srivastava and others, 2014)", seeAlso: ["batch_norm"]
  ) { arguments, _ in
    .object(
      LayerObject(try Dropout(rate: try arguments.number("rate"), inputShape: try inputShape(arguments))))
  }

  private static let flatten = FunctionDeclaration(
    "flatten", topic: "models", "A layer that lays a picture out as one row of numbers",
    parameters: [inputShapeParameter],
    returns: "a layer: (height, width, channels) → (height × width × channels), channels fastest",
    examples: [
      FunctionDeclaration.Example(
        "sequential([flatten()], input_shape=[9, 8, 3]).output_shape", output: "[216]")
    ],
    source: "keras.layers.Flatten", seeAlso: ["dense", "global_average_pool2d"]
  ) { arguments, _ in .object(LayerObject(Flatten(inputShape: try inputShape(arguments)))) }

  private static let dense = FunctionDeclaration(
    "dense", topic: "models", "A layer in which every output weighs every input",
    parameters: [
      Parameter("units", .integer(.atLeast(1)), "How many outputs"), activationParameter, inputShapeParameter,
    ],
    returns: "a layer: (…, inputs) → (…, units)",
    examples: [
      FunctionDeclaration.Example("sequential([dense(2)], input_shape=[10]).parameters", output: "22")
    ],
    source: "keras.layers.Dense: Glorot-uniform kernel (in, out), zero bias", seeAlso: ["flatten"]
  ) { arguments, _ in
    .object(
      LayerObject(
        try Dense(
          units: try arguments.int("units"), activation: try activation(arguments),
          inputShape: try inputShape(arguments))))
  }

  private static let activation = FunctionDeclaration(
    "activation", topic: "models", "A layer that puts a function on each input",
    parameters: [
      Parameter("name", .choice(Activation.allCases.map(\.rawValue)), "The function"), inputShapeParameter,
    ],
    returns: "a layer that keeps the shape",
    examples: [
      FunctionDeclaration.Example(
        "sequential([activation(\"relu\")], input_shape=[10]).output_shape", output: "[10]")
    ],
    source: "keras.layers.Activation", seeAlso: ["dense", "conv2d"]
  ) { arguments, _ in
    let activation = Activation(rawValue: try arguments.string("name")) ?? .linear
    return .object(LayerObject(ActivationLayer(activation, inputShape: try inputShape(arguments))))
  }
}
