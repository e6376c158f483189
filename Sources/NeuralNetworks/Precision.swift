import Essentials
import Tensors

/// In what numbers a model computes.
public enum Precision: String, Sendable, CaseIterable {
  /// 32-bit floats throughout.
  case float32
  /// Products of bfloat16 numbers, 8 bits of mantissa, summed in 32 bits, in the layers that it makes
  /// faster on this processor; weights stay as they are.
  case mixed
}

/// What a mixed prediction did.
public struct MixedPrecisionReport: Sendable, Equatable {
  /// Whether the processor multiplies bfloat16 numbers.
  public let isSupported: Bool
  /// The layers that did; none where 32 bits are as fast.
  public let layers: [Int]
  /// The examples that were computed both ways.
  public let examplesCompared: Int
  /// The largest difference between the two among their outputs.
  public let largestDifference: Double
}

extension Sequential {
  /// How a mixed prediction of these examples differs from one in 32 bits. The first few are computed
  /// both ways.
  /// - Throws: a `shape` failure where the examples do not fit the model; `interrupt`.
  public func mixedPrecisionReport(_ examples: [any TensorSource]) throws -> MixedPrecisionReport {
    try lock.with {
      _ = try builtNetwork()
      let layers = OneDNN.hasBFloat16 ? try executor?.bfloat16Layers() ?? [] : []
      let some = Array(examples.prefix(4))
      var difference = 0.0
      if !layers.isEmpty, !some.isEmpty {
        let outputs = try Precision.allCases.map { precision in
          try executor?.predict(ExampleSupply(some), precision: precision) ?? []
        }
        difference = zip(outputs[0], outputs[1]).reduce(0) { max($0, Double(abs($1.0 - $1.1))) }
      }
      return MixedPrecisionReport(
        isSupported: OneDNN.hasBFloat16, layers: layers, examplesCompared: layers.isEmpty ? 0 : some.count,
        largestDifference: difference)
    }
  }
}
