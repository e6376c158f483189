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
    if let function = activation.element { return try append(to: builder, flow: flow, function) }
    let channels = flow.shape.last ?? 1
    let source = try builder.plain(
      flow, dims: [builder.count * flow.shape.dropLast().reduce(1, *), channels], shape: flow.shape)
    let result = builder.newFlow(
      flow.shape, builder.descriptor(source.value), after: source, hasGradient: flow.gradient != nil,
      isPlain: true)
    if builder.isCareful {
      builder.append(CarefulSoftmax(isLog: activation == .logSoftmax, from: source, to: result, builder))
    } else {
      builder.append(
        try ActivationOperation(
          builder, softmaxFrom: source, to: result, isLog: activation == .logSoftmax))
    }
    return try builder.examples(result)
  }

  static func append(to builder: PlanBuilder, flow: Flow, _ function: ElementFunction) throws -> Flow {
    if builder.isCareful || function.primitive == nil {
      let source = try builder.examples(flow)
      let result = builder.newFlow(
        flow.shape, builder.descriptor(source.value), after: source, hasGradient: flow.gradient != nil,
        isPlain: true)
      builder.append(PlainActivation(function, from: source, to: result, builder))
      return result
    }
    let result = builder.newFlow(
      flow.shape, builder.descriptor(flow.value), after: flow, hasGradient: flow.gradient != nil,
      isPlain: flow.isPlain)
    builder.append(try ActivationOperation(builder, function, from: flow, to: result))
    return result
  }

  private init(
    _ builder: PlanBuilder, _ function: ElementFunction, from source: Flow, to result: Flow
  ) throws {
    var data = builder.descriptor(source.value)
    let prop = builder.isTraining ? dnnl_forward_training : dnnl_forward_inference
    // The slope from the result, where that is enough: one array less to read.
    guard let own = function.fromResult ?? function.primitive else {
      throw Failure(.state, "oneDNN has no such function")
    }
    var operation = dnnl_eltwise_desc_t()
    dnnl_eltwise_forward_desc_init(&operation, prop, own.kind, &data.raw, own.alpha, 0)
    guard let forward = PrimitiveDescriptor(operation) else {
      throw Failure(.state, "oneDNN has no \(function) for this layer")
    }
    forwardCalls = try builder.sequence(
      forward, inputs: [(DNNL_ARG_SRC, source.value)], outputs: [(DNNL_ARG_DST, result.value)])
    guard let from = result.gradient, let to = source.gradient else {
      backwardCalls = []
      return
    }
    var back = dnnl_eltwise_desc_t()
    dnnl_eltwise_backward_desc_init(&back, own.kind, &data.raw, &data.raw, own.alpha, 0)
    guard let backward = PrimitiveDescriptor(back, forward: forward) else {
      throw Failure(.state, "oneDNN has no gradient of \(function) for this layer")
    }
    let known = function.fromResult == nil ? (DNNL_ARG_SRC, source.value) : (DNNL_ARG_DST, result.value)
    backwardCalls = try builder.sequence(
      backward, inputs: [known, (DNNL_ARG_DIFF_DST, from)], outputs: [(DNNL_ARG_DIFF_SRC, to)])
  }

  private init(_ builder: PlanBuilder, softmaxFrom source: Flow, to result: Flow, isLog: Bool) throws {
    var data = builder.descriptor(source.value)
    let prop = builder.isTraining ? dnnl_forward_training : dnnl_forward_inference
    func forward<Operation>(_ operation: Operation) throws -> PrimitiveDescriptor {
      guard let made = PrimitiveDescriptor(operation) else {
        throw Failure(.state, "oneDNN has no softmax for this layer")
      }
      return made
    }
    let known: PrimitiveDescriptor
    if isLog {
      var operation = dnnl_logsoftmax_desc_t()
      dnnl_logsoftmax_forward_desc_init(&operation, prop, &data.raw, 1)
      known = try forward(operation)
    } else {
      var operation = dnnl_softmax_desc_t()
      dnnl_softmax_forward_desc_init(&operation, prop, &data.raw, 1)
      known = try forward(operation)
    }
    forwardCalls = try builder.sequence(
      known, inputs: [(DNNL_ARG_SRC, source.value)], outputs: [(DNNL_ARG_DST, result.value)])
    guard let from = result.gradient, let to = source.gradient else {
      backwardCalls = []
      return
    }
    let backward: PrimitiveDescriptor?
    if isLog {
      var operation = dnnl_logsoftmax_desc_t()
      dnnl_logsoftmax_backward_desc_init(&operation, &data.raw, &data.raw, 1)
      backward = PrimitiveDescriptor(operation, forward: known)
    } else {
      var operation = dnnl_softmax_desc_t()
      dnnl_softmax_backward_desc_init(&operation, &data.raw, &data.raw, 1)
      backward = PrimitiveDescriptor(operation, forward: known)
    }
    guard let backward else { throw Failure(.state, "oneDNN has no gradient of softmax for this layer") }
    backwardCalls = try builder.sequence(
      backward, inputs: [(DNNL_ARG_DST, result.value), (DNNL_ARG_DIFF_DST, from)],
      outputs: [(DNNL_ARG_DIFF_SRC, to)])
  }

  /// Turns the gradient of a layer's result into that of what its activation got, in place.
  static func backwardInPlace(
    _ builder: PlanBuilder, _ activation: Activation, flow: Flow
  ) throws -> Call? {
    guard let function = activation.element?.fromResult, let gradient = flow.gradient else { return nil }
    var data = builder.descriptor(flow.value)
    var operation = dnnl_eltwise_desc_t()
    dnnl_eltwise_forward_desc_init(
      &operation, dnnl_forward_training, function.kind, &data.raw, function.alpha, 0)
    guard let forward = PrimitiveDescriptor(operation) else {
      throw Failure(.state, "oneDNN has no \(activation.rawValue) for this layer")
    }
    var back = dnnl_eltwise_desc_t()
    dnnl_eltwise_backward_desc_init(&back, function.kind, &data.raw, &data.raw, function.alpha, 0)
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

/// A function by its plain formula: what oneDNN does not have, and where NaN must stay NaN, which it does not in
/// vector maxima and clamps.
private final class PlainActivation: Operation {
  private let function: ElementFunction
  private let source: Flow
  private let result: Flow
  private let count: Int

  init(_ function: ElementFunction, from source: Flow, to result: Flow, _ builder: PlanBuilder) {
    self.function = function
    self.source = source
    self.result = result
    count = builder.count * source.shape.reduce(1, *)
  }

  func forward(_ workspace: Workspace) throws {
    let from = workspace.pointer(source.value)
    let to = workspace.pointer(result.value)
    for index in 0..<count { to[index] = function.value(from[index]) }
  }

  func backward(_ workspace: Workspace) throws {
    guard let own = result.gradient, let before = source.gradient else { return }
    let (from, to) = (workspace.pointer(own), workspace.pointer(before))
    let (x, y) = (workspace.pointer(source.value), workspace.pointer(result.value))
    for index in 0..<count { to[index] = from[index] * function.slope(at: x[index], value: y[index]) }
  }
}

/// A softmax, or its logarithm, that keeps NaN as NaN.
private final class CarefulSoftmax: Operation {
  private let isLog: Bool
  private let source: SlotID
  private let result: SlotID
  private let channels: Int
  private let count: Int

  init(isLog: Bool, from source: Flow, to result: Flow, _ builder: PlanBuilder) {
    self.isLog = isLog
    self.source = source.value
    self.result = result.value
    channels = source.shape.last ?? 1
    count = builder.count * source.shape.reduce(1, *)
  }

  func forward(_ workspace: Workspace) throws {
    let from = workspace.pointer(source)
    let to = workspace.pointer(result)
    for row in stride(from: 0, to: count, by: channels) {
      var largest = -Float.infinity
      for index in row..<row + channels where !(from[index] <= largest) { largest = from[index] }
      var sum: Float = 0
      for index in row..<row + channels {
        to[index] = exp(from[index] - largest)
        sum += to[index]
      }
      for index in row..<row + channels {
        to[index] = isLog ? from[index] - largest - log(sum) : to[index] / sum
      }
    }
  }

  func backward(_ workspace: Workspace) throws {}
}
