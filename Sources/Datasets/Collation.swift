import Essentials
import Tensors

/// Puts examples together into one tensor.
public enum Collation {
  /// The sources' tensors stacked along a new first axis. Each is written straight into its place,
  /// on all cores.
  /// - Parameter what: what a source is called in an error.
  /// - Throws: a `shape` failure that names the position and the shape of the first source unlike
  ///   source 0; a `value` failure for no sources; what a source meets when it is made.
  public static func stacked(_ sources: [any TensorSource], what: String = "example") throws -> Tensor {
    let shape = try stackedShape(sources, what: what)
    return try Tensor(shape: shape) { try fill($0, from: sources) }
  }

  /// The shape that the sources' tensors have once they are stacked.
  /// - Throws: a `shape` failure that names the position and the shape of the first source unlike
  ///   source 0; a `value` failure for no sources.
  public static func stackedShape(_ sources: [any TensorSource], what: String) throws(Failure) -> Shape {
    guard let shape = sources.first?.shape else {
      throw Failure(.value, "there is nothing to put into a batch")
    }
    for (position, source) in sources.enumerated() where source.shape != shape {
      throw Failure(
        .shape,
        "\(what) \(position) of the batch has shape \(source.shape.shapeDescription), "
          + "but \(what) 0 has \(shape.shapeDescription)",
        hint: "examples of a batch need one shape; pad or cut them first")
    }
    return [sources.count] + shape
  }

  private static func fill(
    _ destination: UnsafeMutableBufferPointer<Float>, from sources: [any TensorSource]
  ) throws {
    let length = destination.count / sources.count
    guard length > 0 else { return }
    let place = Destination(buffer: destination)
    let write: @Sendable (Int, Int) throws -> Void = { index, _ in
      try sources[index].write(
        into: UnsafeMutableBufferPointer(rebasing: place.buffer[index * length..<(index + 1) * length]))
    }
    // Handing a few numbers to other threads takes longer than copying them.
    if destination.count < 1 << 14 {
      for index in sources.indices { try write(index, 0) }
    } else {
      try WorkerPool.forEach(count: sources.count, write)
    }
  }

  /// Each source writes a part of its own.
  private struct Destination: @unchecked Sendable {
    let buffer: UnsafeMutableBufferPointer<Float>
  }
}
