import Essentials
import Kernels
import Tensors

/// A network's first convolution, of few channels, with the `NormalisedBlock` behind it. The convolution is computed
/// anew in each of the four passes over it: its output, the largest array of most networks, is never in memory.
final class FirstBlockOperation: NormalisingOperation {
  let number: Int
  let statistics: BatchStatistics
  private let description: kernels_first_block
  private let weights: FloatBuffer
  private let bias: FloatBuffer
  private let input: SlotID
  private let result: SlotID
  private let resultGradient: SlotID
  private let scratch: SlotID
  private let sums: SlotID
  private let sumCount: Int
  private let kernelGradient: SlotID
  private let biasGradient: SlotID?
  private let count: Int
  private let filters: Int
  private let inputLength: Int
  private let resultLength: Int
  let output: Flow

  /// How many layers of a model it covers; nil where it does not begin with such a block.
  static func block(_ layers: [any Layer], network: Network, options: EngineOptions) -> NormalisedBlock? {
    guard options.ownKernels != nil, let first = layers.first as? Conv2D, first.isPlain,
      first.kernel == Extent(3),
      first.strides == Extent(1),
      first.activation == .linear, first.filters <= FusedChain.mostChannels, network.inputShape.count == 3,
      (1...4).contains(network.inputShape[2])
    else { return nil }
    return NormalisedBlock(layers, at: 1, shapes: network.shapes, options: options)
  }

  init(_ block: NormalisedBlock, _ layer: Conv2D, _ builder: PlanBuilder, flow: Flow) throws {
    let channels = flow.shape[2]
    filters = layer.filters
    let padded = (filters + 15) / 16 * 16
    let layout = ChannelBlocks(blocks: padded / 16, width: 16)
    number = builder.meetingCount
    statistics = try BatchStatistics(builder, block, padded: padded)
    count = builder.count
    inputLength = flow.shape.reduce(1, *)
    resultLength = block.output[0] * block.output[1] * padded
    let descriptor = try layout.descriptor(
      examples: count, channels: filters, space: Array(block.output.dropLast()))
    output = builder.newFlow(block.output, descriptor, after: flow, hasGradient: true)
    guard let gradient = output.gradient else { throw Failure(.state, "a gradient is missing") }
    input = flow.value
    result = output.value
    resultGradient = gradient

    var description = kernels_first_block()
    description.norm = block.description(layout)
    description.in_rows = Int32(flow.shape[0])
    description.in_columns = Int32(flow.shape[1])
    description.channels = Int32(channels)
    description.pad = layer.padding == .same ? 1 : 0
    let taps = 9 * channels
    let weights = try FloatBuffer(count: taps * padded)
    let bias = try FloatBuffer(count: padded)
    description.weights = UnsafePointer(weights.base)
    description.bias = UnsafePointer(bias.base)
    self.weights = weights
    self.bias = bias
    self.description = description

    let kernelIndex = try builder.parameterIndex(0, "kernel")
    let kernel = builder.network.parameters[kernelIndex].value
    kernelGradient = builder.accumulator(kernelIndex, as: try MemoryDescriptor(rowMajor: [taps * filters]))
    let biasIndex = try? builder.parameterIndex(0, "bias")
    let ownBias = biasIndex.map { builder.network.parameters[$0].value }
    biasGradient = try biasIndex.map {
      builder.accumulator($0, as: try MemoryDescriptor(rowMajor: [layer.filters]))
    }
    let filters = filters
    builder.prepare {
      for tap in 0..<taps {
        (weights.base + tap * padded).update(from: kernel.base + tap * filters, count: filters)
      }
      if let ownBias { bias.base.update(from: ownBias.base, count: filters) }
    }
    sumCount = (taps + 1) * padded
    sums = builder.kept(try MemoryDescriptor(rowMajor: [2 * sumCount]))
    let scratchCount = withUnsafePointer(to: description) { kernels_first_block_scratch($0) }
    scratch = builder.kept(try MemoryDescriptor(rowMajor: [scratchCount + 16]))
    builder.note(
      PlanChoice(
        layer: 0, pass: "both ways", algorithm: "fused direct, \(block.instructionSet.rawValue)",
        layout: "a few rows", byteCount: scratchCount * 4, reason: "computed anew in each pass, never stored")
    )
    block.note(builder, algorithm: "normalisation", byteCount: descriptor.byteCount)
  }

  private func completed(_ workspace: Workspace) -> kernels_first_block {
    var block = description
    statistics.complete(&block.norm, workspace)
    return block
  }

  private func example(_ number: Int, _ workspace: Workspace) -> UnsafePointer<Float> {
    UnsafePointer(workspace.pointer(input) + number * inputLength)
  }

  func gatherForward(_ workspace: Workspace) throws {
    var block = description
    var moments = statistics.moments(workspace)
    for index in 0..<count {
      try Interruption.check()
      kernels_first_block_moments(
        &block, example(index, workspace), workspace.pointer(scratch).onLine, &moments)
    }
  }

  func forward(_ workspace: Workspace) throws {
    var block = completed(workspace)
    for index in 0..<count {
      try Interruption.check()
      kernels_first_block_forward(
        &block, example(index, workspace), workspace.pointer(scratch).onLine,
        workspace.pointer(result) + index * resultLength)
    }
  }

  func gatherBackward(_ workspace: Workspace) throws {
    var block = completed(workspace)
    let (gamma, beta) = statistics.gradientSums(workspace)
    for index in 0..<count {
      try Interruption.check()
      kernels_first_block_sums(
        &block, example(index, workspace), workspace.pointer(scratch).onLine,
        workspace.pointer(resultGradient) + index * resultLength, gamma, beta)
    }
  }

  func backward(_ workspace: Workspace) throws {
    var block = completed(workspace)
    let sums = UnsafeMutableRawPointer(workspace.pointer(sums)).assumingMemoryBound(to: Double.self)
    sums.update(repeating: 0, count: sumCount)
    for index in 0..<count {
      try Interruption.check()
      kernels_first_block_backward(
        &block, example(index, workspace), workspace.pointer(scratch).onLine,
        workspace.pointer(resultGradient) + index * resultLength, sums)
    }
    let padded = bias.count
    let taps = sumCount / padded - 1
    let kernel = workspace.pointer(kernelGradient)
    for tap in 0..<taps {
      for filter in 0..<filters { kernel[tap * filters + filter] += Float(sums[tap * padded + filter]) }
    }
    if let biasGradient {
      let bias = workspace.pointer(biasGradient)
      for filter in 0..<filters { bias[filter] += Float(sums[taps * padded + filter]) }
    }
  }
}
