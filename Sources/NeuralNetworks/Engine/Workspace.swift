import COneDNN
import Essentials
import Tensors

/// The memory for one run of a plan at a time: activations, gradients, scratch.
final class Workspace: @unchecked Sendable {
  let plan: Plan
  private let kept: FloatBuffer
  private let regions: Regions
  // The share owns its workspaces, not they it.
  private unowned let share: Share
  private var memories: [dnnl_memory_t?] = []
  private var scratchMemories: [dnnl_memory_t?] = []
  private var arguments: [[dnnl_exec_arg_t]] = []
  private var stream: dnnl_stream_t?

  /// The training step, for dropout.
  var step: UInt64 = 0
  /// The first example's place in the batch, for dropout.
  var firstExample = 0
  /// How many of the plan's examples are there; a plan that `takesFewer` leaves the others out.
  var exampleCount = Int.max
  /// Whether nobody else works, so that one example may take all threads.
  var isAlone = false
  /// For each of them, what makes its rows; nil, or beyond the end, where they are in memory.
  var feeds: [RowFeed?] = []
  /// The largest magnitude in each example, where the plan's first operation has looked on its way.
  var peaks: [Float]?
  private var inputPointer: UnsafeMutablePointer<Float>?

  /// Memory that the workspaces of one share can have in common, since only one runs at a time.
  final class Regions {
    private(set) var gradients: [FloatBuffer]
    private(set) var scratch: FloatBuffer

    init(for plan: Plan) throws(Failure) {
      gradients = []
      for count in plan.gradientFloatCounts { gradients.append(try FloatBuffer(count: count)) }
      scratch = try FloatBuffer(count: plan.scratchByteCount / 4 + 16)
    }
  }

  init(_ plan: Plan, share: Share) throws {
    self.plan = plan
    self.share = share
    kept = try FloatBuffer(count: plan.keptFloatCount)
    regions = try Regions(for: plan)
    try OneDNN.check(
      dnnl_stream_create(&stream, OneDNN.engine.raw, dnnl_stream_default_flags.rawValue), "start")
    for slot in plan.slots {
      let address = try address(of: slot.place)
      memories.append(try Self.memory(slot.descriptor, at: address))
    }
    for call in plan.calls {
      var list = call.arguments.map { dnnl_exec_arg_t(arg: $0.index, memory: memories[$0.slot]) }
      if let scratch = call.primitive.descriptor.descriptor(of: DNNL_ARG_SCRATCHPAD) {
        let memory = try Self.memory(scratch, at: regions.scratch.base)
        scratchMemories.append(memory)
        list.append(dnnl_exec_arg_t(arg: DNNL_ARG_SCRATCHPAD, memory: memory))
      }
      arguments.append(list)
    }
  }

  deinit {
    for memory in memories + scratchMemories { dnnl_memory_destroy(memory) }
    dnnl_stream_destroy(stream)
  }

  /// Executes a primitive on this workspace's memory.
  func run(_ call: Call) throws(Failure) {
    let list = arguments[call.number]
    try OneDNN.check(
      dnnl_primitive_execute(call.primitive.raw, stream, Int32(list.count), list), "run a primitive")
  }

  /// The first element of a slot.
  func pointer(_ slot: SlotID) -> UnsafeMutablePointer<Float> {
    switch plan.slots[slot].place {
    case .kept(let offset): kept.base + offset
    case .gradient(let parity): regions.gradients[parity].base
    case .input: inputPointer ?? kept.base
    case .shared(let buffer): buffer.base
    case .accumulator(let parameter): share.gradient(parameter)?.base ?? kept.base
    }
  }

  /// Says where the examples are. They are only read.
  func setInput(_ examples: UnsafePointer<Float>) throws(Failure) {
    let pointer = UnsafeMutablePointer(mutating: examples)
    if inputPointer == pointer { return }
    inputPointer = pointer
    for (index, slot) in plan.slots.enumerated() {
      if case .input = slot.place {
        try OneDNN.check(dnnl_memory_set_data_handle(memories[index], pointer), "take the examples")
      }
    }
  }

  private func address(of place: Place) throws -> UnsafeMutablePointer<Float> {
    switch place {
    case .kept(let offset): return kept.base + offset
    case .gradient(let parity): return regions.gradients[parity].base
    case .input: return kept.base
    case .shared(let buffer): return buffer.base
    case .accumulator(let parameter):
      guard let gradient = share.gradient(parameter) else {
        throw Failure(.state, "a gradient is missing")
      }
      return gradient.base
    }
  }

  private static func memory(
    _ descriptor: MemoryDescriptor, at address: UnsafeMutablePointer<Float>
  ) throws(Failure) -> dnnl_memory_t? {
    var made: dnnl_memory_t?
    let status = withUnsafePointer(to: descriptor.raw) {
      dnnl_memory_create(&made, $0, OneDNN.engine.raw, UnsafeMutableRawPointer(address))
    }
    try OneDNN.check(status, "describe memory")
    return made
  }
}

/// One thread's part of a batch: gradients of its own, so that threads never wait for each other.
final class Share: @unchecked Sendable {
  private let gradients: [FloatBuffer?]
  private var workspaces: [PlanKey: Workspace] = [:]
  /// The sum of losses over this share's examples.
  var lossSum = 0.0
  private var examples: FloatBuffer?
  private var rows: FloatBuffer?

  /// - Parameter counts: the length of each parameter's gradient, nil for none.
  init(gradientCounts counts: [Int?]) throws(Failure) {
    var made: [FloatBuffer?] = []
    for count in counts {
      if let count { made.append(try FloatBuffer(count: count)) } else { made.append(nil) }
    }
    gradients = made
  }

  func gradient(_ parameter: Int) -> FloatBuffer? {
    parameter < gradients.count ? gradients[parameter] : nil
  }

  /// Memory for examples that are made here.
  func exampleBuffer(count: Int) throws(Failure) -> FloatBuffer {
    if let examples, examples.count >= count { return examples }
    let made = try FloatBuffer(count: count)
    examples = made
    return made
  }

  /// Memory for rows that are made here.
  func rowBuffer(count: Int) throws(Failure) -> FloatBuffer {
    if let rows, rows.count >= count { return rows }
    let made = try FloatBuffer(count: count)
    rows = made
    return made
  }

  /// Lets go of everything but the gradients.
  func releaseWorkspaces() {
    workspaces = [:]
    examples = nil
    rows = nil
  }

  func clearGradients() {
    for gradient in gradients {
      if let gradient { gradient.base.update(repeating: 0, count: gradient.count) }
    }
  }

  /// The memory to run a plan in. Memory for another purpose is let go first: a network is trained, then
  /// measured, then asked, and each takes as much as the others.
  func workspace(for plan: Plan) throws -> Workspace {
    if let found = workspaces[plan.key] { return found }
    if workspaces.keys.contains(where: { $0.purpose != plan.key.purpose }) { workspaces = [:] }
    let made = try Workspace(plan, share: self)
    workspaces[plan.key] = made
    return made
  }
}
