import CapLanguage
import Essentials
import Notebook

/// Keeps what a session says, and says it in short lines that a test can compare.
final class Recorder: SessionListener {
  private let kept = Monitor<[SessionEvent]>([])

  var events: [SessionEvent] { kept.withLock { $0 } }
  var lines: [String] { events.map(Self.line) }
  /// The outputs alone.
  var outputs: [String] { lines.filter { !$0.hasPrefix("<") } }

  func session(_ session: Session, did event: SessionEvent) { kept.withLock { $0.append(event) } }
  func clear() { kept.withLock { $0 = [] } }

  private static func line(_ event: SessionEvent) -> String {
    switch event {
    case .cellBegan(let cell, let number):
      return
        "<begin \(number.map(String.init) ?? "-") \(cell.kind)\(cell.title.isEmpty ? "" : " " + cell.title)"
    case .cellEnded(let outcome):
      switch outcome.status {
      case .succeeded: return "<end succeeded"
      case .failed(let diagnostics): return "<end failed \(diagnostics.count)"
      case .interrupted: return "<end interrupted"
      }
    case .output(let output):
      switch output {
      case .text(let text): return "text \(text)"
      case .page(let text): return "page \(text)"
      case .value(let text): return "value \(text)"
      case .prose(let text): return "prose \(text)"
      case .picture(let picture): return "picture \(picture.path)"
      case .table(let table): return "table \(table.columns.map(\.title)) \(table.rows)"
      case .progress(let progress):
        return "progress \(ProgressText(progress).label) \(ProgressText(progress).detail)"
      case .warning(let diagnostic): return "warning \(diagnostic.message)"
      case .error(let diagnostic):
        let place =
          diagnostic.fileName.map { "\($0):\(diagnostic.line ?? 0):\(diagnostic.column ?? 0) " } ?? ""
        return "error \(place)\(diagnostic.kind.rawValue)"
      }
    }
  }
}

extension Session {
  /// A session with the few natives that these tests need, and what it says.
  static func recorded(_ change: (inout SessionSettings) -> Void = { _ in }) -> (Session, Recorder) {
    var settings = SessionSettings()
    change(&settings)
    let session = Session(
      functions: TestLibrary.functions, constants: [("pi", .number(3.14))], settings: settings)
    let recorder = Recorder()
    session.add(recorder)
    return (session, recorder)
  }
}

/// A value that shows itself as a table and a picture.
final class Pair: DomainObject, RichDisplay, @unchecked Sendable {
  override var kindName: String { "pair" }
  override var summary: String { "Pair" }
  func outputs(in session: Session) throws -> [Output] {
    [
      .table(Table(columns: [Table.Column("a")], rows: [["1"]])),
      .picture(Picture(path: try session.plotPath(named: "pair.png"), width: 2, height: 1)),
    ]
  }
}

enum TestLibrary {
  static let functions = [
    FunctionDeclaration(
      "print", topic: "notebook", "Print a value",
      takes: ArgumentList(
        Argument("x", .any, "What to print")),
      returns: "none"
    ) { context, x in
      (context.host as? Session)?.emit(.text(x.value.displayText + "\n"))
      return .nothing
    },
    FunctionDeclaration("pair", topic: "tests", "A value with outputs", returns: "a pair") { _ in
      .object(Pair())
    },
    FunctionDeclaration("fail", topic: "tests", "Fails", returns: "nothing") { _ in
      throw Failure(.value, "it failed", hint: "do not call it")
    },
    FunctionDeclaration("plot", topic: "tests", "Draws nothing", returns: "a path") { context in
      .string(try (context.host as? Session)?.nextPlotPath() ?? "")
    },
    // The flag behind Ctrl-C is one for the process, and other tests run at the same time: this only
    // throws what work throws that saw the flag.
    FunctionDeclaration("stop", topic: "tests", "Interrupts itself", returns: "nothing") { _ in
      throw Failure(.interrupt, "interrupted")
    },
    FunctionDeclaration(
      "range", topic: "tests", "Numbers",
      takes: ArgumentList(
        Argument("n", .integer(.any), "How many")),
      returns: "a range"
    ) { _, n in
      .object(try RangeObject(start: 0, stop: Double(n), step: 1))
    },
  ]
}
