import COneDNN
import Essentials
import Tensors

/// The kinds of cells.
enum RecurrentCell {
  case lstm, gruResetAfter, gruResetBefore

  var gates: Int { self == .lstm ? 4 : 3 }
}

/// How the two ways along a sequence become one result.
public enum MergeMode: String, Sendable, CaseIterable {
  /// One after the other.
  case concat
  /// The sum.
  case sum
  /// The product.
  case mul
  /// The mean.
  case ave
}

/// A recurrent layer, or two that go opposite ways: the input's products of all steps are one matrix product, the
/// state's one for each step, of all examples; backward through time.
final class RecurrentOperation: Operation {
  /// One layer, whose weights' names begin with `prefix`.
  struct Way {
    let layer: any CompilableRecurrentLayer
    let prefix: String
  }

  private let passes: [RecurrentPass]
  private let merge: MergeMode?
  private let source: Flow
  private let result: Flow
  private let rows: Int
  private let units: Int
  private let isReversed: [Bool]
  private let steps: Int
  private let count: Int
  private let returnsSequences: Bool
  private let wayGradient: SlotID
  private let inputSize: Int

  static func append(
    to builder: PlanBuilder, index: Int, flow: Flow, _ ways: [Way], merge: MergeMode?
  ) throws -> Flow {
    let source = try builder.examples(flow)
    let layer = ways[0].layer
    var shape = try layer.outputShape(for: flow.shape)
    if merge == .concat { shape[shape.count - 1] *= 2 }
    let result = builder.newFlow(
      shape, try MemoryDescriptor(examples: builder.count, of: shape), after: source, hasGradient: true,
      isPlain: true)
    builder.append(
      try RecurrentOperation(builder, index: index, from: source, to: result, ways, merge: merge))
    return result
  }

  private init(
    _ builder: PlanBuilder, index: Int, from source: Flow, to result: Flow, _ ways: [Way], merge: MergeMode?
  ) throws {
    self.source = source
    self.result = result
    self.merge = merge
    let recurrence = ways[0].layer.recurrence
    units = recurrence.units
    steps = source.shape[0]
    inputSize = source.shape[1]
    count = builder.count
    returnsSequences = recurrence.returnsSequences
    rows = count * (returnsSequences ? steps : 1)
    isReversed = ways.map { $0.layer.recurrence.goesBackwards }
    passes = try ways.map {
      try RecurrentPass(builder, index: index, $0, steps: source.shape[0], inputs: source.shape[1])
    }
    wayGradient = builder.kept(
      try MemoryDescriptor(rowMajor: [builder.isTraining ? builder.count * steps * units : 1]))
  }

  /// Where state `row` of the result is among those of a way, which are in the order of time.
  private func place(_ row: Int, _ way: Int) -> Int {
    guard returnsSequences else {
      return (row * steps + (isReversed[way] ? 0 : steps - 1)) * units
    }
    let (example, step) = row.quotientAndRemainder(dividingBy: steps)
    // In the order in which the first way goes; the other one is turned round for that, as in Keras.
    let turned = isReversed[0]
    return (example * steps + (turned ? steps - 1 - step : step)) * units
  }

  func forward(_ workspace: Workspace) throws {
    let x = UnsafePointer(workspace.pointer(source.value))
    for pass in passes { try pass.forward(workspace, x) }
    let to = workspace.pointer(result.value)
    let first = workspace.pointer(passes[0].states)
    guard passes.count == 2, let merge else {
      for row in 0..<rows { (to + row * units).update(from: first + place(row, 0), count: units) }
      return
    }
    let second = workspace.pointer(passes[1].states)
    let width = merge == .concat ? 2 * units : units
    for row in 0..<rows {
      let (a, b, y) = (first + place(row, 0), second + place(row, 1), to + row * width)
      switch merge {
      case .concat:
        y.update(from: a, count: units)
        (y + units).update(from: b, count: units)
      case .sum: for unit in 0..<units { y[unit] = a[unit] + b[unit] }
      case .mul: for unit in 0..<units { y[unit] = a[unit] * b[unit] }
      case .ave: for unit in 0..<units { y[unit] = (a[unit] + b[unit]) * 0.5 }
      }
    }
  }

  func backward(_ workspace: Workspace) throws {
    guard let own = result.gradient else { return }
    let from = workspace.pointer(own)
    let gradient = workspace.pointer(wayGradient)
    let x = UnsafePointer(workspace.pointer(source.value))
    let width = merge == .concat ? 2 * units : units
    for (way, pass) in passes.enumerated() {
      gradient.update(repeating: 0, count: count * steps * units)
      let other = passes.count == 2 ? workspace.pointer(passes[1 - way].states) : nil
      for row in 0..<rows {
        let to = gradient + place(row, way)
        let dy = from + row * width + (merge == .concat ? way * units : 0)
        switch merge {
        case nil, .concat, .sum: to.update(from: dy, count: units)
        case .ave: for unit in 0..<units { to[unit] = dy[unit] * 0.5 }
        case .mul:
          guard let other else { continue }
          let factor = other + place(row, 1 - way)
          for unit in 0..<units { to[unit] = dy[unit] * factor[unit] }
        }
      }
      try pass.backward(
        workspace, x, gradient: gradient, to: source.gradient.map { workspace.pointer($0) }, adding: way > 0)
    }
  }
}
