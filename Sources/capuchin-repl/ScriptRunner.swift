import CReadline
import CapLanguage
import Essentials
import Glibc
import Notebook

/// Runs a whole program and turns its end into an exit status.
struct ScriptRunner {
  let session: Session
  let view: TerminalView
  let streams: StandardStreams
  let documents: Documents

  /// The statuses that scripts can end with.
  private enum Status {
    static let failed: Int32 = 1
    static let interrupted: Int32 = 130
  }

  /// What to do with a program.
  enum Task {
    case run
    /// Only look for errors.
    case check
    /// Only show its syntax tree.
    case tree
  }

  func run(_ program: Program, _ task: Task) -> Int32 {
    let script: Script
    do {
      script = try self.script(of: program)
    } catch {
      view.show(Diagnostic(error))
      return error.kind == .interrupt ? Status.interrupted : Status.failed
    }
    switch task {
    case .check: return check(script)
    case .tree: return showTree(of: script)
    case .run: break
    }
    documents.begin(script)
    let outcome = session.run(script)
    view.finish()
    let problems = documents.write()
    for problem in problems { view.show(Diagnostic(problem)) }
    if let status = lostOutput() { return status }
    if !problems.isEmpty, outcome.hasSucceeded { return Status.failed }
    switch outcome.status {
    case .succeeded: return session.exitStatus ?? 0
    case .failed: return Status.failed
    case .interrupted: return Status.interrupted
    }
  }

  private func check(_ script: Script) -> Int32 {
    let session = session
    let problems = (try? session.perform { session.check(script) }) ?? []
    for problem in problems { view.show(problem) }
    return problems.contains { $0.severity == .error } ? Status.failed : 0
  }

  private func showTree(of script: Script) -> Int32 {
    let session = session
    do {
      let result = try session.perform { () -> Result<String, LanguageError> in
        do throws(LanguageError) {
          return .success(try session.interpreter.syntaxTree(of: script.source))
        } catch {
          return .failure(error)
        }
      }
      streams.write(try result.get())
      streams.flush()
      return lostOutput() ?? 0
    } catch let error as LanguageError {
      for diagnostic in error.diagnostics { view.show(diagnostic) }
    } catch {
      view.show(Diagnostic(Failure(wrapping: error)))
    }
    return Status.failed
  }

  /// The status to leave with if standard output could not take everything.
  private func lostOutput() -> Int32? {
    switch streams.condition {
    case .open: return nil
    case .closed:
      // The way of all filters: `capuchin-repl long.cap | head` ends quietly.
      csignals_die_of(SIGPIPE)
      return Status.failed
    case .failed(let code):
      view.show(Diagnostic(Failure(.file, "cannot write to standard output: \(SystemError.text(code))")))
      return Status.failed
    }
  }

  private func script(of program: Program) throws(Failure) -> Script {
    switch program.origin {
    case .code(let code): return Script(Source(name: "-e", text: code))
    case .file(let path): return try Script(path: path)
    case .standardInput, .prompt: return Script(Source(name: "<stdin>", bytes: try readStandardInput()))
    }
  }

  private func readStandardInput() throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(STDIN_FILENO, &block, block.count)
      if count < 0 {
        guard errno == EINTR else { throw Failure.system("read", path: "<stdin>", errno: errno) }
        try Interruption.check()
        continue
      }
      if count == 0 { return bytes }
      bytes += block[..<count]
      if bytes.count > 1 << 30 { throw Failure(.file, "the program on standard input is larger than 1 GB") }
    }
  }
}
