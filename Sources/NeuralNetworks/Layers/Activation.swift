/// The functions that layers put on their outputs.
public enum Activation: String, Sendable, CaseIterable {
  /// x, unchanged.
  case linear
  /// max(x, 0).
  case relu
  /// 1 / (1 + exp(-x)).
  case sigmoid
  /// The hyperbolic tangent.
  case tanh
  /// exp(x) divided by its sum over the last axis.
  case softmax
  /// log(softmax(x)).
  case logSoftmax = "log_softmax"
  /// x, or 0.2 x below 0.
  case leakyReLU = "leaky_relu"
  /// x, or exp(x) − 1 below 0.
  case elu
  /// 1.0507 times x, or 1.6733 (exp(x) − 1) below 0 (Klambauer and others, 2017).
  case selu
  /// min(max(x, 0), 6).
  case relu6
  /// x · Φ(x), Φ the normal distribution's (Hendrycks and Gimpel, 2016).
  case gelu
  /// x · sigmoid(x).
  case swish
  /// x · sigmoid(x): Keras's newer name of swish.
  case silu
  /// x · min(max(x + 3, 0), 6) / 6.
  case hardSwish = "hard_swish"
  /// x · min(max(x + 3, 0), 6) / 6: Keras's newer name of hard_swish.
  case hardSiLU = "hard_silu"
  /// min(max(x / 6 + 1/2, 0), 1).
  case hardSigmoid = "hard_sigmoid"
  /// x · tanh(log(1 + exp(x))).
  case mish
  /// log(1 + exp(x)).
  case softplus
  /// x / (1 + |x|).
  case softsign
  /// exp(x).
  case exponential

  /// Whether it looks at all numbers of the last axis together.
  var isVectorial: Bool { self == .softmax || self == .logSoftmax }
}
