import Essentials
import Glibc
import Kernels

/// Whose convolutions a model runs on.
public enum FusedKernels: Sendable, Equatable {
  /// Our own, where a chain of layers is one that they run faster than oneDNN.
  case best
  /// Our own for one instruction set, for every chain that they can run. For tests and comparisons.
  case only(InstructionSet)
  /// oneDNN's.
  case off

  /// The vector instructions that the kernels are written for.
  public enum InstructionSet: String, Sendable, CaseIterable {
    /// AVX-512 (F, BW, DQ, VL): 16 numbers at a time.
    case avx512
    /// AVX2 and FMA: 8 at a time.
    case avx2
    /// NEON, on 64-bit Arm: 4 at a time.
    case neon

    /// Whether this machine has it.
    public var isAvailable: Bool { kernels_can_run(code) != 0 }

    /// Whether this machine also multiplies 16-bit integers with it, for mixed predictions: AVX-512 VNNI.
    public var hasNarrowProducts: Bool { kernels_can_narrow(code) != 0 }

    /// The widest that this machine has.
    public static let best: InstructionSet? = allCases.first { $0.isAvailable }

    var code: Int32 {
      switch self {
      case .avx512: Int32(KERNELS_AVX512)
      case .avx2: Int32(KERNELS_AVX2)
      case .neon: Int32(KERNELS_NEON)
      }
    }
  }

  /// What the variable `CAPUCHIN_KERNELS` says: `avx512`, `avx2`, `neon` or `off`; else `best`.
  public static let environmentChoice: FusedKernels = {
    guard let word = getenv("CAPUCHIN_KERNELS").map({ String(cString: $0) }) else { return .best }
    if word == "off" { return .off }
    return InstructionSet(rawValue: word).map { .only($0) } ?? .best
  }()

  /// The instruction set to run on; nil where there is none.
  var instructionSet: InstructionSet? {
    switch self {
    case .best: .best
    case .only(let wanted): wanted.isAvailable ? wanted : nil
    case .off: nil
    }
  }
}
