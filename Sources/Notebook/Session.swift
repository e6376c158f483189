import CapLanguage
import Essentials
import Glibc

/// A notebook under way: runs cells, numbers them, and turns them into a stream of outputs.
///
/// Front ends add themselves as listeners and show what comes; natives reach the session as
/// `context.host as? Session` and `emit`. Cells run on one thread with a large stack, whoever asks.
public final class Session: InterpreterHost, @unchecked Sendable {
  /// A cell as it was entered.
  public struct Input: Sendable {
    /// The `n` of `In[n]`.
    public let number: Int
    /// What was typed, line ends included.
    public let text: String
    /// Whether it ran to its end; not while it runs.
    public fileprivate(set) var hasSucceeded = false
  }

  private struct State {
    var settings: SessionSettings
    var plots: PlotFolder
    var cellCount = 0
    var inputs: [Input] = []
    var nextProgressID = 1
    var exitStatus: Int32?
    var sourceName = ""
  }

  /// Variables and evaluation. To be used on the session's thread (`perform`), or while no cell runs.
  public let interpreter: Interpreter
  /// What the prompt's commands remember.
  public let commands = CommandMemory()
  private let thread = EvaluationThread()
  private let state: Monitor<State>
  private let listeners = Monitor<[any SessionListener]>([])
  private let recorders = Monitor<[any SessionRecorder]>([])
  private let inHistory = CellHistory(name: "In")
  private let outHistory = CellHistory(name: "Out")
  /// The values behind `_` and `__`. Touched on the session's thread only.
  private var lastValues: [Value?] = [nil, nil]

  /// A session with this library: functions, and names that start with a value (`pi`).
  public init(
    functions: [FunctionDeclaration], constants: [(name: String, value: Value)] = [],
    foreign: (any ForeignWords)? = nil, settings: SessionSettings = SessionSettings()
  ) {
    interpreter = Interpreter(
      functions: functions, constants: constants, foreign: foreign, seed: settings.seed)
    interpreter.scriptArguments = settings.arguments
    state = Monitor(
      State(
        settings: settings,
        plots: PlotFolder(path: settings.plotsFolder, continuesNumbering: settings.continuesPlotNumbering)))
    interpreter.host = self
    defineOwnNames()
  }

  /// The variables that the user has set.
  public var userVariables: [Interpreter.Variable] {
    interpreter.variables.filter { !["_", "__", "___", "In", "Out"].contains($0.name) }
  }

  // MARK: What natives and front ends ask

  /// What the user decided; changes hold from now on.
  public var settings: SessionSettings {
    get { state.withLock { $0.settings } }
    set {
      state.withLock { state in
        if newValue.plotsFolder != state.settings.plotsFolder { state.plots.move(to: newValue.plotsFolder) }
        state.settings = newValue
      }
    }
  }

  /// The path for the next picture that has no name: `plots/plot-001.png`. Makes the folder.
  /// - Parameter ending: `png`, `svg` or `pdf`.
  /// - Throws: a `file` failure if the folder cannot be made.
  public func nextPlotPath(ending: String = "png") throws -> String {
    try state.withLock { try $0.plots.nextPath(ending: ending) }
  }

  /// Where a picture saved under `name` goes: a bare name into the folder for pictures (which is made), a
  /// path where it says.
  /// - Throws: a `file` failure if the folder cannot be made.
  public func plotPath(named name: String) throws -> String {
    try state.withLock { try $0.plots.path(named: name) }
  }

  /// A number for a new piece of long work, see `Progress`.
  public func newProgressID() -> Int {
    state.withLock { state in
      defer { state.nextProgressID += 1 }
      return state.nextProgressID
    }
  }

  /// The number of the cell that is running or ran last, 0 before the first.
  public var cellNumber: Int { state.withLock { $0.cellCount } }

  /// Where the code stands that is running or ran last: a script's path, `-e`, or `[3]` for what was typed.
  public var sourceName: String { state.withLock { $0.sourceName } }

  /// The cells entered so far, by number.
  public var inputs: [Input] { state.withLock { $0.inputs } }

  /// What the program should exit with, once someone has asked it to: `%quit`.
  public var exitStatus: Int32? { state.withLock { $0.exitStatus } }

  /// Asks the front end to leave after this cell.
  public func requestExit(status: Int32 = 0) { state.withLock { $0.exitStatus = status } }

  // MARK: The stream

  /// Adds a front end; it hears everything from now on.
  public func add(_ listener: any SessionListener) { listeners.withLock { $0.append(listener) } }

  /// Adds the listener that `%report` and `%notebook` ask to write.
  public func add(recorder: any SessionRecorder) {
    recorders.withLock { $0 = [recorder] }
    add(recorder)
  }

  /// Who writes documents of this session, nil if nobody keeps a record.
  var recorder: (any SessionRecorder)? { recorders.withLock { $0.first } }

  /// Shows something. From any thread.
  public func emit(_ output: Output) { tell(.output(output)) }

  /// Shows a warning that has no place in the script.
  public func warn(_ message: String, hint: String? = nil) {
    emit(.warning(Diagnostic(.warning, .value, message, hint: hint)))
  }

  /// Shows a warning of the interpreter.
  public func warn(_ diagnostic: Diagnostic) { emit(.warning(diagnostic)) }

  private func tell(_ event: SessionEvent) {
    // Under the lock, so that all listeners see the same order.
    listeners.withLock { listeners in
      for listener in listeners { listener.session(self, did: event) }
    }
  }

  /// Shows a value the way a cell shows its last expression.
  /// - Throws: what the value throws when it is asked how it looks.
  public func show(_ value: Value) throws {
    if case .object(let object) = value, let rich = object as? any RichDisplay {
      for output in try rich.outputs(in: self) { emit(output) }
    } else {
      emit(.value(value.cellText()))
    }
  }

  // MARK: Running

  /// Runs `body` on the session's thread and waits for it.
  public func perform<Result: Sendable>(_ body: @escaping @Sendable () -> Result) throws -> Result {
    try thread.run(body)
  }

  /// All that is certainly wrong with a script before any of it runs, cell by cell.
  public func check(_ script: Script) -> [Diagnostic] { parse(script).problems }

  /// The cells of a script, those of code parsed, which is done once: nil for prose and the prompt's commands; and all
  /// that is certainly wrong with them.
  private func parse(_ script: Script) -> (cells: [(Cell, Interpreter.Parsed?)], problems: [Diagnostic]) {
    var cells: [(Cell, Interpreter.Parsed?)] = []
    var problems: [Diagnostic] = []
    // A bracket that is open at a cell's end is an error of that cell, though the whole file might parse.
    for cell in script.cells {
      var parsed: Interpreter.Parsed?
      if cell.kind == .code, script.command(in: cell) == nil {
        do throws(LanguageError) { parsed = try interpreter.parse(script.source(of: cell)) } catch {
          if error.isInterrupt { return ([], error.diagnostics) }
          problems += error.diagnostics
        }
      }
      cells.append((cell, parsed))
    }
    return (cells, problems.isEmpty ? interpreter.unknownNames(cells.compactMap(\.1)) : problems)
  }

  /// Runs a script: checks all of it, then runs its cells in order until one fails.
  /// - Returns: how the last cell that ran ended.
  @discardableResult
  public func run(_ script: Script) -> CellOutcome {
    let result = try? perform { [self] in
      let (cells, problems) = parse(script)
      defer { for case (_, let parsed?) in cells { interpreter.release(parsed) } }
      guard problems.isEmpty else {
        for problem in problems { emit(.error(problem)) }
        return CellOutcome(number: nil, status: .failed(problems), seconds: 0)
      }
      var last = CellOutcome(number: nil, status: .succeeded, seconds: 0)
      for (cell, parsed) in cells where !cell.isEmpty {
        if let parsed {
          last = runCell(cell) { session, _ in try session.evaluate(parsed) }
        } else if let command = script.command(in: cell) {
          last = runCell(cell) { session, _ in try command.run(in: session) }
        } else {
          last = run(cell)
        }
        if !last.hasSucceeded || exitStatus != nil { break }
      }
      return last
    }
    return result ?? noThread()
  }

  /// Runs what was typed at a prompt: code, or one of the prompt's commands (`%time`, `stft?`).
  @discardableResult
  public func runInput(_ text: String) -> CellOutcome {
    let result = try? perform { [self] in
      if let command = PromptCommand(text) {
        return runCell(Cell(source: text)) { session, _ in try command.run(in: session) }
      }
      // A pasted or loaded script of several cells is run as one: each shows its value.
      let cells = PercentFormat.cells(of: text)
      if cells.contains(where: { $0.marker != nil }) {
        return runCell(Cell(source: text)) { session, number in
          try session.runNested(Script(Source(name: "[\(number)]", text: text)))
        }
      }
      return run(Cell(source: text), source: nil)
    }
    return result ?? noThread()
  }

  /// Runs one cell. `source` is where its text stands, by default a text of its own named `[n]`.
  @discardableResult
  public func run(_ cell: Cell, source: Source? = nil) -> CellOutcome {
    let result = try? perform { [self] () -> CellOutcome in
      if cell.kind == .prose {
        tell(.cellBegan(cell, number: nil))
        emit(.prose(cell.text))
        return end(nil, .succeeded, seconds: 0)
      }
      return runCell(cell) { session, number in
        try session.evaluate(
          source ?? Source(name: "[\(number)]", text: cell.source, firstLine: cell.firstLine))
      }
    }
    return result ?? noThread()
  }

  /// Runs code inside of the running cell and shows its value.
  func runCode(_ text: String) throws {
    try evaluate(Source(name: "[\(cellNumber)]", text: text))
  }

  /// Runs a script inside of the running cell (`%run`): its prose and values show, its cells take no
  /// numbers.
  func runNested(_ script: Script) throws {
    let (cells, problems) = parse(script)
    guard problems.isEmpty else { throw LanguageError(problems) }
    for (cell, parsed) in cells where !cell.isEmpty {
      if let parsed {
        try evaluate(parsed)
      } else if let command = script.command(in: cell) {
        try command.run(in: self)
      } else {
        emit(.prose(cell.text))
      }
    }
  }

  private func evaluate(_ parsed: Interpreter.Parsed) throws {
    try evaluate(parsed.source) { () throws(LanguageError) in try interpreter.run(parsed) }
  }

  private func evaluate(_ source: Source) throws {
    try evaluate(source) { () throws(LanguageError) in try interpreter.run(source) }
  }

  private func evaluate(_ source: Source, _ run: () throws(LanguageError) -> CellResult) throws {
    let outer = sourceName
    state.withLock { $0.sourceName = source.name }
    // `%run` and `%time` run code inside of a cell.
    defer { if !outer.isEmpty { state.withLock { $0.sourceName = outer } } }
    let result: CellResult
    do throws(LanguageError) { result = try run() } catch {
      throw settings.isInteractive ? Self.withCommandHint(error) : error
    }
    guard result.isShown else { return }
    remember(result.value)
    try show(result.value)
  }

  /// Tells who types `who` about `%who`.
  private static func withCommandHint(_ error: LanguageError) -> LanguageError {
    guard let first = error.diagnostics.first, first.kind == .name, let source = first.source,
      first.span.start == 0, let hint = PromptCommand.foreign(source.text(first.span.range))
    else { return error }
    let told = Diagnostic(
      first.severity, first.kind, first.message, hint: hint, source: source, span: first.span,
      notes: first.notes, trace: first.trace)
    return LanguageError([told] + error.diagnostics.dropFirst())
  }

  /// Keeps a value as `_` and `Out[n]`.
  private func remember(_ value: Value) {
    if settings.isInteractive {
      if let before = lastValues[1] { interpreter.set("___", to: before) }
      if let before = lastValues[0] { interpreter.set("__", to: before) }
      lastValues = [value, lastValues[0]]
    }
    interpreter.set("_", to: value)
    outHistory.record(value, number: cellNumber)
  }

  /// Forgets variables and histories, as `%reset` does; numbering goes on.
  func reset() {
    interpreter.reset()
    inHistory.removeAll()
    outHistory.removeAll()
    lastValues = [nil, nil]
    state.withLock { $0.inputs = [] }
    defineOwnNames()
  }

  private func runCell(_ cell: Cell, _ body: (Session, _ number: Int) throws -> Void) -> CellOutcome {
    let number = state.withLock { state -> Int in
      state.cellCount += 1
      state.inputs.append(Input(number: state.cellCount, text: cell.source))
      return state.cellCount
    }
    inHistory.record(.string(cell.source), number: number)
    tell(.cellBegan(cell, number: number))
    let start = Clock.now
    do {
      try body(self, number)
      // Work that ended early and kept what it had (`fit` at the prompt) still ends the cell.
      try Interruption.check()
      state.withLock { state in
        if let index = state.inputs.lastIndex(where: { $0.number == number }) {
          state.inputs[index].hasSucceeded = true
        }
      }
      return end(number, .succeeded, seconds: Clock.now - start)
    } catch {
      let diagnostics = Self.diagnostics(of: error)
      // `exit()` unwinds as an interrupt that nobody asked for with Ctrl-C.
      if exitStatus != nil, diagnostics.first?.kind == .interrupt, !Interruption.isRequested {
        return end(number, .succeeded, seconds: Clock.now - start)
      }
      for diagnostic in diagnostics { emit(.error(diagnostic)) }
      let isInterrupt = diagnostics.first?.kind == .interrupt
      return end(number, isInterrupt ? .interrupted : .failed(diagnostics), seconds: Clock.now - start)
    }
  }

  private func end(_ number: Int?, _ status: CellOutcome.Status, seconds: Double) -> CellOutcome {
    let outcome = CellOutcome(number: number, status: status, seconds: seconds)
    tell(.cellEnded(outcome))
    return outcome
  }

  private static func diagnostics(of error: any Error) -> [Diagnostic] {
    switch error {
    case let error as LanguageError: error.diagnostics
    case let error as EvaluationError: [error.diagnostic]
    case let error as Failure: [Diagnostic(error)]
    default: [Diagnostic(Failure(.state, "\(error)"))]
    }
  }

  private func noThread() -> CellOutcome {
    let problem = Diagnostic(Failure(.memory, "the system has no thread to run the cell on"))
    emit(.error(problem))
    return CellOutcome(number: nil, status: .failed([problem]), seconds: 0)
  }

  private func defineOwnNames() {
    guard state.withLock({ $0.settings.isInteractive }) else { return }
    interpreter.set("In", to: .object(inHistory))
    interpreter.set("Out", to: .object(outHistory))
  }
}
