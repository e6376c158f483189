import CapLanguage
import CapLibrary
import Essentials
import Notebook
import Testing

/// Runs Cap code in a fresh session and keeps what it shows.
final class CapRunner: Sendable {
  let session: Session
  private let transcript = Transcript()

  init(seed: UInt64 = 1, arguments: [String] = []) {
    var settings = SessionSettings()
    settings.seed = seed
    settings.arguments = arguments
    session = Session(
      functions: StandardLibrary.functions,
      constants: StandardLibrary.constants.map { ($0.name, $0.value) }, foreign: PeerWords(),
      settings: settings)
    session.add(transcript)
  }

  /// What running a cell prints and shows, without the line end at its end.
  /// - Throws: the first error of the cell.
  func run(_ code: String) throws -> String {
    transcript.clear()
    let outcome = session.run(Cell(source: code))
    for blame in UndeclaredBlame.take() { Issue.record("no such parameter: \(blame)") }
    if case .failed(let diagnostics) = outcome.status, let first = diagnostics.first {
      throw CellError(first)
    }
    var text = transcript.text
    if text.hasSuffix("\n") { text.removeLast() }
    return text
  }

  /// The value of an expression.
  func value(_ expression: String) throws -> Value {
    _ = try run("result_of_test = (\(expression));")
    return session.interpreter.value(of: "result_of_test") ?? .nothing
  }

  /// The error that a cell ends with; nil if it ends well.
  func error(_ code: String) -> CellError? {
    do {
      _ = try run(code)
      return nil
    } catch { return error as? CellError }
  }

  /// All outputs of the last cell.
  var outputs: [Output] { transcript.outputs }
}

/// The error that ended a cell.
struct CellError: Error, CustomStringConvertible {
  let kind: Failure.Kind
  let message: String
  let hint: String?
  /// Where it stands in the cell, in bytes, and what is there.
  let range: Range<Int>
  let marked: String
  init(_ diagnostic: Diagnostic) {
    kind = diagnostic.kind
    message = diagnostic.message
    hint = diagnostic.hint
    range = diagnostic.span.range
    marked = diagnostic.source?.text(range) ?? ""
  }
  var description: String { "\(kind.rawValue): \(message) [\(hint ?? "")]" }
}

private final class Transcript: SessionListener {
  private let state = Monitor<[Output]>([])

  var outputs: [Output] { state.withLock { $0 } }

  var text: String {
    outputs.map { output in
      switch output {
      case .text(let text): text
      case .value(let text), .page(let text): text + "\n"
      case .table(let table): table.lines().joined(separator: "\n") + "\n"
      default: ""
      }
    }.joined()
  }

  func clear() { state.withLock { $0 = [] } }

  func session(_ session: Session, did event: SessionEvent) {
    if case .output(let output) = event { state.withLock { $0.append(output) } }
  }
}
