import CapLanguage
import Essentials
import NeuralNetworks
import Tensors

/// What training adds to the loss, as a value of the language.
final class RegularizerObject: DomainObject, @unchecked Sendable {
  let regularizer: Regularizer

  init(_ regularizer: Regularizer) {
    self.regularizer = regularizer
    super.init()
  }

  override var kindName: String { "regularizer" }
  override var summary: String {
    "Regularizer l1_l2(l1=\(Value.number(regularizer.l1)), l2=\(Value.number(regularizer.l2)))"
  }

  override func isEqual(to other: DomainObject) -> Bool {
    (other as? RegularizerObject)?.regularizer == regularizer
  }
}

/// What keeps weights small.
enum Regularizers {
  static let all = [l1, l2, both]

  private static func factor(_ name: String, _ of: String) -> Argument<Double> {
    Argument(name, .number(.nonNegative), default: 0.01, "The factor of the sum of \(of)")
  }
  private static let magnitudes = factor("l1", "the weights' magnitudes")
  private static let squares = factor("l2", "the weights' squares")

  private static let l1 = FunctionDeclaration(
    "l1", topic: "models", "Adds the sum of the weights' magnitudes to the loss: many become nearly 0",
    takes: ArgumentList(
      magnitudes), returns: "a regularizer for a layer's kernel_regularizer= or bias_regularizer=",
    examples: [
      FunctionDeclaration.Example("l1(0.001)", output: "Regularizer l1_l2(l1=0.001, l2=0)")
    ],
    source: "keras.regularizers.L1", seeAlso: ["l2", "l1_l2", "dense", "conv2d"]
  ) { _, l1 in .object(RegularizerObject(try Regularizer(l1: l1))) }

  private static let l2 = FunctionDeclaration(
    "l2", topic: "models", "Adds the sum of the weights' squares to the loss: none becomes large",
    takes: ArgumentList(
      squares), returns: "a regularizer for a layer's kernel_regularizer= or bias_regularizer=",
    examples: [
      FunctionDeclaration.Example(
        "sequential([dense(4, kernel_regularizer=l2(0.001))], input_shape=[3]).parameters", output: "16")
    ],
    source: "keras.regularizers.L2", seeAlso: ["l1", "l1_l2", "dense", "conv2d"]
  ) { _, l2 in .object(RegularizerObject(try Regularizer(l2: l2))) }

  private static let both = FunctionDeclaration(
    "l1_l2", topic: "models", "Adds the sums of the weights' magnitudes and of their squares to the loss",
    takes: ArgumentList(
      Argument("l1", .number(.nonNegative), default: 0, "The factor of the sum of the weights' magnitudes"),
      Argument("l2", .number(.nonNegative), default: 0, "The factor of the sum of the weights' squares")),
    returns: "a regularizer for a layer's kernel_regularizer= or bias_regularizer=",
    examples: [
      FunctionDeclaration.Example("l1_l2(l1=0.001, l2=0.01)", output: "Regularizer l1_l2(l1=0.001, l2=0.01)")
    ],
    source: "keras.regularizers.L1L2", seeAlso: ["l1", "l2"]
  ) { _, l1, l2 in
    .object(
      RegularizerObject(try Regularizer(l1: l1, l2: l2)))
  }
}
