import CapLanguage
import Essentials
import Notebook

/// A session as a Jupyter notebook with its outputs.
struct NotebookDocument {
  private let record: Record

  init(_ record: Record) { self.record = record }

  /// The text of the file.
  var text: String {
    var notebook = NotebookFormat(cells: record.entries.map(\.cell))
    // A script's own notebook remembers how the script was written; its cells are the same.
    if let own = record.notebook, own.cells.count == record.entries.count { notebook = own }
    var results = record.entries.map { entry in
      NotebookFormat.CellResult(
        executionCount: entry.number, outputs: outputs(entry.outputs, executionCount: entry.number))
    }
    // What no cell showed stands in the cell that it is about, or in the first.
    for item in record.loose {
      let place = cell(of: item) ?? record.entries.firstIndex { $0.cell.kind == .code }
      guard let place else { continue }
      let result = results[place]
      results[place] = NotebookFormat.CellResult(
        executionCount: result.executionCount,
        outputs: result.outputs + outputs([item], executionCount: result.executionCount))
    }
    return notebook.fileText(results: results)
  }

  private func cell(of item: Transcript.Item) -> Int? {
    guard case .output(.error(let diagnostic)) = item, let script = record.script, let line = diagnostic.line
    else { return nil }
    if diagnostic.source?.name == script.source.name {
      return record.entries.lastIndex { $0.cell.kind == .code && $0.cell.firstLine <= line }
    }
    return record.entries.firstIndex {
      $0.cell.kind == .code && script.source(of: $0.cell).name == diagnostic.source?.name
    }
  }

  private func outputs(_ items: [Transcript.Item], executionCount: Int?) -> [JSON] {
    var outputs: [JSON] = []
    for item in items {
      switch item {
      case .text(let long): outputs.append(stream("stdout", long.text))
      case .output(.text(let text)): outputs.append(stream("stdout", text))
      case .output(.progress(let progress)):
        let line = [progress.label, progress.detail].filter { !$0.isEmpty }.joined(separator: " - ")
        outputs.append(stream("stdout", line + "\n"))
      case .output(.warning(let diagnostic)):
        outputs.append(stream("stderr", diagnostic.rendered(colored: false) + "\n"))
      case .output(.error(let diagnostic)): outputs.append(error(diagnostic))
      case .output(.page(let text)): outputs.append(display([("text/plain", Self.lines(text))]))
      case .output(.prose(let text)):
        outputs.append(display([("text/markdown", Self.lines(text)), ("text/plain", Self.lines(text))]))
      case .output(.table(let table)):
        outputs.append(
          display([
            ("text/html", Self.lines(TableHTML.text(table))),
            ("text/plain", Self.lines(table.lines(width: Self.width).joined(separator: "\n"))),
          ]))
      case .output(.picture(let picture)): outputs.append(display(bundle(picture)))
      case .output(.value(let text)):
        let data: JSON = .object([("text/plain", Self.lines(text))])
        guard let executionCount else {
          outputs.append(display([("text/plain", Self.lines(text))]))
          continue
        }
        outputs.append(
          .object([
            ("data", data), ("execution_count", .number(Double(executionCount))), ("metadata", .object([])),
            ("output_type", .string("execute_result")),
          ]))
      }
    }
    return outputs
  }

  /// The width for tables as text, in characters.
  private static let width = 120

  private func bundle(_ picture: Picture) -> [JSON.Member] {
    let words = [picture.summary, picture.title].first { !$0.isEmpty } ?? "Picture"
    let plain: JSON.Member = ("text/plain", .string("\(words) (\(picture.path))"))
    guard let bytes = picture.bytes else { return [plain] }
    switch picture.format {
    case .png: return [("image/png", .string(Base64.text(bytes))), plain]
    case .svg: return [("image/svg+xml", Self.lines(String(decoding: bytes, as: UTF8.self))), plain]
    case .pdf: return [plain]
    }
  }

  private func stream(_ name: String, _ text: String) -> JSON {
    .object([
      ("name", .string(name)), ("output_type", .string("stream")), ("text", Self.lines(text)),
    ])
  }

  private func display(_ data: [JSON.Member]) -> JSON {
    .object([
      ("data", .object(data)), ("metadata", .object([])), ("output_type", .string("display_data")),
    ])
  }

  private func error(_ diagnostic: Diagnostic) -> JSON {
    let lines = diagnostic.rendered(colored: false).split(separator: "\n", omittingEmptySubsequences: false)
    return .object([
      ("ename", .string(diagnostic.kind.rawValue)), ("evalue", .string(diagnostic.message)),
      ("output_type", .string("error")), ("traceback", .array(lines.map { .string(String($0)) })),
    ])
  }

  /// A text as nbformat has it: a list of lines with their ends.
  private static func lines(_ text: String) -> JSON {
    .array(NotebookFormat.lines(of: text).map { .string($0) })
  }
}
