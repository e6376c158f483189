import Essentials

/// What a native function can ask of the evaluation that called it. Valid during that call only, on its thread.
public struct CallContext {
  let cx: Cx
  /// The part of the value stack above all live frames.
  let free: FramePointer

  /// Calls a function of the script or the library.
  /// - Throws: `EvaluationError`; let it pass.
  public func call(_ function: FunctionObject, _ arguments: [Value], named: [(String, Value)] = []) throws
    -> Value
  {
    try Calls.call(.function(function), arguments, named, Span(0, 0), free, cx)
  }

  /// Calls a function with one argument: the short way for going through many items.
  /// - Throws: `EvaluationError`; let it pass.
  public func call(_ function: FunctionObject, with argument: Value) throws -> Value {
    if function.isNative {
      let quick = unsafeDowncast(function, to: NativeFunction.self).quick
      if let result = quick?(argument) { return result }
    } else if free < cx.pointee.limit {
      free.initialize(to: argument)
      let closure = Unmanaged.passUnretained(unsafeDowncast(function, to: Closure.self))
      return try Calls.run(closure, free, given: 1, Span(0, 0), cx)
    }
    return try call(function, [argument])
  }

  /// Calls a value: a function, or an object that can be called.
  /// - Throws: `EvaluationError`, also where it cannot be called; let it pass.
  public func call(_ function: Value, _ arguments: [Value], named: [(String, Value)] = []) throws -> Value {
    try Calls.call(function, arguments, named, Span(0, 0), free, cx)
  }

  /// Visits the items of a list, range, string (its characters), record (its keys) or object.
  /// - Throws: a `type` failure for what cannot be iterated, and what `body` throws.
  public func forEach(_ value: Value, _ body: (Value) throws -> Void) throws {
    let next = try Iteration.iterator(value)
    while let item = try next() {
      try Interruption.check()
      try body(item)
    }
  }

  /// The stream of random numbers of this evaluation.
  public var random: RandomSource {
    get { cx.pointee.random }
    nonmutating set { cx.pointee.random = newValue }
  }

  /// The seed that decides all random numbers; setting it starts the stream anew.
  public var seed: UInt64 {
    get { cx.pointee.seed }
    nonmutating set {
      cx.pointee.seed = newValue
      cx.pointee.random = RandomSource(seed: newValue)
    }
  }

  /// Who runs the interpreter.
  public var host: (any InterpreterHost)? { cx.pointee.shared.host }

  /// The arguments of the script.
  public var scriptArguments: [String] { cx.pointee.shared.scriptArguments }

  /// The names that a script can use now, with their values: for `help` and near names.
  public func global(_ name: String) -> Value? { cx.pointee.shared.value(of: name, in: cx.pointee.globals) }

  /// Shows a warning through the host.
  public func warn(_ message: String, hint: String? = nil, kind: Failure.Kind = .value) {
    cx.pointee.shared.host?.warn(Diagnostic(.warning, kind, message, hint: hint))
  }

  /// A caller of `function` that may be used from any thread, many at a time. It works on a snapshot of the
  /// variables, taken now, so the script may go on changing them.
  public func workerCaller(for function: FunctionObject) -> WorkerCaller {
    WorkerCaller(function: function, cx: cx)
  }
}
