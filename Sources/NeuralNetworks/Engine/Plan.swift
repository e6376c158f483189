import COneDNN
import Essentials
import Tensors

/// Where a slot's memory is.
enum Place {
  /// In the workspace, for as long as the workspace lives: offset in floats.
  case kept(Int)
  /// In one of the two regions that gradients alternate between, from layer to layer.
  case gradient(parity: Int)
  /// The examples, where the caller has them.
  case input
  /// Shared by all workspaces: weights, and weights in a primitive's own layout.
  case shared(FloatBuffer)
  /// The share's gradient of a parameter: index into the network's parameters.
  case accumulator(Int)
}

/// One array that primitives read or write.
struct Slot {
  let descriptor: MemoryDescriptor
  let place: Place
}

/// A slot's number in its plan.
typealias SlotID = Int

/// A primitive with its arguments, as a plan keeps it; a workspace knows the addresses.
struct Call {
  let primitive: Primitive
  let arguments: [(index: Int32, slot: SlotID)]
  let number: Int
}

/// What flows between two layers.
struct Flow {
  /// The channels-last shape of an example.
  var shape: Shape
  var value: SlotID
  /// Nil where nobody needs the gradient.
  var gradient: SlotID?
  /// Which of the two gradient regions.
  var parity: Int
  /// Whether it is known to lie channels last, whatever axes its descriptor shows.
  var isPlain = false
}

/// One piece of a plan. Holds descriptions and primitives only, so any number of workspaces can run it.
protocol Operation: AnyObject {
  func forward(_ workspace: Workspace) throws
  /// Reads the gradient of the result, adds to the parameters' gradients, writes the input's gradient.
  func backward(_ workspace: Workspace) throws
}

/// An operation that must know the whole batch before it can go on: there the batch's shares meet.
///
/// Shares of different sizes have plans of their own, which need have no more in common than how often they
/// meet: layouts, slots and the operations between two meetings may differ.
protocol BatchOperation: Operation {
  /// Gathers this share's part, forward.
  func gatherForward(_ workspace: Workspace) throws
  /// Puts the shares' parts together; on one thread, in the order of shares. Each workspace's own plan knows
  /// where its part is: `workspace.plan.meeting(number)`.
  func combineForward(_ workspaces: [Workspace]) throws
  /// Gathers this share's part, backward.
  func gatherBackward(_ workspace: Workspace) throws
  /// Puts the shares' parts together; on one thread, in the order of shares, as in `combineForward`.
  func combineBackward(_ workspaces: [Workspace]) throws
  /// What follows once the step is certain: moving statistics.
  func finishStep(_ workspaces: [Workspace])
}

/// What a plan is for.
struct PlanKey: Hashable {
  /// Examples that go through at a time.
  let count: Int
  let purpose: Purpose
  /// Whether our own kernels may run layers; they pass on examples whose sums might overflow.
  var fuses = true

  enum Purpose: Hashable {
    /// With the head kept where a loss will be asked of it.
    case inference(keepsHead: Bool)
    /// With bfloat16 in the layers that it makes faster.
    case mixedInference
    /// Slower, and right for examples with NaN or infinity, which vector maxima would swallow.
    case carefulInference
    /// With a fused loss, which works on what the last activation gets rather than on the output.
    case training(fusedLoss: Bool)
  }
}

/// A network compiled for some number of examples.
final class Plan: @unchecked Sendable {
  let key: PlanKey
  let operations: [any Operation]
  let slots: [Slot]
  let calls: [Call]
  /// Weights from Keras's layout into a primitive's own; run when weights have changed.
  let preparations: [Call]
  /// What else has to be done then.
  private let preparationActions: [() -> Void]
  let keptFloatCount: Int
  let gradientFloatCounts: [Int]
  let scratchByteCount: Int
  let input: SlotID
  /// The model's output, plain.
  let output: SlotID
  /// Where the loss starts: the output, or what its activation gets.
  let head: Flow
  /// Numbers in the outputs of all its examples.
  let outputCount: Int
  /// Operations after the head, which the backward pass leaves out.
  let operationsAfterHead: Int
  /// What a reader should know of the choices made.
  let choices: [PlanChoice]

  private var preparedVersion = -1

  init(_ builder: PlanBuilder, output: Flow, head: Flow, operationsAfterHead: Int) {
    key = builder.key
    operations = builder.operations
    meetings = builder.operations.indices.filter { builder.operations[$0] is any BatchOperation }
    slots = builder.slots
    calls = builder.calls
    preparations = builder.preparations
    preparationActions = builder.preparationActions
    keptFloatCount = builder.keptFloatCount
    gradientFloatCounts = builder.gradientFloatCounts
    scratchByteCount = builder.scratchByteCount
    input = builder.input
    self.output = output.value
    outputCount = builder.count * output.shape.reduce(1, *)
    self.head = head
    self.operationsAfterHead = operationsAfterHead
    choices = builder.choices
  }

  /// What a thread works in: activations, gradients between layers, scratch.
  var byteCount: Int { (keptFloatCount + gradientFloatCounts.reduce(0, +)) * 4 + scratchByteCount }

  /// Where the shares of a batch meet: indices of operations.
  let meetings: [Int]

  func meeting(_ number: Int) -> (any BatchOperation)? { operations[meetings[number]] as? any BatchOperation }

  /// The operations from one meeting, its own included, to the next.
  func leg(_ number: Int) -> Range<Int> {
    (number == 0 ? 0 : meetings[number - 1])..<(number == meetings.count
      ? operations.count : meetings[number])
  }

  /// Brings the weights into the primitives' layouts, if they changed since. One thread at a time.
  func prepare(version: Int, using workspace: Workspace) throws {
    if preparedVersion == version { return }
    for call in preparations { try workspace.run(call) }
    for action in preparationActions { action() }
    preparedVersion = version
  }
}
