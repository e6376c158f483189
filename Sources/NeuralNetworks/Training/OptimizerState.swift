/// What an optimizer gathers from step to step.
final class OptimizerState {
  var step = 0
  /// For each trainable parameter: Adam's two moments, or the velocity, or nothing.
  let moments: [[FloatBuffer]]

  init(_ optimizer: Optimizer, parameters: [Parameter]) {
    let count =
      switch optimizer {
      case .adam: 2
      case .sgd(_, let momentum, _): momentum > 0 ? 1 : 0
      }
    moments = parameters.map { parameter in
      (0..<(parameter.description.isTrainable ? count : 0)).map { _ in
        FloatBuffer(count: parameter.value.count)
      }
    }
  }
}
