import Essentials
import Tensors

/// Steps that are made in two halves by who writes the training loop.
extension Executor {
  /// What moving statistics come to with the last `computeGradients`; they stay as they are.
  func statistics(after result: StepResult) -> [(name: String, value: Tensor)] {
    guard let plan = result.batchWorkspaces.first?.plan else { return [] }
    let moving = network.parameters.filter { !$0.description.isTrainable }
    let before = moving.map(\.tensor)
    for case let operation as any BatchOperation in plan.operations {
      operation.finishStep(result.batchWorkspaces)
    }
    let after = moving.map { ($0.fileName, $0.tensor) }
    for (parameter, tensor) in zip(moving, before) { parameter.assign(tensor) }
    return after
  }

  /// Moves the weights by gradients of the caller's, one for each trainable array.
  /// - Throws: `NonFiniteStep`; nothing has moved then.
  func apply(
    _ gradients: [(name: String, value: Tensor)], _ state: OptimizerState, _ optimizer: Optimizer
  ) throws {
    let share = try Share(
      gradientCounts: network.parameters.map { $0.description.isTrainable ? $0.value.count : nil })
    for (index, parameter) in network.parameters.enumerated() {
      guard let buffer = share.gradient(index),
        let gradient = gradients.first(where: { $0.name == parameter.fileName })?.value
      else { continue }
      gradient.withUnsafeElements { elements in
        if let base = elements.baseAddress { buffer.base.update(from: base, count: elements.count) }
      }
    }
    try state.update(network, shares: [share], optimizer: optimizer, addsPenalties: false)
  }
}
