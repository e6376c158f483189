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

/// A pass over a dataset's single examples for a model, which makes them on all cores.
final class ExampleJobs {
  private let iterator: DatasetIterator<CapExample>
  private var count = 0
  private let made = Monitor<[Int: any TensorSource]>([:])
  static let firstCount = 4

  init(_ dataset: Dataset<CapExample>) throws { iterator = try dataset.makeJobIterator() }

  /// The first few, once they were made.
  var first: [any TensorSource] { made.withLock { made in (0..<Self.firstCount).compactMap { made[$0] } } }

  func next() throws -> (@Sendable () throws -> any TensorSource)? {
    guard let job = try iterator.nextJob() else { return nil }
    defer { count += 1 }
    return { [made, number = count] in
      let value = try job().value
      guard let source = try TensorSources.of(value) else {
        throw Failure(
          .type, "a model takes numbers, but the dataset gives \(value.kindPhrase)",
          hint: "map(ds, f) turns it into a tensor or a spectrogram", parameter: "x")
      }
      if number < Self.firstCount { made.withLock { $0[number] = source } }
      return source
    }
  }
}
