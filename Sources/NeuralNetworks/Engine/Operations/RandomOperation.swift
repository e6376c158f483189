import Essentials
import Tensors

/// Random numbers for what flows through, in training only.
///
/// Those of an example depend on the model's seed, the step, the layer and the example's place in the batch.
final class RandomOperation: Operation {
  enum Noise {
    /// Each channel by 0, or by 1 / (1 − rate).
    case channels(rate: Double)
    /// Each number plus noise.
    case sum(deviation: Double)
    /// Each number by noise around 1.
    case product(deviation: Double)
  }

  private let noise: Noise
  private let layer: Int
  private let seed: UInt64
  private let source: Flow
  private let result: Flow
  private let factors: SlotID
  private let count: Int
  private let repetition: Int
  private let size: Int
  private let channels: Int

  static func append(to builder: PlanBuilder, index: Int, flow: Flow, _ noise: Noise) throws -> Flow {
    let source = try builder.examples(flow)
    let result = builder.newFlow(
      flow.shape, builder.descriptor(source.value), after: source, hasGradient: flow.gradient != nil,
      isPlain: true)
    builder.append(RandomOperation(builder, noise, layer: index, from: source, to: result))
    return result
  }

  private init(_ builder: PlanBuilder, _ noise: Noise, layer: Int, from source: Flow, to result: Flow) {
    self.noise = noise
    self.layer = layer
    seed = builder.network.seed
    self.source = source
    self.result = result
    factors = builder.kept(builder.descriptor(result.value))
    count = builder.count
    repetition = builder.repetition
    size = source.shape.reduce(1, *)
    channels = source.shape.last ?? 1
  }

  func forward(_ workspace: Workspace) throws {
    let from = workspace.pointer(source.value)
    let to = workspace.pointer(result.value)
    let factors = workspace.pointer(factors)
    for example in 0..<count {
      var random = RandomSource(
        seed: seed, path: workspace.step, UInt64(layer),
        UInt64(workspace.firstExample * repetition + example))
      let start = example * size
      switch noise {
      case .channels(let rate):
        let kept = Float(1 / (1 - rate))
        let own = (0..<channels).map { _ in random.uniform() < rate ? 0 : kept }
        for index in 0..<size {
          let factor = own[index % channels]
          factors[start + index] = factor
          to[start + index] = from[start + index] * factor
        }
      case .sum(let deviation):
        for index in start..<start + size { to[index] = from[index] + Float(random.normal() * deviation) }
      case .product(let deviation):
        for index in start..<start + size {
          let factor = Float(1 + random.normal() * deviation)
          factors[index] = factor
          to[index] = from[index] * factor
        }
      }
    }
  }

  func backward(_ workspace: Workspace) throws {
    guard let own = result.gradient, let before = source.gradient else { return }
    let (from, to) = (workspace.pointer(own), workspace.pointer(before))
    if case .sum = noise {
      to.update(from: from, count: count * size)
      return
    }
    let factors = workspace.pointer(factors)
    for index in 0..<count * size { to[index] = from[index] * factors[index] }
  }
}
