import CapLanguage
import Essentials
import Foundation
import Notebook
import Reports
import TestSupport

/// A session whose `show(n)` shows the outputs that a test has thought of, and its record.
struct Recorded {
  let session: Session
  let transcript: Transcript
  let folder: TemporaryFolder

  init(_ outputs: [Output] = [], title: String = "script.cap") throws {
    folder = try TemporaryFolder()
    let show = FunctionDeclaration(
      "show", topic: "tests", "Shows an output",
      takes: ArgumentList(
        Argument("n", .integer(.any), "Which")),
      returns: "none"
    ) { context, n in
      (context.host as? Session)?.emit(outputs[Int(n)])
      return .nothing
    }
    session = Session(functions: [show])
    transcript = Transcript(
      DocumentFacts(
        title: title, program: "program <1>", seed: 7, versions: [("library & co", "1.2.3")]))
    session.add(recorder: transcript)
  }

  /// A session that has shown all the outputs in one cell.
  static func showing(_ outputs: [Output]) throws -> Recorded {
    let recorded = try Recorded(outputs)
    recorded.run(outputs.indices.map { "show(\($0))" }.joined(separator: "\n") + "\n")
    return recorded
  }

  @discardableResult
  func run(_ script: String) -> CellOutcome {
    let script = Script(Source(name: "script.cap", text: script))
    transcript.begin(script)
    return session.run(script)
  }

  func html() throws -> String {
    let path = folder.path("page.html")
    try transcript.write(.report, to: path)
    return try String(contentsOfFile: path, encoding: .utf8)
  }

  func page() throws -> Page { try Page(try html()) }

  /// The cells of the notebook.
  func notebook() throws -> JSON {
    let path = folder.path("notebook.ipynb")
    try transcript.write(.notebook, to: path)
    return try JSON(parsing: Array(try String(contentsOfFile: path, encoding: .utf8).utf8))
  }

  func notebookOutputs() throws -> [JSON] {
    try notebook()["cells"]?.array?.flatMap { $0["outputs"]?.array ?? [] } ?? []
  }
}

/// The smallest bytes that say PNG.
let pngBytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
let hostile = "</pre><script>alert('1')</script> & \"x\" <!-- ]]>"
