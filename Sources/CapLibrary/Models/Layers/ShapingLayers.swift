import CapLanguage
import Essentials
import NeuralNetworks
import Tensors

/// Layers that lay the same numbers out otherwise.
enum ShapingLayers {
  static let all = [
    flatten, permute, repeatVector, zeroPadding1D, zeroPadding2D, cropping1D, cropping2D, upSampling1D,
    upSampling2D,
  ]

  private static let flatten = FunctionDeclaration(
    "flatten", topic: "models", "A layer that lays a picture out as one row of numbers",
    takes: ArgumentList(
      LayerParameters.inputShape),
    returns: "a layer: (height, width, channels) → (height × width × channels), channels fastest",
    examples: [
      FunctionDeclaration.Example(
        "sequential([flatten()], input_shape=[9, 8, 3]).output_shape", output: "[216]")
    ],
    source: "keras.layers.Flatten", seeAlso: ["dense", "global_average_pool2d"]
  ) { _, inputShape in .object(LayerObject(Flatten(inputShape: inputShape))) }

  /// One number for all sides, one for each axis, or two for each axis.
  private static func margins(axes: Int) -> ArgumentKind<[Margin]> {
    let check = ParameterKind.oneOf([
      .integer(.nonNegative), .list(.oneOf([.integer(.nonNegative), .list(.integer(.nonNegative))])),
    ])
    return ArgumentKind(
      check,
      decodingBesideOthers: { value, place, arguments in
        if let all = value.asInt { return [Margin](repeating: Margin(all, all), count: axes) }
        let items = try ArgumentKind<[Value]>.list.decode(value, place, arguments)
        // Of one axis, two numbers are before and after.
        if axes == 1, items.count == 2, let before = items[0].asInt, let after = items[1].asInt {
          return [Margin(before, after)]
        }
        let margins = items.compactMap { item -> Margin? in
          if let both = item.asInt { return Margin(both, both) }
          guard case .list(let pair) = item, pair.count == 2, let before = pair[0].asInt,
            let after = pair[1].asInt
          else { return nil }
          return Margin(before, after)
        }
        guard axes == 2, margins.count == axes, items.count == axes else {
          throw Failure(
            .value,
            axes == 1
              ? "'\(place.name)' takes one number or [before, after]"
              : "'\(place.name)' takes one number, [rows, columns] or [[top, bottom], [left, right]]")
        }
        return margins
      })
  }

  private static let permute = FunctionDeclaration(
    "permute", topic: "models", "A layer that puts the axes in another order",
    takes: ArgumentList(
      Argument(
        "dims", .list(.integer(.atLeast(1))),
        "For each axis of the output, which of the input it is, counted from 1; the batch does not count"),
      LayerParameters.inputShape),
    returns: "a layer: the axes in this order",
    errors: ["value: an order that does not name each axis once"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([permute([2, 1])], input_shape=[9, 8]).output_shape",
        output: "[8, 9]")
    ],
    source: "keras.layers.Permute", seeAlso: ["reshape", "transpose"]
  ) { _, dims, inputShape in
    layerValue(try Permute(dims, inputShape: inputShape))
  }

  private static let repeatVector = FunctionDeclaration(
    "repeat_vector", topic: "models", "A layer that makes a sequence of one vector",
    takes: ArgumentList(
      Argument("n", .integer(.atLeast(1)), "How many steps"),
      LayerParameters.inputShape),
    returns: "a layer: (channels) → (n, channels)",
    errors: ["shape: what is no vector"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([repeat_vector(4)], input_shape=[8]).output_shape",
        output: "[4, 8]")
    ],
    source: "keras.layers.RepeatVector", seeAlso: ["reshape"]
  ) { _, n, inputShape in
    layerValue(try RepeatVector(n, inputShape: inputShape))
  }

  private static let zeroPadding1D = FunctionDeclaration(
    "zero_padding1d", topic: "models", "A layer that puts zeros before and after a sequence",
    takes: ArgumentList(
      Argument("padding", margins(axes: 1), default: 1, "One number for both ends, or [before, after]"),
      LayerParameters.inputShape),
    returns: "a layer: (steps, channels) → (steps, channels)",
    errors: ["shape: another number of axes"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([zero_padding1d([2, 0])], input_shape=[9, 3]).output_shape",
        output: "[11, 3]")
    ],
    source: "keras.layers.ZeroPadding1D", seeAlso: ["zero_padding2d", "cropping2d"]
  ) { _, padding, inputShape in
    layerValue(
      try ZeroPadding1D(columns: padding[0], inputShape: inputShape))
  }

  private static let zeroPadding2D = FunctionDeclaration(
    "zero_padding2d", topic: "models", "A layer that puts zeros around a picture",
    takes: ArgumentList(
      Argument(
        "padding", margins(axes: 2), default: 1,
        "One number for all sides, [rows, columns], or [[top, bottom], [left, right]]"),
      LayerParameters.inputShape),
    returns: "a layer: (height, width, channels) → (rows, columns, channels)",
    errors: ["shape: another number of axes"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([zero_padding2d([[1, 0], [2, 3]])], input_shape=[9, 8, 3]).output_shape",
        output: "[10, 13, 3]")
    ],
    source: "keras.layers.ZeroPadding2D", seeAlso: ["cropping2d"]
  ) { _, padding, inputShape in
    layerValue(
      try ZeroPadding2D(rows: padding[0], columns: padding[1], inputShape: inputShape))
  }

  private static let cropping1D = FunctionDeclaration(
    "cropping1d", topic: "models", "A layer that leaves out the ends of a sequence",
    takes: ArgumentList(
      Argument("cropping", margins(axes: 1), default: 1, "One number for both ends, or [before, after]"),
      LayerParameters.inputShape),
    returns: "a layer: (steps, channels) → (steps, channels)",
    errors: ["shape: another number of axes; more left out than there is"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([cropping1d([2, 0])], input_shape=[9, 3]).output_shape",
        output: "[7, 3]")
    ],
    source: "keras.layers.Cropping1D", seeAlso: ["zero_padding2d", "cropping2d"]
  ) { _, cropping, inputShape in
    layerValue(
      try Cropping1D(columns: cropping[0], inputShape: inputShape))
  }

  private static let cropping2D = FunctionDeclaration(
    "cropping2d", topic: "models", "A layer that leaves out the edges of a picture",
    takes: ArgumentList(
      Argument(
        "cropping", margins(axes: 2), default: 1,
        "One number for all sides, [rows, columns], or [[top, bottom], [left, right]]"),
      LayerParameters.inputShape),
    returns: "a layer: (height, width, channels) → (rows, columns, channels)",
    errors: ["shape: another number of axes; more left out than there is"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([cropping2d([[1, 0], [2, 3]])], input_shape=[9, 8, 3]).output_shape",
        output: "[8, 3, 3]")
    ],
    source: "keras.layers.Cropping2D", seeAlso: ["zero_padding2d"]
  ) { _, cropping, inputShape in
    layerValue(
      try Cropping2D(rows: cropping[0], columns: cropping[1], inputShape: inputShape))
  }

  private static let upSampling1D = FunctionDeclaration(
    "up_sampling1d", topic: "models", "A layer that repeats each step of a sequence",
    takes: ArgumentList(
      Argument("size", .integer(.atLeast(1)), default: 2, "How often"),
      LayerParameters.inputShape),
    returns: "a layer: (steps, channels) → (steps × size, channels)",
    errors: ["shape: another number of axes"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([up_sampling1d(3)], input_shape=[9, 3]).output_shape",
        output: "[27, 3]")
    ],
    source: "keras.layers.UpSampling1D", seeAlso: ["up_sampling2d"]
  ) { _, size, inputShape in
    layerValue(
      try UpSampling1D(size: Extent(1, size), inputShape: inputShape))
  }

  private static let upSampling2D = FunctionDeclaration(
    "up_sampling2d", topic: "models", "A layer that enlarges a picture",
    takes: ArgumentList(
      Argument("size", .extent, default: 2, "How many times: one number or [height, width]"),
      Argument(
        "interpolation", .choice(Interpolation.self), default: "nearest",
        "\"nearest\" repeats rows and columns; \"bilinear\" goes evenly from one to the next"),
      LayerParameters.inputShape),
    returns: "a layer: (height, width, channels) → (height × size, width × size, channels)",
    errors: ["shape: another number of axes"],
    examples: [
      FunctionDeclaration.Example(
        "predict(sequential([up_sampling2d([1, 2])], input_shape=[1, 2, 1]), [[[[1], [3]]]]).shape",
        output: "[1, 1, 4, 1]")
    ],
    source: "keras.layers.UpSampling2D", seeAlso: ["up_sampling1d", "zero_padding2d"]
  ) { _, size, interpolation, inputShape in
    layerValue(
      try UpSampling2D(
        size: size,
        interpolation: interpolation,
        inputShape: inputShape))
  }
}
