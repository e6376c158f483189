import Essentials
import Synchronization
import Tensors

/// One prediction under way: what all its threads share.
final class InferenceRun: @unchecked Sendable {
  /// Examples that go through together.
  let size: Int
  /// Whether groups may be smaller than `size` at no cost and with the same bits.
  let isFlexible: Bool
  let inputSize: Int
  let outputSize: Int
  private let executor: Executor
  private let usual: PlanKey.Purpose
  /// What the chain can take, where one runs.
  private let range: FusedRange?
  private let shares: [Share]
  /// Guards the executor's plans.
  private let planning = Monitor(())
  /// The memory for careful plans, one for all threads: few examples need it.
  private let careful = Monitor<Share?>(nil)

  /// - Parameters:
  ///   - count: the examples that will come, as far as it is known.
  ///   - limit: the most that may go through together.
  init(
    _ executor: Executor, count: Int?, limit: Int, keepsHead: Bool, precision: Precision
  ) throws {
    self.executor = executor
    let network = executor.network
    let isFinite = network.hasFiniteWeights
    range = isFinite ? executor.fusedRange() : nil
    let fuses = range != nil
    let threads = WorkerPool.threadCount
    let limit = min(limit, count.map { ($0 - 1) / threads + 1 } ?? limit)
    size = executor.examplesAtOnce(limit: limit, fuses: fuses, isTraining: false)
    isFlexible = fuses && executor.fused?.followingUnit(executor.layers) != nil
    inputSize = network.inputShape.reduce(1, *)
    outputSize = network.outputShape.reduce(1, *)
    let wanted = precision == .mixed ? PlanKey.Purpose.mixedInference : .inference(keepsHead: keepsHead)
    usual = isFinite ? wanted : .carefulInference
    shares = Array(try executor.inferenceMemory(threads: min(threads, count ?? threads)).prefix(threads))
    // Plans are made here, one after the other; those for a last, smaller group too, where it is known.
    _ = try plan(size, usual, on: shares[0])
    if let count, !isFlexible, count % size > 0 { _ = try plan(count % size, usual, on: shares[0]) }
  }

  /// The threads that can work on it.
  var threadCount: Int { shares.count }

  func share(_ slot: Int) -> Share { shares[min(slot, shares.count - 1)] }

  /// The plan for so many examples, with the weights as they are.
  private func plan(_ count: Int, _ purpose: PlanKey.Purpose, on share: Share) throws -> Plan {
    try planning.withLock { _ in
      let plan = try executor.plan(PlanKey(count: count, purpose: purpose))
      try plan.prepare(version: executor.network.version, using: share.workspace(for: plan))
      return plan
    }
  }

  /// - Throws: a `shape` failure where an example does not fit the network.
  func check(_ example: any TensorSource, number: Int) throws(Failure) {
    guard example.shape == executor.network.inputShape else {
      throw executor.network.unfit(example.shape, at: number)
    }
  }

  /// What makes the rows of the example at `place` in its group as they are needed: where the chain can do
  /// with a few at a time, and takes whatever they may hold.
  func feed(_ example: any TensorSource, at place: Int, on share: Share) throws -> RowFeed? {
    guard isFlexible, let range, let maker = (example as? any RowSource)?.makeRows(),
      range.canTake(peak: maker.bound)
    else { return nil }
    let rowCount = example.shape[0]
    let rowLength = inputSize / rowCount
    let memory = try share.rowBuffer(count: size * RowFeed.rowsAtOnce * rowLength)
    return RowFeed(maker, rowCount: rowCount, rowLength: rowLength, memory: memory, place: place)
  }

  /// Whether an example goes the usual way: no sum on it leaves the range of numbers.
  func isUsual(_ example: UnsafePointer<Float>) -> Bool {
    if usual == .carefulInference { return true }
    let values = UnsafeBufferPointer(start: example, count: inputSize)
    return range.map { $0.canTake(peak: values.peak) } ?? values.isAllFinite
  }

  /// Writes the outputs of neighbouring examples, at most `size`, on the calling thread.
  /// - Parameters:
  ///   - known: those among them that are not usual, counted from the first, where that is known.
  ///   - feeds: what makes those that are not in memory.
  func score(
    _ examples: UnsafePointer<Float>, count: Int, unusual known: [Int]? = nil, feeds: [RowFeed?] = [],
    on share: Share, into outputs: Outputs
  ) throws {
    OneDNN.useOneThread()
    var peaks: [Float]?
    if known?.count ?? 0 < count {
      let plan = try plan(isFlexible ? size : count, usual, on: share)
      peaks = try infer(plan, examples, count: count, feeds: feeds, on: share, into: outputs)
    }
    let unusual =
      known
      ?? (0..<count).filter { index in
        guard let range, let peaks else { return !isUsual(examples + index * inputSize) }
        return !range.canTake(peak: peaks[index])
      }
    for index in unusual {
      try careful.withLock { memory in
        let share = try memory ?? Share(gradientCounts: [])
        memory = share
        let plan = try plan(1, .carefulInference, on: share)
        try infer(
          plan, examples + index * inputSize, count: 1, on: share, into: outputs.from(index * outputSize))
      }
    }
  }

  /// - Returns: the largest magnitude in each example, where the plan has looked.
  @discardableResult
  private func infer(
    _ plan: Plan, _ examples: UnsafePointer<Float>, count: Int, feeds: [RowFeed?] = [], on share: Share,
    into outputs: Outputs
  ) throws -> [Float]? {
    let workspace = try share.workspace(for: plan)
    workspace.exampleCount = count
    workspace.isAlone = shares.count == 1
    workspace.feeds = feeds
    workspace.peaks = nil
    defer { workspace.feeds = [] }
    try workspace.setInput(examples)
    for operation in plan.operations { try operation.forward(workspace) }
    outputs.base.update(from: workspace.pointer(plan.output), count: count * outputSize)
    outputs.heads?.update(from: workspace.pointer(plan.head.value), count: count * outputSize)
    return workspace.peaks
  }
}

/// Where examples begin in memory.
struct ExamplePointer: @unchecked Sendable { let base: UnsafePointer<Float> }

/// Where outputs go, and what the last activation gets where that is wanted too.
struct Outputs: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>
  let heads: UnsafeMutablePointer<Float>?

  func from(_ place: Int) -> Outputs { Outputs(base: base + place, heads: heads.map { $0 + place }) }
}
