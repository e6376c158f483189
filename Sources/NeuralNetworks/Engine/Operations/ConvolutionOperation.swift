import COneDNN
import Essentials
import Tensors

/// Which algorithm runs which convolution.
///
/// oneDNN's own choice (`auto`) is poor here, and a race would make results differ from run to run.
/// Measured on one Zen 4 core, 16 → 16 channels, 3 × 3, 1489 × 255: forward direct 20.8 ms,
/// Winograd 10.9; weights' gradient 19.3 and 12.8; data gradient 21.0 and 17.0 (10.9 where the tiles
/// divide well, see `tallest`). On 1 → 16 channels Winograd takes 16 ms, direct 1.2.
enum ConvolutionRule {
  static func algorithms(for layer: Conv2D, _ window: WindowPlan, careful: Bool) -> [dnnl_alg_kind_t] {
    let isWinograd =
      !careful && layer.kernel == Extent(3) && layer.strides == Extent(1)
      && window.channels % 16 == 0 && layer.filters % 16 == 0
      && window.rows.output >= 16 && window.columns.output >= 16
    return isWinograd
      ? [dnnl_convolution_winograd, dnnl_convolution_direct, dnnl_convolution_auto]
      : [dnnl_convolution_direct, dnnl_convolution_auto]
  }

  /// Rows that may be added below a picture to find a height whose tiles oneDNN can cut into equal
  /// blocks that stay in the cache; a prime number of tile rows costs half the speed.
  static let extraRows = 0...16
}

/// A convolution's sizes in oneDNN's terms.
private struct ConvolutionGeometry {
  let count: Int
  let window: WindowPlan
  let layer: Conv2D
  /// Rows added below, to input and output alike.
  var extraRows = 0

  var input: [Int] {
    [count, window.channels, window.rows.input + extraRows, window.columns.input]
  }
  var output: [Int] {
    [count, layer.filters, window.rows.output + extraRows, window.columns.output]
  }
  var kernel: [Int] { [layer.filters, window.channels, layer.kernel.height, layer.kernel.width] }

  private var strides: [Int64] { [Int64(layer.strides.height), Int64(layer.strides.width)] }
  private var before: [Int64] { [Int64(window.rows.paddingBefore), Int64(window.columns.paddingBefore)] }
  private var after: [Int64] {
    // A valid window may leave rows over; oneDNN rounds down as Keras does.
    [Int64(window.rows.paddingAfter), Int64(window.columns.paddingAfter)]
  }

  func forward(
    _ algorithm: dnnl_alg_kind_t, training: Bool, source: MemoryDescriptor, bias: MemoryDescriptor,
    postOps: PostOps?
  ) throws -> PrimitiveDescriptor? {
    var weights = try MemoryDescriptor(anyOf: kernel)
    var result = try MemoryDescriptor(anyOf: output)
    var source = source
    var bias = bias
    var operation = dnnl_convolution_desc_t()
    let status = dnnl_convolution_forward_desc_init(
      &operation, training ? dnnl_forward_training : dnnl_forward_inference, algorithm, &source.raw,
      &weights.raw, &bias.raw, &result.raw, strides, before, after)
    return status == dnnl_success ? PrimitiveDescriptor(operation, postOps: postOps) : nil
  }

  func weightsGradient(
    _ algorithm: dnnl_alg_kind_t, source: MemoryDescriptor, bias: MemoryDescriptor,
    result: MemoryDescriptor, forward: PrimitiveDescriptor
  ) throws -> PrimitiveDescriptor? {
    var weights = try MemoryDescriptor(anyOf: kernel)
    var source = source
    var bias = bias
    var result = result
    var operation = dnnl_convolution_desc_t()
    let status = dnnl_convolution_backward_weights_desc_init(
      &operation, algorithm, &source.raw, &weights.raw, &bias.raw, &result.raw, strides, before, after)
    return status == dnnl_success ? PrimitiveDescriptor(operation, forward: forward) : nil
  }

  func dataGradient(
    _ algorithm: dnnl_alg_kind_t, source: MemoryDescriptor, result: MemoryDescriptor,
    forward: PrimitiveDescriptor?
  ) throws -> PrimitiveDescriptor? {
    var weights = try MemoryDescriptor(anyOf: kernel)
    var source = source
    var result = result
    var operation = dnnl_convolution_desc_t()
    let status = dnnl_convolution_backward_data_desc_init(
      &operation, algorithm, &source.raw, &weights.raw, &result.raw, strides, before, after)
    return status == dnnl_success ? PrimitiveDescriptor(operation, forward: forward) : nil
  }
}

/// A convolution with its bias, and an activation on the way.
final class ConvolutionOperation: Operation {
  private let forwardCalls: [Call]
  private let backwardCalls: [Call]
  /// What must be zero before the gradient of a picture with added rows: slot, offset, count.
  private let zeroRows: (slot: SlotID, offset: Int, count: Int)?
  private let dataCalls: [Call]

  init(
    _ builder: PlanBuilder, _ layer: Conv2D, index: Int, flow: Flow, activation: Activation
  ) throws {
    let window = try layer.windowPlan(for: flow.shape)
    let geometry = ConvolutionGeometry(count: builder.count, window: window, layer: layer)
    let kernel = try builder.parameterIndex(index, "kernel")
    let bias = try builder.parameterIndex(index, "bias")
    let kernelDescriptor = try Self.kerasKernel(layer, channels: window.channels)
    let biasDescriptor = try MemoryDescriptor(rowMajor: [layer.filters])
    let algorithms = ConvolutionRule.algorithms(for: layer, window, careful: builder.isCareful)
    // With one channel, all layouts but blocked ones are the same; the plain one has the fast kernels.
    let source =
      window.channels == 1 ? builder.descriptor(flow.value) : try MemoryDescriptor(anyOf: geometry.input)

    let forward = try Self.first(algorithms) {
      try geometry.forward(
        $0, training: builder.isTraining, source: source, bias: biasDescriptor,
        postOps: PostOps(activation))
    }
    guard let (forward, algorithm) = forward, let result = forward.descriptor(of: DNNL_ARG_DST) else {
      throw Failure(.state, "oneDNN has no convolution for this layer")
    }
    let (input, copy) = try builder.adapted(flow.value, to: forward.descriptor(of: DNNL_ARG_SRC))
    let output = builder.newFlow(
      geometry.window.outputShape(channels: layer.filters), result, after: flow, hasGradient: true)
    self.output = output
    forwardCalls =
      [copy].compactMap { $0 } + [
        try builder.call(
          forward,
          [
            (DNNL_ARG_SRC, input),
            (
              DNNL_ARG_WEIGHTS,
              try builder.preparedWeights(
                kernel, as: kernelDescriptor, for: forward.descriptor(of: DNNL_ARG_WEIGHTS))
            ),
            (DNNL_ARG_BIAS, builder.weights(bias, as: biasDescriptor)),
            (DNNL_ARG_DST, output.value),
          ])
      ]
    builder.note("layer \(index): convolution forward \(Self.name(algorithm))")

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
    var weightsGradient = try Self.first(algorithms) {
      try geometry.weightsGradient(
        $0, source: inputDescriptor, bias: biasDescriptor, result: result, forward: forward)
    }
    if weightsGradient == nil || weightsGradient?.0.isReference == true {
      let other = try Self.first(algorithms) {
        try geometry.weightsGradient(
          $0, source: MemoryDescriptor(anyOf: geometry.input), bias: biasDescriptor,
          result: MemoryDescriptor(anyOf: geometry.output), forward: forward)
      }
      weightsGradient = other ?? weightsGradient
    }
    guard let (weightsGradient, weightsAlgorithm) = weightsGradient,
      let wanted = weightsGradient.descriptor(of: DNNL_ARG_DIFF_WEIGHTS)
    else { throw Failure(.state, "oneDNN has no gradient of weights for this layer") }
    let kernelGradient = builder.kept(wanted)
    let biasGradient = builder.kept(biasDescriptor)
    backward += try builder.sequence(
      weightsGradient, inputs: [(DNNL_ARG_SRC, input), (DNNL_ARG_DIFF_DST, gradient)],
      outputs: [(DNNL_ARG_DIFF_WEIGHTS, kernelGradient), (DNNL_ARG_DIFF_BIAS, biasGradient)])
    backward.append(
      try builder.reorder(
        from: kernelGradient, to: builder.accumulator(kernel, as: kernelDescriptor), adding: true))
    backward.append(
      try builder.reorder(
        from: biasGradient, to: builder.accumulator(bias, as: biasDescriptor), adding: true))
    backwardCalls = backward
    builder.note("layer \(index): weights' gradient \(Self.name(weightsAlgorithm))")

    guard let inputGradient = flow.gradient else {
      dataCalls = []
      zeroRows = nil
      return
    }
    let data = try Self.dataGradient(
      builder, geometry, algorithms, source: builder.descriptor(flow.value), result: result,
      forward: forward)
    guard let (dataGradient, dataAlgorithm, extra) = data else {
      throw Failure(.state, "oneDNN has no data gradient for this layer")
    }
    let weights = try builder.preparedWeights(
      kernel, as: kernelDescriptor, for: dataGradient.descriptor(of: DNNL_ARG_WEIGHTS))
    if extra > 0, let tallResult = dataGradient.descriptor(of: DNNL_ARG_DIFF_DST),
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
    builder.note(
      "layer \(index): data gradient \(Self.name(dataAlgorithm))"
        + (extra > 0 ? ", \(extra) rows taller" : ""))
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

  /// A kernel as Keras stores it, (height, width, in, out), under oneDNN's axes (out, in, height, width).
  static func kerasKernel(_ layer: Conv2D, channels: Int) throws -> MemoryDescriptor {
    let (height, width, filters) = (layer.kernel.height, layer.kernel.width, layer.filters)
    return try MemoryDescriptor(
      dims: [filters, channels, height, width],
      strides: [1, filters, width * channels * filters, channels * filters])
  }

  private static func first(
    _ algorithms: [dnnl_alg_kind_t], _ make: (dnnl_alg_kind_t) throws -> PrimitiveDescriptor?
  ) rethrows -> (PrimitiveDescriptor, dnnl_alg_kind_t)? {
    for algorithm in algorithms {
      if let made = try make(algorithm) { return (made, algorithm) }
    }
    return nil
  }

  /// The data gradient, for one picture of up to 16 channels possibly with rows of zeros below it:
  /// they add nothing, and the rows that they give are never read. In the blocked layout such a
  /// picture is one block of rows, so the taller one is the same memory and a little more.
  private static func dataGradient(
    _ builder: PlanBuilder, _ geometry: ConvolutionGeometry, _ algorithms: [dnnl_alg_kind_t],
    source: MemoryDescriptor, result: MemoryDescriptor, forward: PrimitiveDescriptor
  ) throws -> (PrimitiveDescriptor, dnnl_alg_kind_t, extraRows: Int)? {
    let anySource = try MemoryDescriptor(anyOf: geometry.input)
    let anyResult = try MemoryDescriptor(anyOf: geometry.output)
    for algorithm in algorithms {
      guard
        let own = try geometry.dataGradient(algorithm, source: source, result: result, forward: forward)
          ?? geometry.dataGradient(algorithm, source: anySource, result: anyResult, forward: forward)
      else { continue }
      var best = (own, algorithm, extraRows: 0)
      let isOneBlock =
        geometry.count == 1 && geometry.window.channels == 16 && geometry.layer.filters == 16
      guard algorithm == dnnl_convolution_winograd, isOneBlock,
        own.descriptor(of: DNNL_ARG_DIFF_SRC).map({ $0 == source }) == true
      else { return best }
      // The schedule that keeps its tiles in the cache needs a fraction of the scratch memory.
      for extra in ConvolutionRule.extraRows {
        var tall = geometry
        tall.extraRows = extra
        guard
          let made = try tall.dataGradient(
            algorithm, source: MemoryDescriptor(anyOf: tall.input),
            result: MemoryDescriptor(anyOf: tall.output), forward: nil),
          made.scratchByteCount * 2 < best.0.scratchByteCount
        else { continue }
        best = (made, algorithm, extra)
        break
      }
      return best
    }
    return nil
  }

  private static func name(_ algorithm: dnnl_alg_kind_t) -> String {
    switch algorithm {
    case dnnl_convolution_winograd: "Winograd"
    case dnnl_convolution_direct: "direct"
    default: "as oneDNN picks"
    }
  }
}

extension Conv2D: CompilableLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    let operation = try ConvolutionOperation(
      builder, self, index: index, flow: flow, activation: activation)
    builder.append(operation)
    return operation.output
  }
}
