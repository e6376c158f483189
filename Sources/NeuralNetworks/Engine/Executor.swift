import COneDNN
import Essentials
import Synchronization
import Tensors

/// Runs a network on all cores: plans compiled once per shape, memory kept per share.
///
/// One call at a time; `Sequential` sees to that.
final class Executor: @unchecked Sendable {
  let layers: [any Layer]
  let network: Network
  let options: EngineOptions
  private var plans: [PlanKey: Plan] = [:]
  private var trainingShares: [Share] = []
  private var inferenceShares: [Share] = []
  /// The layers that run on our own kernels.
  let fused: FusedChain?
  private var unitStep: SingleUnitStep?
  /// The examples of the last batch that had to be made.
  private var batchMemory: FloatBuffer?
  private var range: (version: Int, value: FusedRange)?
  private let folds: Bool
  private typealias Folded = (network: FoldedNetwork, executor: Executor)
  /// What predicts, where the network can be folded; made when it is needed first.
  private var knownFolded: Folded??

  /// What the chain can take with the weights as they are; nil where there is none.
  func fusedRange() -> FusedRange? {
    guard let fused else { return nil }
    if let range, range.version == network.version { return range.value }
    let made = FusedRange(fused, network: network)
    range = (network.version, made)
    return made
  }

  /// - Parameter folds: whether it may predict with a `FoldedNetwork`.
  init(layers: [any Layer], network: Network, options: EngineOptions, folds: Bool = true) {
    self.layers = layers
    self.network = network
    self.options = options
    self.folds = folds
    fused = FusedChain(layers: layers, network: network, options: options)
  }

  private func folded() throws -> Folded? {
    if let knownFolded { return knownFolded }
    let made: Folded? = try (folds ? FoldedNetwork(layers: layers, network: network) : nil).map {
      ($0, Executor(layers: $0.layers, network: $0.network, options: options, folds: false))
    }
    knownFolded = .some(made)
    return made
  }

  /// What predicts with the weights as they are.
  func predictor() throws -> Executor {
    guard let folded = try folded() else { return self }
    folded.network.update()
    // Products of large numbers may leave the range where the numbers do not.
    guard folded.network.network.hasFiniteWeights || !network.hasFiniteWeights else { return self }
    releaseTrainingMemory()
    return folded.executor
  }

  private func releaseTrainingMemory() {
    for share in trainingShares { share.releaseWorkspaces() }
    unitStep = nil
    batchMemory = nil
  }

  /// The plan for a key, compiled if it is new. One thread at a time.
  func plan(_ key: PlanKey) throws -> Plan {
    if let found = plans[key] { return found }
    let made = try Plan.compile(key, layers: layers, network: network, options: options, fused: fused)
    plans[key] = made
    return made
  }

  /// How many examples go through together: as many as keep their activations near the cache.
  func examplesAtOnce(limit: Int, fuses: Bool, isTraining: Bool) -> Int {
    var shapes = network.shapes[...]
    var limit = limit
    if fuses, let fused {
      // Between its layers the chain keeps a few rows only; with one unit behind it, nothing else.
      let unit = isTraining ? nil : fused.followingUnit(layers)
      shapes = shapes.dropFirst(unit.map { $0 + 1 } ?? fused.layerCount)
      if unit != nil { return max(1, min(limit, 8)) }
      if isTraining { limit = min(limit, fused.mostTrainedAtOnce) }
    }
    let bytes = shapes.reduce(0) { $0 + $1.reduce(4, *) }
    return max(1, min(limit, (8 << 20) / max(bytes, 1)))
  }

  /// The layers whose products are of shorter numbers in a mixed prediction, and which.
  func mixedLayers() throws -> [(layer: Int, numbers: String)] {
    let predictor = try predictor()
    if let folded = try folded(), predictor !== self {
      return try predictor.mixedLayers().map { (folded.network.originals[$0.layer], $0.numbers) }
    }
    guard network.hasFiniteWeights else { return [] }
    if !plans.keys.contains(where: { $0.purpose == .mixedInference }) {
      _ = try plan(PlanKey(count: 1, purpose: .mixedInference))
    }
    // Plans for other numbers of examples may have chosen otherwise.
    var found: [Int: String] = [:]
    for choice in plans.values.filter({ $0.key.purpose == .mixedInference }).flatMap(\.choices) {
      for numbers in ["bfloat16", FusedChain.narrowName] where choice.algorithm.contains(numbers) {
        found[choice.layer] = numbers
      }
    }
    return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Whether this machine has products of shorter numbers for some layer.
  var hasMixedProducts: Bool {
    OneDNN.hasBFloat16 || ((try? folded()?.executor.fused) ?? fused)?.canNarrow == true
  }

  /// What the engine chooses where each thread has up to `count` examples.
  func report(for purpose: PlanKey.Purpose, count: Int) throws -> PlanReport {
    let isTraining = if case .training = purpose { true } else { false }
    if !isTraining, let folded = try folded(), try predictor() !== self {
      let report = try folded.executor.report(for: purpose, count: count)
      return PlanReport(
        examplesAtOnce: report.examplesAtOnce, choices: folded.network.choices(report.choices),
        byteCountPerThread: report.byteCountPerThread)
    }
    if isTraining, let fused,
      let step = try SingleUnitStep(
        fused, layers: layers, network: network, exampleCount: count * WorkerPool.threadCount)
    {
      return step.report
    }
    let size = examplesAtOnce(limit: count, fuses: true, isTraining: isTraining)
    let plan = try plan(PlanKey(count: size, purpose: purpose))
    return PlanReport(examplesAtOnce: size, choices: plan.choices, byteCountPerThread: plan.byteCount)
  }

  /// Memory for so many threads that predict; what training works in is let go.
  func inferenceMemory(threads: Int) throws -> [Share] {
    releaseTrainingMemory()
    while inferenceShares.count < threads { inferenceShares.append(try Share(gradientCounts: [])) }
    return inferenceShares
  }

  // MARK: Training

  /// What a training step found.
  struct StepResult {
    /// The mean over the batch.
    let loss: Double
    /// The outputs before the weights moved, (examples, outputs).
    let outputs: [Float]
    var batchWorkspaces: [Workspace] = []
    /// Where the gradients are, if not in the shares.
    fileprivate var unitStep: SingleUnitStep?
  }

  /// Gradients of one batch, left in the shares for `apply` or `takeGradients`.
  ///
  /// The batch is cut into as many shares as threads work, each share a run of neighbouring examples
  /// with gradients of its own. So the bits depend on the thread count, and on nothing else.
  /// - Parameter refusesNonFinite: whether to throw `NonFiniteExample` where an example holds what is no
  ///   number; else that goes through as the formulas say.
  func computeGradients(
    _ examples: BatchExamples.Reader, head: LossHead, isFused: Bool, step: UInt64, refusesNonFinite: Bool
  ) throws -> StepResult {
    let count = examples.count
    let shareCount = max(1, min(WorkerPool.threadCount, count))
    inferenceShares = []
    knownFolded??.executor.inferenceShares = []
    if let result = try runUnitStep(
      examples, head: head, isFused: isFused, refusesNonFinite: refusesNonFinite)
    {
      return result
    }
    unitStep = nil
    let (base, peak) = try gather(examples, refusesNonFinite: refusesNonFinite)
    while trainingShares.count < shareCount {
      trainingShares.append(
        try Share(
          gradientCounts: network.parameters.map { $0.description.isTrainable ? $0.value.count : nil }))
    }
    if trainingShares.count > shareCount { trainingShares.removeLast(trainingShares.count - shareCount) }
    let bounds = (0...shareCount).map { $0 * count / shareCount }
    let outputSize = network.outputShape.reduce(1, *)
    let run = TrainingRun(
      shares: trainingShares, bounds: bounds, head: head, step: step, outputSize: outputSize,
      inputSize: network.inputShape.reduce(1, *), outputCount: count * outputSize)
    do {
      let workspaces = try work(run, on: base, isFused: isFused, peak: peak)
      let sum = trainingShares.reduce(0.0) { $0 + $1.lossSum }
      return StepResult(
        loss: sum / Double(head.unitCount), outputs: run.outputs, batchWorkspaces: workspaces)
    } catch {
      discardGradients()
      throw error
    }
  }

  /// The whole step, where the network is a chain with one unit behind it and can take the examples.
  private func runUnitStep(
    _ examples: BatchExamples.Reader, head: LossHead, isFused: Bool, refusesNonFinite: Bool
  ) throws -> StepResult? {
    guard let fused, let range = fusedRange(), fused.followingUnit(layers) == layers.count - 1,
      !network.parameters.contains(where: { $0.description.regularizer != nil }),
      range.canTake(peak: 0)
    else { return nil }
    let count = examples.count
    if unitStep?.fits(exampleCount: count) != true {
      unitStep = nil
      unitStep = try SingleUnitStep(fused, layers: layers, network: network, exampleCount: count)
    }
    guard let unitStep else { return nil }
    trainingShares = []
    batchMemory = nil
    do {
      let (lossSum, outputs) = try unitStep.run(
        examples, head: head, isFused: isFused, range: range, refusesNonFinite: refusesNonFinite)
      return StepResult(loss: lossSum / Double(head.unitCount), outputs: outputs, unitStep: unitStep)
    } catch is SingleUnitStep.OutOfRange {
      return nil
    }
  }

  /// A batch's examples one after the other, and the largest magnitude in them (infinity or NaN if one is
  /// among them). What has to be made or copied fills the memory of the last batch, on all threads.
  private func gather(
    _ examples: BatchExamples.Reader, refusesNonFinite: Bool
  ) throws -> (base: UnsafePointer<Float>, peak: Float) {
    let (count, length) = (examples.count, examples.length)
    var target: FloatBuffer?
    var base = examples.place(of: 0..<count)
    if base == nil {
      if let batchMemory, batchMemory.count == count * length {
        target = batchMemory
      } else {
        batchMemory = nil
        target = try FloatBuffer(count: count * length)
        batchMemory = target
      }
      base = target.map { UnsafePointer($0.base) }
    }
    guard let base else { throw Failure(.state, "the batch has no memory") }
    let source = ExamplePointer(base: base)
    let written = target
    @Sendable func larger(_ a: Float, _ b: Float) -> Float { a >= b ? a : b >= a ? b : .nan }
    // Small examples several at a time: handing one to another thread takes longer than reading it.
    let perPiece = max(1, (1 << 16) / max(length, 1))
    let peaks = try WorkerPool.map(count: (count - 1) / perPiece + 1) { piece in
      var peak: Float = 0
      for index in piece * perPiece..<min(count, (piece + 1) * perPiece) {
        if let written { try examples.write(index, to: written.base + index * length) }
        let elements = UnsafeBufferPointer(start: source.base + index * length, count: length)
        let own = elements.peak
        if refusesNonFinite, !own.isFinite { throw NonFiniteExample(index, elements) }
        peak = larger(peak, own)
      }
      return peak
    }
    return (base, peaks.reduce(0, larger))
  }

  private func work(
    _ run: TrainingRun, on base: UnsafePointer<Float>, isFused: Bool, peak: Float
  ) throws -> [Workspace] {
    let purpose = PlanKey.Purpose.training(fusedLoss: isFused)
    let isBatchBound = layers.contains { $0 is BatchNorm }
    let lengths = zip(run.bounds.dropFirst(), run.bounds).map { $0 - $1 }
    let fuses = fusedRange()?.canTake(peak: peak) ?? false
    let longest = lengths.max() ?? 1
    let most =
      isBatchBound ? longest : examplesAtOnce(limit: longest, fuses: fuses, isTraining: true)
    // As many groups as that makes, of nearly the same size.
    let size = (longest - 1) / ((longest - 1) / most + 1) + 1
    // Compile and prepare what the shares will need before they start.
    var plans: [Int: Plan] = [:]
    for length in lengths {
      var needed = Set([min(size, length)])
      if length > size, length % size > 0 { needed.insert(length % size) }
      for count in needed where plans[count] == nil {
        let made = try plan(PlanKey(count: count, purpose: purpose, fuses: fuses))
        try made.prepare(version: network.version, using: run.shares[0].workspace(for: made))
        plans[count] = made
      }
    }
    let source = ExamplePointer(base: base)
    if isBatchBound {
      return try run.runTogether(source.base, plans: plans)
    }
    let compiled = plans
    try WorkerPool.forEach(count: run.shares.count) { index, _ in
      try run.runShare(index, source.base, plans: compiled, size: size)
    }
    return []
  }

  /// Moves the weights by the gradients of the last `computeGradients`, and the moving statistics.
  /// - Throws: `NonFiniteStep` where some number would be none; nothing has moved then, and the gradients are
  ///   gone.
  func apply(
    _ result: StepResult, _ state: OptimizerState, _ optimizer: Optimizer
  ) throws(NonFiniteStep) {
    let before = try moveStatistics(result.batchWorkspaces)
    do throws(NonFiniteStep) {
      if let step = result.unitStep {
        try state.update(network, shares: [step.share], streamed: step, optimizer: optimizer)
      } else {
        try state.update(network, shares: trainingShares, optimizer: optimizer)
      }
    } catch {
      for (parameter, old) in before { parameter.value.base.update(from: old, count: old.count) }
      throw error
    }
    network.weightsChanged()
  }

  /// - Returns: what has moved, as it was before.
  private func moveStatistics(
    _ workspaces: [Workspace]
  ) throws(NonFiniteStep) -> [(parameter: Weight, old: [Float])] {
    guard let plan = workspaces.first?.plan else { return [] }
    let before = network.parameters.filter { !$0.description.isTrainable }.map {
      ($0, Array(UnsafeBufferPointer(start: $0.value.base, count: $0.value.count)))
    }
    for case let operation as any BatchOperation in plan.operations { operation.finishStep(workspaces) }
    for (index, parameter) in network.parameters.enumerated() where !parameter.description.isTrainable {
      let peak = UnsafeBufferPointer(start: parameter.value.base, count: parameter.value.count).peak
      guard !peak.isFinite else { continue }
      for (parameter, old) in before { parameter.value.base.update(from: old, count: old.count) }
      discardGradients()
      throw NonFiniteStep(parameter: index, place: "value", value: peak)
    }
    return before
  }

  /// An array whose gradient from the last `computeGradients` holds what is no number.
  func nonFiniteGradient(_ result: StepResult) -> NonFiniteStep? {
    let shares = result.unitStep.map { [$0.share] } ?? trainingShares
    for index in network.parameters.indices {
      for share in shares {
        guard let gradient = share.gradient(index) else { continue }
        let peak = UnsafeBufferPointer(start: gradient.base, count: gradient.count).peak
        if !peak.isFinite { return NonFiniteStep(parameter: index, place: "gradient", value: peak) }
      }
      if let step = result.unitStep, step.parameter == index, !step.bound.isFinite {
        return NonFiniteStep(parameter: index, place: "gradient", value: Float(step.bound))
      }
    }
    return nil
  }

  func discardGradients() { for share in trainingShares { share.clearGradients() } }

  /// The summed gradients of the last `computeGradients`, which are gone then; with those of regularizers.
  func takeGradients() throws -> [(name: String, value: Tensor)] {
    defer { discardGradients() }
    var list: [(name: String, value: Tensor)] = []
    for (index, parameter) in network.parameters.enumerated() where parameter.description.isTrainable {
      let tensor = try Tensor(shape: parameter.description.shape) { destination in
        if let unitStep, trainingShares.isEmpty {
          unitStep.write(parameter: index, into: destination)
        } else {
          for place in destination.indices {
            destination[place] = trainingShares.reduce(Float(0)) {
              $0 + ($1.gradient(index)?.base[place] ?? 0)
            }
          }
        }
        if let base = destination.baseAddress {
          parameter.addPenaltySlope(to: base, from: 0, count: destination.count)
        }
      }
      list.append((parameter.fileName, tensor))
    }
    return list
  }
}

/// One training step under way.
private final class TrainingRun: @unchecked Sendable {
  let shares: [Share]
  /// Share s has the examples bounds[s] ..< bounds[s + 1].
  let bounds: [Int]
  private let head: LossHead
  private let step: UInt64
  private let outputSize: Int
  private let inputSize: Int
  private let results: FloatArray

  private final class FloatArray {
    let base: UnsafeMutablePointer<Float>
    let count: Int
    init(count: Int) {
      self.count = count
      base = .allocate(capacity: max(count, 1))
      base.initialize(repeating: 0, count: max(count, 1))
    }
    deinit { base.deallocate() }
  }

  init(
    shares: [Share], bounds: [Int], head: LossHead, step: UInt64, outputSize: Int, inputSize: Int,
    outputCount: Int
  ) {
    self.shares = shares
    self.bounds = bounds
    self.head = head
    self.step = step
    self.outputSize = outputSize
    self.inputSize = inputSize
    results = FloatArray(count: outputCount)
  }

  var outputs: [Float] { Array(UnsafeBufferPointer(start: results.base, count: results.count)) }

  /// One share, a few examples at a time, forward and backward.
  func runShare(_ index: Int, _ base: UnsafePointer<Float>, plans: [Int: Plan], size: Int) throws {
    OneDNN.useOneThread()
    let share = shares[index]
    share.lossSum = 0
    var start = bounds[index]
    while start < bounds[index + 1] {
      let count = min(size, bounds[index + 1] - start)
      guard let plan = plans[count] else { throw Failure(.state, "a plan is missing") }
      let workspace = try share.workspace(for: plan)
      workspace.isAlone = shares.count == 1
      try begin(workspace, base, start)
      for operation in plan.operations {
        try Interruption.check()
        try operation.forward(workspace)
      }
      finishForward(share, workspace, start, count)
      for operation in plan.operations.dropLast(plan.operationsAfterHead).reversed() {
        try Interruption.check()
        try operation.backward(workspace)
      }
      start += count
    }
  }

  /// All shares at once, meeting at each operation that needs the whole batch.
  func runTogether(_ base: UnsafePointer<Float>, plans: [Int: Plan]) throws -> [Workspace] {
    var workspaces: [Workspace] = []
    for (index, share) in shares.enumerated() {
      let count = bounds[index + 1] - bounds[index]
      guard let plan = plans[count] else { throw Failure(.state, "a plan is missing") }
      share.lossSum = 0
      workspaces.append(try share.workspace(for: plan))
      try begin(workspaces[index], base, bounds[index])
    }
    let all = workspaces
    func together(_ body: @escaping @Sendable (Workspace, Int) throws -> Void) throws {
      try WorkerPool.forEach(count: all.count) { index, _ in
        OneDNN.useOneThread()
        try body(all[index], index)
      }
    }
    // Plans for shares of different sizes may differ in all their operations but those that meet: what lies
    // between two meetings is each share's own.
    let meetings = all[0].plan.meetings.count
    guard all.allSatisfy({ $0.plan.meetings.count == meetings }) else {
      throw Failure(.state, "the plans of a batch's shares do not meet")
    }
    for leg in 0...meetings {
      try together { [self] workspace, index in
        let plan = workspace.plan
        for number in plan.leg(leg) {
          try Interruption.check()
          try plan.operations[number].forward(workspace)
        }
        if leg < meetings {
          try plan.meeting(leg)?.gatherForward(workspace)
        } else {
          finishForward(shares[index], workspace, bounds[index], bounds[index + 1] - bounds[index])
          try goBack(over: leg, workspace)
        }
      }
      if leg < meetings { try all[0].plan.meeting(leg)?.combineForward(all) }
    }
    for leg in (0..<meetings).reversed() {
      try all[0].plan.meeting(leg)?.combineBackward(all)
      try together { [self] workspace, _ in
        try workspace.plan.meeting(leg)?.backward(workspace)
        try goBack(over: leg, workspace)
      }
    }
    return all
  }

  /// Backward over one leg, up to where the shares meet next: whoever meets there has gathered its part.
  private func goBack(over leg: Int, _ workspace: Workspace) throws {
    let plan = workspace.plan
    let first = leg == 0 ? nil : plan.meeting(leg - 1)
    for operation in plan.operations[plan.leg(leg)].dropLast(
      leg == plan.meetings.count ? plan.operationsAfterHead : 0
    ).dropFirst(first == nil ? 0 : 1).reversed() {
      try Interruption.check()
      try operation.backward(workspace)
    }
    try first?.gatherBackward(workspace)
  }

  private func begin(_ workspace: Workspace, _ base: UnsafePointer<Float>, _ start: Int) throws {
    workspace.step = step
    workspace.firstExample = start
    try workspace.setInput(base + start * inputSize)
  }

  private func finishForward(_ share: Share, _ workspace: Workspace, _ start: Int, _ count: Int) {
    let plan = workspace.plan
    let output = workspace.pointer(plan.output)
    share.lossSum += head.evaluate(
      firstExample: start, count: count, output: output, head: workspace.pointer(plan.head.value),
      gradient: plan.head.gradient.map { workspace.pointer($0) })
    (results.base + start * outputSize).update(from: output, count: count * outputSize)
  }
}
