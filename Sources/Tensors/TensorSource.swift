/// Something that can be made into a tensor when one is needed.
///
/// A spectrogram keeps the samples that it was asked of (192 kB for three seconds) and is computed
/// only when its magnitudes (1.5 MB) are wanted. Datasets cache sources, so a cache holds what is
/// smallest, and batches are filled in place.
public protocol TensorSource: Sendable {
  /// The shape of the tensor.
  var shape: Shape { get }
  /// The bytes that keeping this source takes.
  var storedByteCount: Int { get }
  /// Writes the elements, row-major, into `destination`, which has as many as the shape says.
  func write(into destination: UnsafeMutableBufferPointer<Float>) throws
}

extension TensorSource {
  /// The elements in memory: the tensor itself where this is one.
  /// - Throws: what `write` throws, a `memory` failure where there is no room.
  public func materialized() throws -> Tensor {
    if let tensor = self as? Tensor { return tensor }
    return try Tensor(shape: shape) { try write(into: $0) }
  }
}

extension Tensor: TensorSource {
  /// Four bytes an element.
  public var storedByteCount: Int { count * MemoryLayout<Float>.stride }

  /// Copies the elements.
  public func write(into destination: UnsafeMutableBufferPointer<Float>) {
    withUnsafeElements { source in
      guard let from = source.baseAddress, let to = destination.baseAddress else { return }
      to.initialize(from: from, count: min(source.count, destination.count))
    }
  }
}
