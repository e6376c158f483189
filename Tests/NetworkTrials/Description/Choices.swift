import Essentials

/// Draws that favour what breaks.
extension RandomSource {
  mutating func pick<Element>(_ list: [Element]) -> Element { list[integer(below: list.count)] }

  mutating func chance(_ probability: Double) -> Bool { uniform() < probability }

  /// Channels, filters, units.
  mutating func channels() -> Int { pick([1, 2, 3, 8, 16, 16, 17, 17, 32, 48]) }

  /// A height or a width.
  mutating func side() -> Int {
    chance(0.5) ? 1 + integer(below: 20) : Int(exp2(uniform(0, 8.23)))
  }

  /// Any number from 1 up to 33, small ones and those around vectors and shares often.
  mutating func batch() -> Int {
    chance(0.5) ? pick([1, 2, 3, 5, 7, 9, 13, 15, 16, 17, 32, 33]) : 1 + integer(below: 33)
  }

  mutating func activation() -> String {
    chance(0.3) ? "linear" : chance(0.5) ? pick(["relu", "sigmoid", "tanh"]) : pick(EngineNetwork.functions)
  }

  /// A window's size under `name`, its strides and padding.
  mutating func windowSettings(_ name: String, _ input: [Int]) -> [String: Setting] {
    let padding = pick(["valid", "same"])
    var (window, strides): ([Int], [Int]) = ([], [])
    let square = chance(0.5)
    for axis in 0..<2 {
      var size = square && axis == 1 ? window[0] : pick([1, 2, 3, 3, 3, 4, 5, 7])
      if padding == "valid" { size = min(size, input[axis]) }
      window.append(size)
      strides.append(chance(0.65) ? 1 : pick([1, 2, 2, 3, 5]))
    }
    if square { strides[1] = strides[0] }
    return [name: .integers(window), "strides": .integers(strides), "padding": .word(padding)]
  }
}

private func exp2(_ x: Double) -> Double {
  (0..<Int(x)).reduce(1 + (x - x.rounded(.down))) { product, _ in product * 2 }
}
