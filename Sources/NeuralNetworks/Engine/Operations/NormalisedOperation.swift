import Essentials
import Kernels
import Tensors

/// A `NormalisedBlock` on what any layer has left in memory.
final class NormalisedOperation: NormalisingOperation {
  let number: Int
  let statistics: BatchStatistics
  private let description: kernels_norm
  private let input: SlotID
  private let inputGradient: SlotID?
  private let result: SlotID
  private let resultGradient: SlotID
  private let count: Int
  private let inputLength: Int
  private let resultLength: Int
  let output: Flow

  /// Nil where the kernels do not know the layout.
  static func make(_ block: NormalisedBlock, _ builder: PlanBuilder, flow: Flow) throws
    -> NormalisedOperation?
  {
    guard let layout = ChannelBlocks(builder.descriptor(flow.value)),
      kernels_can_normalise(block.instructionSet.code, Int32(layout.width)) != 0
    else { return nil }
    return try NormalisedOperation(block, layout, builder, flow: flow)
  }

  private init(
    _ block: NormalisedBlock, _ layout: ChannelBlocks, _ builder: PlanBuilder, flow: Flow
  ) throws {
    number = builder.meetingCount
    statistics = try BatchStatistics(builder, block, padded: layout.channels)
    description = block.description(layout)
    count = builder.count
    inputLength = block.input[0] * block.input[1] * layout.channels
    resultLength = block.output[0] * block.output[1] * layout.channels
    // A sequence behind a convolution is described as a picture of one row, elsewhere as what it is.
    let axes = builder.descriptor(flow.value).dims.count - 2
    let descriptor = try layout.descriptor(
      examples: count, channels: block.input[2], space: Array(block.output.dropLast().suffix(axes)))
    output = builder.newFlow(block.outputShape, descriptor, after: flow, hasGradient: true)
    guard let gradient = output.gradient else { throw Failure(.state, "a gradient is missing") }
    input = flow.value
    inputGradient = flow.gradient
    result = output.value
    resultGradient = gradient
    block.note(builder, algorithm: "normalisation", byteCount: descriptor.byteCount)
  }

  private func completed(_ workspace: Workspace) -> kernels_norm {
    var norm = description
    statistics.complete(&norm, workspace)
    return norm
  }

  func gatherForward(_ workspace: Workspace) throws {
    var norm = description
    var moments = statistics.moments(workspace)
    for example in 0..<count {
      kernels_norm_moments(&norm, workspace.pointer(input) + example * inputLength, &moments)
    }
  }

  func forward(_ workspace: Workspace) throws {
    var norm = completed(workspace)
    for example in 0..<count {
      kernels_norm_forward(
        &norm, workspace.pointer(input) + example * inputLength,
        workspace.pointer(result) + example * resultLength)
    }
  }

  func gatherBackward(_ workspace: Workspace) throws {
    var norm = completed(workspace)
    let (gamma, beta) = statistics.gradientSums(workspace)
    for example in 0..<count {
      kernels_norm_sums(
        &norm, workspace.pointer(input) + example * inputLength,
        workspace.pointer(resultGradient) + example * resultLength, gamma, beta)
    }
  }

  func backward(_ workspace: Workspace) throws {
    guard let inputGradient else { return }
    var norm = completed(workspace)
    for example in 0..<count {
      kernels_norm_backward(
        &norm, workspace.pointer(input) + example * inputLength,
        workspace.pointer(resultGradient) + example * resultLength,
        workspace.pointer(inputGradient) + example * inputLength)
    }
  }
}
