import Essentials
import Tensors

extension Plan {
  /// Compiles a network for `key.count` examples at a time.
  ///
  /// Each layer becomes one or a few operations on oneDNN; `AlgorithmChooser` chooses the algorithms of
  /// convolutions. The layers at the beginning that `fused` covers become one operation on our own kernels.
  static func compile(
    _ key: PlanKey, layers: [any Layer], network: Network, options: EngineOptions, fused: FusedChain?
  ) throws -> Plan {
    OneDNN.useOneThread()
    let builder = try PlanBuilder(key, network: network, options: options)
    var flow = Flow(shape: network.inputShape, value: builder.input, gradient: nil, parity: 0, isPlain: true)
    // A gradient is wanted behind the first layer with weights to train.
    var hasGradient = false
    var head: Flow?
    var operationsBeforeHead = 0
    let keepsHead =
      switch key.purpose {
      case .training(let isFused): isFused
      case .inference(let keepsHead): keepsHead
      case .carefulInference: true
      case .mixedInference: false
      }

    var compiled = 0
    if let fused, key.fuses, !builder.isCareful {
      compiled = fused.layerCount
      hasGradient = true
      // In inference a dense layer of one unit is done on the way.
      let dense = builder.isTraining ? nil : fused.followingUnit(layers)
      flow = try FusedOperation.append(fused, dense: dense, to: builder, flow: flow, hasGradient: hasGradient)
      if let dense {
        compiled = dense + 1
        if compiled == layers.count && keepsHead {
          head = flow
          operationsBeforeHead = builder.operations.count
        }
        flow = try ActivationOperation.append(
          to: builder, flow: flow, layers[dense].finalActivation, hasGradient: hasGradient)
      }
    }
    if compiled == 0, builder.isTraining,
      let block = FirstBlockOperation.block(layers, network: network, options: options),
      let first = layers[0] as? Conv2D
    {
      let operation = try FirstBlockOperation(block, first, builder, flow: flow)
      builder.append(operation)
      flow = operation.output
      hasGradient = true
      compiled = 1 + block.layerCount
    }
    while compiled < layers.count {
      let index = compiled
      let layer = layers[index]
      compiled += 1
      if builder.isTraining,
        let block = NormalisedBlock(layers, at: index, shapes: network.shapes, options: options),
        let operation = try NormalisedOperation.make(block, builder, flow: flow)
      {
        builder.append(operation)
        flow = operation.output
        hasGradient = true
        compiled = index + block.layerCount
        continue
      }
      let isLast = index == layers.count - 1
      let isTrained = network.parameters.contains { $0.layer == index && $0.description.isTrainable }
      hasGradient = hasGradient || isTrained
      // The last activation stays apart where the loss works on what it gets.
      let (bare, activation) = layer.splitActivation
      builder.nextTakesBFloat16 =
        builder.isMixed && index + 1 < layers.count && layers[index + 1] is Conv2D
        && (activation == .linear || activation.element?.primitive != nil)
      // In training only functions whose slope follows from their result: what they get is gone.
      let known = builder.isTraining ? activation.element?.fromResult : activation.element?.primitive
      let fuse = !builder.isCareful && known != nil && !(isLast && keepsHead)
      flow = try bare.append(
        to: builder, index: index, flow: flow, activation: fuse ? activation : .linear,
        hasGradient: hasGradient)
      builder.noteOneWay(index, flow)
      if isLast && keepsHead {
        flow = try builder.plainOutput(flow)
        head = flow
        operationsBeforeHead = builder.operations.count
      }
      if !fuse, activation != .linear {
        flow = try ActivationOperation.append(to: builder, flow: flow, activation, hasGradient: hasGradient)
      }
    }
    flow = try builder.plainOutput(flow)
    builder.chooser.save()
    return Plan(
      builder, output: flow, head: head ?? flow,
      operationsAfterHead: head == nil ? 0 : builder.operations.count - operationsBeforeHead)
  }
}

extension PlanBuilder {
  /// Notes a layer that there is one way to run.
  fileprivate func noteOneWay(_ layer: Int, _ flow: Flow) {
    if choices.contains(where: { $0.layer == layer }) { return }
    let result = descriptor(flow.value)
    note(
      PlanChoice(
        layer: layer, pass: isTraining ? "both ways" : "forward", algorithm: "oneDNN",
        layout: result.layoutName, byteCount: result.byteCount, reason: "one way"))
  }

  fileprivate func plainOutput(_ flow: Flow) throws -> Flow {
    let elements = flow.shape.reduce(1, *)
    return try plain(flow, dims: [count, elements], shape: flow.shape)
  }
}
