import Essentials

/// Random numbers for what flows through in training.
///
/// Which they are is the engine's promise: drawn for each example from the model's seed, the step, the layer and
/// the example's place in the batch.
class PlainRandom: PlainLayer {
  class var kind: String { "" }
  let output: [Int]
  private let item: Item
  private var factors = Field([0])

  required init(_ item: Item, input: [Int]) throws {
    output = input
    self.item = item
  }

  func forward(_ x: Field, _ pass: Pass) -> Field {
    factors = Field(x.shape, repeating: 1)
    guard pass.isTraining else { return x }
    var result = x
    let size = output.reduce(1, *)
    for n in 0..<x.examples {
      var random = RandomSource(seed: pass.seed, path: pass.step, UInt64(pass.layer), UInt64(n))
      let drawn = Self.draw(item, size: size, channels: x.channels, &random)
      for index in 0..<size {
        factors.values[n * size + index] = drawn[index].factor
        result.values[n * size + index] =
          x.values[n * size + index] * drawn[index].factor + drawn[index].summand
      }
    }
    return result
  }

  func backward(_ gradient: Field, _ pass: Pass) -> Field { gradient * factors }

  /// What each number of an example is multiplied by, and what is added then.
  class func draw(
    _ item: Item, size: Int, channels: Int, _ random: inout RandomSource
  ) -> [(factor: Double, summand: Double)] { [] }

  class func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    ["rate": .number(random.pick([0, 0.1, 0.5, 0.8]))]
  }

  /// Zero, or what makes up for the zeros.
  static func kept(_ item: Item, _ random: inout RandomSource) -> Double {
    let rate = (try? item.number("rate")) ?? 0
    return random.uniform() < rate ? 0 : 1 / (1 - rate)
  }
}

/// Zeroes a part, and divides the rest by what is kept.
final class PlainDropout: PlainRandom {
  override class var kind: String { "dropout" }

  override class func draw(
    _ item: Item, size: Int, channels: Int, _ random: inout RandomSource
  ) -> [(factor: Double, summand: Double)] { (0..<size).map { _ in (kept(item, &random), 0) } }
}

/// Zeroes whole channels.
class PlainSpatialDropout2D: PlainRandom {
  override class var kind: String { "spatial_dropout2d" }
  class var rank: Int { 3 }

  override class func draw(
    _ item: Item, size: Int, channels: Int, _ random: inout RandomSource
  ) -> [(factor: Double, summand: Double)] {
    let own = (0..<channels).map { _ in kept(item, &random) }
    return (0..<size).map { (own[$0 % channels], 0) }
  }

  override class func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    input.count == rank ? super.settings(for: input, &random) : nil
  }
}

final class PlainSpatialDropout1D: PlainSpatialDropout2D {
  override class var kind: String { "spatial_dropout1d" }
  override class var rank: Int { 2 }
}

/// Adds noise.
final class PlainGaussianNoise: PlainRandom {
  override class var kind: String { "gaussian_noise" }

  override class func draw(
    _ item: Item, size: Int, channels: Int, _ random: inout RandomSource
  ) -> [(factor: Double, summand: Double)] {
    let deviation = (try? item.number("stddev")) ?? 0
    return (0..<size).map { _ in (1, random.normal() * deviation) }
  }

  override class func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    ["stddev": .number(random.pick([0, 0.1, 1]))]
  }
}

/// Multiplies by noise around 1.
final class PlainGaussianDropout: PlainRandom {
  override class var kind: String { "gaussian_dropout" }

  override class func draw(
    _ item: Item, size: Int, channels: Int, _ random: inout RandomSource
  ) -> [(factor: Double, summand: Double)] {
    let rate = (try? item.number("rate")) ?? 0
    let deviation = (rate / (1 - rate)).squareRoot()
    return (0..<size).map { _ in (1 + random.normal() * deviation, 0) }
  }
}
