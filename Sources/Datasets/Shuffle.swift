import Essentials

extension Dataset {
  /// The elements in a random order, by tf.data's algorithm: a buffer of `bufferSize` elements is
  /// filled; each step gives a random one of them and puts the next element in its place. So an
  /// element comes at most `bufferSize - 1` places early, and any number late. A buffer that holds the
  /// whole dataset gives every order with the same likelihood.
  ///
  /// The order depends on the seed and the epoch alone; with `reshuffleEachIteration: false` on the
  /// seed alone. Where elements can be made by index, only indices are shuffled: the buffer takes no
  /// memory and nothing waits until it is full.
  /// - Throws: a `value` failure for a buffer of less than 1.
  public func shuffle(
    _ bufferSize: Int, seed: UInt64, reshuffleEachIteration: Bool = true
  ) throws -> Dataset<Element> {
    guard bufferSize >= 1 else {
      throw Failure(
        .value, "a shuffle buffer holds 1 or more elements, not \(bufferSize)",
        hint: "to shuffle everything, give the dataset's length", parameter: "buffer_size")
    }
    return Dataset(
      stage: stage.adding("shuffle(\(bufferSize))") { [stage] pass in
        let epoch = reshuffleEachIteration ? pass.orderEpoch : 0
        let random = RandomSource(seed: seed, path: UInt64(bitPattern: Int64(epoch)))
        switch try stage.view(pass) {
        case .indexed(let view):
          var next = 0
          var order: [Int] = []
          order.reserveCapacity(view.count)
          var buffer = ShuffleBuffer<Int>(size: bufferSize, random: random)
          while let index = try buffer.next(from: {
            defer { next += 1 }
            return next < view.count ? next : nil
          }) {
            order.append(index)
          }
          return .indexed(
            IndexedView(count: view.count, evaluation: view.evaluation) { [order] in
              try view.element(order[$0])
            })
        case .stream(let view):
          return .stream(
            StreamView(evaluation: view.evaluation) {
              let iterator = try view.makeIterator()
              var buffer = ShuffleBuffer<Element>(size: bufferSize, random: random)
              return DatasetIterator { try buffer.next { try iterator.next() } }
            })
        }
      })
  }
}

/// tf.data's shuffle buffer.
private struct ShuffleBuffer<Element> {
  private let size: Int
  private var random: RandomSource
  private var held: [Element] = []
  private var isAtEnd = false

  init(size: Int, random: RandomSource) {
    self.size = size
    self.random = random
  }

  mutating func next(from upstream: () throws -> Element?) throws -> Element? {
    while !isAtEnd, held.count < size {
      try Interruption.check()
      if let element = try upstream() { held.append(element) } else { isAtEnd = true }
    }
    if held.isEmpty { return nil }
    let chosen = random.integer(below: held.count)
    held.swapAt(chosen, held.count - 1)
    return held.removeLast()
  }
}
