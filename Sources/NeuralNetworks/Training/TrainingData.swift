import Essentials
import Tensors

/// Examples and their labels.
///
/// Whole tensors or some of their rows, which are read where they lie, or sources, which are made one by one
/// as training gets to them, on all cores.
public struct TrainingBatch: Sendable {
  let examples: BatchExamples
  /// (examples,) or (examples, …): one label or one row of labels an example.
  public let y: Tensor
  /// (examples,): what each example's loss is multiplied by; nil for 1.
  public let weights: Tensor?

  /// A batch of (examples, …) as the model takes them.
  public init(x: Tensor, y: Tensor, weights: Tensor? = nil) {
    examples = .rows(nil, of: x)
    self.y = y
    self.weights = weights
  }

  /// A batch of some rows of `x`, with the same rows of `y`, in this order. Rows of `x` are not copied.
  /// - Throws: a `shape` failure where `x` or `y` has no axis, a `value` failure for rows that they have not.
  public init(rows: [Int], of x: Tensor, y: Tensor, weights: Tensor? = nil) throws {
    for (name, tensor) in [("x", x), ("y", y), ("sample_weight", weights ?? y)] {
      guard let count = tensor.shape.first else {
        throw Failure(.shape, "\(name) is a single number and has no rows", parameter: name)
      }
      if let row = rows.first(where: { $0 < 0 || $0 >= count }) {
        throw Failure(.value, "row \(row) is none of the \(count) that \(name) has", parameter: "rows")
      }
    }
    examples = .rows(rows, of: x)
    self.y = try BatchExamples.rows(rows, of: y).stacked()
    self.weights = try weights.map { try BatchExamples.rows(rows, of: $0).stacked() }
  }

  /// A batch of what is made into tensors when it is needed, and may be made more than once.
  /// - Throws: a `shape` failure that names the first example unlike example 0, a `value` failure for none.
  public init(examples: [any TensorSource], y: Tensor, weights: Tensor? = nil) throws(Failure) {
    guard let shape = examples.first?.shape else {
      throw Failure(.value, "the batch has no examples", parameter: "x")
    }
    if let index = examples.firstIndex(where: { $0.shape != shape }) {
      throw Failure(
        .shape,
        "example \(index) of the batch has shape \(examples[index].shape.shapeDescription), "
          + "but example 0 has \(shape.shapeDescription)", parameter: "x")
    }
    self.examples = .sources(examples)
    self.y = y
    self.weights = weights
  }

  /// The examples in one tensor, (examples, …): copied or made, where they are none.
  public var x: Tensor { get throws { try examples.stacked() } }
}

/// Gives one epoch's batches after the other.
public protocol BatchIterator {
  /// The next batch, or nil at the epoch's end.
  mutating func next() throws -> TrainingBatch?
}

/// Where training takes its batches from.
public protocol BatchSource: Sendable {
  /// Batches in an epoch, where that is known.
  var batchCount: Int? { get }
  /// Begins an epoch; `epoch` counts from 0, so that a shuffling source can draw a new order each time.
  func makeBatchIterator(epoch: Int) throws -> any BatchIterator
  /// What decides the order, where that can be told.
  var seed: UInt64? { get }
  /// The same batches for a training that goes on after some epochs: in the orders that would have come.
  /// - Parameter seed: what `seed` was; nil where it is unknown.
  func continued(afterEpochs epochs: Int, seed: UInt64?) -> any BatchSource
}

extension BatchSource {
  /// Nothing decides the order but the epoch.
  public var seed: UInt64? { nil }
  /// A source that makes an epoch's batches by the epoch's number needs nothing more.
  public func continued(afterEpochs epochs: Int, seed: UInt64?) -> any BatchSource { self }
}

/// Batches cut from tensors in memory.
public struct TensorBatches: BatchSource {
  private let x: Tensor
  private let y: Tensor
  private let weights: Tensor?
  private let batchSize: Int
  private let shuffle: Bool
  private var orderSeed: UInt64

  /// Batches of up to `batchSize` rows of `x` and `y`, in order, or in a new order each epoch that
  /// `seed` decides.
  /// - Parameter weights: (rows,): what each row's loss is multiplied by; nil for 1.
  /// - Throws: a `shape` failure where `x`, `y` and `weights` differ in their first axis, a `value` failure for
  ///   no rows or a batch size below 1.
  public init(
    x: Tensor, y: Tensor, weights: Tensor? = nil, batchSize: Int = 32, shuffle: Bool = false, seed: UInt64 = 0
  ) throws(Failure) {
    guard batchSize >= 1 else {
      throw Failure(.value, "batch_size is \(batchSize); it is at least 1", parameter: "batch_size")
    }
    guard x.rank >= 1, y.rank >= 1, x.shape[0] == y.shape[0] else {
      throw Failure(
        .shape,
        "x \(x.shape.shapeDescription) and y \(y.shape.shapeDescription) differ in their number of examples",
        parameter: "y")
    }
    if let weights, weights.shape != [x.shape[0]] {
      throw Failure(
        .shape,
        "sample_weight has the shape \(weights.shape.shapeDescription); for \(x.shape[0]) examples it has "
          + [x.shape[0]].shapeDescription, hint: "one number an example", parameter: "sample_weight")
    }
    guard x.shape[0] > 0 else { throw Failure(.value, "there are no examples", parameter: "x") }
    self.x = x
    self.y = y
    self.weights = weights
    self.batchSize = batchSize
    self.shuffle = shuffle
    orderSeed = seed
  }

  /// Batches in an epoch, the last one possibly smaller.
  public var batchCount: Int? { (x.shape[0] - 1) / batchSize + 1 }

  /// Begins an epoch, in its own order where shuffled.
  public func makeBatchIterator(epoch: Int) throws -> any BatchIterator {
    var order: [Int]?
    if shuffle {
      var random = RandomSource(seed: orderSeed, path: UInt64(epoch))
      order = Array(0..<x.shape[0]).shuffled(using: &random)
    }
    return Iterator(batches: self, order: order)
  }

  /// What decides the orders.
  public var seed: UInt64? { orderSeed }

  /// The same batches in the orders of another seed.
  public func continued(afterEpochs epochs: Int, seed: UInt64?) -> any BatchSource {
    var batches = self
    batches.orderSeed = seed ?? orderSeed
    return batches
  }

  private struct Iterator: BatchIterator {
    let batches: TensorBatches
    let order: [Int]?
    var position = 0

    mutating func next() throws -> TrainingBatch? {
      let end = min(position + batches.batchSize, batches.x.shape[0])
      guard position < end else { return nil }
      defer { position = end }
      let rows = order.map { Array($0[position..<end]) } ?? Array(position..<end)
      return try TrainingBatch(rows: rows, of: batches.x, y: batches.y, weights: batches.weights)
    }
  }
}
