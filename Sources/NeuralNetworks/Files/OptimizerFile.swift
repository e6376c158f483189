import Essentials
import Tensors

/// What an optimizer has gathered, as a model file keeps it: arrays `optimizer.MOMENT.layers.N.kernel`, and its
/// steps among the metadata.
enum OptimizerFile {
  static let key = "capuchin.optimizer"
  static let prefix = "optimizer."

  /// The arrays and words; nothing where no step was made since `compile`.
  static func content(
    of state: OptimizerState?, _ network: Network
  ) -> (metadata: [(name: String, value: String)], tensors: [(name: String, value: Tensor)]) {
    guard let state else { return ([], []) }
    var tensors: [(name: String, value: Tensor)] = []
    for (parameter, buffers) in zip(network.parameters, state.moments) {
      for (name, buffer) in zip(state.momentNames, buffers) {
        let tensor = try? Tensor(shape: parameter.description.shape) { destination in
          destination.baseAddress?.initialize(from: buffer.base, count: buffer.count)
        }
        if let tensor { tensors.append((prefix + name + "." + parameter.fileName, tensor)) }
      }
    }
    return ([(key, JSON.object([("step", .number(Double(state.step)))]).text)], tensors)
  }

  /// Puts what a file keeps into a fresh state.
  /// - Returns: whether the file keeps any.
  /// - Throws: a `format` failure where it does not fit the model.
  static func restore(
    _ file: SafeTensors, path: String, into state: OptimizerState, _ network: Network
  ) throws(Failure) -> Bool {
    guard let text = file.metadata.first(where: { $0.name == key })?.value else { return false }
    let json = try JSON(parsing: Array(text.utf8))
    guard let step = json["step"]?.integer, step >= 0 else {
      throw Failure(.format, "the optimizer's steps in '\(path)' are no number")
    }
    var found: [(buffer: FloatBuffer, tensor: Tensor)] = []
    for (parameter, buffers) in zip(network.parameters, state.moments) {
      for (name, buffer) in zip(state.momentNames, buffers) {
        let full = prefix + name + "." + parameter.fileName
        guard let tensor = file[full], tensor.shape == parameter.description.shape else {
          throw Failure(
            .format, "the optimizer's array '\(full)' in '\(path)' is missing or has another shape")
        }
        guard tensor.withUnsafeElements({ $0.isAllFinite }) else {
          throw Failure(.format, "the optimizer's array '\(full)' in '\(path)' holds what is no number")
        }
        found.append((buffer, tensor))
      }
    }
    for (buffer, tensor) in found {
      tensor.withUnsafeElements { elements in
        if let base = elements.baseAddress { buffer.base.update(from: base, count: buffer.count) }
      }
    }
    state.resume(after: step)
    return true
  }
}
