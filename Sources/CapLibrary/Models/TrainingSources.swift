import CapLanguage
import Datasets
import Essentials
import NeuralNetworks
import Tensors

/// A batched, labelled dataset as the trainer takes it.
struct DatasetBatches: BatchSource {
  private let dataset: Dataset<CapExample>

  /// - Throws: a `value` failure that blames `parameter` for a dataset without labels, without batches, or
  ///   without examples.
  init(_ object: DatasetObject, parameter: String) throws {
    guard object.isLabelled else {
      throw Failure(
        .value, "training needs labels, and this dataset has none",
        hint: "dataset(items, label=1) gives labels",
        parameter: parameter)
    }
    guard object.isBatched else {
      throw Failure(
        .value, "training needs batches, and this dataset gives single examples", hint: "add |> batch(16)",
        parameter: parameter)
    }
    guard object.dataset.count != 0 else {
      throw Failure(
        .value, "the dataset is empty", hint: "do the files exist? files(glob) lists them",
        parameter: parameter)
    }
    dataset = object.dataset
  }

  var batchCount: Int? { dataset.count }

  func makeBatchIterator(epoch: Int) throws -> any BatchIterator {
    Iterator(examples: try dataset.makeIterator())
  }

  private struct Iterator: BatchIterator {
    let examples: DatasetIterator<CapExample>

    func next() throws -> TrainingBatch? {
      guard let batch = try examples.next() else { return nil }
      let y = try Conversions.tensor(batch.label ?? .nothing, name: "data")
      switch try batch.numbers(name: "data") {
      case .tensor(let x): return TrainingBatch(x: x, y: y)
      case .sources(let sources): return try TrainingBatch(examples: sources, y: y)
      }
    }
  }
}

/// Single examples of a dataset, handed to a consumer that cannot take failures on the way: iteration ends
/// at a failure, and `finish` throws it.
final class ExampleSequence: Sequence, IteratorProtocol {
  private let nextExample: () throws -> CapExample?
  private var failure: (any Error)?
  /// The first few.
  private(set) var first: [any TensorSource] = []
  static let firstCount = 4

  init(_ dataset: Dataset<CapExample>) throws {
    let iterator = try dataset.makeIterator()
    nextExample = { try iterator.next() }
  }

  func next() -> (any TensorSource)? {
    guard failure == nil else { return nil }
    do {
      guard let example = try nextExample() else { return nil }
      guard let source = try TensorSources.of(try example.value) else {
        throw Failure(
          .type, "a model takes numbers, but the dataset gives \(try example.value.kindPhrase)",
          hint: "map(ds, f) turns it into a tensor or a spectrogram", parameter: "x")
      }
      if first.count < Self.firstCount { first.append(source) }
      return source
    } catch {
      failure = error
      return nil
    }
  }

  func finish() throws {
    if let failure { throw failure }
  }
}
