import COneDNN
import Essentials
import Tensors

/// Gathers a plan's slots, calls and operations while layers are compiled.
final class PlanBuilder {
  let key: PlanKey
  let network: Network
  private(set) var slots: [Slot] = []
  private(set) var calls: [Call] = []
  private(set) var preparations: [Call] = []
  private(set) var preparationActions: [() -> Void] = []
  private(set) var operations: [any Operation] = []
  private(set) var keptFloatCount = 0
  private(set) var gradientFloatCounts = [0, 0]
  private(set) var scratchByteCount = 0
  private(set) var choices: [PlanChoice] = []
  let chooser: AlgorithmChooser
  /// The instruction set for our own kernels; nil where oneDNN is asked for.
  let ownKernels: FusedKernels.InstructionSet?
  let input: SlotID

  /// What a layer takes for an example is one of so many parts of one of the model's.
  var repetition = 1
  /// Examples at a time, as the layer that is compiled sees them.
  var count: Int { key.count * repetition }
  var isTraining: Bool { if case .training = key.purpose { true } else { false } }
  var isCareful: Bool { key.purpose == .carefulInference }
  /// Whether bfloat16 may be used, on a processor that has it.
  var isMixed: Bool { key.purpose == .mixedInference && OneDNN.hasBFloat16 }
  /// Whether the layer that is being compiled may leave its result in bfloat16.
  var nextTakesBFloat16 = false

  init(_ key: PlanKey, network: Network, options: EngineOptions) throws {
    self.key = key
    chooser = AlgorithmChooser(options)
    ownKernels = options.ownKernels
    self.network = network
    input = 0
    slots.append(
      Slot(
        descriptor: try MemoryDescriptor(examples: key.count, of: network.inputShape), place: .input))
  }

  /// The number that the next operation at which shares meet will have.
  var meetingCount: Int { operations.count { $0 is any BatchOperation } }

  func append(_ operation: any Operation) { operations.append(operation) }
  func prepare(_ action: @escaping () -> Void) { preparationActions.append(action) }
  func note(_ choice: PlanChoice) { choices.append(choice) }

  // MARK: Slots

  func slot(_ descriptor: MemoryDescriptor, _ place: Place) -> SlotID {
    if case .gradient(let parity) = place {
      gradientFloatCounts[parity] = max(gradientFloatCounts[parity], descriptor.floatCount)
    }
    slots.append(Slot(descriptor: descriptor, place: place))
    return slots.count - 1
  }

  /// An array that lives as long as the workspace.
  func kept(_ descriptor: MemoryDescriptor) -> SlotID {
    let offset = keptFloatCount
    keptFloatCount += descriptor.floatCount
    return slot(descriptor, .kept(offset))
  }

  /// The same memory, seen another way.
  func alias(_ id: SlotID, as descriptor: MemoryDescriptor) -> SlotID {
    slot(descriptor, slots[id].place)
  }

  func descriptor(_ id: SlotID) -> MemoryDescriptor { slots[id].descriptor }

  /// Where a new layer's result goes: kept for the backward pass, or in inference where the layer
  /// before last had its own.
  func newFlow(
    _ shape: Shape, _ descriptor: MemoryDescriptor, after flow: Flow, hasGradient: Bool, isPlain: Bool = false
  ) -> Flow {
    let parity = 1 - flow.parity
    let value = isTraining ? kept(descriptor) : slot(descriptor, .gradient(parity: parity))
    let gradient = isTraining && hasGradient ? slot(descriptor, .gradient(parity: parity)) : nil
    return Flow(shape: shape, value: value, gradient: gradient, parity: parity, isPlain: isPlain)
  }

  /// The flow in channels-last order, under a shape of as many elements.
  func plain(_ flow: Flow, dims: [Int], shape: Shape) throws -> Flow {
    // A sequence behind a convolution is a picture of one row in memory.
    let isPicture = flow.shape.count == 2 && descriptor(flow.value).dims.count == 4
    let plainDescriptor = try MemoryDescriptor(
      examples: count, of: isPicture ? [1] + flow.shape : flow.shape)
    var source = flow
    if !flow.isPlain, !descriptor(flow.value).isSamePlace(as: plainDescriptor) {
      source = newFlow(flow.shape, plainDescriptor, after: flow, hasGradient: flow.gradient != nil)
      append(try ReorderOperation(self, from: flow, to: source))
    }
    let seen = try MemoryDescriptor(rowMajor: dims)
    return Flow(
      shape: shape, value: alias(source.value, as: seen),
      gradient: source.gradient.map { alias($0, as: seen) }, parity: source.parity, isPlain: true)
  }

  /// The flow in channels-last order, one example after the other, as any layer takes it.
  func examples(_ flow: Flow) throws -> Flow {
    var source = try plain(flow, dims: [count, flow.shape.reduce(1, *)], shape: flow.shape)
    let seen = try MemoryDescriptor(examples: count, of: flow.shape)
    source.value = alias(source.value, as: seen)
    source.gradient = source.gradient.map { alias($0, as: seen) }
    return source
  }

  // MARK: Calls

  func call(
    _ descriptor: PrimitiveDescriptor, _ arguments: [(index: Int32, slot: SlotID)]
  ) throws -> Call {
    scratchByteCount = max(scratchByteCount, descriptor.scratchByteCount)
    let call = Call(primitive: try Primitive(descriptor), arguments: arguments, number: calls.count)
    calls.append(call)
    return call
  }

  /// A slot that has the wanted layout, and the copy that fills it where it is another one.
  func adapted(_ id: SlotID, to wanted: MemoryDescriptor?) throws -> (slot: SlotID, copy: Call?) {
    guard let wanted else { return (id, nil) }
    let own = descriptor(id)
    if own == wanted { return (id, nil) }
    if wanted.isSamePlace(as: own) { return (alias(id, as: wanted), nil) }
    let copy = kept(wanted)
    return (copy, try reorder(from: id, to: copy))
  }

  func reorder(from source: SlotID, to destination: SlotID, adding: Bool = false) throws -> Call {
    try call(
      PrimitiveDescriptor(reorder: descriptor(source), to: descriptor(destination), adding: adding),
      [(DNNL_ARG_FROM, source), (DNNL_ARG_TO, destination)])
  }

  /// The calls that run a primitive whose arguments may first have to change their layouts.
  func sequence(
    _ primitive: PrimitiveDescriptor, inputs: [(index: Int32, slot: SlotID)],
    outputs: [(index: Int32, slot: SlotID)]
  ) throws -> [Call] {
    var before: [Call] = []
    var after: [Call] = []
    var arguments: [(index: Int32, slot: SlotID)] = []
    for input in inputs {
      let (slot, copy) = try adapted(input.slot, to: primitive.descriptor(of: input.index))
      if let copy { before.append(copy) }
      arguments.append((input.index, slot))
    }
    for output in outputs {
      let wanted = primitive.descriptor(of: output.index)
      if let wanted, !(descriptor(output.slot) == wanted), !wanted.isSamePlace(as: descriptor(output.slot)) {
        let result = kept(wanted)
        after.append(try reorder(from: result, to: output.slot))
        arguments.append((output.index, result))
      } else if let wanted {
        arguments.append((output.index, alias(output.slot, as: wanted)))
      } else {
        arguments.append(output)
      }
    }
    return before + [try call(primitive, arguments)] + after
  }

  // MARK: Parameters

  func parameterIndex(_ layer: Int, _ name: String) throws -> Int {
    guard
      let index = network.parameters.firstIndex(where: {
        $0.layer == layer && $0.description.name == name
      })
    else { throw Failure(.state, "layer \(layer) has no \(name)") }
    return index
  }

  /// The weights of a parameter, in Keras's layout.
  func weights(_ parameter: Int, as descriptor: MemoryDescriptor) -> SlotID {
    slot(descriptor, .shared(network.parameters[parameter].value))
  }

  /// The weights in the layout that a primitive wants; copied whenever they have changed.
  func preparedWeights(
    _ parameter: Int, as plain: MemoryDescriptor, for wanted: MemoryDescriptor?
  ) throws -> SlotID {
    let own = weights(parameter, as: plain)
    guard let wanted, !(wanted == plain), !wanted.isSamePlace(as: plain) else { return own }
    let copy = slot(wanted, .shared(try FloatBuffer(count: wanted.floatCount)))
    preparations.append(try reorder(from: own, to: copy))
    return copy
  }

  /// Where the gradient of a parameter is summed, in Keras's layout.
  func accumulator(_ parameter: Int, as descriptor: MemoryDescriptor) -> SlotID {
    slot(descriptor, .accumulator(parameter))
  }
}
