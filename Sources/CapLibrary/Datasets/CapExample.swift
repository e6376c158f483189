import AudioSignals
import CapLanguage
import Datasets
import Essentials
import Tensors

/// What a dataset of the language is made of: a value with its label, or a batch of both.
struct CapExample: Sendable {
  let value: Value
  let label: Value?
  /// How many examples this stands for; nil for a single one.
  var batchSize: Int?

  /// As a script sees it: the value, or value and label as a pair.
  var scriptValue: Value {
    guard let label else { return value }
    return .list([value, label])
  }

  /// The memory that keeping it takes, as far as it is known.
  var byteCount: Int { Self.byteCount(value) + (label.map(Self.byteCount) ?? 0) }

  private static func byteCount(_ value: Value) -> Int {
    switch value {
    case .string(let string): string.text.utf8.count + 32
    case .list(let items): items.reduce(32) { $0 + byteCount($1) }
    case .record(let record): record.values.reduce(64) { $0 + byteCount($1) }
    case .object: (try? TensorSources.ofObject(value))?.storedByteCount ?? 64
    default: 16
    }
  }

  /// One batch of several examples: numbers, tensors, audio and spectrograms are stacked along a new first
  /// axis, anything else stays a list.
  static func collated(_ examples: [CapExample]) throws -> CapExample {
    CapExample(
      value: try stacked(examples.map(\.value), what: "example"),
      label: try examples.first?.label == nil
        ? nil : stacked(examples.map { $0.label ?? .nothing }, what: "label"),
      batchSize: examples.count)
  }

  private static func stacked(_ values: [Value], what: String) throws -> Value {
    var sources: [any TensorSource] = []
    for value in values {
      guard let source = try TensorSources.of(value) else { return .list(values) }
      sources.append(source)
    }
    return .object(TensorObject(try Collation.stacked(sources, what: what)))
  }
}

/// What can be stacked into a batch or given to a network.
enum TensorSources {
  /// The source of a number, bool, list of numbers, tensor, audio or spectrogram; nil for other values.
  static func of(_ value: Value) throws -> (any TensorSource)? {
    switch value {
    case .object: try ofObject(value)
    case .number, .bool, .list: try Conversions.tensorIfNumericOrNil(value)
    default: nil
    }
  }

  static func ofObject(_ value: Value) throws -> (any TensorSource)? {
    guard case .object(let object) = value else { return nil }
    switch object {
    case let tensor as TensorObject: return tensor.tensor
    case let spectrogram as SpectrogramObject: return spectrogram.spectrogram
    case let audio as AudioObject: return audio.clip
    case let other as any TensorConvertible: return try other.tensorValue()
    default: return nil
    }
  }
}

extension Conversions {
  /// As `tensorIfNumeric`, but a list that is no array of numbers gives nil rather than a failure.
  static func tensorIfNumericOrNil(_ value: Value) throws -> Tensor? {
    do { return try tensorIfNumeric(value) } catch let failure as Failure where failure.kind == .type {
      return nil
    }
  }
}
