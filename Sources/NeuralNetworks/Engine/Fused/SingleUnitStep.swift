import Essentials
import Glibc
import Kernels
import Tensors

/// A training step of a network that is a chain and, behind flatten, a dense layer of one unit.
///
/// All of an example's gradients contain the loss's slope at its one logit as a factor. So an example goes
/// backward in the same pass as forward, with a slope of 1, before its logit is known; its gradients are
/// multiplied afterwards. Nothing is computed twice, and no gradient between layers is ever stored. Only
/// the dense layer's own gradient, the sum of slope × chain's outputs, needs those outputs once more: they
/// are kept for a few examples at a time.
final class SingleUnitStep: @unchecked Sendable {
  private let network: Network
  private let activation: Activation
  private let program: FusedProgram
  /// Indices into the network's parameters.
  private let kernel: Int
  private let bias: Int
  private let stages: [(stage: Int, kernel: Int, bias: Int)]
  /// The gradients of all parameters but the dense kernel.
  let share: Share

  private let threads: Int
  /// Examples whose outputs are kept at the same time.
  private let groupSize: Int
  private let isHalf: Bool
  private let kept: FloatBuffer
  private let states: FloatBuffer
  private let sums: FloatBuffer
  private let scratch: FloatBuffer
  /// The dense gradient of the groups before the last.
  private var earlier: FloatBuffer?
  /// The examples under way, where they have to be made.
  private var made: FloatBuffer?
  private var preparedVersion = -1

  // Of the last group, whose part of the dense gradient is still to be added.
  private var slopes: [Float] = []
  private var hasEarlier = false
  /// No number of the dense gradient is larger.
  private(set) var bound = 0.0

  /// Up to this many bytes of kept outputs are kept as they are; larger ones in half precision.
  static let exactByteLimit = 4 << 20

  /// Nil where the network is another one.
  init?(_ fused: FusedChain, layers: [any Layer], network: Network, exampleCount: Int) throws {
    guard let dense = fused.followingUnit(layers), dense == layers.count - 1,
      let layer = layers[dense] as? Dense
    else { return nil }
    func index(_ layer: Int, _ name: String) throws -> Int {
      guard
        let found = network.parameters.firstIndex(where: {
          $0.layer == layer && $0.description.name == name
        })
      else { throw Failure(.state, "layer \(layer) has no \(name)") }
      return found
    }
    let kernel = try index(dense, "kernel")
    self.network = network
    self.kernel = kernel
    activation = layer.activation
    bias = try index(dense, "bias")
    var stages: [(stage: Int, kernel: Int, bias: Int)] = []
    for (number, stage) in fused.stages.enumerated() where stage.hasWeights {
      stages.append((number, try index(stage.layer, "kernel"), try index(stage.layer, "bias")))
    }
    self.stages = stages
    program = try FusedProgram(fused, mode: .unit, network: network)
    share = try Share(
      gradientCounts: network.parameters.enumerated().map { $0 == kernel ? nil : $1.value.count })
    threads = max(1, min(WorkerPool.threadCount, exampleCount))
    groupSize = min(exampleCount, threads * 4)
    let elements = program.keptCount * groupSize
    isHalf = elements * 4 > Self.exactByteLimit
    kept = try FloatBuffer(count: (isHalf ? elements / 2 : elements) + 16)
    states = try FloatBuffer(count: program.stateCount * groupSize)
    sums = try FloatBuffer(count: program.gradientCount * groupSize + 16)
    scratch = try FloatBuffer(count: program.scratchCount * threads)
  }

  /// Whether this is ready for a batch of this size.
  func fits(exampleCount: Int) -> Bool {
    let threads = max(1, min(WorkerPool.threadCount, exampleCount))
    return threads == self.threads && groupSize == min(exampleCount, threads * 4)
  }

  /// What was chosen, and its memory.
  var report: PlanReport {
    let working = (states.count + sums.count + scratch.count) * 4
    let choices =
      program.fused.choices(pass: "both ways at once", byteCount: working)
      + [
        program.fused.unitChoice(
          program.fused.layerCount + 1, pass: "both ways, optimizer",
          layout: isHalf ? "half precision" : "floats", byteCount: kept.count * 4)
      ]
    return PlanReport(
      examplesAtOnce: groupSize / threads, choices: choices,
      byteCountPerThread: (working + kept.count * 4) / threads)
  }

  /// The network cannot take an example here (`FusedRange`).
  struct OutOfRange: Error {}

  /// Forward and backward; leaves gradients here until they are taken or discarded.
  /// - Parameter refusesNonFinite: whether to throw `NonFiniteExample` where an example holds what is no
  ///   number.
  /// - Returns: the sum of losses, and the outputs.
  /// - Throws: `OutOfRange`.
  func run(
    _ examples: BatchExamples.Reader, head: LossHead, isFused: Bool, range: FusedRange,
    refusesNonFinite: Bool
  ) throws -> (lossSum: Double, outputs: [Float]) {
    if preparedVersion != network.version {
      program.prepare()
      preparedVersion = network.version
    }
    share.clearGradients()
    slopes = []
    hasEarlier = false
    bound = 0
    var lossSum = 0.0
    var outputs: [Float] = []
    for start in stride(from: 0, to: examples.count, by: groupSize) {
      if !slopes.isEmpty { try addToEarlier() }
      let length = min(groupSize, examples.count - start)
      let passes = try passGroup(
        examples, start..<start + length, range: range, refusesNonFinite: refusesNonFinite)
      let logits = passes.map(\.logit)
      let group = logits.map(activation.value)
      var gradients = [Float](repeating: 0, count: length)
      lossSum += head.evaluate(
        firstExample: start, count: length, output: group, head: logits, gradient: &gradients)
      if !isFused {
        for index in gradients.indices { gradients[index] *= activation.slope(at: group[index]) }
      }
      outputs += group
      addSmallGradients(gradients)
      slopes = zip(gradients, passes).map { $0 / $1.scale }
      for (gradient, pass) in zip(gradients, passes) { bound += abs(Double(gradient)) * pass.bound }
      if !slopes.allSatisfy(\.isFinite) { bound = .nan }
    }
    return (lossSum, outputs)
  }

  /// A power of two that brings the largest output just into the range of half precision.
  private static func scale(for bound: Double) -> Float {
    guard bound > 0, bound.isFinite else { return 1 }
    return Float(sign: .plus, exponent: max(-100, min(100, 15 - Int(bound.exponent))), significand: 0.5)
  }

  /// An example that went through the chain, and what its kept outputs were multiplied by.
  private struct Pass {
    let logit: Float
    let scale: Float
    /// No output of the chain is larger.
    let bound: Double
  }

  /// Some examples through the chain, each thread with a run of them.
  private func passGroup(
    _ examples: BatchExamples.Reader, _ group: Range<Int>, range: FusedRange, refusesNonFinite: Bool
  ) throws -> [Pass] {
    if made == nil, group.contains(where: { examples.place(of: $0..<$0 + 1) == nil }) {
      made = try FloatBuffer(count: examples.length * groupSize)
    }
    let memory = made
    let offset = Double(network.parameters[bias].value.base[0])
    let shareCount = min(threads, group.count)
    let passes = try WorkerPool.map(count: shareCount) { [self] index -> [Pass] in
      let places = (index * group.count / shareCount)..<((index + 1) * group.count / shareCount)
      var bounds: [Double] = []
      var under = try places.map { place -> kernels_example in
        let number = group.lowerBound + place
        let input = try examples.run(number..<number + 1) {
          guard let memory else { throw Failure(.state, "an example has no memory") }
          return memory.base + place * examples.length
        }
        let elements = UnsafeBufferPointer(start: input, count: examples.length)
        let peak = elements.peak
        if refusesNonFinite, !peak.isFinite { throw NonFiniteExample(number, elements) }
        guard range.canTake(peak: peak) else { throw OutOfRange() }
        bounds.append(range.outputBound(peak: peak))
        var example = kernels_example()
        example.input = input
        example.state = states.base + place * program.stateCount
        example.dense = UnsafePointer(network.parameters[kernel].value.base)
        example.kept = keptRow(0, example: place)
        example.kept_stride = rowCount * groupSize
        example.kept_is_half = isHalf ? 1 : 0
        example.kept_scale = isHalf ? Self.scale(for: range.outputBound(peak: peak)) : 1
        example.gradient = sums.base + place * program.gradientCount
        example.gradient.update(repeating: 0, count: program.gradientCount)
        return example
      }
      let scratch = scratch.base + index * program.scratchCount
      return try under.withUnsafeMutableBufferPointer { under in
        try program.run(under, scratch: scratch)
        return zip(under, bounds).map { Pass(logit: Float($0.dot + offset), scale: $0.kept_scale, bound: $1) }
      }
    }
    return Array(passes.joined())
  }

  private func addSmallGradients(_ slopes: [Float]) {
    for (place, slope) in slopes.enumerated() {
      let sum = sums.base + place * program.gradientCount
      for (stage, kernel, bias) in stages {
        guard let kernel = share.gradient(kernel), let bias = share.gradient(bias) else { continue }
        program.addGradient(ofStage: stage, from: sum, scale: slope, kernel: kernel.base, bias: bias.base)
      }
      share.gradient(bias)?.base[0] += slope
    }
  }

  // MARK: The dense gradient

  /// Numbers in a kept row of one example: the row's, and some more where tiles hang over.
  private var rowCount: Int { program.keptRowCount }
  /// Numbers in a row of the chain's output, and so of the dense kernel.
  private var rowLength: Int { program.fused.output[1] * program.fused.output[2] }

  private func keptRow(_ row: Int, example: Int) -> UnsafeMutableRawPointer {
    let place = (row * groupSize + example) * rowCount
    return UnsafeMutableRawPointer(kept.base.onLine) + place * (isHalf ? 2 : 4)
  }

  private func addToEarlier() throws {
    let sum = try earlier ?? FloatBuffer(count: network.parameters[kernel].value.count)
    earlier = sum
    let rows = program.fused.output[0]
    try WorkerPool.forEach(count: (rows + 31) / 32) { [self] block, _ in
      for row in block * 32..<min(rows, block * 32 + 32) {
        let place = sum.base + row * rowLength
        write(row, after: hasEarlier ? UnsafePointer(place) : nil, to: place, isFar: true)
      }
    }
    hasEarlier = true
  }

  private func write(
    _ row: Int, after before: UnsafePointer<Float>?, to gradient: UnsafeMutablePointer<Float>, isFar: Bool
  ) {
    kernels_kept_sum(
      program.fused.instructionSet.code, keptRow(row, example: 0), isHalf ? 1 : 0, rowCount, slopes,
      Int32(slopes.count), rowLength, before, gradient, isFar ? 1 : 0)
  }
}

extension SingleUnitStep {
  /// A parameter's whole gradient.
  func write(parameter: Int, into destination: UnsafeMutableBufferPointer<Float>) {
    guard let base = destination.baseAddress else { return }
    if let gradient = share.gradient(parameter) {
      base.update(from: gradient.base, count: destination.count)
    } else {
      for row in 0..<destination.count / runLength { write(run: row, to: base + row * runLength) }
    }
  }
}

extension SingleUnitStep: StreamedGradient {
  var parameter: Int { kernel }
  var runLength: Int { rowLength }

  func write(run: Int, to gradient: UnsafeMutablePointer<Float>) {
    let before = hasEarlier ? earlier.map { UnsafePointer($0.base + run * rowLength) } : nil
    write(run, after: before, to: gradient, isFar: false)
  }
}

extension Activation {
  /// What one unit makes of its sum.
  fileprivate func value(_ x: Float) -> Float { element?.value(x) ?? x }

  /// The slope where the value is `y`.
  fileprivate func slope(at y: Float) -> Float { element?.slope(at: y) ?? 1 }
}
