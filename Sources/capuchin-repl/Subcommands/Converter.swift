import CapLanguage
import Essentials
import Notebook

/// Turns scripts into notebooks and notebooks into scripts.
struct Converter {
  let view: TerminalView
  let streams: StandardStreams

  /// Converts; the exit status. `-` writes to standard output.
  func convert(_ source: String, to target: String) -> Int32 {
    do {
      let text = try converted(source, target)
      if target == "-" {
        streams.write(text)
        streams.flush()
        return streams.condition == .open ? 0 : 1
      }
      try FileReplacement.write(text, to: target)
      return 0
    } catch {
      view.show(Diagnostic(Failure(wrapping: error)))
      return 1
    }
  }

  private func converted(_ path: String, _ target: String) throws -> String {
    let isNotebook = NotebookFormat.isNotebook(path: path)
    guard target == "-" || NotebookFormat.isNotebook(path: target) != isNotebook else {
      throw Failure(
        .value, "cannot convert '\(path)' to '\(target)': both are \(isNotebook ? "notebooks" : "scripts")",
        hint: "the name of a notebook ends in .ipynb")
    }
    let file = try Source(path: path)
    if isNotebook { return try NotebookFormat(bytes: file.bytes, name: path).script }
    guard let text = String(validating: file.bytes, as: UTF8.self) else {
      throw Failure(.format, "'\(path)' is no text in UTF-8")
    }
    return NotebookFormat(script: text).fileText()
  }
}
