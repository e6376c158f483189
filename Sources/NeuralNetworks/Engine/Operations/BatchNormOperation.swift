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
/// Forward: each share's mean and variance by oneDNN, put together by the formula of Chan, Golub and
/// LeVeque (1979), then normalisation by the given statistics. Backward: with statistics held fixed
/// oneDNN gives γ·r·dy (r = 1/√(variance + ε)) and the sums for γ and β; what the statistics
/// themselves contribute, −γ·r·(dβ + x̂·dγ)/n, is again a normalisation of the input, and is added.
final class BatchNormTraining: BatchOperation {
  private let layer: BatchNorm
  /// Which meeting of a batch's shares this is.
  private let number: Int
  private let channels: Int
  private let positions: Int
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
  private let gamma: Parameter
  private let movingMean: Parameter
  private let movingVariance: Parameter
  private let gammaGradient: SlotID
  private let betaGradient: SlotID
  let output: Flow

  init(_ builder: PlanBuilder, _ layer: BatchNorm, index: Int, flow: Flow) throws {
    self.layer = layer
    channels = flow.shape.last ?? 1
    number = builder.meetingCount
    positions = flow.shape.dropLast().reduce(1, *)
    let data = builder.descriptor(flow.value)
    let statistics = try MemoryDescriptor(rowMajor: [channels])
    let gammaIndex = try builder.parameterIndex(index, "gamma")
    let betaIndex = try builder.parameterIndex(index, "beta")
    gamma = builder.network.parameters[gammaIndex]
    movingMean = builder.network.parameters[try builder.parameterIndex(index, "moving_mean")]
    movingVariance = builder.network.parameters[try builder.parameterIndex(index, "moving_variance")]
    mean = builder.kept(statistics)
    variance = builder.kept(statistics)
    gammaPart = builder.kept(statistics)
    betaPart = builder.kept(statistics)
    correctionScale = builder.kept(statistics)
    correctionShift = builder.kept(statistics)
    gammaGradient = builder.accumulator(gammaIndex, as: statistics)
    betaGradient = builder.accumulator(betaIndex, as: statistics)
    output = builder.newFlow(flow.shape, data, after: flow, hasGradient: true)
    guard let gradient = output.gradient else { throw Failure(.state, "a gradient is missing") }
    let scale = builder.weights(gammaIndex, as: statistics)
    let shift = builder.weights(betaIndex, as: statistics)

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
  }

  /// Each share's operation of this layer, with its workspace.
  private func parts(_ workspaces: [Workspace]) throws -> [(own: BatchNormTraining, workspace: Workspace)] {
    try workspaces.map {
      guard let own = $0.plan.meeting(number) as? BatchNormTraining else {
        throw Failure(.state, "the plans of a batch's shares do not meet")
      }
      return (own, $0)
    }
  }

  func combineForward(_ workspaces: [Workspace]) throws {
    let parts = try parts(workspaces).map { own, workspace in
      (
        mean: workspace.pointer(own.mean), variance: workspace.pointer(own.variance),
        count: Double(workspace.plan.key.count * positions)
      )
    }
    let total = parts.reduce(0) { $0 + $1.count }
    for channel in 0..<channels {
      let whole = parts.reduce(0) { $0 + $1.count * Double($1.mean[channel]) } / total
      let squares = parts.reduce(0.0) { sum, part in
        let difference = Double(part.mean[channel]) - whole
        return sum + part.count * (Double(part.variance[channel]) + difference * difference)
      }
      for part in parts {
        part.mean[channel] = Float(whole)
        part.variance[channel] = Float(squares / total)
      }
    }
  }

  func forward(_ workspace: Workspace) throws {
    for call in forwardCalls { try workspace.run(call) }
  }

  func gatherBackward(_ workspace: Workspace) throws {
    for call in gatherBackwardCalls { try workspace.run(call) }
  }

  func combineBackward(_ workspaces: [Workspace]) throws {
    let total = Double(workspaces.reduce(0) { $0 + $1.plan.key.count } * positions)
    let parts = try parts(workspaces).map { own, workspace in
      (
        gamma: workspace.pointer(own.gammaPart), beta: workspace.pointer(own.betaPart),
        scale: workspace.pointer(own.correctionScale), shift: workspace.pointer(own.correctionShift)
      )
    }
    guard let first = workspaces.first else { return }
    for channel in 0..<channels {
      let gammaSum = parts.reduce(0) { $0 + Double($1.gamma[channel]) }
      let betaSum = parts.reduce(0) { $0 + Double($1.beta[channel]) }
      // One share carries the whole sum; the others' gradients stay zero.
      first.pointer(gammaGradient)[channel] += Float(gammaSum)
      first.pointer(betaGradient)[channel] += Float(betaSum)
      let deviation = (Double(first.pointer(variance)[channel]) + layer.epsilon).squareRoot()
      let factor = -Double(gamma.value.base[channel]) / deviation / total
      for part in parts {
        part.scale[channel] = Float(factor * gammaSum)
        part.shift[channel] = Float(factor * betaSum)
      }
    }
  }

  func backward(_ workspace: Workspace) throws {
    for call in backwardCalls { try workspace.run(call) }
  }

  func finishStep(_ workspaces: [Workspace]) {
    guard let first = workspaces.first else { return }
    let momentum = Float(layer.momentum)
    for channel in 0..<channels {
      let mean = first.pointer(mean)[channel]
      let variance = first.pointer(variance)[channel]
      movingMean.value.base[channel] = movingMean.value.base[channel] * momentum + mean * (1 - momentum)
      movingVariance.value.base[channel] =
        movingVariance.value.base[channel] * momentum + variance * (1 - momentum)
    }
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
