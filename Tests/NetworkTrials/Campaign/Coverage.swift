import NeuralNetworks

/// What the engine has and no generated network would try.
enum Coverage {
  /// What the plain implementation has not yet.
  private static let waiting = Set(
    [
      "mae", "huber", "log_cosh", "hinge", "squared_hinge", "poisson", "kl_divergence",
      "binary_focal_crossentropy", "categorical_focal_crossentropy",
    ].map { "loss \($0)" })
  /// What the engine has had for less than a day, and what has no plain form yet. Nothing stays here.
  static let awaited: Set<String> = [
    "layer conv1d", "layer depthwise_conv2d", "layer separable_conv2d", "layer max_pool1d",
    "layer average_pool1d", "layer global_max_pool1d", "layer global_average_pool1d",
    "layer global_max_pool2d",
    "layer layer_norm", "layer group_norm", "layer spatial_dropout1d", "layer spatial_dropout2d",
    "layer gaussian_dropout", "layer gaussian_noise", "layer reshape", "layer permute", "layer repeat_vector",
    "layer zero_padding1d", "layer zero_padding2d", "layer cropping1d", "layer cropping2d",
    "layer up_sampling1d", "layer up_sampling2d", "layer leaky_relu", "layer elu", "layer re_lu",
    "activation log_softmax", "activation leaky_relu",
    "activation elu", "activation selu", "activation relu6", "activation gelu", "activation swish",
    "activation silu", "activation hard_swish", "activation hard_silu", "activation hard_sigmoid",
    "activation mish", "activation softplus", "activation softsign", "activation exponential",
  ]

  /// - Parameter count: networks to look at.
  static func missing(among count: Int = 3000) -> [String] {
    var seen: Set<String> = []
    for number in 0..<count {
      let network = NetworkGenerator.network(number)
      for layer in network.layers {
        seen.insert("layer \(layer.name)")
        if let activation = try? layer.word("activation") { seen.insert("activation \(activation)") }
      }
      seen.insert("loss \(network.loss.name)")
      seen.insert("optimizer \(network.optimizer.name)")
    }
    let wanted =
      LayerKinds.all.map { "layer \($0.kind)" } + Activation.allCases.map { "activation \($0.rawValue)" }
      + Loss.allCases.map { "loss \($0.rawValue)" }
      + [Optimizer.adam(), .sgd()].map { "optimizer \($0.name)" }
    return wanted.filter { !seen.contains($0) && !waiting.contains($0) && !awaited.contains($0) }.map {
      "no network tries the \($0)"
    }
  }
}
