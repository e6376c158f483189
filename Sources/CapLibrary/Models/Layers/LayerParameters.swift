import CapLanguage
import Essentials
import NeuralNetworks
import Tensors

/// Parameters that several layers have.
enum LayerParameters {
  static let activation = Parameter(
    "activation", .optional(.choice(Activation.allCases.map(\.rawValue))), default: .nothing,
    "The function on the outputs; none is \"linear\"")
  static let inputShape = Parameter(
    "input_shape", .optional(.list(.integer(.atLeast(1)))), default: .nothing,
    "The shape of one example, without the batch axis, for a first layer: [height, width, channels]")
  static let padding = Parameter(
    "padding", .choice(["valid", "same"]), default: "valid",
    "\"valid\": only windows inside; \"same\": zeros around, so that a step of 1 keeps the size")
  static let useBias = Parameter("use_bias", .bool, default: true, "Whether a number is added to each sum")

  static let extentKind = ParameterKind.oneOf([.integer(.atLeast(1)), .list(.integer(.atLeast(1)))])

  static let regularizerKind = ParameterKind.optional(
    .oneOf([.choice(["l1", "l2", "l1_l2"]), .object("regularizer", RegularizerObject.self)]))

  static func regularizer(_ name: String, of what: String) -> Parameter {
    Parameter(
      name, regularizerKind, default: .nothing,
      "What training adds to the loss for \(what): l1(…), l2(…) or l1_l2(…); a bare name takes factors of 0.01"
    )
  }
  static let kernelRegularizer = regularizer("kernel_regularizer", of: "the kernel")
  static let biasRegularizer = regularizer("bias_regularizer", of: "the bias")
  static let regularizers = [kernelRegularizer, biasRegularizer]
}

extension Arguments {
  /// One number, or height and width.
  func extent(_ name: String) throws -> Extent {
    if case .number = self[name] { return Extent(try int(name)) }
    let sides = try ints(name)
    guard sides.count == 2 else {
      throw Failure(
        .value, "'\(name)' takes one number or [height, width], not \(sides.count) numbers", parameter: name)
    }
    return Extent(sides[0], sides[1])
  }

  /// A length of a sequence, as the width of a picture of one row.
  func length(_ name: String) throws -> Extent {
    if case .number = self[name] { return Extent(1, try int(name)) }
    let sides = try ints(name)
    guard sides.count == 1 else {
      throw Failure(
        .value, "'\(name)' takes one number, not \(sides.count)", hint: "the 2-D layer takes two",
        parameter: name)
    }
    return Extent(1, sides[0])
  }

  func inputShape() throws -> Shape? { isNothing("input_shape") ? nil : try ints("input_shape") }

  func activation(_ name: String = "activation") throws -> Activation {
    try optionalString(name).flatMap { Activation(rawValue: $0) } ?? .linear
  }

  func padding() throws -> Padding { Padding(rawValue: try string("padding")) ?? .valid }

  func regularizer(_ name: String) throws -> Regularizer? {
    if isNothing(name) { return nil }
    guard case .string = self[name] else {
      return try object(name, as: RegularizerObject.self).regularizer
    }
    let word = try string(name)
    return try Regularizer(l1: word == "l2" ? 0 : 0.01, l2: word == "l1" ? 0 : 0.01)
  }

  /// What all convolutions are told.
  func convolution(
    isOneDimensional: Bool = false, hasDilation: Bool = true,
    kernelRegularizer: String? = "kernel_regularizer"
  ) throws -> ConvolutionSettings {
    func window(_ name: String) throws -> Extent { try isOneDimensional ? length(name) : extent(name) }
    return try ConvolutionSettings(
      kernel: window("kernel_size"), strides: window("strides"), padding: padding(),
      dilation: hasDilation ? window("dilation_rate") : Extent(1), activation: activation(),
      useBias: bool("use_bias"),
      kernelRegularizer: kernelRegularizer.flatMap { try regularizer($0) },
      biasRegularizer: regularizer("bias_regularizer"), inputShape: inputShape())
  }
}

/// A layer as a value of the language.
func layerValue(_ layer: any Layer) -> Value { .object(LayerObject(layer)) }
