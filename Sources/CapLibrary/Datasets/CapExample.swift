import AudioSignals
import CapLanguage
import Datasets
import Essentials
import Tensors

/// What a dataset of the language is made of: a value with its label, or a batch of both.
struct CapExample: Sendable {
  private enum Content: Sendable {
    case value(Value)
    /// A batch of what is smaller than its numbers, such as spectrograms, which are the samples they
    /// are made of: it becomes a tensor when it is wanted, on all cores.
    case unmade([any TensorSource])
  }

  private let content: Content
  let label: Value?
  /// How many examples this stands for; nil for a single one.
  var batchSize: Int?

  init(value: Value, label: Value?, batchSize: Int? = nil) {
    self.init(.value(value), label, batchSize)
  }

  private init(_ content: Content, _ label: Value?, _ batchSize: Int?) {
    self.content = content
    self.label = label
    self.batchSize = batchSize
  }

  /// The value, made where it is not there yet.
  var value: Value {
    get throws {
      switch content {
      case .value(let value): value
      case .unmade(let sources): .object(TensorObject(try Collation.stacked(sources)))
      }
    }
  }

  /// As a script sees it: the value, or value and label as a pair.
  var scriptValue: Value {
    get throws {
      guard let label else { return try value }
      return .list([try value, label])
    }
  }

  /// What a network takes: a tensor, or what the rows of one are made of.
  enum Numbers {
    case tensor(Tensor)
    case sources([any TensorSource])
  }

  /// The value's numbers for a network, made by who uses them where they are not there yet.
  /// - Throws: a failure that blames `name` for what is no array of numbers.
  func numbers(name: String) throws -> Numbers {
    switch content {
    case .value(let value): .tensor(try Conversions.tensor(value, name: name))
    case .unmade(let sources): .sources(sources)
    }
  }

  /// The memory that keeping it takes, as far as it is known.
  var byteCount: Int {
    let own =
      switch content {
      case .value(let value): Self.byteCount(value)
      case .unmade(let sources): sources.reduce(0) { $0 + $1.storedByteCount }
      }
    return own + (label.map(Self.byteCount) ?? 0)
  }

  private static func byteCount(_ value: Value) -> Int {
    switch value {
    case .string(let string): string.text.utf8.count + 32
    case .list(let items): items.reduce(32) { $0 + byteCount($1) }
    case .record(let record): record.values.reduce(64) { $0 + byteCount($1) }
    // A recording that was not decoded is a path and a few numbers.
    case .object(let object as AudioObject) where object.undecoded != nil: 64
    case .object: (try? TensorSources.ofObject(value))?.storedByteCount ?? 64
    default: 16
    }
  }

  /// One batch of several examples: numbers, tensors, audio and spectrograms are stacked along a new first
  /// axis, anything else stays a list.
  static func collated(_ examples: [CapExample]) throws -> CapExample {
    let values = try examples.map { try $0.value }
    let label: Value? =
      try examples.first?.label == nil
      ? nil : stacked(examples.map { $0.label ?? .nothing }, what: "label")
    guard let sources = try sources(of: values) else {
      return CapExample(value: .list(values), label: label, batchSize: examples.count)
    }
    let count = try Collation.stackedShape(sources, what: "example").checkedElementCount()
    if sources.reduce(0, { $0 + $1.storedByteCount }) < count {
      return CapExample(.unmade(sources), label, examples.count)
    }
    return CapExample(
      value: .object(TensorObject(try Collation.stacked(sources))), label: label, batchSize: examples.count)
  }

  private static func stacked(_ values: [Value], what: String) throws -> Value {
    guard let sources = try sources(of: values) else { return .list(values) }
    return .object(TensorObject(try Collation.stacked(sources, what: what)))
  }

  private static func sources(of values: [Value]) throws -> [any TensorSource]? {
    var sources: [any TensorSource] = []
    for value in values {
      guard let source = try TensorSources.of(value) else { return nil }
      sources.append(source)
    }
    return sources
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
    case let audio as AudioObject: return try audio.clip
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
