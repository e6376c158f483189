import Essentials
import Kernels
import Tensors

/// The layers at the beginning of a network that our own kernels run as one.
///
/// 3×3, 5×5 and 1×1 convolutions of stride 1 with ReLU or nothing behind, and pools of windows side by side: the
/// first convolution of 1 to 4 channels or of more. Inside the chain channels are multiples of 16, some of them
/// zeros where a layer has fewer.
struct FusedChain {
  /// One stage: a layer, with the ReLU that follows it.
  struct Stage {
    let layer: Int
    let kind: Kind
    let input: Shape
    let output: Shape
    let isPadded: Bool
    let relu: Bool
    let window: Extent

    enum Kind: Equatable { case direct, winograd, point, maxPool, averagePool }

    /// The channels that the kernels compute: a multiple of 16, but for a first layer's few.
    var inputChannels: Int { kind == .direct ? input[2] : (input[2] + 15) / 16 * 16 }
    var outputChannels: Int { (output[2] + 15) / 16 * 16 }
    var hasMoreChannels: Bool { inputChannels != input[2] || outputChannels != output[2] }

    var hasWeights: Bool { kind != .maxPool && kind != .averagePool }
    /// The side of the outputs of a Winograd tile: with its window it makes 6 × 6 inputs.
    var tileSide: Int { 7 - window.height }
    /// Rows of its output that the kernels make together: rows of tiles that fill a group of 16.
    var rowsAtOnce: Int { tileSide * max(1, 16 / ((output[1] - 1) / tileSide + 1)) }
    /// Whether it can run on 16-bit integers.
    var canNarrow: Bool { kind == .winograd && window == Extent(3) }
  }

  let instructionSet: FusedKernels.InstructionSet
  let stages: [Stage]
  /// How many of the network's layers the chain covers.
  let layerCount: Int

  var output: Shape { stages[stages.count - 1].output }
  /// Whether its Winograd convolutions can run on 16-bit integers, for a mixed prediction.
  var canNarrow: Bool { instructionSet.hasNarrowProducts && stages.contains(where: \.canNarrow) }

  /// More channels than this leave the caches, and oneDNN's larger blocks win.
  static let mostChannels = 128
  private static let largestWindow = 8
  /// Rows and columns are counted in 32 bits.
  private static let largestSide = 1 << 24

  /// The longest chain at the beginning of a network, or nil where there is none worth it.
  init?(layers: [any Layer], network: Network, options: EngineOptions) {
    guard let instructionSet = options.ownKernels else { return nil }
    self.instructionSet = instructionSet
    let mustPay = options.kernels == .best
    var stages: [Stage] = []
    var index = 0
    func hasBias(_ layer: Int) -> Bool {
      network.parameters.contains { $0.layer == layer && $0.description.name == "bias" }
    }
    while index < layers.count, stages.count < Int(KERNELS_MOST_STAGES) {
      var follows = Activation.linear
      if index + 1 < layers.count, let layer = layers[index + 1] as? ActivationLayer {
        follows = layer.activation
      }
      guard
        let stage = Self.stage(
          layers[index], index, network.shapes[index], network.shapes[index + 1], follows: follows),
        !mustPay || stage.pays, !stage.hasWeights || hasBias(index)
      else { break }
      if stages.isEmpty, !stage.hasWeights { break }
      if !stages.isEmpty, stage.kind == .direct { break }
      if stages.isEmpty, stage.kind != .direct, stage.input[2] % 16 != 0 { break }
      stages.append(stage)
      index += 1
      // A convolution without a function of its own takes the ReLU behind it.
      if stage.hasWeights, stage.relu, (layers[index - 1] as? Conv2D)?.activation == .linear { index += 1 }
    }
    // What goes in and out as a whole has no channels of zeros.
    while let last = stages.last, last.output[2] % 16 != 0 {
      index = last.layer
      stages.removeLast()
    }
    guard stages.contains(where: { $0.kind == .winograd }) || (!mustPay && !stages.isEmpty) else {
      return nil
    }
    self.stages = stages
    layerCount = index
  }

  private static func stage(
    _ layer: any Layer, _ index: Int, _ input: Shape, _ output: Shape, follows: Activation
  ) -> Stage? {
    guard input.count == 3, output.count == 3, input.allSatisfy({ $0 < largestSide }) else { return nil }
    switch layer {
    case let layer as Conv2D:
      guard layer.isPlain, [Extent(1), Extent(3), Extent(5)].contains(layer.kernel),
        layer.strides == Extent(1),
        layer.filters <= mostChannels, layer.activation == .relu || layer.activation == .linear
      else { return nil }
      let kind: Stage.Kind
      switch input[2] {
      case 1...4 where layer.kernel != Extent(1): kind = .direct
      case let channels where channels <= mostChannels:
        kind = layer.kernel == Extent(1) ? .point : .winograd
      default: return nil
      }
      return Stage(
        layer: index, kind: kind, input: input, output: output, isPadded: layer.padding == .same,
        relu: layer.activation == .relu || follows == .relu, window: layer.kernel)
    case let layer as any PoolingLayer:
      let pool = layer.pool
      guard pool.size == pool.strides, pool.padding == .valid, pool.size.height <= largestWindow,
        pool.size.width <= largestWindow, layer is MaxPool2D || layer is AveragePool2D
      else { return nil }
      return Stage(
        layer: index, kind: layer is MaxPool2D ? .maxPool : .averagePool, input: input, output: output,
        isPadded: false, relu: false, window: pool.size)
    default: return nil
    }
  }
}

extension FusedChain.Stage {
  /// Whether tiles and channels are well enough filled: with half of them waste, half the gain is gone.
  fileprivate var pays: Bool {
    guard kind == .winograd else { return true }
    let channels = Double(input[2] * output[2]) / Double(inputChannels * outputChannels)
    let side = tileSide
    let tiles = ((output[0] - 1) / side + 1) * ((output[1] - 1) / side + 1)
    return channels * Double(output[0] * output[1]) * 2 >= Double(tiles * side * side)
  }
}

extension FusedChain {
  /// Bytes that are kept of an example from the forward pass to the backward one, about: what all layers leave but a
  /// first one of few channels, which costs less to compute than to read.
  private var wholeByteCount: Int {
    stages.dropLast().reduce(0) {
      $0 + ($1.kind == .direct ? 0 : $1.output[0] * $1.output[1] * $1.outputChannels * 4)
    }
  }

  /// More than this is computed again rather than kept.
  private static let mostWholeBytes = 8 << 20
  /// What a thread keeps of all its examples under way.
  private static let mostKeptBytes = 32 << 20

  /// Whether training keeps what the layers leave: that is read back faster than it is computed again as long as it
  /// does not drive everything else out of the caches.
  var keepsRows: Bool { wholeByteCount <= Self.mostWholeBytes }

  /// The most examples that a thread should train at a time.
  var mostTrainedAtOnce: Int { keepsRows ? max(1, Self.mostKeptBytes / max(wholeByteCount, 1)) : Int.max }

  /// The layer behind the chain where that is, behind flatten, a dense one of one unit.
  func followingUnit(_ layers: [any Layer]) -> Int? {
    guard layerCount + 1 < layers.count, layers[layerCount] is Flatten,
      let dense = layers[layerCount + 1] as? Dense, dense.units == 1, dense.useBias,
      dense.activation == .linear || dense.activation.element?.fromResult != nil
    else { return nil }
    return layerCount + 1
  }

  /// What its products are of in a mixed prediction.
  static let narrowName = "16-bit integers"

  /// What was chosen for each of its layers.
  func choices(pass: String, byteCount: Int, isNarrow: Bool = false) -> [PlanChoice] {
    stages.enumerated().map { number, stage in
      let algorithm =
        switch stage.kind {
        case .direct: "direct"
        case .point: "product of channels"
        case .winograd where stage.window == Extent(5): "winograd F(2×2, 5×5)"
        case .winograd: isNarrow ? "winograd F(4×4, 3×3) in \(Self.narrowName)" : "winograd F(4×4, 3×3)"
        case .maxPool: "max pool"
        case .averagePool: "average pool"
        }
      return PlanChoice(
        layer: stage.layer, pass: pass, algorithm: "fused \(algorithm), \(instructionSet.rawValue)",
        layout: "a few rows", byteCount: number == 0 ? byteCount : 0,
        reason: number == 0 ? "a chain that our own kernels take" : "part of the chain")
    }
  }

  /// What was chosen for the unit behind it.
  func unitChoice(_ layer: Int, pass: String, layout: String, byteCount: Int) -> PlanChoice {
    PlanChoice(
      layer: layer, pass: pass, algorithm: "fused dot product, \(instructionSet.rawValue)", layout: layout,
      byteCount: byteCount, reason: "one unit behind the chain")
  }
}
