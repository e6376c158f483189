import COneDNN

/// A change of layout between two layers.
final class ReorderOperation: Operation {
  private let forwardCall: Call
  private let backwardCall: Call?

  init(_ builder: PlanBuilder, from source: Flow, to destination: Flow) throws {
    forwardCall = try builder.reorder(from: source.value, to: destination.value)
    if let from = destination.gradient, let to = source.gradient {
      backwardCall = try builder.reorder(from: from, to: to)
    } else {
      backwardCall = nil
    }
  }

  func forward(_ workspace: Workspace) throws { try workspace.run(forwardCall) }

  func backward(_ workspace: Workspace) throws {
    if let backwardCall { try workspace.run(backwardCall) }
  }
}
