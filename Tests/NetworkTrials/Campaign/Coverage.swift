import NeuralNetworks

/// What the engine has and no generated network would try.
enum Coverage {
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
      + [Optimizer.adam(), .adamw(), .nadam(), .sgd(), .rmsprop(), .adagrad()].map { "optimizer \($0.name)" }
    return wanted.filter { !seen.contains($0) }.map {
      "no network tries the \($0)"
    }
  }
}
