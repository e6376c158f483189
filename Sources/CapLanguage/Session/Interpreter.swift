import Essentials

/// A script under way: library, variables, evaluation. Runs cell after cell; variables stay.
///
/// Use it from one thread at a time, with a stack of `Thread.largeStack`.
public final class Interpreter: @unchecked Sendable {
  /// How far a script may go.
  public let limits: Limits
  /// The declared functions of the library, in order.
  public let functions: [FunctionDeclaration]
  let shared: SharedState
  private let context: EvaluationContext
  private(set) var main: Namespace
  private var modules: [String: Module] = [:]
  private var importing: [String] = []

  /// An interpreter with this library.
  public init(functions: [FunctionDeclaration], limits: Limits = Limits(), seed: UInt64 = 0) {
    self.limits = limits
    self.functions = functions
    shared = SharedState(functions: functions, limits: limits)
    context = EvaluationContext(shared: shared)
    context.pointer.pointee.seed = seed
    context.pointer.pointee.random = RandomSource(seed: seed)
    main = Namespace()
  }

  /// Who runs it.
  public var host: (any InterpreterHost)? {
    get { shared.host }
    set { shared.host = newValue }
  }
  /// The arguments of the script, for `args`.
  public var scriptArguments: [String] {
    get { shared.scriptArguments }
    set { shared.scriptArguments = newValue }
  }
  /// The seed of all random numbers; setting it starts the stream anew.
  public var seed: UInt64 {
    get { context.pointer.pointee.seed }
    set { CallContext(cx: context.pointer, free: context.base).seed = newValue }
  }

  /// For natives called from outside a script, and tests.
  public var callContext: CallContext { CallContext(cx: context.pointer, free: context.base) }

  /// All that is wrong with a text as far as that is certain before it runs: everything that does not parse, and
  /// names that nothing defines. `wholeProgram` says that nothing else will ever be defined, so that names
  /// inside functions are judged too.
  public func check(_ source: Source, wholeProgram: Bool = true) -> [Diagnostic] { [] }

  /// Runs a cell.
  /// - Throws: `LanguageError`: all that is wrong with the text (then nothing ran), or the error that ended it.
  public func run(_ source: Source) throws(LanguageError) -> CellResult {
    CellResult(value: .nothing, isShown: false)
  }

  /// A variable of the session, as `%who` lists it.
  public struct Variable: Sendable {
    /// Its name.
    public let name: String
    /// Its value.
    public let value: Value
    /// "number", "list", "function", …
    public var kindName: String { value.kindName }
  }

  /// The variables that the session has set, in order of their first setting; not the library.
  public var variables: [Variable] { [] }
  /// The value of a variable or a library function, or nil.
  public func value(of name: String) -> Value? { nil }
  /// Sets a variable.
  public func set(_ name: String, to value: Value) {}
  /// Forgets a variable; a library function of that name comes back.
  public func remove(_ name: String) {}
  /// Forgets all variables and imported files.
  public func reset() {}
}
