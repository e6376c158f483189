import COneDNN
import Essentials
import Tensors

/// A convolution with its bias, and an activation on the way.
final class ConvolutionOperation: Operation {
  private let forwardCalls: [Call]
  private let backwardCalls: [Call]
  /// What must be zero before the gradient of a picture with added rows: slot, offset, count.
  private let zeroRows: (slot: SlotID, offset: Int, count: Int)?
  private let dataCalls: [Call]

  init(
    _ builder: PlanBuilder, _ settings: ConvolutionSettings, _ filters: ConvolutionFilters,
    _ window: WindowPlan, index: Int, flow: Flow, activation: Activation, kernelName: String = "kernel",
    biasName: String? = "bias"
  ) throws {
    let geometry = ConvolutionGeometry(
      count: builder.count, window: window, settings: settings, filters: filters)
    let kernel = try builder.parameterIndex(index, kernelName)
    // A folded network has a bias where the layer has none.
    let bias = biasName.flatMap { try? builder.parameterIndex(index, $0) }
    let kernelDescriptor = try geometry.kerasKernel()
    let biasDescriptor = try bias.map { _ in try MemoryDescriptor(rowMajor: [filters.count]) }
    let forwards = try geometry.forwards(
      builder, source: builder.descriptor(flow.value), bias: biasDescriptor, postOps: PostOps(activation))
    guard
      let forward = try builder.choose(
        forwards, index, "forward", geometry, layouts: [builder.descriptor(flow.value)])?.descriptor,
      let result = forward.descriptor(of: DNNL_ARG_DST)
    else { throw Failure(.state, "oneDNN has no convolution for this layer") }
    let (input, copy) = try builder.adapted(flow.value, to: forward.descriptor(of: DNNL_ARG_SRC))
    let output = builder.newFlow(
      geometry.window.outputShape(channels: filters.count), result, after: flow, hasGradient: true)
    self.output = output
    var arguments: [(index: Int32, slot: SlotID)] = [
      (DNNL_ARG_SRC, input),
      (
        DNNL_ARG_WEIGHTS,
        try builder.preparedWeights(
          kernel, as: kernelDescriptor, for: forward.descriptor(of: DNNL_ARG_WEIGHTS))
      ), (DNNL_ARG_DST, output.value),
    ]
    if let bias, let biasDescriptor {
      arguments.append((DNNL_ARG_BIAS, builder.weights(bias, as: biasDescriptor)))
    }
    forwardCalls = [copy].compactMap { $0 } + [try builder.call(forward, arguments)]

    guard builder.isTraining, let gradient = output.gradient else {
      backwardCalls = []
      dataCalls = []
      zeroRows = nil
      return
    }

    var backward: [Call] = []
    if let call = try ActivationOperation.backwardInPlace(builder, activation, flow: output) {
      backward.append(call)
    }
    let inputDescriptor = builder.descriptor(input)
    let weightsGradients = try geometry.weightsGradients(
      builder, source: inputDescriptor, bias: biasDescriptor, result: result, forward: forward)
    guard
      let weightsGradient = try builder.choose(
        weightsGradients, index, "weights' gradient", geometry, layouts: [inputDescriptor, result])?
        .descriptor,
      let wanted = weightsGradient.descriptor(of: DNNL_ARG_DIFF_WEIGHTS)
    else { throw Failure(.state, "oneDNN has no gradient of weights for this layer") }
    let kernelGradient = builder.kept(wanted)
    let biasGradient = biasDescriptor.map { builder.kept($0) }
    backward += try builder.sequence(
      weightsGradient, inputs: [(DNNL_ARG_SRC, input), (DNNL_ARG_DIFF_DST, gradient)],
      outputs: [(DNNL_ARG_DIFF_WEIGHTS, kernelGradient)]
        + (biasGradient.map { [(DNNL_ARG_DIFF_BIAS, $0)] } ?? []))
    backward.append(
      try builder.reorder(
        from: kernelGradient, to: builder.accumulator(kernel, as: kernelDescriptor), adding: true))
    if let bias, let biasDescriptor, let biasGradient {
      backward.append(
        try builder.reorder(
          from: biasGradient, to: builder.accumulator(bias, as: biasDescriptor), adding: true))
    }
    backwardCalls = backward

    guard let inputGradient = flow.gradient else {
      dataCalls = []
      zeroRows = nil
      return
    }
    let dataGradients = try geometry.dataGradients(
      builder, source: builder.descriptor(flow.value), result: result, forward: forward)
    guard
      let data = try builder.choose(
        dataGradients, index, "data gradient", geometry, layouts: [builder.descriptor(flow.value), result])
    else { throw Failure(.state, "oneDNN has no data gradient for this layer") }
    let dataGradient = data.descriptor
    let weights = try builder.preparedWeights(
      kernel, as: kernelDescriptor, for: dataGradient.descriptor(of: DNNL_ARG_WEIGHTS))
    if data.extraRows > 0, let tallResult = dataGradient.descriptor(of: DNNL_ARG_DIFF_DST),
      let tallSource = dataGradient.descriptor(of: DNNL_ARG_DIFF_SRC)
    {
      let tallGradient = builder.alias(gradient, as: tallResult)
      zeroRows = (tallGradient, result.byteCount / 4, (tallResult.byteCount - result.byteCount) / 4)
      dataCalls = [
        try builder.call(
          dataGradient,
          [
            (DNNL_ARG_DIFF_DST, tallGradient), (DNNL_ARG_WEIGHTS, weights),
            (DNNL_ARG_DIFF_SRC, builder.alias(inputGradient, as: tallSource)),
          ])
      ]
    } else {
      zeroRows = nil
      dataCalls = try builder.sequence(
        dataGradient, inputs: [(DNNL_ARG_DIFF_DST, gradient), (DNNL_ARG_WEIGHTS, weights)],
        outputs: [(DNNL_ARG_DIFF_SRC, inputGradient)])
    }
  }

  let output: Flow

  func forward(_ workspace: Workspace) throws {
    for call in forwardCalls { try workspace.run(call) }
  }

  func backward(_ workspace: Workspace) throws {
    for call in backwardCalls { try workspace.run(call) }
    if let zeroRows {
      (workspace.pointer(zeroRows.slot) + zeroRows.offset).update(repeating: 0, count: zeroRows.count)
    }
    for call in dataCalls { try workspace.run(call) }
  }
}

extension PlanBuilder {
  /// Takes one of the candidates, and notes which and why.
  fileprivate func choose(
    _ candidates: [ConvolutionCandidate], _ layer: Int, _ pass: String, _ geometry: ConvolutionGeometry,
    layouts: [MemoryDescriptor]
  ) throws -> ConvolutionCandidate? {
    // The careful plan is for the odd example with NaN: nobody waits for it.
    let own = isCareful ? Array(candidates.prefix(1)) : candidates
    let outcome = try chooser.choose(
      own, key: geometry.key(isMixed ? pass + ", mixed" : pass, layouts), work: geometry.work)
    guard let outcome else { return nil }
    let made = outcome.candidate.descriptor
    let result = [DNNL_ARG_DST, DNNL_ARG_DIFF_SRC, DNNL_ARG_DIFF_WEIGHTS].lazy
      .compactMap { made.descriptor(of: $0) }.first
    note(
      PlanChoice(
        layer: layer, pass: pass,
        algorithm: (made.isBFloat16 ? "bfloat16 " : "") + outcome.candidate.algorithm.rawValue
          + (outcome.candidate.extraRows > 0 ? ", \(outcome.candidate.extraRows) rows taller" : ""),
        code: outcome.candidate.name,
        layout: result?.layoutName ?? "", seconds: outcome.seconds,
        byteCount: (result?.byteCount ?? 0) + made.scratchByteCount, reason: outcome.reason))
    return outcome.candidate
  }
}
