import Essentials
import Kernels

/// A chain at the beginning of a plan: few rows of each layer at a time, on our own kernels.
///
/// Forward it writes its last layer's outputs, or in inference what a dense layer of one unit makes of
/// them. For the way back it keeps what layers between leave where that fits (`FusedChain.keepsRows`), else they
/// are computed again.
final class FusedOperation: Operation {
  private let program: FusedProgram
  private let backwardProgram: FusedProgram?
  private let count: Int
  private let input: SlotID
  private let output: SlotID
  private let outputGradient: SlotID?
  /// States of examples under way, then scratch; of each part, where one example is made in several.
  private let memory: SlotID
  /// The rows of the output that threads make apart where there is but one example for all of them.
  private let parts: [Range<Int>]
  /// What is kept of each example from the forward pass to the backward one.
  private let whole: SlotID?
  /// Sums of gradients.
  private let sums: SlotID?
  private let dense: Dense1?
  /// The accumulators of each stage's kernel and bias.
  private let accumulators: [(stage: Int, kernel: SlotID, bias: SlotID)]

  /// A dense layer of one unit.
  private struct Dense1 {
    let kernel: FloatBuffer
    let bias: FloatBuffer
  }

  /// Appends the chain; with `dense`, a layer of one unit behind a flatten layer, that too.
  static func append(
    _ fused: FusedChain, dense: Int? = nil, to builder: PlanBuilder, flow: Flow, hasGradient: Bool
  ) throws -> Flow {
    let shape = dense == nil ? fused.output : [1]
    let result = builder.newFlow(
      shape, try MemoryDescriptor(examples: builder.count, of: shape), after: flow, hasGradient: hasGradient,
      isPlain: true)
    builder.append(try FusedOperation(fused, dense: dense, builder, from: flow, to: result))
    return result
  }

  private init(
    _ fused: FusedChain, dense: Int?, _ builder: PlanBuilder, from flow: Flow, to result: Flow
  ) throws {
    count = builder.count
    input = flow.value
    output = result.value
    outputGradient = result.gradient
    let isNarrow = builder.key.purpose == .mixedInference && fused.canNarrow
    let keepsRows = result.gradient != nil && fused.keepsRows
    backwardProgram =
      result.gradient == nil
      ? nil : try FusedProgram(fused, mode: .backward, network: builder.network, keepsRows: keepsRows)
    program = try FusedProgram(
      fused, mode: dense == nil ? .store : .dot, network: builder.network, isNarrow: isNarrow,
      keepsRows: keepsRows, sharing: backwardProgram)
    whole =
      keepsRows ? builder.kept(try MemoryDescriptor(rowMajor: [count * program.wholeCount + 16])) : nil
    if let dense {
      self.dense = Dense1(
        kernel: builder.network.parameters[try builder.parameterIndex(dense, "kernel")].value,
        bias: builder.network.parameters[try builder.parameterIndex(dense, "bias")].value)
    } else {
      self.dense = nil
    }
    var accumulators: [(stage: Int, kernel: SlotID, bias: SlotID)] = []
    if let backward = backwardProgram {
      sums = builder.kept(try MemoryDescriptor(rowMajor: [backward.gradientCount + 16]))
      for (number, stage) in fused.stages.enumerated() where stage.hasWeights {
        func accumulator(_ name: String) throws -> SlotID {
          let parameter = try builder.parameterIndex(stage.layer, name)
          let length = builder.network.parameters[parameter].value.count
          return builder.accumulator(parameter, as: try MemoryDescriptor(rowMajor: [length]))
        }
        accumulators.append((number, try accumulator("kernel"), try accumulator("bias")))
      }
    } else {
      sums = nil
    }
    self.accumulators = accumulators
    parts = builder.isTraining || count > 1 ? [] : program.parts(WorkerPool.threadCount)
    // Examples share pieces of dense weights; otherwise one follows the other.
    let forwardCount =
      (program.stateCount * (dense == nil ? 1 : count) + program.scratchCount) * max(1, parts.count)
    let backwardCount = (backwardProgram?.stateCount ?? 0) + (backwardProgram?.scratchCount ?? 0)
    memory = builder.kept(try MemoryDescriptor(rowMajor: [forwardCount + backwardCount + 16]))
    let outputs = builder.descriptor(result.value).byteCount
    let byteCount =
      (forwardCount + backwardCount + (keepsRows ? count * program.wholeCount : 0)) * 4 + outputs
    let pass = builder.isTraining ? "both ways" : "forward"
    for choice in fused.choices(pass: pass, byteCount: byteCount, isNarrow: isNarrow) {
      builder.note(choice)
    }
    if let dense { builder.note(fused.unitChoice(dense, pass: "forward", layout: "", byteCount: 0)) }
    let owner = backwardProgram ?? program
    builder.prepare { owner.prepare() }
  }

  func forward(_ workspace: Workspace) throws {
    let inputs = workspace.pointer(input)
    let outputs = workspace.pointer(output)
    let memory = workspace.pointer(memory).onLine
    let inputCount = program.fused.stages[0].input.reduce(1, *)
    let outputCount = program.fused.output.reduce(1, *)
    var examples = (0..<min(count, workspace.exampleCount)).map { index -> kernels_example in
      var example = kernels_example()
      example.input = UnsafePointer(inputs + index * inputCount)
      if let dense {
        example.state = memory + index * program.stateCount
        example.dense = UnsafePointer(dense.kernel.base)
        if index < workspace.feeds.count { workspace.feeds[index]?.feed(&example) }
      } else {
        example.state = memory
        example.output = outputs + index * outputCount
        example.whole = wholeRows(index, workspace)
      }
      return example
    }
    if workspace.isAlone, parts.count > 1, workspace.feeds.isEmpty, let example = examples.first {
      let (dot, peak) = try forwardInParts(example, memory)
      if let dense { outputs[0] = Float(dot + Double(dense.bias.base[0])) }
      workspace.peaks = [peak]
      return
    }
    let scratch = memory + program.stateCount * (dense == nil ? 1 : count)
    try examples.withUnsafeMutableBufferPointer { examples in
      if let dense {
        let dots = try program.run(examples, scratch: scratch)
        for feed in workspace.feeds { try feed?.finish() }
        for index in examples.indices {
          outputs[index] = Float(dots[index].reduce(0, +) + Double(dense.bias.base[0]))
        }
      } else {
        for index in examples.indices {
          try program.run(.init(rebasing: examples[index...index]), scratch: scratch)
        }
      }
      workspace.peaks = examples.map(\.peak)
    }
  }

  /// One example, a part of its rows on each thread.
  private func forwardInParts(
    _ example: kernels_example, _ memory: UnsafeMutablePointer<Float>
  ) throws -> (dot: Double, peak: Float) {
    let work = Parts(program: program, ranges: parts, example: example, memory: memory)
    let results = try WorkerPool.map(count: parts.count) { try work.run($0) }
    let peak = results.reduce(Float(0)) { $0 >= $1.peak ? $0 : $1.peak >= $0 ? $1.peak : .nan }
    return (results.flatMap(\.dots).reduce(0, +), peak)
  }

  private struct Parts: @unchecked Sendable {
    let program: FusedProgram
    let ranges: [Range<Int>]
    let example: kernels_example
    let memory: UnsafeMutablePointer<Float>

    func run(_ index: Int) throws -> (dots: [Double], peak: Float) {
      var own = example
      own.state = memory + index * (program.stateCount + program.scratchCount)
      let scratch = own.state + program.stateCount
      let dots = try withUnsafeMutablePointer(to: &own) {
        try program.run(
          UnsafeMutableBufferPointer(start: $0, count: 1), scratch: scratch, rows: ranges[index])
      }
      return (dots.first ?? [], own.peak)
    }
  }

  private struct Gradients: @unchecked Sendable {
    let operation: FusedOperation
    let program: FusedProgram
    let workspace: Workspace
    let sum: UnsafeMutablePointer<Float>

    /// Of one stage.
    func add(_ index: Int) {
      let (stage, kernel, bias) = operation.accumulators[index]
      program.addGradient(
        ofStage: stage, from: sum, scale: 1, kernel: workspace.pointer(kernel), bias: workspace.pointer(bias))
    }
  }

  private func wholeRows(_ index: Int, _ workspace: Workspace) -> UnsafeMutablePointer<Float>? {
    whole.map { workspace.pointer($0).onLine + index * program.wholeCount }
  }

  func backward(_ workspace: Workspace) throws {
    guard let backwardProgram, let outputGradient, let sums else { return }
    let inputs = workspace.pointer(input)
    let outputs = workspace.pointer(output)
    let gradients = workspace.pointer(outputGradient)
    let state = workspace.pointer(memory).onLine + program.stateCount + program.scratchCount
    let sum = workspace.pointer(sums).onLine
    let inputCount = program.fused.stages[0].input.reduce(1, *)
    let outputCount = program.fused.output.reduce(1, *)
    sum.update(repeating: 0, count: backwardProgram.gradientCount)
    for index in 0..<count {
      var example = kernels_example()
      example.input = UnsafePointer(inputs + index * inputCount)
      example.state = state
      example.output = outputs + index * outputCount
      example.output_gradient = UnsafePointer(gradients + index * outputCount)
      example.gradient = sum
      example.whole = wholeRows(index, workspace)
      _ = try withUnsafeMutablePointer(to: &example) {
        try backwardProgram.run(
          UnsafeMutableBufferPointer(start: $0, count: 1), scratch: state + backwardProgram.stateCount)
      }
    }
    backwardProgram.finish(sum, scratch: state + backwardProgram.stateCount)
    let work = Gradients(operation: self, program: backwardProgram, workspace: workspace, sum: sum)
    if workspace.isAlone {
      try WorkerPool.forEach(count: accumulators.count) { index, _ in work.add(index) }
    } else {
      for index in accumulators.indices { work.add(index) }
    }
  }
}

extension UnsafeMutablePointer<Float> {
  /// The next place at a multiple of 64 bytes, where a cache line begins.
  var onLine: UnsafeMutablePointer<Float> {
    UnsafeMutablePointer(bitPattern: (UInt(bitPattern: self) + 63) & ~63) ?? self
  }
}
