import CapLanguage
import Datasets
import Essentials
import NeuralNetworks
import Tensors

/// A batched, labelled dataset as the trainer takes it.
struct DatasetBatches: BatchSource {
  private let dataset: Dataset<CapExample>
  private let model: Sequential
  let labels: LabelKind

  /// - Throws: a `value` failure that blames `parameter` for a dataset without labels, without batches, or
  ///   without examples or an end.
  init(
    _ object: DatasetObject, for model: Sequential, parameter: String, steps: String,
    isLimited: Bool
  )
    throws
  {
    guard object.isLabelled else {
      throw Failure(
        .value, "training needs labels, and this dataset has none",
        hint: "dataset(items, label=1) gives labels",
        parameter: parameter)
    }
    guard object.isBatched else {
      throw Failure(
        .value, "training needs batches, and this dataset gives single examples",
        hint: "add |> batch(16)",
        parameter: parameter)
    }
    guard object.dataset.count != 0 else {
      throw Failure(
        .value, "the dataset is empty", hint: "do the files exist? files(glob) lists them",
        parameter: parameter)
    }
    guard isLimited || object.dataset.cardinality != .infinite else {
      throw object.endless(
        "a pass over it never ends", hint: "say \(steps)=100, or", parameter: parameter)
    }
    dataset = object.dataset
    self.model = model
    labels = object.labels
  }

  var batchCount: Int? { dataset.count }

  func makeBatchIterator(epoch: Int) throws -> any BatchIterator {
    Iterator(examples: try dataset.makeIterator(), model: model)
  }

  /// The dataset counts its passes itself: those of the epochs before are left out.
  func continued(afterEpochs epochs: Int, seed: UInt64?) -> any BatchSource {
    dataset.skipEpochs(epochs)
    return self
  }

  private struct Iterator: BatchIterator {
    let examples: DatasetIterator<CapExample>
    let model: Sequential

    func next() throws -> TrainingBatch? {
      guard let batch = try examples.next() else { return nil }
      func y(_ exampleShape: Shape) throws -> Tensor {
        try LabelEncoding.tensor(
          batch.label ?? .nothing, of: model, exampleShape: exampleShape, name: "x")
      }
      switch try batch.numbers(name: "x") {
      case .tensor(let x): return TrainingBatch(x: x, y: try y(Array(x.shape.dropFirst())))
      case .sources(let sources):
        return try TrainingBatch(examples: sources, y: try y(sources.first?.shape ?? []))
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
  var first: [any TensorSource] {
    made.withLock { made in (0..<Self.firstCount).compactMap { made[$0] } }
  }

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
