/// The percent format of VS Code, Spyder and Jupytext: a line that starts with `# %%` starts a cell.
///
/// `# %% Title` starts a cell of code, `# %% [markdown] Title` (or `[md]`) one of prose in comment lines.
public enum PercentFormat {
  /// The cells of a file; `text(of:)` gives the same file back, byte for byte.
  ///
  /// Code that follows the prose of a markdown cell without a marker of its own is a cell of its own:
  /// it must run.
  public static func cells(of text: String) -> [Cell] {
    var cells: [Cell] = []
    var current = Draft(kind: .code, title: "", marker: nil, firstLine: 1)
    func close() {
      if current.marker != nil || !current.source.isEmpty { cells.append(current.cell) }
    }
    for (index, line) in lines(of: text).enumerated() {
      if let (kind, title) = marker(line) {
        close()
        current = Draft(kind: kind, title: title, marker: String(line), firstLine: index + 2)
      } else {
        if current.kind == .prose, !isCommentOrBlank(line) {
          close()
          current = Draft(kind: .code, title: "", marker: nil, firstLine: index + 1)
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
    let kind: Cell.Kind
    let title: String
    let marker: String?
    let firstLine: Int
    var source = ""

    var cell: Cell {
      Cell(kind: kind, title: title, marker: marker, source: source, firstLine: firstLine)
    }
  }

  /// The lines with their line ends.
  private static func lines(of text: String) -> [Substring] {
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

  private static func marker(_ line: Substring) -> (Cell.Kind, title: String)? {
    guard line.first == "#" else { return nil }
    let rest = line.dropFirst().drop(while: { $0 == " " || $0 == "\t" })
    // `# %%timeit` is a commented magic of IPython, no marker.
    guard rest.hasPrefix("%%"), rest.dropFirst(2).first?.isWhitespace ?? true else { return nil }
    let title = trimmed(rest.dropFirst(2))
    for word in ["[markdown]", "[md]"] where title.hasPrefix(word) {
      return (.prose, String(trimmed(title.dropFirst(word.count))))
    }
    return (.code, String(title))
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }

  private static func isCommentOrBlank(_ line: Substring) -> Bool {
    guard let first = line.first(where: { !$0.isWhitespace }) else { return true }
    return first == "#"
  }
}
