import Essentials

/// The least and the greatest of stretches of samples, counting finite ones only.
enum Envelope {
  struct Span: Sendable {
    var low: Float
    var high: Float
  }

  /// Over all samples; nil if none is finite.
  static func span(of samples: [Float]) throws -> Span? {
    let piece = 1 << 19
    let pieces = (samples.count + piece - 1) / piece
    let spans = try WorkerPool.map(count: pieces) { index in
      samples.withUnsafeBufferPointer { buffer in
        span(buffer, index * piece, min(buffer.count, (index + 1) * piece))
      }
    }
    return spans.reduce(nil) { whole, part in
      guard let part else { return whole }
      return whole.map { Span(low: min($0.low, part.low), high: max($0.high, part.high)) } ?? part
    }
  }

  /// For every column, over samples from `first(column)` up to, not including, `first(column + 1)`.
  static func columns(
    of samples: [Float], count: Int, first: @escaping @Sendable (Int) -> Int
  ) throws -> [Span?] {
    let share = 64
    let parts = try WorkerPool.map(count: (count + share - 1) / share) { part in
      samples.withUnsafeBufferPointer { buffer in
        (part * share..<min(count, (part + 1) * share)).map { column in
          span(buffer, max(0, first(column)), min(buffer.count, first(column + 1)))
        }
      }
    }
    return parts.flatMap { $0 }
  }

  private static func span(_ samples: UnsafeBufferPointer<Float>, _ from: Int, _ to: Int) -> Span? {
    guard from < to, let base = samples.baseAddress else { return nil }
    var low = Float.infinity
    var high = -Float.infinity
    var next = from
    if to - from >= 64 {
      var lows = SIMD16<Float>(repeating: .infinity)
      var highs = -lows
      let raw = UnsafeRawPointer(base)
      while next + 16 <= to {
        let block = raw.loadUnaligned(fromByteOffset: next * 4, as: SIMD16<Float>.self)
        // Comparisons with NaN are false, so NaN never enters.
        lows.replace(with: block, where: block .< lows)
        highs.replace(with: block, where: block .> highs)
        next += 16
      }
      low = lows.min()
      high = highs.max()
    }
    while next < to {
      let value = base[next]
      if value < low { low = value }
      if value > high { high = value }
      next += 1
    }
    if low.isFinite, high.isFinite { return Span(low: low, high: high) }
    // Infinite samples are rare: look again, past them.
    low = .infinity
    high = -.infinity
    for index in from..<to where base[index].isFinite {
      low = min(low, base[index])
      high = max(high, base[index])
    }
    return low <= high ? Span(low: low, high: high) : nil
  }
}
