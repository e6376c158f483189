import Essentials
import Glibc
import Kernels

/// A chain made ready to run in one mode: the kernels' description of it, and transformed weights.
///
/// Its memory is read by all threads and written by `prepare` only.
final class FusedProgram: @unchecked Sendable {
  enum Mode {
    /// The outputs, as they are.
    case store
    /// The outputs' product with a dense layer's one column.
    case dot
    /// `dot`, its gradient, and the outputs kept for the dense layer's own gradient.
    case unit
    /// The gradient, from that of the outputs.
    case backward

    fileprivate var code: Int32 {
      switch self {
      case .store: Int32(KERNELS_STORE)
      case .dot: Int32(KERNELS_DOT)
      case .unit: Int32(KERNELS_UNIT)
      case .backward: Int32(KERNELS_BACKWARD)
      }
    }

    fileprivate var hasGradient: Bool { self == .unit || self == .backward }
  }

  let fused: FusedChain
  let mode: Mode
  /// The kernels' description; read only, once this is made.
  let chain: UnsafeMutablePointer<kernels_chain>
  private let stages: UnsafeMutablePointer<kernels_stage>
  private let gradientOffsets: [Int]
  private let weights: [Weights]

  /// One stage's weights, and where the kernels want them.
  private struct Weights {
    let stage: Int
    let kernel: FloatBuffer
    let bias: FloatBuffer
    let transformed: FloatBuffer?
    let transposed: FloatBuffer?
    let narrow: Narrow?
  }

  /// Weights in 16 bits, and their scales.
  private struct Narrow {
    let weights: FloatBuffer
    let scales: FloatBuffer
    let isPositive: Bool

    var integers: UnsafeMutablePointer<Int16> {
      UnsafeMutableRawPointer(weights.base).assumingMemoryBound(to: Int16.self)
    }
  }

  /// - Parameter isNarrow: forward, Winograd convolutions multiply 16-bit integers.
  init(_ fused: FusedChain, mode: Mode, network: Network, isNarrow: Bool = false) throws {
    self.fused = fused
    self.mode = mode
    chain = .allocate(capacity: 1)
    chain.initialize(to: kernels_chain())
    // C's arrays are tuples here: taken by address, once.
    stages = withUnsafeMutablePointer(to: &chain.pointee.stages) {
      UnsafeMutableRawPointer($0).assumingMemoryBound(to: kernels_stage.self)
    }
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
      let count = 36 * stage.input[2] * stage.output[2]
      var narrow: Narrow?
      if isNarrow, stage.kind == .winograd, !mode.hasGradient {
        narrow = Narrow(
          weights: try FloatBuffer(count: count / 2),
          scales: try FloatBuffer(count: 36 * (stage.output[2] + 1)),
          isPositive: number > 0 && fused.stages[..<number].last { $0.hasWeights }?.relu == true)
      }
      weights.append(
        Weights(
          stage: number, kernel: try parameter("kernel"), bias: try parameter("bias"),
          transformed: stage.kind == .winograd ? try FloatBuffer(count: count) : nil,
          transposed: stage.kind == .winograd && mode.hasGradient && number > 0
            ? try FloatBuffer(count: count) : nil, narrow: narrow))
    }
    self.weights = weights
    chain.pointee.instruction_set = fused.instructionSet.code
    chain.pointee.mode = mode.code
    chain.pointee.stage_count = Int32(fused.stages.count)
    for (number, stage) in fused.stages.enumerated() {
      var description = kernels_stage()
      description.kind = stage.kind.code
      description.in_rows = Int32(stage.input[0])
      description.in_columns = Int32(stage.input[1])
      description.in_channels = Int32(stage.input[2])
      description.out_rows = Int32(stage.output[0])
      description.out_columns = Int32(stage.output[1])
      description.out_channels = Int32(stage.output[2])
      description.pad_top = stage.isPadded ? 1 : 0
      description.pad_left = stage.isPadded ? 1 : 0
      description.relu = stage.relu ? 1 : 0
      description.window_rows = Int32(stage.window.height)
      description.window_columns = Int32(stage.window.width)
      if let own = weights.first(where: { $0.stage == number }) {
        description.weights = UnsafePointer((own.transformed ?? own.kernel).base)
        description.transposed = own.transposed.map { UnsafePointer($0.base) }
        description.bias = UnsafePointer(own.bias.base)
        if let narrow = own.narrow {
          description.narrow_weights = UnsafePointer(narrow.integers)
          description.narrow_scales = UnsafePointer(narrow.scales.base)
        }
      }
      stages[number] = description
    }
    kernels_chain_plan(chain)
    gradientOffsets = withUnsafeBytes(of: chain.pointee.gradient_offset) {
      Array($0.bindMemory(to: Int.self))
    }
  }

  deinit { chain.deallocate() }

  /// Transforms the weights; called whenever they have changed, on one thread.
  func prepare() {
    for own in weights {
      let stage = fused.stages[own.stage]
      let (inputs, outputs) = (stage.input[2], stage.output[2])
      if let transformed = own.transformed {
        kernels_winograd_weights(
          own.kernel.base, Int32(inputs), Int32(outputs), transformed.base, own.transposed?.base)
        if let narrow = own.narrow {
          kernels_narrow_weights(
            transformed.base, Int32(inputs), Int32(outputs), narrow.isPositive ? 1 : 0, narrow.integers,
            narrow.scales.base)
        }
      }
    }
  }

  /// Adds a stage's gradients, times `scale`, to those of its kernel and bias.
  func addGradient(
    ofStage number: Int, from sums: UnsafePointer<Float>, scale: Float, kernel: UnsafeMutablePointer<Float>,
    bias: UnsafeMutablePointer<Float>
  ) {
    kernels_stage_gradient(stages + number, sums + gradientOffsets[number], scale, kernel, bias)
  }

  var stateCount: Int { chain.pointee.state_floats }
  /// Numbers in a row of kept outputs, and in all rows of an example: whole tiles.
  var keptRowCount: Int { Int(chain.pointee.kept_columns) * fused.output[2] }
  var keptCount: Int {
    let isTiled = fused.stages[fused.stages.count - 1].kind == .winograd
    return keptRowCount * (isTiled ? (fused.output[0] + 3) / 4 * 4 : fused.output[0])
  }
  var scratchCount: Int { chain.pointee.scratch_floats }
  var gradientCount: Int { chain.pointee.gradient_floats }

  /// Rows of output between two looks at the interrupt flag, and between two examples that share
  /// a piece of dense weights: enough to use them well, few enough for the cache.
  private var bandRows: Int {
    max(4, 16 / fused.stages.reduce(1) { $0 * ($1.hasWeights ? 1 : $1.window.height) })
  }

  /// Runs examples from begin to end, a band of each after the other.
  func run(_ examples: UnsafeMutableBufferPointer<kernels_example>, scratch: UnsafeMutablePointer<Float>)
    throws
  {
    guard let first = examples.baseAddress else { return }
    for index in examples.indices { kernels_chain_begin(chain, first + index, 0) }
    let rows = fused.output[0]
    var row = 0
    while row < rows {
      row += bandRows
      for index in examples.indices {
        try Interruption.check()
        kernels_chain_run(chain, first + index, scratch, Int32(clamping: row))
      }
    }
  }
}

extension FusedChain.Stage.Kind {
  fileprivate var code: Int32 {
    switch self {
    case .direct: Int32(KERNELS_DIRECT)
    case .winograd: Int32(KERNELS_WINOGRAD)
    case .maxPool: Int32(KERNELS_MAX_POOL)
    case .averagePool: Int32(KERNELS_AVERAGE_POOL)
    }
  }
}
