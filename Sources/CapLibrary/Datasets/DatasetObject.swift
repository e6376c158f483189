import CapLanguage
import Datasets
import Essentials
import Tensors

/// A lazy pipeline of examples, as a value of the language.
final class DatasetObject: DomainObject, @unchecked Sendable {
  let dataset: Dataset<CapExample>
  let isLabelled: Bool
  let isBatched: Bool
  /// Where the examples are consecutive windows of a recording: their length and step.
  let windowing: Windowing?
  /// What kind of labels, where there are some.
  let labels: LabelKind

  init(
    _ dataset: Dataset<CapExample>, isLabelled: Bool, labels: LabelKind = .numbers, isBatched: Bool = false,
    windowing: Windowing? = nil
  ) {
    self.labels = labels
    self.dataset = dataset
    self.isLabelled = isLabelled
    self.isBatched = isBatched
    self.windowing = windowing
    super.init()
  }

  /// The same kind of dataset with other stages.
  func with(
    _ dataset: Dataset<CapExample>, isBatched: Bool? = nil, windowing: Windowing? = nil,
    labels: LabelKind? = nil
  ) -> DatasetObject {
    DatasetObject(
      dataset, isLabelled: isLabelled, labels: labels ?? self.labels, isBatched: isBatched ?? self.isBatched,
      windowing: windowing)
  }

  /// The refusal of what would go on for ever.
  func endless(_ what: String, hint: String? = nil, parameter: String? = nil) -> Failure {
    Failure(
      .value, "the dataset repeats without an end: \(what)",
      hint: (hint.map { $0 + " " } ?? "") + "take a part: take(ds, n); or repeat(ds, n)", parameter: parameter
    )
  }

  override var endless: Failure? {
    dataset.cardinality == .infinite ? endless("it has no last item") : nil
  }

  override var kindName: String { "dataset" }
  override var summary: String { dataset.description + (isLabelled ? " · labelled" : "") }

  override class var ownFieldNames: [String] {
    ["length", "labelled", "batched", "cached_bytes"]
  }

  override func field(_ name: String) throws -> Value? {
    switch name {
    case "length": dataset.count.map { .number($0) } ?? .nothing
    case "labelled": .bool(isLabelled)
    case "batched": .bool(isBatched)
    case "cached_bytes": .number(dataset.cachedByteCount)
    default: nil
    }
  }

  override var count: Int? { dataset.count }

  override func makeIterator() throws -> (() throws -> Value?)? {
    let iterator = try dataset.makeIterator()
    return { try iterator.next()?.scriptValue }
  }

  override func subscripted(_ subscripts: [Subscript]) throws -> Value? {
    guard subscripts.count == 1, case .slice(let start, let stop, let step) = subscripts[0],
      let count = dataset.count
    else {
      throw Failure(
        .type, "a dataset gives its examples one after the other",
        hint: "first(ds), take(ds, n), or ds[:n] for a part")
    }
    let slice = try Indexing.slice(start, stop, step, count: count)
    guard slice.step == 1 else {
      throw Failure(.value, "a dataset is cut in steps of 1", hint: "filter(ds, f) picks examples")
    }
    return .object(with(try dataset.skip(slice.start).take(slice.count)))
  }

  override func binary(_ operation: BinaryOperation, right: Value) throws -> Value? {
    guard operation == .add, case .object(let other as DatasetObject) = right else { return nil }
    return .object(try joined(with: other))
  }

  func joined(with other: DatasetObject) throws -> DatasetObject {
    guard isLabelled == other.isLabelled else {
      throw Failure(
        .value, "one dataset has labels, the other has none", hint: "dataset(items, label=…) gives labels")
    }
    guard isBatched == other.isBatched else {
      throw Failure(.value, "one dataset is batched, the other is not", hint: "batch after joining them")
    }
    return with(dataset + other.dataset, labels: try labels.joined(with: other.labels))
  }
}

extension DatasetObject: Concatenable {
  func concatenated(with others: [Value], axis: Int) throws -> Value {
    var result = self
    for (index, other) in others.enumerated() {
      guard case .object(let object as DatasetObject) = other else {
        throw Failure(
          .type, "item \(index + 1) is \(other.kindPhrase), not a dataset like the first", parameter: "xs")
      }
      result = try result.joined(with: object)
    }
    return .object(result)
  }
}

extension DatasetObject: SequenceTransformable {
  /// Calls the function on all cores, each call on a snapshot of the script's variables. It gets the value
  /// and the label stays; a function of two parameters gets both and gives both.
  func mapped(_ function: FunctionObject, in context: CallContext) throws -> Value {
    let caller = context.workerCaller(for: function)
    let stage = context.random.next()
    let takesPair = isLabelled && Self.takesTwo(function)
    let mapped = dataset.map { example, item -> CapExample in
      let path = [stage, UInt64(item.epoch), UInt64(item.index)]
      if takesPair, let label = example.label {
        let result = try caller.call([try example.value, label], randomPath: path)
        guard case .list(let pair) = result, pair.count == 2 else {
          throw Failure(
            .type, "a function of value and label gives both back, but this one gave \(result.kindPhrase)",
            hint: "end it with [x, y]")
        }
        return CapExample(value: pair[0], label: pair[1], batchSize: example.batchSize)
      }
      let value = try caller.call([try example.value], randomPath: path)
      return CapExample(value: value, label: example.label, batchSize: example.batchSize)
    }
    return .object(with(mapped, windowing: windowing, labels: takesPair ? .unknown : nil))
  }

  func filtered(_ function: FunctionObject, in context: CallContext) throws -> Value {
    let caller = context.workerCaller(for: function)
    let takesPair = isLabelled && Self.takesTwo(function)
    let filtered = dataset.filter { example in
      let arguments = takesPair ? [try example.value, example.label ?? .nothing] : [try example.value]
      let answer = try caller.call(arguments)
      guard case .bool(let keep) = answer else {
        throw Failure(
          .type, "a filter answers true or false, but this one gave \(answer.kindPhrase)")
      }
      return keep
    }
    return .object(with(filtered))
  }

  func taking(_ count: Int) throws -> Value? { .object(with(try dataset.take(count), windowing: windowing)) }
  func skipping(_ count: Int) throws -> Value? { .object(with(try dataset.skip(count))) }

  func shuffled(bufferSize: Int?, seed: Int?, in context: CallContext) throws -> Value? {
    let size = bufferSize ?? max(dataset.count ?? 1000, 1)
    let seed = seed.map { UInt64(bitPattern: Int64($0)) } ?? context.random.next()
    return .object(with(try dataset.shuffle(size, seed: seed)))
  }

  func split(fraction: Double?, count: Int?) throws -> Value? {
    let parts = try count.map { try dataset.split(count: $0) } ?? dataset.split(fraction: fraction ?? 0.5)
    return .list([.object(with(parts.first)), .object(with(parts.rest))])
  }

  func repeated(_ count: Int?) throws -> Value? { .object(with(try dataset.repeated(count))) }

  /// Whether a script's function has exactly two parameters that must be given.
  private static func takesTwo(_ function: FunctionObject) -> Bool {
    function.declaration == nil && function.parameterNames.count == 2
      && function.requiredParameterCount == 2
  }
}
