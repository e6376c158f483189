import Foundation

/// Makes a failing network small: fewer layers, smaller sizes, plainer settings, while it still fails.
struct Shrinker {
  let isStillBad: (NetworkDescription) -> Bool
  let deadline: Date

  func smallest(_ start: NetworkDescription) -> NetworkDescription {
    var best = start
    var goesOn = true
    while goesOn {
      goesOn = false
      for candidate in Self.smaller(best) where Date() < deadline {
        guard candidate != best, !candidate.layers.isEmpty, (try? PlainNetwork(candidate)) != nil,
          isStillBad(candidate)
        else { continue }
        best = candidate
        goesOn = true
        break
      }
    }
    return best
  }

  /// Networks that are a little smaller, the most daring first.
  private static func smaller(_ network: NetworkDescription) -> [NetworkDescription] {
    var list: [NetworkDescription] = []
    func change(_ body: (inout NetworkDescription) -> Void) {
      var copy = network
      body(&copy)
      list.append(copy)
    }
    for index in network.layers.indices { change { $0.layers.remove(at: index) } }
    if network.batch > 1 {
      change { $0.batch /= 2 }
      change { $0.batch -= 1 }
    }
    for axis in network.input.indices where network.input[axis] > 1 {
      change { $0.input[axis] /= 2 }
      change { $0.input[axis] -= 1 }
    }
    if network.threads > 1 { change { $0.threads -= 1 } }
    if network.kernels != "off" { change { $0.kernels = "off" } }
    if network.choice != "rule" { change { $0.choice = "rule" } }
    if network.loss.name != "mse" { change { $0.loss = Item("mse") } }
    if network.optimizer != Item("sgd").merged(PlainOptimizer.defaults("sgd")) {
      change { $0.optimizer = Item("sgd").merged(PlainOptimizer.defaults("sgd")) }
    }
    for (index, layer) in network.layers.enumerated() {
      let plain = layer.settings.filter { PlainLayers.defaults(layer.name)[$0.key] != nil }
      for name in plain.keys.sorted() {
        change { $0.layers[index].settings[name] = PlainLayers.defaults(layer.name)[name] }
      }
      for name in layer.settings.keys.sorted() {
        switch layer.settings[name] {
        case .number(let value)? where value >= 2 && value == value.rounded():
          change { $0.layers[index].settings[name] = .number((value / 2).rounded(.down)) }
        case .integers(let sizes)?:
          change { $0.layers[index].settings[name] = .integers(sizes.map { $0 > 1 ? $0 - 1 : $0 }) }
        default: break
        }
      }
    }
    return list
  }
}
