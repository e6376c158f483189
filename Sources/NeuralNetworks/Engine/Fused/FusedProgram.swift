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
  private let weights: FusedWeights
  /// Whether the weights are another program's, which prepares them.
  private let borrowsWeights: Bool

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
    weights =
      try owner?.weights
      ?? FusedWeights(fused, network: network, hasGradient: mode.hasGradient, isNarrow: isNarrow)
    chain.pointee.instruction_set = fused.instructionSet.code
    chain.pointee.mode = mode.code
    chain.pointee.stage_count = Int32(fused.stages.count)
    chain.pointee.keeps_rows = keepsRows ? 1 : 0
    for (number, stage) in fused.stages.enumerated() {
      var description = kernels_stage()
      description.kind = stage.kind.code
      description.in_rows = Int32(stage.input[0])
      description.in_columns = Int32(stage.input[1])
      description.in_channels = Int32(stage.inputChannels)
      description.out_rows = Int32(stage.output[0])
      description.out_columns = Int32(stage.output[1])
      description.out_channels = Int32(stage.outputChannels)
      description.pad_top = stage.isPadded ? Int32(stage.window.height / 2) : 0
      description.pad_left = stage.isPadded ? Int32(stage.window.width / 2) : 0
      description.relu = stage.relu ? 1 : 0
      description.window_rows = Int32(stage.window.height)
      description.window_columns = Int32(stage.window.width)
      weights.describe(number, in: &description)
      stages[number] = description
    }
    kernels_chain_plan(chain)
    gradientOffsets = withUnsafeBytes(of: chain.pointee.gradient_offset) {
      Array($0.bindMemory(to: Int.self))
    }
  }

  deinit { chain.deallocate() }

  /// Transforms the weights, on all threads; called whenever they have changed, once at a time.
  func prepare() { if !borrowsWeights { weights.prepare() } }

  /// Adds a stage's gradients, times `scale`, to those of its kernel and bias.
  func addGradient(
    ofStage number: Int, from sums: UnsafePointer<Float>, scale: Float, kernel: UnsafeMutablePointer<Float>,
    bias: UnsafeMutablePointer<Float>
  ) {
    let sums = sums + gradientOffsets[number]
    let stage = fused.stages[number]
    guard stage.hasMoreChannels else {
      return kernels_stage_gradient(stages + number, sums, scale, kernel, bias)
    }
    // Of all channels first; those that are not there are left out.
    let count = stage.window.height * stage.window.width * stage.inputChannels * stage.outputChannels
    let all = [Float](unsafeUninitializedCapacity: count + stage.outputChannels) { all, length in
      length = all.count
      guard let base = all.baseAddress else { return }
      base.initialize(repeating: 0, count: length)
      kernels_stage_gradient(stages + number, sums, scale, base, base + count)
    }
    for (place, wide) in stage.kernelPlaces { kernel[place] += all[wide] }
    for channel in 0..<stage.output[2] { bias[channel] += all[count + channel] }
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

  /// Runs some rows of examples, a band of each after the other.
  /// - Parameter rows: of the output; all where nil, else one of `parts`.
  /// - Returns: in mode `dot` each example's dot product, band by band, whatever the parts: added up in order they
  ///   give the same bits.
  @discardableResult
  func run(
    _ examples: UnsafeMutableBufferPointer<kernels_example>, scratch: UnsafeMutablePointer<Float>,
    rows: Range<Int>? = nil
  ) throws -> [[Double]] {
    guard let first = examples.baseAddress else { return [] }
    let rows = rows ?? 0..<fused.output[0]
    var dots = [[Double]](repeating: [], count: mode == .dot ? examples.count : 0)
    for index in examples.indices { kernels_chain_begin(chain, first + index, Int32(rows.lowerBound)) }
    var row = rows.lowerBound
    while row < rows.upperBound {
      row = min(row + bandRows, rows.upperBound)
      for index in examples.indices {
        try Interruption.check()
        kernels_chain_run(chain, first + index, scratch, Int32(row))
        if mode == .dot {
          dots[index].append(first[index].dot)
          first[index].dot = 0
        }
      }
    }
    return dots
  }

  /// The output's rows in up to so many parts that can be made apart from each other, with the same bits: they begin
  /// where a band and what the last stage makes at a time do.
  func parts(_ count: Int) -> [Range<Int>] {
    let rows = fused.output[0]
    let unit = Int(chain.pointee.unit_rows)
    var step = bandRows
    while step % unit != 0 { step += bandRows }
    let steps = (rows - 1) / step + 1
    // Where a stage makes many of its rows at a time, each part would make nearly all of them.
    let isCoarse = fused.stages.contains { $0.kind == .winograd && $0.rowsAtOnce * 8 > $0.output[0] }
    let count = isCoarse ? 1 : max(1, min(count, steps))
    return (0..<count).map { part in
      (part * steps / count * step)..<min(rows, (part + 1) * steps / count * step)
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
