import Essentials
import Tensors

/// Zeroes a part of what flows through, in training only.
final class DropoutOperation: Operation {
  private let rate: Double
  private let layer: Int
  private let seed: UInt64
  private let source: Flow
  private let result: Flow
  private let mask: SlotID
  private let count: Int
  private let repetition: Int
  private let size: Int

  init(_ builder: PlanBuilder, rate: Double, layer: Int, from source: Flow, to result: Flow) {
    self.rate = rate
    self.layer = layer
    seed = builder.network.seed
    self.source = source
    self.result = result
    mask = builder.kept(builder.descriptor(result.value))
    count = builder.count
    repetition = builder.repetition
    size = source.shape.reduce(1, *)
  }

  func forward(_ workspace: Workspace) throws {
    let from = workspace.pointer(source.value)
    let to = workspace.pointer(result.value)
    let mask = workspace.pointer(mask)
    let kept = Float(1 / (1 - rate))
    let threshold = UInt64(rate * 0x1p53)
    for example in 0..<count {
      var random = RandomSource(
        seed: seed, path: workspace.step, UInt64(layer), UInt64(workspace.firstExample * repetition + example)
      )
      for index in example * size..<(example + 1) * size {
        mask[index] = random.next() >> 11 < threshold ? 0 : kept
        to[index] = from[index] * mask[index]
      }
    }
  }

  func backward(_ workspace: Workspace) throws {
    guard let fromSlot = result.gradient, let toSlot = source.gradient else { return }
    let (from, to) = (workspace.pointer(fromSlot), workspace.pointer(toSlot))
    let mask = workspace.pointer(mask)
    for index in 0..<count * size { to[index] = from[index] * mask[index] }
  }
}

extension Dropout: CompilableLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    guard builder.isTraining, rate > 0 else { return flow }
    let source = try builder.plain(
      flow, dims: MemoryDescriptor.dims(examples: builder.count, of: flow.shape), shape: flow.shape)
    // `plain` sees rows of the dims given; the next layer needs channels last.
    let seen = try MemoryDescriptor(examples: builder.count, of: flow.shape)
    let result = builder.newFlow(
      flow.shape, seen, after: source, hasGradient: flow.gradient != nil,
      isPlain: true)
    builder.append(DropoutOperation(builder, rate: rate, layer: index, from: source, to: result))
    return result
  }
}
