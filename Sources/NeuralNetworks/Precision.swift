import Essentials
import Tensors

/// In what numbers a model computes.
public enum Precision: String, Sendable, CaseIterable {
  /// 32-bit floats throughout.
  case float32
  /// Products of shorter numbers, summed in 32 bits, in the layers that it makes faster on this processor;
  /// weights stay as they are. 3×3 convolutions by Winograd multiply 16-bit integers (AVX-512 VNNI), rounded
  /// by the largest number near them; others bfloat16, with 8 bits of mantissa.
  case mixed
}

/// What a mixed prediction did.
public struct MixedPrecisionReport: Sendable, Equatable {
  /// Whether the processor multiplies such numbers.
  public let isSupported: Bool
  /// The layers that did; none where 32 bits are as fast.
  public let layers: [Int]
  /// For each of them, what was multiplied: "bfloat16" or "16-bit integers".
  public let numbers: [String]
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
    try lock.withReading("predict") {
      _ = try builtNetwork()
      let executor = readingExecutor
      let isSupported = executor?.hasMixedProducts ?? false
      let layers = isSupported ? try executor?.mixedLayers() ?? [] : []
      let some = Array(examples.prefix(4))
      var difference = 0.0
      if !layers.isEmpty, !some.isEmpty {
        let outputs = try Precision.allCases.map { precision in
          try executor?.predict(ExampleSupply(some, serving: lock), precision: precision) ?? []
        }
        difference = zip(outputs[0], outputs[1]).reduce(0) { max($0, Double(abs($1.0 - $1.1))) }
      }
      return MixedPrecisionReport(
        isSupported: isSupported, layers: layers.map(\.layer), numbers: layers.map(\.numbers),
        examplesCompared: layers.isEmpty ? 0 : some.count, largestDifference: difference)
    }
  }

  /// `mixedPrecisionReport` for the first mixed prediction with these weights, nil for later ones: to compute
  /// both ways takes its time.
  /// - Throws: as `mixedPrecisionReport`.
  public func firstMixedPrecisionReport(_ examples: [any TensorSource]) throws -> MixedPrecisionReport? {
    try lock.withReading("predict") {
      let network = try builtNetwork()
      if reportedMixedVersion == network.version { return nil }
      let report = try mixedPrecisionReport(examples)
      reportedMixedVersion = network.version
      return report
    }
  }
}
