import COneDNN
import Essentials
import Tensors

/// A dense layer on rows of examples (or of positions, where an example has more axes).
///
/// Nothing in it changes once it is made.
final class DenseOperation: Operation, @unchecked Sendable {
  private let forwardCalls: [Call]
  private let activationBackward: Call?
  private let rows: Int
  private let inputs: Int
  private let units: Int
  private let input: SlotID
  private let inputGradient: SlotID?
  private let gradient: SlotID?
  private let weights: SlotID
  private let kernelGradient: SlotID
  private let biasGradient: SlotID?

  init(
    _ builder: PlanBuilder, units: Int, index: Int, rows: Int, inputs: Int, flow: Flow, output: Flow,
    activation: Activation
  ) throws {
    self.rows = rows
    self.inputs = inputs
    self.units = units
    let kernel = try builder.parameterIndex(index, "kernel")
    // A folded network has a bias where the layer has none.
    let bias = try? builder.parameterIndex(index, "bias")
    // Keras's (inputs, units) under oneDNN's axes (units, inputs): used where it is, never copied.
    // One unit's kernel is a row as well as a column; called a row, it is read forty times faster.
    var kernelDescriptor = try MemoryDescriptor(
      dims: [units, inputs], strides: units == 1 ? [inputs, 1] : [1, units])
    let biasLayout = try MemoryDescriptor(rowMajor: [units])
    var biasDescriptor = bias == nil ? MemoryDescriptor(raw: dnnl_memory_desc_t()) : biasLayout
    var source = builder.descriptor(flow.value)
    var result = builder.descriptor(output.value)
    var operation = dnnl_inner_product_desc_t()
    let status = dnnl_inner_product_forward_desc_init(
      &operation, builder.isTraining ? dnnl_forward_training : dnnl_forward_inference, &source.raw,
      &kernelDescriptor.raw, &biasDescriptor.raw, &result.raw)
    guard status == dnnl_success,
      let forward = PrimitiveDescriptor(operation, postOps: PostOps(activation))
    else { throw Failure(.state, "oneDNN has no inner product for this layer") }
    weights = builder.weights(kernel, as: kernelDescriptor)
    forwardCalls = [
      try builder.call(
        forward,
        [
          (DNNL_ARG_SRC, flow.value), (DNNL_ARG_WEIGHTS, weights), (DNNL_ARG_DST, output.value),
        ] + (bias.map { [(DNNL_ARG_BIAS, builder.weights($0, as: biasLayout))] } ?? []))
    ]
    input = flow.value
    inputGradient = flow.gradient
    gradient = output.gradient
    activationBackward =
      builder.isTraining ? try ActivationOperation.backwardInPlace(builder, activation, flow: output) : nil
    if builder.isTraining {
      kernelGradient = builder.accumulator(kernel, as: kernelDescriptor)
      biasGradient = bias.map { builder.accumulator($0, as: biasLayout) }
    } else {
      kernelGradient = weights
      biasGradient = nil
    }
  }

  func forward(_ workspace: Workspace) throws {
    for call in forwardCalls { try workspace.run(call) }
  }

  /// By oneDNN's matrix product, which can add onto what is there; its inner product primitives cannot.
  func backward(_ workspace: Workspace) throws {
    if let activationBackward { try workspace.run(activationBackward) }
    guard let gradient else { return }
    let result = workspace.pointer(gradient)
    if units == 1 { return backwardOfOneUnit(workspace, gradient: result) }
    // Of one example for all threads, each has some of the inputs.
    let pieces = workspace.isAlone ? max(1, min(WorkerPool.threadCount, (inputs * units) >> 16)) : 1
    try WorkerPool.forEach(count: pieces) { [self] piece, _ in
      if pieces > 1 { OneDNN.useOneThread() }
      try multiplyBack(workspace, piece * inputs / pieces..<(piece + 1) * inputs / pieces)
    }
    guard let biasGradient else { return }
    let bias = workspace.pointer(biasGradient)
    for row in 0..<self.rows {
      let from = result + row * self.units
      for unit in 0..<self.units { bias[unit] += from[unit] }
    }
  }

  /// The gradients of some of the inputs' weights, and of these inputs.
  private func multiplyBack(_ workspace: Workspace, _ some: Range<Int>) throws {
    guard let gradient, !some.isEmpty else { return }
    let result = workspace.pointer(gradient)
    let source = workspace.pointer(input) + some.lowerBound
    let weight = some.lowerBound * units
    let (rows, inputs, units, count) = (Int64(rows), Int64(inputs), Int64(units), Int64(some.count))
    try OneDNN.check(
      dnnl_sgemm(
        84 /* T */, 78 /* N */, count, units, rows, 1, source, inputs, result, units, 1,
        workspace.pointer(kernelGradient) + weight, units), "multiply matrices")
    guard let inputGradient else { return }
    try OneDNN.check(
      dnnl_sgemm(
        78, 84, rows, count, units, 1, result, units, workspace.pointer(weights) + weight, units, 0,
        workspace.pointer(inputGradient) + some.lowerBound, inputs), "multiply matrices")
  }

  /// The whole backward pass of one unit: the kernel's gradient gets each input times its row's gradient,
  /// the input's gradient is the kernel times it. All of it is reading and writing: each number is touched
  /// once, and a piece of the kernel and of its gradient serves all rows while it is in the cache.
  private func backwardOfOneUnit(_ workspace: Workspace, gradient: UnsafeMutablePointer<Float>) {
    let source = workspace.pointer(input)
    let kernel = workspace.pointer(weights)
    let sum = workspace.pointer(kernelGradient)
    let inputGradient = inputGradient.map { workspace.pointer($0) }
    if let biasGradient {
      let bias = workspace.pointer(biasGradient)
      for row in 0..<rows { bias[0] += gradient[row] }
    }
    let piece = 4096
    for start in stride(from: 0, to: inputs, by: piece) {
      let count = min(piece, inputs - start)
      for row in 0..<rows {
        let place = row * inputs + start
        Self.addProduct(source + place, gradient[row], to: sum + start, count: count)
        if let inputGradient {
          Self.setProduct(kernel + start, gradient[row], in: inputGradient + place, count: count)
        }
      }
    }
  }

  private typealias Vector = SIMD16<Float>

  private static func addProduct(
    _ numbers: UnsafePointer<Float>, _ factor: Float, to sums: UnsafeMutablePointer<Float>, count: Int
  ) {
    let whole = count / Vector.scalarCount * Vector.scalarCount
    for index in stride(from: 0, to: whole, by: Vector.scalarCount) {
      let own = UnsafeRawPointer(sums + index).loadUnaligned(as: Vector.self)
      let more = UnsafeRawPointer(numbers + index).loadUnaligned(as: Vector.self) * factor
      UnsafeMutableRawPointer(sums + index).storeBytes(of: own + more, as: Vector.self)
    }
    for index in whole..<count { sums[index] += numbers[index] * factor }
  }

  private static func setProduct(
    _ numbers: UnsafePointer<Float>, _ factor: Float, in products: UnsafeMutablePointer<Float>, count: Int
  ) {
    let whole = count / Vector.scalarCount * Vector.scalarCount
    for index in stride(from: 0, to: whole, by: Vector.scalarCount) {
      let product = UnsafeRawPointer(numbers + index).loadUnaligned(as: Vector.self) * factor
      UnsafeMutableRawPointer(products + index).storeBytes(of: product, as: Vector.self)
    }
    for index in whole..<count { products[index] = numbers[index] * factor }
  }
}

extension Dense {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    let inputs = flow.shape.last ?? 1
    let rows = builder.count * flow.shape.dropLast().reduce(1, *)
    let source = try builder.plain(flow, dims: [rows, inputs], shape: flow.shape)
    let result = builder.newFlow(
      flow.shape.dropLast() + [units], try MemoryDescriptor(rowMajor: [rows, units]), after: source,
      hasGradient: hasGradient)
    builder.append(
      try DenseOperation(
        builder, units: units, index: index, rows: rows, inputs: inputs, flow: source, output: result,
        activation: activation))
    let seen = try MemoryDescriptor(examples: builder.count, of: result.shape)
    return Flow(
      shape: result.shape, value: builder.alias(result.value, as: seen),
      gradient: result.gradient.map { builder.alias($0, as: seen) }, parity: result.parity, isPlain: true)
  }
}
