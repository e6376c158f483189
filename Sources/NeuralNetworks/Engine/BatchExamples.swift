import Essentials
import Tensors

/// The examples of a batch: rows of a tensor, read where they lie, or sources, each made by the thread that
/// needs it, when it needs it.
enum BatchExamples: Sendable {
  /// These rows of a tensor, or all.
  case rows([Int]?, of: Tensor)
  /// At least one, all of one shape.
  case sources([any TensorSource])

  /// (examples, …).
  var shape: Shape {
    switch self {
    case .rows(let rows, let tensor):
      guard let rows else { return tensor.shape }
      return [rows.count] + tensor.shape.dropFirst()
    case .sources(let sources): return [sources.count] + (sources.first?.shape ?? [])
    }
  }

  /// All of them, one after the other.
  func stacked() throws -> Tensor {
    if case .rows(nil, let tensor) = self { return tensor }
    return try Tensor(shape: shape) { destination in
      try withReader { reader in
        guard let base = destination.baseAddress else { return }
        for index in 0..<reader.count { try reader.write(index, to: base + index * reader.length) }
      }
    }
  }

  /// Gives `body` access to the numbers. There is an axis of examples.
  func withReader<Result>(_ body: (Reader) throws -> Result) throws -> Result {
    let length = shape.dropFirst().reduce(1, *)
    switch self {
    case .rows(let rows, let tensor):
      return try tensor.withUnsafeElements { elements in
        try body(
          Reader(
            count: shape[0], length: length, base: elements.baseAddress, rows: rows, sources: []))
      }
    case .sources(let sources):
      return try body(Reader(count: shape[0], length: length, base: nil, rows: nil, sources: sources))
    }
  }

  /// Access to the numbers, from all threads.
  struct Reader: @unchecked Sendable {
    let count: Int
    /// Numbers in an example.
    let length: Int
    fileprivate let base: UnsafePointer<Float>?
    fileprivate let rows: [Int]?
    fileprivate let sources: [any TensorSource]

    /// Where some examples lie one after the other; nil where they are made, or lie apart.
    func place(of range: Range<Int>) -> UnsafePointer<Float>? {
      guard let base else { return nil }
      guard let rows else { return base + range.lowerBound * length }
      let first = rows[range.lowerBound]
      for index in range where rows[index] != first + index - range.lowerBound { return nil }
      return base + first * length
    }

    /// Makes or copies an example.
    func write(_ index: Int, to destination: UnsafeMutablePointer<Float>) throws {
      if let place = place(of: index..<index + 1) {
        destination.update(from: place, count: length)
      } else {
        try sources[index].write(into: UnsafeMutableBufferPointer(start: destination, count: length))
      }
    }

    /// Some examples, one after the other: where they lie, or written into memory of the caller's.
    func run(
      _ range: Range<Int>, memory: () throws -> UnsafeMutablePointer<Float>
    ) throws -> UnsafePointer<Float> {
      if let place = place(of: range) { return place }
      let memory = try memory()
      for index in range { try write(index, to: memory + (index - range.lowerBound) * length) }
      return UnsafePointer(memory)
    }
  }
}

/// An example of a batch holds what is no number.
struct NonFiniteExample: Error {
  /// Its place in the batch.
  let example: Int
  /// The first such value in it.
  let value: Float

  /// - Parameter elements: the example's.
  init(_ example: Int, _ elements: UnsafeBufferPointer<Float>) {
    self.example = example
    value = elements.first { !$0.isFinite } ?? .nan
  }
}
