import CapLanguage
import Essentials
import NeuralNetworks
import Tensors

/// Arguments that several layers have.
enum LayerParameters {
  static let activation = Argument(
    "activation", .optional(.choice(Activation.self)), default: .nothing,
    "The function on the outputs; none is \"linear\""
  ).map { $0 ?? .linear }
  static let inputShape = Argument(
    "input_shape", .optional(.list(.integer(.atLeast(1)))), default: .nothing,
    "The shape of one example, without the batch axis, for a first layer: [height, width, channels]")
  static let padding = Argument(
    "padding", .choice([Padding.valid, .same]) { $0.rawValue }, default: "valid",
    "\"valid\": only windows inside; \"same\": zeros around, so that a step of 1 keeps the size")
  static let useBias = Argument("use_bias", .bool, default: true, "Whether a number is added to each sum")

  static func regularizer(_ name: String, of what: String) -> Argument<Regularizer?> {
    Argument(
      name, .optional(.regularizer), default: .nothing,
      "What training adds to the loss for \(what): l1(…), l2(…) or l1_l2(…); a bare name takes factors of 0.01"
    )
  }
  static let kernelRegularizer = regularizer("kernel_regularizer", of: "the kernel")
  static let biasRegularizer = regularizer("bias_regularizer", of: "the bias")
}

extension ArgumentKind where Content == Extent {
  /// One number, or height and width.
  static var extent: ArgumentKind {
    sides { sides, name in
      guard sides.count == 2 else {
        throw Failure(.value, "'\(name)' takes one number or [height, width], not \(sides.count) numbers")
      }
      return Extent(sides[0], sides[1])
    } one: {
      Extent($0)
    }
  }

  /// A length of a sequence, as the width of a picture of one row.
  static var length: ArgumentKind {
    sides { sides, name in
      guard sides.count == 1 else {
        throw Failure(
          .value, "'\(name)' takes one number, not \(sides.count)", hint: "the 2-D layer takes two")
      }
      return Extent(1, sides[0])
    } one: {
      Extent(1, $0)
    }
  }

  private static func sides(
    _ several: @escaping @Sendable ([Int], String) throws -> Extent,
    one: @escaping @Sendable (Int) -> Extent
  ) -> ArgumentKind {
    let sides = ArgumentKind<[Int]>.oneOrMore(.atLeast(1))
    return ArgumentKind(
      sides.check,
      decodingBesideOthers: { value, place, arguments in
        if let side = value.asInt { return one(side) }
        return try several(try sides.decode(value, place, arguments), place.name)
      })
  }
}

extension ArgumentKind where Content == Regularizer {
  /// A regularizer, or its name for factors of 0.01.
  static var regularizer: ArgumentKind {
    let named = ArgumentKind<String>(.choice(["l1", "l2", "l1_l2"])) { value, _ in value.asString ?? "" }
    return oneOf(
      named.map { try Regularizer(l1: $0 == "l2" ? 0 : 0.01, l2: $0 == "l1" ? 0 : 0.01) },
      ArgumentKind<RegularizerObject>.object("regularizer", RegularizerObject.self).map { $0.regularizer })
  }
}

extension ArgumentKind where Content == any Layer {
  /// A layer.
  static var layer: ArgumentKind {
    ArgumentKind<LayerObject>.object("layer", LayerObject.self).map { $0.layer }
  }
}

/// A layer as a value of the language.
func layerValue(_ layer: any Layer) -> Value { .object(LayerObject(layer)) }
