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
  /// Whether the weights are another program's, which prepares them.
  private let borrowsWeights: Bool

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

  /// - Parameters:
  ///   - isNarrow: forward, Winograd convolutions multiply 16-bit integers.
  ///   - keepsRows: what stages leave is kept by `store` for `backward`.
  ///   - owner: a program of the same chain whose weights serve this one too.
  init(
    _ fused: FusedChain, mode: Mode, network: Network, isNarrow: Bool = false, keepsRows: Bool = false,
    sharing owner: FusedProgram? = nil
  ) throws {
    self.fused = fused
    self.mode = mode
    borrowsWeights = owner != nil
    chain = .allocate(capacity: 1)
    chain.initialize(to: kernels_chain())
    // C's arrays are tuples here: taken by address, once.
    stages = withUnsafeMutablePointer(to: &chain.pointee.stages) {
      UnsafeMutableRawPointer($0).assumingMemoryBound(to: kernels_stage.self)
    }
    var weights = owner?.weights ?? []
    for (number, stage) in fused.stages.enumerated() where stage.hasWeights && owner == nil {
      func parameter(_ name: String) throws -> FloatBuffer {
        guard
          let found = network.parameters.first(where: {
            $0.layer == stage.layer && $0.description.name == name
          })
        else { throw Failure(.state, "layer \(stage.layer) has no \(name)") }
        return found.value
      }
      let channels = stage.input[2] * stage.output[2]
      let count = 36 * channels
      var narrow: Narrow?
      if isNarrow, stage.canNarrow, !mode.hasGradient {
        narrow = Narrow(
          weights: try FloatBuffer(count: count / 2),
          scales: try FloatBuffer(count: 36 * (stage.output[2] + 1)),
          isPositive: number > 0 && fused.stages[..<number].last { $0.hasWeights }?.relu == true)
      }
      weights.append(
        Weights(
          stage: number, kernel: try parameter("kernel"), bias: try parameter("bias"),
          transformed: stage.kind == .winograd ? try FloatBuffer(count: count) : nil,
          transposed: stage.kind != .direct && mode.hasGradient && number > 0
            ? try FloatBuffer(count: stage.kind == .point ? channels : count) : nil, narrow: narrow))
    }
    self.weights = weights
    chain.pointee.instruction_set = fused.instructionSet.code
    chain.pointee.mode = mode.code
    chain.pointee.stage_count = Int32(fused.stages.count)
    chain.pointee.keeps_rows = keepsRows ? 1 : 0
    for (number, stage) in fused.stages.enumerated() {
      var description = kernels_stage()
      description.kind = stage.kind.code
      description.in_rows = Int32(stage.input[0])
      description.in_columns = Int32(stage.input[1])
      description.in_channels = Int32(stage.input[2])
      description.out_rows = Int32(stage.output[0])
      description.out_columns = Int32(stage.output[1])
      description.out_channels = Int32(stage.output[2])
      description.pad_top = stage.isPadded ? Int32(stage.window.height / 2) : 0
      description.pad_left = stage.isPadded ? Int32(stage.window.width / 2) : 0
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

  /// Transforms the weights, on all threads; called whenever they have changed, once at a time.
  func prepare() {
    guard !borrowsWeights else { return }
    var pieces: [(weights: Weights, block: Int32)] = []
    for own in weights where own.transformed != nil {
      pieces += (0..<Int32(fused.stages[own.stage].input[2] / 16)).map { (own, $0) }
    }
    let work = Preparation(program: self, pieces: pieces)
    // The pool stops between pieces when the user asks for it; weights of two steps must not mix.
    do { try WorkerPool.forEach(count: pieces.count) { index, _ in work.run(index) } } catch {
      for index in pieces.indices { work.run(index) }
    }
    for own in weights where fused.stages[own.stage].kind == .point {
      guard let transposed = own.transposed else { continue }
      let (inputs, outputs) = (fused.stages[own.stage].input[2], fused.stages[own.stage].output[2])
      for input in 0..<inputs {
        for output in 0..<outputs {
          transposed.base[output * inputs + input] = own.kernel.base[input * outputs + output]
        }
      }
    }
    for own in weights {
      guard let narrow = own.narrow, let transformed = own.transformed else { continue }
      let stage = fused.stages[own.stage]
      kernels_narrow_weights(
        transformed.base, Int32(stage.input[2]), Int32(stage.output[2]), narrow.isPositive ? 1 : 0,
        narrow.integers, narrow.scales.base)
    }
  }

  /// Weights of 16 input channels at a time.
  private struct Preparation: @unchecked Sendable {
    let program: FusedProgram
    let pieces: [(weights: Weights, block: Int32)]

    func run(_ index: Int) {
      let (own, block) = pieces[index]
      let stage = program.fused.stages[own.stage]
      guard let transformed = own.transformed else { return }
      kernels_winograd_weights(
        Int32(stage.window.height), own.kernel.base, Int32(stage.input[2]), Int32(stage.output[2]), block,
        block + 1, transformed.base,
        own.transposed?.base)
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
    let last = fused.stages[fused.stages.count - 1]
    let side = last.kind == .winograd ? last.tileSide : 1
    return keptRowCount * ((fused.output[0] - 1) / side + 1) * side
  }
  /// Numbers in the rows that are kept of an example.
  var wholeCount: Int { chain.pointee.whole_floats }
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

extension FusedProgram {
  /// After the last of some examples that went backward in the same scratch, adds to `gradient` what is left there.
  func finish(_ gradient: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>) {
    kernels_chain_finish(chain, gradient, scratch)
  }
}

extension FusedChain.Stage.Kind {
  fileprivate var code: Int32 {
    switch self {
    case .direct: Int32(KERNELS_DIRECT)
    case .winograd: Int32(KERNELS_WINOGRAD)
    case .point: Int32(KERNELS_POINT)
    case .maxPool: Int32(KERNELS_MAX_POOL)
    case .averagePool: Int32(KERNELS_AVERAGE_POOL)
    }
  }
}
