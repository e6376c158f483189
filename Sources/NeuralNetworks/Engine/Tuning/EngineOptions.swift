import Essentials
import Glibc

/// A way to compute a convolution.
public enum ConvolutionAlgorithm: String, Sendable, CaseIterable {
  /// The sums as they stand in the formula.
  case direct
  /// Winograd's F(4×4, 3×3): a quarter of the multiplications, in other tiles.
  case winograd
  /// One large matrix product of unrolled patches.
  case gemm
}

/// How a model's engine makes the choices that it has.
public struct EngineOptions: Sendable, Equatable {
  /// How an algorithm is chosen for each convolution.
  public enum Choice: Sendable, Equatable {
    /// By a rule that looks at shapes only: the same on every run of one machine.
    case rule
    /// Each is timed once, and one that is clearly faster than the rule's is taken; see `docs/engine.md`.
    case measured
    /// This one wherever oneDNN has it, else the rule's. For tests and comparisons.
    case only(ConvolutionAlgorithm)
    /// Any of them, for each convolution and each number of examples another: decided by a number, not by
    /// times. For tests: then the plans of a batch's uneven shares differ in all that they may differ in.
    case varied(UInt64)
  }

  /// How an algorithm is chosen for each convolution.
  public var choice: Choice
  /// The file that keeps what was measured, so that a machine measures once; nil keeps nothing.
  public var cachePath: String?
  /// Whether the layers at the beginning of a network run on our own kernels.
  public var kernels: FusedKernels

  /// Options; by default what the environment says: `CAPUCHIN_TUNING=off` chooses by rule, and the file
  /// is `$XDG_CACHE_HOME/capuchin-repl/convolutions.txt` (`~/.cache/…` where that is not set).
  /// `CAPUCHIN_KERNELS` chooses the kernels.
  public init(
    choice: Choice = Self.environmentChoice, cachePath: String? = Self.environmentCachePath,
    kernels: FusedKernels = .environmentChoice
  ) {
    self.kernels = kernels
    self.choice = choice
    self.cachePath = cachePath
  }

  /// The instruction set for our own kernels; nil where oneDNN is asked for: who wants one of its algorithms and
  /// does not speak of kernels wants that one.
  var ownKernels: FusedKernels.InstructionSet? {
    if case .only = choice, kernels == .best { return nil }
    return kernels.instructionSet
  }

  /// `measured`, unless the variable `CAPUCHIN_TUNING` is `off`.
  public static let environmentChoice: Choice = variable("CAPUCHIN_TUNING") == "off" ? .rule : .measured

  /// Where the environment keeps caches; nil where it names no place.
  public static let environmentCachePath: String? = {
    let folder =
      if let cache = variable("XDG_CACHE_HOME"), cache.hasPrefix("/") {
        cache
      } else if let home = variable("HOME"), home.hasPrefix("/") {
        home + "/.cache"
      } else {
        String?.none
      }
    return folder.map { $0 + "/capuchin-repl/convolutions.txt" }
  }()

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
