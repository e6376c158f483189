import COneDNN
import Glibc

/// A function of one number, with its settings.
enum ElementFunction: Equatable {
  /// min(x, limit) from threshold on, slope · (x − threshold) below.
  case relu(slope: Float = 0, limit: Float = .infinity, threshold: Float = 0)
  case elu(alpha: Float)
  case selu, sigmoid, hardSigmoid, tanh, gelu, swish, hardSwish, mish, softplus, softsign, exponential

  typealias Primitive = (kind: dnnl_alg_kind_t, alpha: Float)

  /// oneDNN's function whose slope can be had from its result.
  var fromResult: Primitive? {
    switch self {
    case .relu(let slope, .infinity, 0) where slope >= 0: (dnnl_eltwise_relu_use_dst_for_bwd, slope)
    case .elu(let alpha) where alpha >= 0: (dnnl_eltwise_elu_use_dst_for_bwd, alpha)
    case .sigmoid: (dnnl_eltwise_logistic_use_dst_for_bwd, 0)
    case .tanh: (dnnl_eltwise_tanh_use_dst_for_bwd, 0)
    case .exponential: (dnnl_eltwise_exp_use_dst_for_bwd, 0)
    default: nil
    }
  }

  /// oneDNN's function under its plain name, which is the only one that Winograd takes on its way.
  var primitive: Primitive? {
    switch self {
    case .relu(let slope, .infinity, 0): (dnnl_eltwise_relu, slope)
    case .elu(let alpha): (dnnl_eltwise_elu, alpha)
    case .sigmoid: (dnnl_eltwise_logistic, 0)
    case .tanh: (dnnl_eltwise_tanh, 0)
    case .exponential: (dnnl_eltwise_exp, 0)
    case .gelu: (dnnl_eltwise_gelu_erf, 0)
    case .swish: (dnnl_eltwise_swish, 1)
    case .hardSwish: (dnnl_eltwise_hardswish, 0)
    case .mish: (dnnl_eltwise_mish, 0)
    // oneDNN's soft_relu gives log(1 + e) where 1 + e is rounded: far below 0 nothing of e is left.
    case .relu, .selu, .hardSigmoid, .softsign, .softplus: nil
    }
  }

  // Klambauer and others, 2017.
  private static let seluAlpha: Float = 1.6732632423543772848170429916717
  private static let seluScale: Float = 1.0507009873554804934193349852946

  /// The plain formula; NaN stays NaN.
  func value(_ x: Float) -> Float {
    switch self {
    case .relu(let slope, let limit, let threshold):
      x < threshold ? (slope == 0 ? 0 : slope * (x - threshold)) : x > limit ? limit : x
    case .elu(let alpha): x < 0 ? alpha * expm1(x) : x
    case .selu: Self.seluScale * (x < 0 ? Self.seluAlpha * expm1(x) : x)
    case .sigmoid: 1 / (1 + exp(-x))
    case .hardSigmoid: x < -3 ? 0 : x > 3 ? 1 : x / 6 + 0.5
    case .tanh: Glibc.tanh(x)
    case .gelu: 0.5 * x * erfc(-x * 0.70710678)
    case .swish: x < -87 ? 0 : x / (1 + exp(-x))
    case .hardSwish: x < -3 ? 0 : x > 3 ? x : x * (x + 3) / 6
    case .mish: x < -87 ? 0 : x * Glibc.tanh(x > 20 ? x : log1p(exp(x)))
    case .softplus: x > 20 ? x + exp(-x) : log1p(exp(x))
    case .softsign: abs(x) == .infinity ? (x < 0 ? -1 : 1) : x / (1 + abs(x))
    case .exponential: exp(x)
    }
  }

  /// The slope where the value is `y`; nil where several x of different slopes have this value.
  func slope(at y: Float) -> Float? {
    switch self {
    case .relu(let slope, .infinity, 0): y > 0 ? 1 : slope
    case .elu(let alpha): y > 0 ? 1 : y + alpha
    case .selu: y > 0 ? Self.seluScale : y + Self.seluScale * Self.seluAlpha
    case .sigmoid: y * (1 - y)
    case .hardSigmoid: y > 0 && y < 1 ? 1 / 6 : 0
    case .tanh: 1 - y * y
    case .softplus: -expm1(-y)
    case .softsign: (1 - abs(y)) * (1 - abs(y))
    case .exponential: y
    case .relu, .gelu, .swish, .hardSwish, .mish: nil
    }
  }

  /// The slope at x, where it is not known from the value: what oneDNN has no primitive for.
  func slope(at x: Float, value: Float) -> Float {
    if case .relu(let slope, let limit, let threshold) = self {
      return x < threshold ? slope : x >= limit ? 0 : 1
    }
    return slope(at: value) ?? .nan
  }
}

extension Activation {
  /// The function of each number; nil for none, and for functions of a whole axis.
  var element: ElementFunction? {
    switch self {
    case .linear, .softmax, .logSoftmax: nil
    case .relu: .relu()
    case .relu6: .relu(limit: 6)
    case .leakyReLU: .relu(slope: 0.2)
    case .elu: .elu(alpha: 1)
    case .selu: .selu
    case .sigmoid: .sigmoid
    case .hardSigmoid: .hardSigmoid
    case .tanh: .tanh
    case .gelu: .gelu
    case .swish, .silu: .swish
    case .hardSwish, .hardSiLU: .hardSwish
    case .mish: .mish
    case .softplus: .softplus
    case .softsign: .softsign
    case .exponential: .exponential
    }
  }
}
