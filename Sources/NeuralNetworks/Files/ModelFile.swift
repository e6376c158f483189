import Essentials
import Tensors

extension Sequential {
  /// Writes weights, architecture and compile settings into one `.safetensors` file.
  public func save(_ path: String) throws { throw Failure(.state, "not yet") }

  /// Reads a model that `save` wrote.
  /// - Throws: a `file` or `format` failure that names the file and what is wrong with it.
  public static func load(_ path: String) throws -> Sequential { throw Failure(.state, "not yet") }

  /// Writes the weights alone, as `layers.N.kernel` and so on, in Keras's layouts.
  public func saveWeights(_ path: String) throws { throw Failure(.state, "not yet") }

  /// Takes the weights from a file whose names and shapes are exactly the model's.
  /// - Throws: a `file` or `format` failure; a `shape` failure that names each array that differs.
  public func loadWeights(_ path: String) throws { throw Failure(.state, "not yet") }
}
