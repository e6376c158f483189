import Essentials

/// Zeroes a part in training, and divides the rest by what is kept.
///
/// Which part is the engine's promise: drawn for each example from the model's seed, the step, the layer and
/// the example's place in the batch.
final class PlainDropout: PlainLayer {
  static let kind = "dropout"
  let output: [Int]
  private let rate: Double
  private var mask = Field([0])

  init(_ item: Item, input: [Int]) throws {
    output = input
    rate = try item.number("rate")
  }

  func forward(_ x: Field, _ pass: Pass) -> Field {
    mask = Field(x.shape, repeating: 1)
    guard pass.isTraining else { return x }
    let size = output.reduce(1, *)
    for n in 0..<x.examples {
      var random = RandomSource(seed: pass.seed, path: pass.step, UInt64(pass.layer), UInt64(n))
      for index in n * size..<(n + 1) * size {
        mask.values[index] = random.uniform() < rate ? 0 : 1 / (1 - rate)
      }
    }
    return x * mask
  }

  func backward(_ gradient: Field, _ pass: Pass) -> Field { gradient * mask }

  static func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    ["rate": .number(random.pick([0, 0.1, 0.5, 0.8]))]
  }
}
