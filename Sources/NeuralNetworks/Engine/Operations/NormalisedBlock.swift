import Essentials
import Kernels
import Tensors

/// Batch normalisation in training, with a ReLU and a pool of windows side by side behind it where they follow:
/// what our own kernels do in one pass over what is normalised.
struct NormalisedBlock {
  /// The normalisation's place in the model.
  let index: Int
  let norm: BatchNorm
  let relu: Bool
  let pool: Pool?
  let isAverage: Bool
  /// How many of the model's layers it covers.
  let layerCount: Int
  let instructionSet: FusedKernels.InstructionSet
  /// What is normalised: rows, columns, channels; a sequence is a picture of one row.
  let input: Shape
  /// The same of what comes out.
  let output: Shape
  /// What comes out as the next layer sees it.
  let outputShape: Shape

  private static let largestWindow = 16
  private static let largestSide = 1 << 24

  /// The layers from `index` on, or nil where they do not begin with a normalisation of pictures or sequences.
  init?(_ layers: [any Layer], at index: Int, shapes: [Shape], options: EngineOptions) {
    guard index < layers.count, let norm = layers[index] as? BatchNorm,
      let kernels = options.kernels.instructionSet
    else { return nil }
    func picture(_ shape: Shape) -> Shape { shape.count == 2 ? [1] + shape : shape }
    let shape = picture(shapes[index])
    guard shape.count == 3, shape.allSatisfy({ $0 < Self.largestSide }) else { return nil }
    self.index = index
    self.norm = norm
    instructionSet = kernels
    input = shape
    var next = index + 1
    if next < layers.count, let function = layers[next] as? ActivationLayer, function.activation == .relu {
      relu = true
      next += 1
    } else {
      relu = false
    }
    var pool: Pool?
    var isAverage = false
    if next < layers.count, let layer = layers[next] as? any PoolingLayer,
      layer.isMaximum || layer.isAverage, layer.pool.size == layer.pool.strides,
      layer.pool.padding == .valid, layer.pool.size.height <= Self.largestWindow,
      layer.pool.size.width <= Self.largestWindow
    {
      pool = layer.pool
      isAverage = layer.isAverage
      next += 1
    }
    self.pool = pool
    self.isAverage = isAverage
    layerCount = next - index
    outputShape = shapes[next]
    output = picture(outputShape)
  }

  /// The kernels' description, but for what depends on the batch.
  func description(_ layout: ChannelBlocks) -> kernels_norm {
    var norm = kernels_norm()
    norm.instruction_set = instructionSet.code
    norm.rows = Int32(input[0])
    norm.columns = Int32(input[1])
    norm.blocks = Int32(layout.blocks)
    norm.width = Int32(layout.width)
    norm.window_rows = Int32(pool?.size.height ?? 1)
    norm.window_columns = Int32(pool?.size.width ?? 1)
    norm.is_average = isAverage ? 1 : 0
    norm.relu = relu ? 1 : 0
    return norm
  }

  /// What a reader of the plan sees.
  func note(_ builder: PlanBuilder, algorithm: String, byteCount: Int) {
    let parts = [relu ? "relu" : nil, pool.map { _ in isAverage ? "average pool" : "max pool" }].compactMap {
      $0
    }
    for layer in index..<index + layerCount {
      builder.note(
        PlanChoice(
          layer: layer, pass: "both ways",
          algorithm: "fused \(algorithm), \(instructionSet.rawValue)", layout: "16-channel blocks",
          byteCount: layer == index ? byteCount : 0,
          reason: layer > index || parts.isEmpty
            ? "one pass" : "one pass with " + parts.joined(separator: ", ")))
    }
  }
}

/// The statistics of a normalisation over a batch whose shares each see a part, and what follows from them.
final class BatchStatistics {
  private let norm: BatchNorm
  /// Channels, and as many numbers as the blocks that hold them have.
  private let channels: Int
  private let padded: Int
  private let gamma: Weight
  private let beta: Weight
  private let movingMean: Weight
  private let movingVariance: Weight
  private let gammaGradient: SlotID
  private let betaGradient: SlotID
  /// Doubles: means, sums of squared deviations (then variances); sums for the gradients of gamma and beta (then
  /// what the statistics pass back: the factors of x̂ and of 1).
  private let sums: SlotID
  /// Floats: the six arrays that the kernels read.
  private let constants: SlotID
  /// Values of one channel in the share.
  private let positions: Int

  convenience init(_ builder: PlanBuilder, _ block: NormalisedBlock, padded: Int) throws {
    try self.init(builder, block.norm, layer: block.index, shape: block.input, padded: padded)
  }

  /// - Parameters:
  ///   - layer: the normalisation's place in the model.
  ///   - shape: of what is normalised, channels last.
  init(_ builder: PlanBuilder, _ norm: BatchNorm, layer: Int, shape: Shape, padded: Int) throws {
    self.norm = norm
    channels = shape.last ?? 1
    self.padded = padded
    positions = builder.count * shape.dropLast().reduce(1, *)
    func index(_ name: String) throws -> Int { try builder.parameterIndex(layer, name) }
    let parameters = builder.network.parameters
    gamma = parameters[try index("gamma")]
    beta = parameters[try index("beta")]
    movingMean = parameters[try index("moving_mean")]
    movingVariance = parameters[try index("moving_variance")]
    let statistics = try MemoryDescriptor(rowMajor: [channels])
    gammaGradient = builder.accumulator(try index("gamma"), as: statistics)
    betaGradient = builder.accumulator(try index("beta"), as: statistics)
    sums = builder.kept(try MemoryDescriptor(rowMajor: [4 * 2 * padded]))
    constants = builder.kept(try MemoryDescriptor(rowMajor: [6 * padded]))
  }

  private func doubles(_ workspace: Workspace, _ number: Int) -> UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(workspace.pointer(sums)).assumingMemoryBound(to: Double.self) + number * padded
  }
  private func floats(_ workspace: Workspace, _ number: Int) -> UnsafeMutablePointer<Float> {
    workspace.pointer(constants) + number * padded
  }

  /// Moments of nothing.
  func moments(_ workspace: Workspace) -> kernels_moments {
    doubles(workspace, 0).update(repeating: 0, count: 2 * padded)
    return kernels_moments(mean: doubles(workspace, 0), squares: doubles(workspace, 1), count: 0)
  }

  /// Sums of gradients, zero at first.
  func gradientSums(
    _ workspace: Workspace
  ) -> (gamma: UnsafeMutablePointer<Double>, beta: UnsafeMutablePointer<Double>) {
    doubles(workspace, 2).update(repeating: 0, count: 2 * padded)
    return (doubles(workspace, 2), doubles(workspace, 3))
  }

  /// Takes a share's moments that were found in single precision.
  func setMoments(
    _ workspace: Workspace, mean: UnsafePointer<Float>, variance: UnsafePointer<Float>
  ) {
    for channel in 0..<channels {
      doubles(workspace, 0)[channel] = Double(mean[channel])
      doubles(workspace, 1)[channel] = Double(variance[channel]) * Double(positions)
    }
  }

  /// The batch's moments in single precision, once the shares have met.
  func getMoments(
    _ workspace: Workspace, mean: UnsafeMutablePointer<Float>, variance: UnsafeMutablePointer<Float>
  ) {
    for channel in 0..<channels {
      mean[channel] = Float(doubles(workspace, 0)[channel])
      variance[channel] = Float(doubles(workspace, 1)[channel])
    }
  }

  /// Takes a share's sums for the gradients that were found in single precision.
  func setGradientSums(
    _ workspace: Workspace, gamma: UnsafePointer<Float>, beta: UnsafePointer<Float>
  ) {
    for channel in 0..<channels {
      doubles(workspace, 2)[channel] = Double(gamma[channel])
      doubles(workspace, 3)[channel] = Double(beta[channel])
    }
  }

  /// What the statistics pass back, once the shares have met: x̂·scale + shift.
  func getCorrection(
    _ workspace: Workspace, scale: UnsafeMutablePointer<Float>, shift: UnsafeMutablePointer<Float>
  ) {
    for channel in 0..<channels {
      scale[channel] = Float(doubles(workspace, 2)[channel])
      shift[channel] = Float(doubles(workspace, 3)[channel])
    }
  }

  /// Points a description at what the kernels read.
  func complete(_ norm: inout kernels_norm, _ workspace: Workspace) {
    norm.mean = UnsafePointer(floats(workspace, 0))
    norm.inverse = UnsafePointer(floats(workspace, 1))
    norm.scale = UnsafePointer(floats(workspace, 2))
    norm.shift = UnsafePointer(floats(workspace, 3))
    norm.rest_scale = UnsafePointer(floats(workspace, 4))
    norm.rest_shift = UnsafePointer(floats(workspace, 5))
  }

  /// A share's own, with its workspace.
  typealias Part = (own: BatchStatistics, workspace: Workspace)

  /// The shares' moments to those of the batch, by the formula of Chan, Golub and LeVeque (1979).
  static func combineForward(_ parts: [Part]) {
    guard let first = parts.first?.own else { return }
    let total = parts.reduce(0.0) { $0 + Double($1.own.positions) }
    for channel in 0..<first.channels {
      let whole =
        parts.reduce(0.0) { sum, part in
          sum + Double(part.own.positions) * part.own.doubles(part.workspace, 0)[channel]
        } / total
      let squares = parts.reduce(0.0) { sum, part in
        let difference = part.own.doubles(part.workspace, 0)[channel] - whole
        return sum + part.own.doubles(part.workspace, 1)[channel]
          + Double(part.own.positions) * difference * difference
      }
      let variance = squares / total
      let inverse = 1 / (variance + first.norm.epsilon).squareRoot()
      let scale = Double(first.gamma.value.base[channel]) * inverse
      for (own, workspace) in parts {
        own.doubles(workspace, 0)[channel] = whole
        own.doubles(workspace, 1)[channel] = variance
        own.floats(workspace, 0)[channel] = Float(whole)
        own.floats(workspace, 1)[channel] = Float(inverse)
        own.floats(workspace, 2)[channel] = Float(scale)
        own.floats(workspace, 3)[channel] = Float(Double(own.beta.value.base[channel]) - whole * scale)
      }
    }
    for (own, workspace) in parts {
      for array in 0..<4 {
        (own.floats(workspace, array) + own.channels).update(repeating: 0, count: own.padded - own.channels)
      }
    }
  }

  /// The shares' sums to the gradients of γ and β, and to what the statistics pass back:
  /// −γ·r·(dβ + x̂·dγ)/n with r = 1/√(variance + ε).
  static func combineBackward(_ parts: [Part]) {
    guard let first = parts.first else { return }
    let total = parts.reduce(0.0) { $0 + Double($1.own.positions) }
    for channel in 0..<first.own.channels {
      let gammaSum = parts.reduce(0.0) { $0 + $1.own.doubles($1.workspace, 2)[channel] }
      let betaSum = parts.reduce(0.0) { $0 + $1.own.doubles($1.workspace, 3)[channel] }
      // One share carries the whole sum; the others' gradients stay zero.
      first.workspace.pointer(first.own.gammaGradient)[channel] += Float(gammaSum)
      first.workspace.pointer(first.own.betaGradient)[channel] += Float(betaSum)
      let mean = first.own.doubles(first.workspace, 0)[channel]
      let inverse = 1 / (first.own.doubles(first.workspace, 1)[channel] + first.own.norm.epsilon).squareRoot()
      let factor = -Double(first.own.gamma.value.base[channel]) * inverse / total
      let scale = factor * gammaSum * inverse
      for (own, workspace) in parts {
        own.floats(workspace, 4)[channel] = Float(scale)
        own.floats(workspace, 5)[channel] = Float(factor * betaSum - scale * mean)
        own.doubles(workspace, 2)[channel] = factor * gammaSum
        own.doubles(workspace, 3)[channel] = factor * betaSum
      }
    }
    for (own, workspace) in parts {
      for array in 4..<6 {
        (own.floats(workspace, array) + own.channels).update(repeating: 0, count: own.padded - own.channels)
      }
    }
  }

  /// Moves the moving statistics.
  func finishStep(_ workspace: Workspace) {
    let momentum = Float(norm.momentum)
    for channel in 0..<channels {
      let mean = Float(doubles(workspace, 0)[channel])
      let variance = Float(doubles(workspace, 1)[channel])
      movingMean.value.base[channel] = movingMean.value.base[channel] * momentum + mean * (1 - momentum)
      movingVariance.value.base[channel] =
        movingVariance.value.base[channel] * momentum + variance * (1 - momentum)
    }
  }
}

/// A batch normalisation. The shares of a batch may run it in different ways, each as the layout in its own plan
/// allows: they have the statistics in common, and nothing else.
protocol NormalisingOperation: BatchOperation {
  /// Which meeting of a batch's shares this is.
  var number: Int { get }
  var statistics: BatchStatistics { get }
}

extension NormalisingOperation {
  /// Each share's statistics of this layer, with its workspace.
  private func parts(_ workspaces: [Workspace]) throws -> [BatchStatistics.Part] {
    try workspaces.map {
      guard let own = $0.plan.meeting(number) as? any NormalisingOperation else {
        throw Failure(.state, "the plans of a batch's shares do not meet")
      }
      return (own.statistics, $0)
    }
  }

  func combineForward(_ workspaces: [Workspace]) throws {
    BatchStatistics.combineForward(try parts(workspaces))
  }
  func combineBackward(_ workspaces: [Workspace]) throws {
    BatchStatistics.combineBackward(try parts(workspaces))
  }
  func finishStep(_ workspaces: [Workspace]) {
    if let first = workspaces.first { statistics.finishStep(first) }
  }
}

extension PoolingLayer {
  fileprivate var isMaximum: Bool { self is MaxPool2D || self is MaxPool1D }
  fileprivate var isAverage: Bool { self is AveragePool2D || self is AveragePool1D }
}
