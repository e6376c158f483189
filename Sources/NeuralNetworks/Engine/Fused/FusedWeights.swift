import Essentials
import Kernels

/// A chain's weights as the kernels want them, made anew whenever the network's have changed.
///
/// Read by all threads, written by `prepare` only.
final class FusedWeights: @unchecked Sendable {
  private let fused: FusedChain
  private let weights: [Weights]

  /// One stage's weights, and where the kernels want them.
  fileprivate struct Weights {
    let number: Int
    let stage: FusedChain.Stage
    /// The network's.
    let kernel: FloatBuffer
    let bias: FloatBuffer
    /// The same with zeros for channels that are not there, to a multiple of 16.
    let wideKernel: FloatBuffer?
    let wideBias: FloatBuffer?
    let transformed: FloatBuffer?
    let transposed: FloatBuffer?
    let narrow: Narrow?

    var allKernel: FloatBuffer { wideKernel ?? kernel }
  }

  /// Weights in 16 bits, and their scales.
  fileprivate struct Narrow {
    let weights: FloatBuffer
    let scales: FloatBuffer
    let isPositive: Bool

    var integers: UnsafeMutablePointer<Int16> {
      UnsafeMutableRawPointer(weights.base).assumingMemoryBound(to: Int16.self)
    }
  }

  /// - Parameters:
  ///   - hasGradient: whether gradients go back through them.
  ///   - isNarrow: forward, Winograd convolutions multiply 16-bit integers.
  init(_ fused: FusedChain, network: Network, hasGradient: Bool, isNarrow: Bool) throws {
    self.fused = fused
    var weights: [Weights] = []
    for (number, stage) in fused.stages.enumerated() where stage.hasWeights {
      func parameter(_ name: String) throws -> FloatBuffer {
        guard
          let found = network.parameters.first(where: {
            $0.layer == stage.layer && $0.description.name == name
          })
        else { throw Failure(.state, "layer \(stage.layer) has no \(name)") }
        return found.value
      }
      let channels = stage.inputChannels * stage.outputChannels
      let count = 36 * channels
      var narrow: Narrow?
      if isNarrow, stage.canNarrow, !hasGradient {
        narrow = Narrow(
          weights: try FloatBuffer(count: count / 2),
          scales: try FloatBuffer(count: 36 * (stage.outputChannels + 1)),
          isPositive: number > 0 && fused.stages[..<number].last { $0.hasWeights }?.relu == true)
      }
      let wideCount = stage.window.height * stage.window.width * channels
      weights.append(
        Weights(
          number: number, stage: stage, kernel: try parameter("kernel"), bias: try parameter("bias"),
          wideKernel: stage.hasMoreChannels ? try FloatBuffer(count: wideCount) : nil,
          wideBias: stage.hasMoreChannels ? try FloatBuffer(count: stage.outputChannels) : nil,
          transformed: stage.kind == .winograd ? try FloatBuffer(count: count) : nil,
          transposed: stage.kind != .direct && hasGradient && number > 0
            ? try FloatBuffer(count: stage.kind == .point ? channels : count) : nil, narrow: narrow))
    }
    self.weights = weights
  }

  /// Says where a stage's weights are.
  func describe(_ number: Int, in description: inout kernels_stage) {
    guard let own = weights.first(where: { $0.number == number }) else { return }
    description.weights = UnsafePointer((own.transformed ?? own.allKernel).base)
    description.transposed = own.transposed.map { UnsafePointer($0.base) }
    description.bias = UnsafePointer((own.wideBias ?? own.bias).base)
    if let narrow = own.narrow {
      description.narrow_weights = UnsafePointer(narrow.integers)
      description.narrow_scales = UnsafePointer(narrow.scales.base)
    }
  }

  /// Makes them from the network's, on all threads; once at a time.
  func prepare() {
    for own in weights { own.widen() }
    var pieces: [(weights: Weights, block: Int32)] = []
    for own in weights where own.transformed != nil {
      pieces += (0..<Int32(own.stage.inputChannels / 16)).map { (own, $0) }
    }
    let work = Transforms(pieces: pieces)
    // The pool stops between pieces when the user asks for it; weights of two steps must not mix.
    do { try WorkerPool.forEach(count: pieces.count) { index, _ in work.run(index) } } catch {
      for index in pieces.indices { work.run(index) }
    }
    for own in weights {
      own.turn()
      own.makeNarrow()
    }
  }

  /// Weights of 16 input channels at a time.
  private struct Transforms: @unchecked Sendable {
    let pieces: [(weights: Weights, block: Int32)]

    func run(_ index: Int) {
      let (own, block) = pieces[index]
      guard let transformed = own.transformed else { return }
      kernels_winograd_weights(
        Int32(own.stage.window.height), own.allKernel.base, Int32(own.stage.inputChannels),
        Int32(own.stage.outputChannels), block, block + 1, transformed.base, own.transposed?.base)
    }
  }
}

extension FusedWeights.Weights {
  /// Zeros for channels that are not there stay as they were made.
  fileprivate func widen() {
    guard let wideKernel, let wideBias else { return }
    for (place, wide) in stage.kernelPlaces { wideKernel.base[wide] = kernel.base[place] }
    wideBias.base.update(from: bias.base, count: stage.output[2])
  }

  /// A 1 × 1 convolution's weights for the way back.
  fileprivate func turn() {
    guard stage.kind == .point, let transposed else { return }
    let (inputs, outputs) = (stage.inputChannels, stage.outputChannels)
    for input in 0..<inputs {
      for output in 0..<outputs {
        transposed.base[output * inputs + input] = allKernel.base[input * outputs + output]
      }
    }
  }

  fileprivate func makeNarrow() {
    guard let narrow, let transformed else { return }
    kernels_narrow_weights(
      transformed.base, Int32(stage.inputChannels), Int32(stage.outputChannels), narrow.isPositive ? 1 : 0,
      narrow.integers, narrow.scales.base)
  }
}

extension FusedChain.Stage {
  /// Each weight's place, and where it lies among those of all channels that the kernels compute.
  var kernelPlaces: [(place: Int, wide: Int)] {
    let (inputs, outputs) = (input[2], output[2])
    return (0..<window.height * window.width * inputs).flatMap { row -> [(place: Int, wide: Int)] in
      let wideRow = row / inputs * inputChannels + row % inputs
      return (0..<outputs).map { (row * outputs + $0, wideRow * outputChannels + $0) }
    }
  }
}
