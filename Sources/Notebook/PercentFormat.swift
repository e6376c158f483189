/// The percent format of VS Code, Spyder and Jupytext: a line that starts with `# %%` starts a cell.
///
/// `# %% Title` starts a cell of code, `# %% [markdown] Title` (or `[md]`) one of prose in comment lines. What
/// `CellMarker` reads behind the title is kept as the cell's metadata.
public enum PercentFormat {
  /// The cells of a file; `text(of:)` gives the same file back, byte for byte.
  ///
  /// Code that follows the prose of a markdown cell without a marker of its own is a cell of its own:
  /// it must run.
  public static func cells(of text: String) -> [Cell] {
    var cells: [Cell] = []
    var current = Draft(marker: CellMarker(), line: nil, firstLine: 1)
    func close() {
      if current.line != nil || !current.source.isEmpty { cells.append(current.cell) }
    }
    for (index, line) in lines(of: text).enumerated() {
      if let marker = CellMarker(line: line) {
        close()
        current = Draft(marker: marker, line: String(line), firstLine: index + 2)
      } else {
        if current.marker.kind != .code, !isCommentOrBlank(line) {
          close()
          current = Draft(marker: CellMarker(), line: nil, firstLine: index + 1)
        }
        current.source += line
      }
    }
    close()
    return cells
  }

  /// The file that these cells make.
  public static func text(of cells: [Cell]) -> String {
    cells.map { ($0.marker ?? "") + $0.source }.joined()
  }

  private struct Draft {
    let marker: CellMarker
    let line: String?
    let firstLine: Int
    var source = ""

    var cell: Cell {
      Cell(
        kind: marker.kind, title: marker.title, marker: line, source: source, firstLine: firstLine,
        metadata: .object(marker.metadata))
    }
  }

  /// The lines with their line ends.
  static func lines(of text: String) -> [Substring] {
    var lines: [Substring] = []
    var start = text.startIndex
    while let end = text.utf8[start...].firstIndex(of: UInt8(ascii: "\n")) {
      let next = text.utf8.index(after: end)
      lines.append(text[start..<next])
      start = next
    }
    if start < text.endIndex { lines.append(text[start...]) }
    return lines
  }

  /// Whether a line can belong to a cell of prose.
  static func isCommentOrBlank(_ line: Substring) -> Bool {
    guard let first = line.unicodeScalars.first(where: { !$0.properties.isWhitespace }) else { return true }
    return first == "#"
  }
}
