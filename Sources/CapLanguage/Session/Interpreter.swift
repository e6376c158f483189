import Essentials
import Glibc

/// A script under way: library, variables, evaluation. Runs cell after cell; variables stay.
///
/// Use it from one thread at a time, with a stack of `Thread.largeStack`.
public final class Interpreter: @unchecked Sendable {
  /// How far a script may go.
  public let limits: Limits
  /// The declared functions of the library, in order.
  public let functions: [FunctionDeclaration]
  /// The library's names with a fixed value, such as `pi`. A script may use the names for its own.
  public let constants: [(name: String, value: Value)]
  let shared: SharedState
  private let context: EvaluationContext
  private(set) var main: Namespace
  private var modules: [String: Module] = [:]
  private var importing: [String] = []
  /// Namespaces of cells that ran: their code refers to them.
  private var keptNamespaces: [Namespace] = []

  /// An interpreter with this library; `foreign` tells what its users may call things.
  public init(
    functions: [FunctionDeclaration], constants: [(name: String, value: Value)] = [],
    foreign: (any ForeignWords)? = nil, limits: Limits = Limits(), seed: UInt64 = 0
  ) {
    ValueLayout.check()
    self.limits = limits
    self.functions = functions
    self.constants = constants
    shared = SharedState(
      functions: functions, constants: constants, foreign: foreign ?? NoForeignWords(), limits: limits)
    context = EvaluationContext(shared: shared)
    context.pointer.pointee.seed = seed
    context.pointer.pointee.random = RandomSource(seed: seed)
    main = Namespace()
    keptNamespaces = [main]
    shared.mainNamespace = main
    shared.interpreter = self
  }

  /// Who runs it; not kept alive by it.
  public var host: (any InterpreterHost)? {
    get { shared.host }
    set { shared.host = newValue }
  }
  /// The arguments of the script: the value of `args`, also in imported files.
  public var scriptArguments: [String] {
    get { shared.scriptArguments }
    set {
      shared.scriptArguments = newValue
      shared.setLibrary("args", .strings(newValue))
    }
  }
  /// The seed of all random numbers; setting it starts the stream anew.
  public var seed: UInt64 {
    get { context.pointer.pointee.seed }
    set { callContext.seed = newValue }
  }

  /// For natives called from outside a script, and tests.
  public var callContext: CallContext {
    refresh()
    return CallContext(cx: context.pointer, free: context.pointer.pointee.free)
  }

  private func refresh() {
    context.pointer.pointee.globals = shared.globals
    context.pointer.pointee.globalCount = shared.globalCount
    context.pointer.pointee.stackLow = NativeStack.low()
  }

  // MARK: Checking

  /// A text that has been parsed, to be checked and run without being parsed again.
  public struct Parsed {
    /// The text.
    public let source: Source
    let program: Program
    let resolver: Resolver
  }

  /// Parses a text.
  /// - Throws: all that does not parse, or an `interrupt`: a script may be long.
  public func parse(_ source: Source) throws(LanguageError) -> Parsed {
    let (program, resolver) = try resolved(source)
    return Parsed(source: source, program: program, resolver: resolver)
  }

  /// Names that nothing defines, in the parts of one program.
  public func unknownNames(_ parts: [Parsed]) -> [Diagnostic] {
    let assigned = parts.reduce(into: Set<String>()) { $0.formUnion($1.resolver.assigned) }
    var found: [Diagnostic] = []
    for part in parts where found.count < Self.mostUnknownNames {
      found += unknownNames(part.resolver, part.source, main, assigned: assigned, wholeProgram: true)
    }
    return found
  }

  private static let mostUnknownNames = 50

  /// All that is wrong with a text as far as that is certain before it runs: everything that does not parse, and
  /// names that nothing defines. `wholeProgram` says that nothing else will ever be defined, so that names
  /// inside functions are judged too.
  /// After Ctrl-C there is one diagnostic, of the kind `interrupt`.
  public func check(_ source: Source, wholeProgram: Bool = true) -> [Diagnostic] {
    do throws(LanguageError) {
      let (program, resolver) = try resolved(source)
      defer { release(program) }
      return unknownNames(resolver, source, main, wholeProgram: wholeProgram)
    } catch {
      return error.diagnostics
    }
  }

  /// The tree of a text as text: a line a node, each level two blanks further in, behind it line and column.
  /// - Throws: all that does not parse, or an `interrupt`.
  public func syntaxTree(of source: Source) throws(LanguageError) -> String {
    let (program, _) = try resolved(source)
    return SyntaxTree.text(program, in: source)
  }

  /// Parses a text and resolves its names.
  /// - Throws: all that does not parse, or an `interrupt`: a script may be long.
  private func resolved(_ source: Source) throws(LanguageError) -> (Program, Resolver) {
    let (program, problems) = Parser.parse(source, limits: limits, foreign: shared.foreign)
    let resolver = problems.isEmpty ? Resolver(program) : nil
    if Interruption.isRequested {
      release(program)
      throw LanguageError([
        Diagnostic(.error, .interrupt, "interrupted", source: source, span: Span(0, 0))
      ])
    }
    guard let resolver else { throw LanguageError(diagnostics(problems, source)) }
    return (program, resolver)
  }

  /// Lets go of a text that will not run again: after Ctrl-C a long one is freed on a thread of its own.
  public func release(_ parsed: Parsed) { release(parsed.program) }

  /// A long program takes longer to be freed than Ctrl-C may.
  private func release(_ program: Program) {
    var statements = program.statements
    if Interruption.isRequested { Background.free(&statements) }
  }

  private func diagnostics(_ problems: [Problem], _ source: Source) -> [Diagnostic] {
    problems.map {
      Diagnostic(.error, .syntax, $0.message, hint: $0.hint, source: source, span: $0.span, notes: $0.notes)
    }
  }

  private func unknownNames(
    _ resolver: Resolver, _ source: Source, _ namespace: Namespace, assigned: Set<String>? = nil,
    wholeProgram: Bool
  ) -> [Diagnostic] {
    let assigned = assigned ?? Set(resolver.assigned)
    var known: [String]?
    var found: [Diagnostic] = []
    for use in resolver.uses {
      if assigned.contains(use.name) || shared.library[use.name] != nil || use.name == "_" { continue }
      if let slot = namespace.slots[use.name], slot < shared.globalCount {
        if case .unset = shared.globals[slot] {} else { continue }
      }
      guard use.isCertain, wholeProgram || !use.isInFunction else { continue }
      let names =
        known
        ?? (assigned.sorted() + shared.libraryNames
          + namespace.names.filter { name in
            guard let slot = namespace.slots[name] else { return false }
            if case .unset = shared.globals[slot] { return false }
            return true
          })
      known = names
      let failure = Unset.global(use.name, isCall: use.isCall, names, shared.foreign)
      found.append(
        Diagnostic(.error, failure.kind, failure.message, hint: failure.hint, source: source, span: use.span))
      if found.count == Self.mostUnknownNames { break }
    }
    return found.sorted { $0.span.start < $1.span.start }
  }

  // MARK: Running

  /// Runs a cell.
  /// - Throws: `LanguageError`: all that is wrong with the text (then nothing ran), or the error that ended it.
  public func run(_ source: Source) throws(LanguageError) -> CellResult {
    let parsed = try parse(source)
    defer { release(parsed.program) }
    return try run(parsed)
  }

  /// Runs a cell that has been parsed.
  /// - Throws: `LanguageError`: names that nothing defines (then nothing ran), or the error that ended it.
  public func run(_ parsed: Parsed) throws(LanguageError) -> CellResult {
    refresh()
    let (source, program, resolver) = (parsed.source, parsed.program, parsed.resolver)
    let unknown = unknownNames(resolver, source, main, wholeProgram: false)
    if !unknown.isEmpty { throw LanguageError(unknown) }
    let state = context.pointer
    let outermost = state.pointee.free == context.base
    if outermost {
      state.pointee.depth = 0
      state.pointee.scratch.count = 0
      state.pointee.spill = .nothing
    }
    do throws(EvaluationError) {
      var last = try execute(program, resolver, source, main, state.pointee.free)
      if case .unset = last { last = .nothing }
      var isShown = !program.isQuiet && !last.isNothing
      if case .expression? = program.statements.last?.kind {} else { isShown = false }
      if isShown { set("_", to: last) }
      return CellResult(value: last, isShown: isShown)
    } catch {
      error.place(in: source)
      throw LanguageError([error.diagnostic])
    }
  }

  /// Compiles and runs a text; gives the value of its last expression.
  private func execute(
    _ program: Program, _ resolver: Resolver, _ source: Source, _ namespace: Namespace, _ base: FramePointer
  ) throws(EvaluationError) -> Value {
    var compiler = Compiler(
      source: source, resolver: resolver, namespace: namespace, shared: shared, scope: resolver.topLevel)
    for name in resolver.assigned { _ = shared.globalSlot(name, in: namespace) }
    var nodes: [Node] = []
    nodes.reserveCapacity(program.statements.count)
    defer { if Interruption.isRequested { Background.free(&nodes) } }
    for statement in program.statements {
      if Interruption.isRequested {
        throw EvaluationError(Failure(.interrupt, "interrupted"), statement.span)
      }
      nodes.append(compiler.statement(statement))
    }
    var lastNode: Node?
    if case .expression? = program.statements.last?.kind { lastNode = nodes.popLast() }
    refresh()
    let state = context.pointer
    let localCount = resolver.topLevel.slotCount
    guard base + compiler.highest + 1 < state.pointee.limit else {
      throw Calls.tooDeep("the cell", Span.empty, state)
    }
    for slot in 0..<localCount { (base + slot).initialize(to: .unset) }
    defer { for slot in 0..<localCount { (base + slot).deinitialize(count: 1) } }
    for node in nodes {
      _ = try node.exec(base, state)
    }
    guard let lastNode else { return .nothing }
    return try lastNode.eval(base, state)
  }

  // MARK: Imports

  /// The names of a file as a record; runs it unless it has run already and is unchanged.
  func importFile(
    _ path: String, from folder: String?, _ span: Span, _ base: FramePointer, _ cx: Cx
  ) throws(EvaluationError) -> RecordObject {
    let joined = path.hasPrefix("/") ? path : (folder.map { $0 + "/" + path } ?? path)
    let source: Source
    do throws(Failure) { source = try Source(path: joined) } catch {
      throw EvaluationError(Failure(error.kind, error.message, hint: error.hint), span)
    }
    let canonical = Self.canonicalPath(joined)
    if importing.contains(canonical) {
      let circle = (importing.drop { $0 != canonical } + [canonical]).map(Path.lastPart)
      throw EvaluationError(
        Failure(
          .state, "'\(path)' imports itself: \(circle.joined(separator: " → "))",
          hint: "move what both need into a third file"),
        span)
    }
    if let known = modules[canonical], known.bytes == source.bytes { return known.record }
    if importing.count > 100 {
      throw EvaluationError(Failure(.recursion, "more than 100 imports within each other"), span)
    }
    let namespace = Namespace()
    keptNamespaces.append(namespace)
    let program: Program
    let resolver: Resolver
    do throws(LanguageError) {
      (program, resolver) = try resolved(source)
      let unknown = unknownNames(resolver, source, namespace, wholeProgram: true)
      if !unknown.isEmpty { throw LanguageError(unknown) }
    } catch {
      let first = error.diagnostics[0]
      let error = EvaluationError(
        Failure(first.kind, first.message, hint: first.hint), first.span, notes: first.notes)
      error.place(in: source)
      error.passed(path, calledAt: span)
      throw error
    }
    importing.append(canonical)
    defer { importing.removeLast() }
    let outerFree = cx.pointee.free
    do throws(EvaluationError) {
      cx.pointee.free = base
      defer { cx.pointee.free = outerFree }
      _ = try execute(program, resolver, source, namespace, base)
    } catch {
      error.place(in: source)
      error.passed(path, calledAt: span)
      throw error
    }
    let record = RecordObject()
    for name in namespace.names where resolver.assigned.contains(name) && !name.hasPrefix("_") {
      guard let slot = namespace.slots[name] else { continue }
      if case .unset = shared.globals[slot] { continue }
      record.set(StringObject(name), shared.globals[slot])
    }
    modules[canonical] = Module(bytes: source.bytes, namespace: namespace, record: record)
    return record
  }

  private static func canonicalPath(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  // MARK: Variables

  /// A variable of the session, as `%who` lists it.
  public struct Variable: Sendable {
    /// As scripts write it.
    public let name: String
    /// What it holds now.
    public let value: Value
    /// "number", "list", "function", …
    public var kindName: String { value.kindName }
  }

  /// The variables that the session has set, in order of their first setting; not the library, not `_`.
  public var variables: [Variable] {
    main.names.compactMap { name in
      guard name != "_", let slot = main.slots[name], let value = setValue(name, slot) else { return nil }
      return Variable(name: name, value: value)
    }
  }

  /// The value of a slot, if the session has set it.
  private func setValue(_ name: String, _ slot: Int) -> Value? {
    let value = shared.globals[slot]
    if case .unset = value { return nil }
    if case .function(let function) = value, case .function(let original)? = shared.library[name],
      function === original
    {
      return nil
    }
    if name == "args", value == shared.library[name] { return nil }
    if case .number(let number) = value, case .number(let original)? = shared.library[name],
      number.bitPattern == original.bitPattern
    {
      return nil
    }
    return value
  }

  /// The value of a variable or a library function, or nil.
  public func value(of name: String) -> Value? { shared.value(of: name, in: shared.globals) }

  /// Sets a variable.
  public func set(_ name: String, to value: Value) {
    shared.setGlobal(shared.globalSlot(name, in: main), value)
    context.pointer.pointee.globals = shared.globals
    context.pointer.pointee.globalCount = shared.globalCount
  }

  /// Forgets a variable; a library function of that name comes back.
  public func remove(_ name: String) {
    guard let slot = main.slots[name] else { return }
    shared.setGlobal(slot, shared.library[name] ?? .unset)
  }

  /// Forgets all variables and imported files.
  public func reset() {
    for name in main.names { remove(name) }
    modules = [:]
  }
}
