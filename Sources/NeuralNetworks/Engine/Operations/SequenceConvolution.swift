import Essentials
import Kernels
import Tensors

/// A convolution along a sequence that lies channels last, as a network's input does: a window's numbers follow one
/// another there, so that our own kernels take it where it is. No gradient goes back to the input.
final class SequenceConvolution: Operation {
  private let description: kernels_sequence
  private let weights: FloatBuffer
  private let bias: FloatBuffer
  private let input: SlotID
  private let result: SlotID
  private let resultGradient: SlotID?
  private let maskCall: Call?
  /// An example with the zeros around it, where there are any.
  private let padded: SlotID?
  private let zerosBefore: Int
  private let scratch: SlotID
  private let sums: SlotID
  private let kernelGradient: SlotID?
  private let biasGradient: SlotID?
  private let count: Int
  private let filters: Int
  private let inputLength: Int
  private let resultLength: Int
  /// Numbers from the first window's beginning to the last one's end.
  private let reach: Int

  /// What comes out, as a picture of one row; nil where these kernels do not fit.
  static func append(
    _ layer: Conv1D, to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation
  ) throws -> Flow? {
    guard let instructionSet = builder.ownKernels, !builder.isCareful, flow.isPlain, flow.gradient == nil,
      layer.groups == 1, layer.convolution.dilation == Extent(1), layer.filters <= FusedChain.mostChannels,
      kernels_can_follow_sequences(instructionSet.code) != 0
    else { return nil }
    let window = try layer.windowPlan(for: flow.shape, isOneDimensional: true)
    let (columns, channels) = (window.columns, window.channels)
    // The kernels count in 32 bits; what does not fit is left to oneDNN.
    guard [columns.window * channels, columns.stride * channels, columns.output].allSatisfy({ $0 < 1 << 31 })
    else { return nil }
    let source = try builder.examples(flow)
    let blocks = (layer.filters + 15) / 16
    let layout = ChannelBlocks(blocks: blocks, width: 16)
    let descriptor = try layout.descriptor(
      examples: builder.count, channels: layer.filters, space: [1, window.columns.output])
    let output = builder.newFlow(
      [1, window.columns.output, layer.filters], descriptor, after: source, hasGradient: true)
    let onTheWay = activation == .relu
    builder.append(
      try SequenceConvolution(
        builder, layer, instructionSet, window, index: index, from: source, to: output, relu: onTheWay))
    return onTheWay
      ? output : try ActivationOperation.append(to: builder, flow: output, activation, hasGradient: true)
  }

  private init(
    _ builder: PlanBuilder, _ layer: Conv1D, _ instructionSet: FusedKernels.InstructionSet,
    _ window: WindowPlan, index: Int, from source: Flow, to output: Flow, relu: Bool
  ) throws {
    let columns = window.columns
    let channels = window.channels
    let blocks = (layer.filters + 15) / 16
    let (taps, width) = (columns.window * channels, 16 * blocks)
    count = builder.count
    filters = layer.filters
    inputLength = columns.input * channels
    resultLength = columns.output * width
    reach = ((columns.output - 1) * columns.stride + columns.window) * channels
    zerosBefore = columns.paddingBefore * channels
    padded =
      zerosBefore > 0 || reach > inputLength
      ? builder.kept(try MemoryDescriptor(rowMajor: [reach])) : nil
    input = source.value
    result = output.value
    resultGradient = output.gradient

    var description = kernels_sequence()
    description.instruction_set = instructionSet.code
    description.taps = Int32(taps)
    description.step = Int32(columns.stride * channels)
    description.columns = Int32(columns.output)
    description.blocks = Int32(blocks)
    description.relu = relu ? 1 : 0
    let weights = try FloatBuffer(count: taps * width)
    let bias = try FloatBuffer(count: width)
    description.weights = UnsafePointer(weights.base)
    description.bias = UnsafePointer(bias.base)
    self.weights = weights
    self.bias = bias
    self.description = description

    let parameters = builder.network.parameters
    let kernelIndex = try builder.parameterIndex(index, "kernel")
    let biasIndex = try? builder.parameterIndex(index, "bias")
    let (kernel, ownBias, filters) = (
      parameters[kernelIndex].value, biasIndex.map { parameters[$0].value }, layer.filters
    )
    builder.prepare {
      for tap in 0..<taps {
        (weights.base + tap * width).update(from: kernel.base + tap * filters, count: filters)
      }
      if let ownBias { bias.base.update(from: ownBias.base, count: filters) }
    }
    if builder.isTraining {
      kernelGradient = builder.accumulator(
        kernelIndex, as: try MemoryDescriptor(rowMajor: [taps * filters]))
      biasGradient = try biasIndex.map {
        builder.accumulator($0, as: try MemoryDescriptor(rowMajor: [filters]))
      }
      maskCall = try relu ? ActivationOperation.backwardInPlace(builder, .relu, flow: output) : nil
    } else {
      kernelGradient = nil
      biasGradient = nil
      maskCall = nil
    }
    let isTraining = builder.isTraining
    sums = builder.kept(try MemoryDescriptor(rowMajor: [isTraining ? 2 * (taps + 1) * width : 1]))
    let scratchCount = withUnsafePointer(to: description) { kernels_sequence_scratch($0) }
    scratch = builder.kept(try MemoryDescriptor(rowMajor: [isTraining ? scratchCount : 1]))
    builder.note(
      PlanChoice(
        layer: index, pass: isTraining ? "both ways" : "forward",
        algorithm: "windows in place, \(instructionSet.rawValue)", layout: "16-channel blocks",
        byteCount: builder.descriptor(output.value).byteCount, reason: "the input is plain"))
  }

  /// The first window's beginning.
  private func example(_ number: Int, _ workspace: Workspace) -> UnsafePointer<Float> {
    let own = workspace.pointer(input) + number * inputLength
    guard let padded else { return UnsafePointer(own) }
    let to = workspace.pointer(padded)
    let length = min(inputLength, reach - zerosBefore)
    to.update(repeating: 0, count: zerosBefore)
    (to + zerosBefore).update(from: own, count: length)
    (to + zerosBefore + length).update(repeating: 0, count: reach - zerosBefore - length)
    return UnsafePointer(to)
  }

  func forward(_ workspace: Workspace) throws {
    var own = description
    for index in 0..<count {
      try Interruption.check()
      kernels_sequence_forward(
        &own, example(index, workspace), workspace.pointer(result) + index * resultLength)
    }
  }

  func backward(_ workspace: Workspace) throws {
    guard let resultGradient, let kernelGradient else { return }
    if let maskCall { try workspace.run(maskCall) }
    var own = description
    let (taps, width) = (weights.count / bias.count, bias.count)
    let sums = UnsafeMutableRawPointer(workspace.pointer(sums)).assumingMemoryBound(to: Double.self)
    sums.update(repeating: 0, count: (taps + 1) * width)
    for index in 0..<count {
      try Interruption.check()
      kernels_sequence_gradient(
        &own, example(index, workspace), workspace.pointer(resultGradient) + index * resultLength,
        workspace.pointer(scratch), sums)
    }
    let kernel = workspace.pointer(kernelGradient)
    for tap in 0..<taps {
      for filter in 0..<filters { kernel[tap * filters + filter] += Float(sums[tap * width + filter]) }
    }
    if let biasGradient {
      let bias = workspace.pointer(biasGradient)
      for filter in 0..<filters { bias[filter] += Float(sums[taps * width + filter]) }
    }
  }
}
