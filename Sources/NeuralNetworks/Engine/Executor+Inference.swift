import Essentials
import Tensors

/// Predictions, on all threads.
extension Executor {
  /// Writes the outputs for examples, and what the last activation gets where `heads` is given. Examples that
  /// have to be made are made on the thread that needs them.
  func predict(
    _ examples: BatchExamples, into outputs: UnsafeMutablePointer<Float>,
    heads: UnsafeMutablePointer<Float>? = nil, precision: Precision = .float32
  ) throws {
    try examples.withReader { reader in
      let count = reader.count
      guard count > 0 else { return }
      let run = try InferenceRun(
        try predictor(), count: count, limit: count, keepsHead: heads != nil, precision: precision)
      let results = Outputs(base: outputs, heads: heads)
      try WorkerPool.forEach(count: (count - 1) / run.size + 1) { piece, slot in
        let range = piece * run.size..<min((piece + 1) * run.size, count)
        let share = run.share(slot)
        let input = try reader.run(range) { try share.exampleBuffer(count: run.inputSize * run.size).base }
        try run.score(
          input, count: range.count, on: share, into: results.from(range.lowerBound * run.outputSize))
      }
    }
  }

  /// Of examples that come one after the other, so many go through together: with more, a dense layer's
  /// weights would be read less often, but the examples leave the cache themselves.
  private static let mostAtOnce = 8

  /// The outputs for examples that come one after the other, at least one; each is made on the thread that
  /// scores it.
  /// - Parameter progress: told how many are done, on the calling thread.
  func predict(
    _ supply: ExampleSupply, precision: Precision = .float32,
    progress: @escaping (Int) throws -> Void = { _ in }
  ) throws -> [Float] {
    let run = try InferenceRun(
      try predictor(), count: supply.count, limit: Self.mostAtOnce, keepsHead: false, precision: precision)
    let results = Monitor<(outputs: [Float], done: Int)>(([], 0))
    let teller = Teller(tell: progress)
    try WorkerPool.forEach(count: run.threadCount) { _, slot in
      let share = run.share(slot)
      while let group = supply.take(run.size, isFlexible: run.isFlexible) {
        try Interruption.check()
        guard let outputs = try run.outputs(of: group, from: supply, on: share) else { return }
        let done = results.withLock { results in
          let start = group.start * run.outputSize
          let missing = start + outputs.count - results.outputs.count
          if missing > 0 { results.outputs += Array(repeating: 0, count: missing) }
          results.outputs.replaceSubrange(start..<start + outputs.count, with: outputs)
          results.done += group.examples.count
          return results.done
        }
        if slot == 0 { try teller.tell(done) }
      }
    }
    try supply.finish()
    let (outputs, done) = results.withLock { $0 }
    try progress(done)
    return outputs
  }

  /// Only the calling thread tells.
  private struct Teller: @unchecked Sendable { let tell: (Int) throws -> Void }
}

extension InferenceRun {
  /// Makes a group's examples and scores them; nil where one failed, which ends the supply.
  fileprivate func outputs(
    of group: ExampleSupply.Group, from supply: ExampleSupply, on share: Share
  ) throws -> [Float]? {
    var index = group.start
    do {
      // Memory that nobody writes to takes no room.
      let buffer = try share.exampleBuffer(count: inputSize * size).base
      var unusual: [Int] = []
      var feeds: [RowFeed?] = []
      for (place, example) in group.examples.enumerated() {
        index = group.start + place
        let source = try example()
        try check(source, number: index)
        feeds.append(try feed(source, at: place, on: share))
        if feeds[place] != nil { continue }
        let input = buffer + place * inputSize
        try source.write(into: UnsafeMutableBufferPointer(start: input, count: inputSize))
        // Looked through while it is in the cache.
        if !isUsual(input) { unusual.append(place) }
      }
      index = group.start
      return try [Float](unsafeUninitializedCapacity: group.examples.count * outputSize) { outputs, count in
        guard let base = outputs.baseAddress else { return }
        base.initialize(repeating: 0, count: outputs.count)
        count = group.examples.count * outputSize
        try score(
          buffer, count: group.examples.count, unusual: unusual, feeds: feeds, on: share,
          into: Outputs(base: base, heads: nil))
      }
    } catch {
      supply.fail(error, at: index)
      return nil
    }
  }
}
