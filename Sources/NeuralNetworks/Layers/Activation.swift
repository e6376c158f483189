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
}
