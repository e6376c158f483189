import Essentials
import Glibc
import Tensors

/// A layer that a batch normalisation behind it can be folded into: its outputs are sums of products with a
/// kernel whose last axis is that of the outputs, and a bias.
protocol FoldingLayer: ActivatedLayer {
  /// The function on the outputs.
  var activation: Activation { get set }
  /// Which of its weights that kernel is.
  static var foldedKernel: String { get }
}

extension FoldingLayer {
  static var foldedKernel: String { "kernel" }
}

/// A network as it predicts: batch normalisations, which then are γ(x − mean)/√(variance + ε) + β with fixed
/// numbers, are folded into the kernels and biases of the layers before them, and functions that stand as layers
/// of their own behind such a layer become its own.
///
/// Arrays that nothing is folded into are the original's.
final class FoldedNetwork {
  let layers: [any Layer]
  let network: Network
  /// Which of the original's layers each one is.
  let originals: [Int]
  /// The original's layers that are part of another one.
  let absorbed: [(layer: Int, into: Int)]
  private let source: Network
  private let folds: [Fold]
  private var foldedVersion = -1

  /// One normalisation and what it is folded into.
  private struct Fold {
    let kernel: (own: FloatBuffer, original: FloatBuffer)
    let bias: (own: FloatBuffer, original: FloatBuffer?)
    let norm: BatchNorm
    let gamma: FloatBuffer
    let beta: FloatBuffer
    let mean: FloatBuffer
    let variance: FloatBuffer
  }

  /// Nil where there is nothing to fold.
  init?(layers original: [any Layer], network source: Network) throws {
    var layers: [any Layer] = []
    var originals: [Int] = []
    var absorbed: [(layer: Int, into: Int)] = []
    var shapes = [source.inputShape]
    var parameters: [Weight] = []
    var folds: [Fold] = []
    var index = 0
    while index < original.count {
      let first = index
      let own = source.parameters.filter { $0.layer == first }
      func value(_ name: String, of layer: Int) -> FloatBuffer? {
        source.parameters.first { $0.layer == layer && $0.description.name == name }?.value
      }
      index += 1
      guard var layer = original[first] as? any FoldingLayer, layer.activation == .linear,
        let kernel = value(type(of: layer).foldedKernel, of: first)
      else {
        parameters += own.map { Weight(layer: layers.count, sharing: $0) }
        layers.append(original[first])
        originals.append(first)
        shapes.append(source.shapes[first + 1])
        continue
      }
      if index < original.count, let norm = original[index] as? BatchNorm,
        let gamma = value("gamma", of: index), let beta = value("beta", of: index),
        let mean = value("moving_mean", of: index), let variance = value("moving_variance", of: index)
      {
        let made = try Weight.folded(
          own, kernel: type(of: layer).foldedKernel, layer: layers.count, channels: gamma.count)
        let others = own.filter {
          $0.description.name != type(of: layer).foldedKernel && $0.description.name != "bias"
        }
        parameters += others.map { Weight(layer: layers.count, sharing: $0) }
        folds.append(
          Fold(
            kernel: (made.kernel.value, kernel), bias: (made.bias.value, value("bias", of: first)),
            norm: norm,
            gamma: gamma, beta: beta, mean: mean, variance: variance))
        parameters += [made.kernel, made.bias]
        absorbed.append((index, first))
        index += 1
      } else {
        parameters += own.map { Weight(layer: layers.count, sharing: $0) }
      }
      if index < original.count, let function = original[index] as? ActivationLayer,
        function.activation.element?.primitive != nil
      {
        layer.activation = function.activation
        absorbed.append((index, first))
        index += 1
      }
      layers.append(layer)
      originals.append(first)
      shapes.append(source.shapes[index])
    }
    guard !absorbed.isEmpty else { return nil }
    self.layers = layers
    self.originals = originals
    self.absorbed = absorbed
    self.source = source
    self.folds = folds
    network = Network(shapes: shapes, parameters: parameters, seed: source.seed)
  }

  /// Folds the weights as they are now. One thread at a time.
  func update() {
    if foldedVersion == source.version { return }
    for fold in folds {
      let channels = fold.gamma.count
      let scales = (0..<channels).map { channel in
        Double(fold.gamma.base[channel])
          / (Double(fold.variance.base[channel]) + fold.norm.epsilon).squareRoot()
      }
      let kernel = fold.kernel
      for start in stride(from: 0, to: kernel.own.count, by: channels) {
        for channel in 0..<channels {
          kernel.own.base[start + channel] = Float(
            Double(kernel.original.base[start + channel]) * scales[channel])
        }
      }
      for channel in 0..<channels {
        let bias = Double(fold.bias.original?.base[channel] ?? 0)
        fold.bias.own.base[channel] = Float(
          (bias - Double(fold.mean.base[channel])) * scales[channel] + Double(fold.beta.base[channel]))
      }
    }
    network.weightsChanged()
    foldedVersion = source.version
  }

  /// The choices under the original's layers, and what became of those that have none of their own.
  func choices(_ own: [PlanChoice]) -> [PlanChoice] {
    let whole =
      own.map { $0.moved(to: originals[$0.layer]) }
      + absorbed.map { layer, into in
        PlanChoice(
          layer: layer, pass: "forward", algorithm: "part of layer \(into)", reason: "folded into it")
      }
    return whole.enumerated().sorted { ($0.element.layer, $0.offset) < ($1.element.layer, $1.offset) }.map(
      \.element)
  }
}

extension Weight {
  /// The same array, seen from another place in a network.
  fileprivate convenience init(layer: Int, sharing other: Weight) {
    self.init(layer: layer, description: other.description, value: other.value)
  }

  /// Arrays for a layer with a normalisation folded into it; the kernel as the layer has it, and a bias, whether
  /// or not the layer has one.
  fileprivate static func folded(
    _ own: [Weight], kernel name: String, layer: Int, channels: Int
  ) throws(Failure) -> (kernel: Weight, bias: Weight) {
    guard let kernel = own.first(where: { $0.description.name == name }) else {
      throw Failure(.state, "the layer has no kernel")
    }
    return (
      kernel: try Weight(layer: layer, description: kernel.description),
      bias: try Weight(
        layer: layer, description: LayerParameter(name: "bias", shape: [channels], initializer: .zeros))
    )
  }
}

extension PlanChoice {
  fileprivate func moved(to layer: Int) -> PlanChoice {
    PlanChoice(
      layer: layer, pass: pass, algorithm: algorithm, code: code, layout: layout, seconds: seconds,
      byteCount: byteCount, reason: reason)
  }
}
