import COneDNN
import Essentials
import Glibc
import Tensors

/// Batch normalisation with the moving statistics.
final class BatchNormInference: Operation {
  private let calls: [Call]
  let output: Flow

  init(_ builder: PlanBuilder, _ layer: BatchNorm, index: Int, flow: Flow) throws {
    let statistics = try MemoryDescriptor(rowMajor: [flow.shape.last ?? 1])
    let forward = try BatchNormPrimitives.forward(
      builder.descriptor(flow.value), layer, flags: BatchNormPrimitives.affine, dnnl_forward_inference)
    output = builder.newFlow(flow.shape, builder.descriptor(flow.value), after: flow, hasGradient: false)
    func parameter(_ name: String) throws -> SlotID {
      builder.weights(try builder.parameterIndex(index, name), as: statistics)
    }
    calls = try builder.sequence(
      forward,
      inputs: [
        (DNNL_ARG_SRC, flow.value), (DNNL_ARG_MEAN, parameter("moving_mean")),
        (DNNL_ARG_VARIANCE, parameter("moving_variance")), (DNNL_ARG_SCALE, parameter("gamma")),
        (DNNL_ARG_SHIFT, parameter("beta")),
      ], outputs: [(DNNL_ARG_DST, output.value)])
  }

  func forward(_ workspace: Workspace) throws { for call in calls { try workspace.run(call) } }
  func backward(_ workspace: Workspace) throws {}
}

/// Batch normalisation with the statistics of the whole batch, which each share sees a part of.
///
/// Forward: each share's mean and variance by oneDNN, put together (`BatchStatistics`), then normalisation by
/// the given statistics. Backward: with statistics held fixed oneDNN gives γ·r·dy (r = 1/√(variance + ε)) and
/// the sums for γ and β; what the statistics themselves contribute, −γ·r·(dβ + x̂·dγ)/n, is again a
/// normalisation of the input, and is added.
final class BatchNormTraining: NormalisingOperation {
  let number: Int
  let statistics: BatchStatistics
  private let gatherForwardCalls: [Call]
  private let forwardCalls: [Call]
  private let gatherBackwardCalls: [Call]
  private let backwardCalls: [Call]
  private let mean: SlotID
  private let variance: SlotID
  private let gammaPart: SlotID
  private let betaPart: SlotID
  private let correctionScale: SlotID
  private let correctionShift: SlotID
  let output: Flow

  init(_ builder: PlanBuilder, _ layer: BatchNorm, index: Int, flow: Flow) throws {
    let channels = flow.shape.last ?? 1
    number = builder.meetingCount
    statistics = try BatchStatistics(builder, layer, layer: index, shape: flow.shape, padded: channels)
    let data = builder.descriptor(flow.value)
    let perChannel = try MemoryDescriptor(rowMajor: [channels])
    let gammaIndex = try builder.parameterIndex(index, "gamma")
    let betaIndex = try builder.parameterIndex(index, "beta")
    mean = builder.kept(perChannel)
    variance = builder.kept(perChannel)
    gammaPart = builder.kept(perChannel)
    betaPart = builder.kept(perChannel)
    correctionScale = builder.kept(perChannel)
    correctionShift = builder.kept(perChannel)
    output = builder.newFlow(flow.shape, data, after: flow, hasGradient: true)
    guard let gradient = output.gradient else { throw Failure(.state, "a gradient is missing") }
    let scale = builder.weights(gammaIndex, as: perChannel)
    let shift = builder.weights(betaIndex, as: perChannel)

    let measure = try BatchNormPrimitives.forward(data, layer, flags: 0, dnnl_forward_training)
    gatherForwardCalls = try builder.sequence(
      measure, inputs: [(DNNL_ARG_SRC, flow.value)],
      outputs: [(DNNL_ARG_DST, output.value), (DNNL_ARG_MEAN, mean), (DNNL_ARG_VARIANCE, variance)])
    let apply = try BatchNormPrimitives.forward(
      data, layer, flags: BatchNormPrimitives.affine, dnnl_forward_training)
    let known: [(index: Int32, slot: SlotID)] = [
      (DNNL_ARG_SRC, flow.value), (DNNL_ARG_MEAN, mean), (DNNL_ARG_VARIANCE, variance),
    ]
    forwardCalls = try builder.sequence(
      apply, inputs: known + [(DNNL_ARG_SCALE, scale), (DNNL_ARG_SHIFT, shift)],
      outputs: [(DNNL_ARG_DST, output.value)])

    // Where the input needs no gradient, the primitive still writes one.
    let inputGradient = flow.gradient ?? builder.slot(data, .gradient(parity: flow.parity))
    let back = try BatchNormPrimitives.backward(data, layer, forward: apply)
    gatherBackwardCalls = try builder.sequence(
      back,
      inputs: known + [(DNNL_ARG_DIFF_DST, gradient), (DNNL_ARG_SCALE, scale), (DNNL_ARG_SHIFT, shift)],
      outputs: [
        (DNNL_ARG_DIFF_SRC, inputGradient), (DNNL_ARG_DIFF_SCALE, gammaPart),
        (DNNL_ARG_DIFF_SHIFT, betaPart),
      ])
    guard flow.gradient != nil else {
      backwardCalls = []
      return
    }
    let correct = try BatchNormPrimitives.forward(
      data, layer, flags: BatchNormPrimitives.affine, dnnl_forward_inference)
    // The layers behind are done with this layer's result: its memory is free for the correction.
    var calls = try builder.sequence(
      correct, inputs: known + [(DNNL_ARG_SCALE, correctionScale), (DNNL_ARG_SHIFT, correctionShift)],
      outputs: [(DNNL_ARG_DST, output.value)])
    var (one, two, sum) = (data, data, data)
    var operation = dnnl_binary_desc_t()
    dnnl_binary_desc_init(&operation, dnnl_binary_add, &one.raw, &two.raw, &sum.raw)
    guard let add = PrimitiveDescriptor(operation) else {
      throw Failure(.state, "oneDNN has no addition for this layer")
    }
    calls.append(
      try builder.call(
        add,
        [
          (DNNL_ARG_SRC_0, inputGradient), (DNNL_ARG_SRC_1, output.value), (DNNL_ARG_DST, inputGradient),
        ]))
    backwardCalls = calls
  }

  func gatherForward(_ workspace: Workspace) throws {
    for call in gatherForwardCalls { try workspace.run(call) }
    statistics.setMoments(
      workspace, mean: workspace.pointer(mean), variance: workspace.pointer(variance))
  }

  func forward(_ workspace: Workspace) throws {
    statistics.getMoments(
      workspace, mean: workspace.pointer(mean), variance: workspace.pointer(variance))
    for call in forwardCalls { try workspace.run(call) }
  }

  func gatherBackward(_ workspace: Workspace) throws {
    for call in gatherBackwardCalls { try workspace.run(call) }
    statistics.setGradientSums(
      workspace, gamma: workspace.pointer(gammaPart), beta: workspace.pointer(betaPart))
  }

  func backward(_ workspace: Workspace) throws {
    statistics.getCorrection(
      workspace, scale: workspace.pointer(correctionScale), shift: workspace.pointer(correctionShift))
    for call in backwardCalls { try workspace.run(call) }
  }
}

private enum BatchNormPrimitives {
  /// Given statistics, γ and β.
  static let affine: UInt32 =
    dnnl_use_global_stats.rawValue | dnnl_use_scale.rawValue | dnnl_use_shift.rawValue

  static func forward(
    _ data: MemoryDescriptor, _ layer: BatchNorm, flags: UInt32, _ prop: dnnl_prop_kind_t
  ) throws -> PrimitiveDescriptor {
    var data = data
    var operation = dnnl_batch_normalization_desc_t()
    let status = dnnl_batch_normalization_forward_desc_init(
      &operation, prop, &data.raw, Float(layer.epsilon), flags)
    guard status == dnnl_success, let made = PrimitiveDescriptor(operation) else {
      throw Failure(.state, "oneDNN has no batch normalisation for this layer")
    }
    return made
  }

  static func backward(
    _ data: MemoryDescriptor, _ layer: BatchNorm, forward: PrimitiveDescriptor
  ) throws -> PrimitiveDescriptor {
    var data = data
    var operation = dnnl_batch_normalization_desc_t()
    let status = dnnl_batch_normalization_backward_desc_init(
      &operation, dnnl_backward, &data.raw, &data.raw, Float(layer.epsilon), affine)
    guard status == dnnl_success, let made = PrimitiveDescriptor(operation, forward: forward) else {
      throw Failure(.state, "oneDNN has no gradient of batch normalisation for this layer")
    }
    return made
  }
}

extension BatchNorm: CompilableLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    if builder.isTraining {
      let operation = try BatchNormTraining(builder, self, index: index, flow: flow)
      builder.append(operation)
      return operation.output
    }
    let operation = try BatchNormInference(builder, self, index: index, flow: flow)
    builder.append(operation)
    return operation.output
  }
}
