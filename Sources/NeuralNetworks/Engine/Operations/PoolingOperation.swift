import COneDNN
import Essentials
import Tensors

/// The maximum or mean of windows.
final class PoolingOperation: Operation {
  private let forwardCalls: [Call]
  private let backwardCalls: [Call]

  static func append(
    to builder: PlanBuilder, flow: Flow, window: WindowPlan, isMaximum: Bool, shape: Shape
  ) throws -> Flow {
    if isMaximum && builder.isCareful {
      let source = try builder.examples(flow)
      let result = builder.newFlow(
        shape, try MemoryDescriptor(examples: builder.count, of: shape), after: source, hasGradient: false,
        isPlain: true)
      builder.append(CarefulMaximum(window, from: source, to: result, count: builder.count))
      return result
    }
    // Channels first, oneDNN goes number by number, which takes ten times as long as a copy.
    let flow =
      ChannelBlocks(builder.descriptor(flow.value)) == nil
      ? try builder.examples(flow) : flow
    var data = builder.descriptor(flow.value)
    var result = try MemoryDescriptor(
      anyOf: [builder.count, window.channels, window.rows.output, window.columns.output])
    let strides = [Int64(window.rows.stride), Int64(window.columns.stride)]
    let kernel = [Int64(window.rows.window), Int64(window.columns.window)]
    let before = [Int64(window.rows.paddingBefore), Int64(window.columns.paddingBefore)]
    let after = [Int64(window.rows.paddingAfter), Int64(window.columns.paddingAfter)]
    let kind = isMaximum ? dnnl_pooling_max : dnnl_pooling_avg_exclude_padding
    var operation = dnnl_pooling_desc_t()
    let status = dnnl_pooling_forward_desc_init(
      &operation, builder.isTraining ? dnnl_forward_training : dnnl_forward_inference, kind, &data.raw,
      &result.raw, strides, kernel, before, after)
    guard status == dnnl_success, let forward = PrimitiveDescriptor(operation),
      let wanted = forward.descriptor(of: DNNL_ARG_DST)
    else { throw Failure(.state, "oneDNN has no pooling for this layer") }
    let output = builder.newFlow(shape, wanted, after: flow, hasGradient: flow.gradient != nil)
    let memory = forward.descriptor(of: DNNL_ARG_WORKSPACE).map { builder.kept($0) }
    let memoryArgument = memory.map { [(index: DNNL_ARG_WORKSPACE, slot: $0)] } ?? []
    let forwardCall = try builder.call(
      forward, [(DNNL_ARG_SRC, flow.value), (DNNL_ARG_DST, output.value)] + memoryArgument)
    var backwardCalls: [Call] = []
    if let from = output.gradient, let to = flow.gradient {
      var backward = dnnl_pooling_desc_t()
      result = wanted
      let status = dnnl_pooling_backward_desc_init(
        &backward, kind, &data.raw, &result.raw, strides, kernel, before,
        after)
      guard status == dnnl_success, let descriptor = PrimitiveDescriptor(backward, forward: forward) else {
        throw Failure(.state, "oneDNN has no gradient of pooling for this layer")
      }
      backwardCalls = try builder.sequence(
        descriptor, inputs: [(DNNL_ARG_DIFF_DST, from)] + memoryArgument,
        outputs: [(DNNL_ARG_DIFF_SRC, to)])
    }
    builder.append(PoolingOperation(forwardCalls: [forwardCall], backwardCalls: backwardCalls))
    return output
  }

  private init(forwardCalls: [Call], backwardCalls: [Call]) {
    self.forwardCalls = forwardCalls
    self.backwardCalls = backwardCalls
  }

  func forward(_ workspace: Workspace) throws {
    for call in forwardCalls { try workspace.run(call) }
  }

  func backward(_ workspace: Workspace) throws {
    for call in backwardCalls { try workspace.run(call) }
  }
}

/// Maxima that keep NaN as NaN.
private final class CarefulMaximum: Operation {
  private let window: WindowPlan
  private let source: SlotID
  private let result: SlotID
  private let count: Int

  init(_ window: WindowPlan, from source: Flow, to result: Flow, count: Int) {
    self.window = window
    self.source = source.value
    self.result = result.value
    self.count = count
  }

  func forward(_ workspace: Workspace) throws {
    let (rows, columns, channels) = (window.rows, window.columns, window.channels)
    var from = UnsafePointer(workspace.pointer(source))
    var to = workspace.pointer(result)
    for _ in 0..<count {
      for row in 0..<rows.output {
        for column in 0..<columns.output {
          let top = row * rows.stride - rows.paddingBefore
          let left = column * columns.stride - columns.paddingBefore
          for channel in 0..<channels {
            var largest = -Float.infinity
            for y in max(top, 0)..<min(top + rows.window, rows.input) {
              for x in max(left, 0)..<min(left + columns.window, columns.input) {
                let value = from[(y * columns.input + x) * channels + channel]
                if !(value <= largest) { largest = value }
                if largest.isNaN { break }
              }
              if largest.isNaN { break }
            }
            to[channel] = largest
          }
          to += channels
        }
      }
      from += rows.input * columns.input * channels
    }
  }

  func backward(_ workspace: Workspace) throws {}
}
