import Essentials

/// Weights, examples and labels of a trial, in numbers that single precision has.
struct Material {
  let x: Field
  let y: Field
  let weights: [Field]

  /// - Parameter draw: another for the same network.
  init(_ description: NetworkDescription, _ network: PlainNetwork, draw: UInt64) {
    var random = RandomSource(seed: UInt64(description.seed), path: 1000, draw)
    let offset = random.pick([0, 0, 0, 0.5, 3])
    x = Field([description.batch] + description.input).map { _ in random.normal() + offset }.rounded
    y = PlainLoss.labels(description.loss, for: [description.batch] + network.output, &random).rounded
    weights = network.weights.map { name, weight in
      Self.values(for: name.split(separator: ".").last.map(String.init) ?? "", weight.value, &random).rounded
    }
  }

  /// Sizes that keep what flows near 1, and no array at zero.
  private static func values(for name: String, _ field: Field, _ random: inout RandomSource) -> Field {
    switch name {
    case "gamma": return field.map { _ in 1 + 0.2 * random.normal() }
    case "moving_variance": return field.map { _ in random.uniform(0.5, 2) }
    case let name where name.hasSuffix("kernel"):
      let inputs = field.shape.dropLast().reduce(1, *)
      return field.map { _ in random.normal() * (1.5 / Double(max(inputs, 1))).squareRoot() }
    default: return field.map { _ in 0.2 * random.normal() }
    }
  }
}
