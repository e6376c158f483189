import Essentials

/// Calls one function from any thread, many at a time, on a snapshot of the script's variables.
///
/// Each call borrows an evaluation context (value stack, depth, random numbers) from a pool.
public final class WorkerCaller: Sendable {
  private let snapshot: Snapshot
  private let function: Value
  private let seed: UInt64
  private let shared: SharedState

  init(function: FunctionObject, cx: Cx) {
    shared = cx.pointee.shared
    seed = cx.pointee.seed
    var copier = SnapshotCopier()
    snapshot = Snapshot(copying: cx.pointee.globals, count: cx.pointee.globalCount, with: &copier)
    self.function = copier.copy(.function(function))
  }

  /// Calls the function with these arguments.
  /// - Parameter randomPath: numbers that name this piece of work, such as (epoch, item): the random numbers
  ///   that the function draws are decided by the seed and this path alone, whatever thread it runs on.
  /// - Throws: `EvaluationError`.
  public func call(_ arguments: [Value], randomPath: [UInt64] = []) throws -> Value {
    let context = shared.pool.borrow(shared: shared)
    defer { shared.pool.giveBack(context) }
    let cx = context.pointer
    cx.pointee.globals = snapshot.slots
    cx.pointee.globalCount = snapshot.count
    cx.pointee.seed = seed
    cx.pointee.random = RandomSource(seed: seed, steps: randomPath)
    cx.pointee.depth = 0
    cx.pointee.stackLow = NativeStack.low()
    return try Calls.call(function, arguments, [], Span(0, 0), context.base, cx)
  }
}

extension RandomSource {
  /// A stream decided by a seed and a path of any length.
  init(seed: UInt64, steps: [UInt64]) {
    var mixed = seed
    for step in steps {
      var source = RandomSource(seed: mixed, path: step)
      mixed = source.next()
    }
    self.init(seed: mixed)
  }
}
