import COneDNN
import Essentials
import Glibc
import Tensors

/// An activation that no other operation does on its way.
final class ActivationOperation: Operation {
  private let forwardCalls: [Call]
  private let backwardCalls: [Call]

  static func append(
    to builder: PlanBuilder, flow: Flow, _ activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    if activation == .linear { return flow }
    var source = flow
    if builder.isCareful || activation == .softmax {
      let channels = flow.shape.last ?? 1
      source = try builder.plain(
        flow, dims: [builder.count * flow.shape.dropLast().reduce(1, *), channels], shape: flow.shape)
    }
    let result = builder.newFlow(
      flow.shape, builder.descriptor(source.value), after: source, hasGradient: flow.gradient != nil,
      isPlain: source.isPlain)
    if builder.isCareful {
      builder.append(CarefulActivation(activation, from: source, to: result, builder))
    } else {
      builder.append(try ActivationOperation(builder, activation, from: source, to: result))
    }
    guard activation == .softmax || builder.isCareful else { return result }
    // Back to the axes that the next layer expects.
    let seen = try MemoryDescriptor(examples: builder.count, of: flow.shape)
    return Flow(
      shape: flow.shape, value: builder.alias(result.value, as: seen),
      gradient: result.gradient.map { builder.alias($0, as: seen) }, parity: result.parity, isPlain: true)
  }

  private init(
    _ builder: PlanBuilder, _ activation: Activation, from source: Flow, to result: Flow
  ) throws {
    var data = builder.descriptor(source.value)
    let prop = builder.isTraining ? dnnl_forward_training : dnnl_forward_inference
    let forward: PrimitiveDescriptor?
    if let kind = activation.eltwise {
      var operation = dnnl_eltwise_desc_t()
      dnnl_eltwise_forward_desc_init(&operation, prop, kind, &data.raw, 0, 0)
      forward = PrimitiveDescriptor(operation)
    } else {
      var operation = dnnl_softmax_desc_t()
      dnnl_softmax_forward_desc_init(&operation, prop, &data.raw, 1)
      forward = PrimitiveDescriptor(operation)
    }
    guard let forward else { throw Failure(.state, "oneDNN has no \(activation.rawValue) for this layer") }
    forwardCalls = try builder.sequence(
      forward, inputs: [(DNNL_ARG_SRC, source.value)], outputs: [(DNNL_ARG_DST, result.value)])
    guard let from = result.gradient, let to = source.gradient else {
      backwardCalls = []
      return
    }
    let backward: PrimitiveDescriptor?
    if let kind = activation.eltwise {
      var operation = dnnl_eltwise_desc_t()
      dnnl_eltwise_backward_desc_init(&operation, kind, &data.raw, &data.raw, 0, 0)
      backward = PrimitiveDescriptor(operation, forward: forward)
    } else {
      var operation = dnnl_softmax_desc_t()
      dnnl_softmax_backward_desc_init(&operation, &data.raw, &data.raw, 1)
      backward = PrimitiveDescriptor(operation, forward: forward)
    }
    guard let backward else {
      throw Failure(.state, "oneDNN has no gradient of \(activation.rawValue) for this layer")
    }
    backwardCalls = try builder.sequence(
      backward, inputs: [(DNNL_ARG_DST, result.value), (DNNL_ARG_DIFF_DST, from)],
      outputs: [(DNNL_ARG_DIFF_SRC, to)])
  }

  /// Turns the gradient of a layer's result into that of what its activation got, in place.
  static func backwardInPlace(
    _ builder: PlanBuilder, _ activation: Activation, flow: Flow
  ) throws -> Call? {
    guard let kind = activation.eltwise, let gradient = flow.gradient else { return nil }
    var data = builder.descriptor(flow.value)
    var operation = dnnl_eltwise_desc_t()
    dnnl_eltwise_forward_desc_init(&operation, dnnl_forward_training, kind, &data.raw, 0, 0)
    guard let forward = PrimitiveDescriptor(operation) else {
      throw Failure(.state, "oneDNN has no \(activation.rawValue) for this layer")
    }
    var back = dnnl_eltwise_desc_t()
    dnnl_eltwise_backward_desc_init(&back, kind, &data.raw, &data.raw, 0, 0)
    guard let backward = PrimitiveDescriptor(back, forward: forward) else {
      throw Failure(.state, "oneDNN has no gradient of \(activation.rawValue) for this layer")
    }
    return try builder.call(
      backward,
      [(DNNL_ARG_DST, flow.value), (DNNL_ARG_DIFF_DST, gradient), (DNNL_ARG_DIFF_SRC, gradient)])
  }

  func forward(_ workspace: Workspace) throws {
    for call in forwardCalls { try workspace.run(call) }
  }

  func backward(_ workspace: Workspace) throws {
    for call in backwardCalls { try workspace.run(call) }
  }
}

/// An activation that keeps NaN as NaN, which vector maxima and clamps do not.
private final class CarefulActivation: Operation {
  private let activation: Activation
  private let source: SlotID
  private let result: SlotID
  private let channels: Int
  private let count: Int

  init(_ activation: Activation, from source: Flow, to result: Flow, _ builder: PlanBuilder) {
    self.activation = activation
    self.source = source.value
    self.result = result.value
    channels = source.shape.last ?? 1
    count = builder.count * source.shape.reduce(1, *)
  }

  func forward(_ workspace: Workspace) throws {
    let from = workspace.pointer(source)
    let to = workspace.pointer(result)
    switch activation {
    case .linear: to.update(from: from, count: count)
    case .relu: for index in 0..<count { to[index] = from[index] < 0 ? 0 : from[index] }
    case .sigmoid: for index in 0..<count { to[index] = 1 / (1 + exp(-from[index])) }
    case .tanh: for index in 0..<count { to[index] = Glibc.tanh(from[index]) }
    case .softmax:
      for row in stride(from: 0, to: count, by: channels) {
        var largest = -Float.infinity
        for index in row..<row + channels where !(from[index] <= largest) { largest = from[index] }
        var sum: Float = 0
        for index in row..<row + channels {
          to[index] = exp(from[index] - largest)
          sum += to[index]
        }
        for index in row..<row + channels { to[index] /= sum }
      }
    }
  }

  func backward(_ workspace: Workspace) throws {}
}
