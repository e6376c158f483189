import Essentials
import Tensors

/// Examples and their labels.
public struct TrainingBatch: Sendable {
  /// (examples, …) as the model takes them.
  public let x: Tensor
  /// (examples,) or (examples, …): one label or one row of labels an example.
  public let y: Tensor

  /// A batch.
  public init(x: Tensor, y: Tensor) {
    self.x = x
    self.y = y
  }
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
}

/// Batches cut from tensors in memory.
public struct TensorBatches: BatchSource {
  private let x: Tensor
  private let y: Tensor
  private let batchSize: Int
  private let shuffle: Bool
  private let seed: UInt64

  /// Batches of up to `batchSize` rows of `x` and `y`, in order, or in a new order each epoch that
  /// `seed` decides.
  /// - Throws: a `shape` failure where `x` and `y` differ in their first axis, a `value` failure for
  ///   no rows or a batch size below 1.
  public init(
    x: Tensor, y: Tensor, batchSize: Int = 32, shuffle: Bool = false, seed: UInt64 = 0
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
    guard x.shape[0] > 0 else { throw Failure(.value, "there are no examples", parameter: "x") }
    self.x = x
    self.y = y
    self.batchSize = batchSize
    self.shuffle = shuffle
    self.seed = seed
  }

  /// Batches in an epoch, the last one possibly smaller.
  public var batchCount: Int? { (x.shape[0] - 1) / batchSize + 1 }

  /// Begins an epoch, in its own order where shuffled.
  public func makeBatchIterator(epoch: Int) throws -> any BatchIterator {
    var order: [Int]?
    if shuffle {
      var random = RandomSource(seed: seed, path: UInt64(epoch))
      order = Array(0..<x.shape[0]).shuffled(using: &random)
    }
    return Iterator(batches: self, order: order)
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
      return try TrainingBatch(x: batches.x.rows(rows), y: batches.y.rows(rows))
    }
  }
}

extension Tensor {
  /// The number of elements in one row of the first axis.
  var rowCount: Int { shape.dropFirst().reduce(1, *) }

  func rows(_ rows: [Int]) throws -> Tensor {
    let size = rowCount
    return try Tensor(shape: [rows.count] + shape.dropFirst()) { destination in
      withUnsafeElements { source in
        guard let from = source.baseAddress, let to = destination.baseAddress else { return }
        for (place, row) in rows.enumerated() {
          (to + place * size).initialize(from: from + row * size, count: size)
        }
      }
    }
  }
}
