import CapLanguage
import Essentials
import Glibc
import Notebook
import Reports

/// The documents that the command line asks for, and the record that they are written from.
struct Documents {
  private let transcript: Transcript?
  private let targets: [(document: SessionDocument, path: String)]

  /// Sees to it, before anything runs, that the files can be written; adds the record to the session.
  /// - Throws: a `value` or `file` failure that names the file.
  init(report: String?, notebook: String?, program: Program, session: Session) throws {
    var targets: [(document: SessionDocument, path: String)] = []
    for (document, path) in [(SessionDocument.report, report), (.notebook, notebook)] {
      guard let path else { continue }
      try Transcript.check(document, path)
      try FileReplacement.check(path)
      if case .file(let script) = program.origin, Self.isSameFile(script, path),
        document == .report
          || !NotebookFormat.isNotebook(path: script)
      {
        throw Failure(.file, "cannot write the \(document.rawValue) to '\(path)': that is the script itself")
      }
      // `%cd` must not move the target.
      targets.append((document, Self.absolute(path)))
    }
    self.targets = targets
    guard !targets.isEmpty || program.hasCommands else {
      transcript = nil
      return
    }
    let transcript = Transcript(
      DocumentFacts(
        title: program.title, program: "capuchin-repl \(Version.text)", seed: session.settings.seed,
        versions: Version.all))
    session.add(recorder: transcript)
    self.transcript = transcript
  }

  /// Tells which script runs.
  func begin(_ script: Script) { transcript?.begin(script) }

  /// Writes them all.
  /// - Returns: what went wrong.
  func write() -> [Failure] {
    guard !targets.isEmpty else { return [] }
    // What was interrupted has stopped by now; only another Ctrl-C is about the files.
    Interruption.clear()
    return targets.compactMap { document, path in
      do {
        try transcript?.write(document, to: path)
        return nil
      } catch {
        return Failure(wrapping: error)
      }
    }
  }

  private static func isSameFile(_ left: String, _ right: String) -> Bool {
    var (first, second) = (stat(), stat())
    return stat(left, &first) == 0 && stat(right, &second) == 0 && first.st_dev == second.st_dev
      && first.st_ino == second.st_ino
  }

  private static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
    defer { free(folder) }
    return "\(String(cString: folder))/\(path)"
  }
}

extension Program {
  /// Whether `%report` can come: at the prompt, and in notebooks.
  fileprivate var hasCommands: Bool {
    switch origin {
    case .prompt: true
    case .file(let path): NotebookFormat.isNotebook(path: path)
    case .code, .standardInput: false
    }
  }

  /// What a page is called whose prose has no title.
  fileprivate var title: String {
    switch origin {
    case .file(let path): Path.lastPart(path)
    case .code: "capuchin-repl -e"
    case .standardInput: "A program from standard input"
    case .prompt: "A session of capuchin-repl"
    }
  }
}

extension Failure {
  /// Any error as one that can be shown.
  init(wrapping error: any Error) { self = error as? Failure ?? Failure(.state, "\(error)") }
}
