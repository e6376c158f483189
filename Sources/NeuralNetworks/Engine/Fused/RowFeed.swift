import Kernels
import Tensors

/// An example whose rows are made when a chain needs them, a few at a time in memory for these few.
final class RowFeed {
  private let maker: any RowMaker
  private let rowCount: Int
  private let step: Int
  private let buffer: FloatBuffer
  private let memory: UnsafeMutablePointer<Float>
  private var failure: (any Error)?

  /// Rows that are made at a time, at most: enough for a band of the chain's output, few enough to stay in
  /// the cache.
  static let rowsAtOnce = 16

  /// A feed that makes rows in a part of `memory`; nil where more are wanted together than there is room for.
  init?(_ maker: any RowMaker, rowCount: Int, rowLength: Int, memory: FloatBuffer, place: Int) {
    let together = max(1, maker.rowsTogether)
    guard together <= Self.rowsAtOnce else { return nil }
    step = Self.rowsAtOnce / together * together
    self.maker = maker
    self.rowCount = rowCount
    buffer = memory
    self.memory = memory.base + place * Self.rowsAtOnce * rowLength
  }

  /// Makes an example read from here; it must not outlive this.
  func feed(_ example: inout kernels_example) {
    example.input = UnsafePointer(memory)
    example.source = Unmanaged.passUnretained(self).toOpaque()
    example.make_rows = { source, first, _ in
      guard let source else { return 1 }
      return Int32(Unmanaged<RowFeed>.fromOpaque(source).takeUnretainedValue().makeRows(from: Int(first)))
    }
  }

  private func makeRows(from first: Int) -> Int {
    let end = min(first + step, rowCount)
    do {
      try maker.write(first..<end, into: memory)
    } catch {
      // Nothing may be thrown through the kernels; what they compute now is dropped.
      failure = failure ?? error
    }
    return end - first
  }

  /// - Throws: what making a row met.
  func finish() throws {
    if let failure { throw failure }
  }
}
