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
    items.map { item in
      switch item {
      case .text(let long): JupyterOutput(.text(long.text), executionCount: executionCount).notebookText
      case .output(let output): JupyterOutput(output, executionCount: executionCount).notebookText
      }
    }
  }
}
