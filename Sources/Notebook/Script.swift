import CapLanguage
import Essentials

/// A file of cells, with the names and line numbers that errors in it are told with.
public struct Script: Sendable {
  /// The whole text; of a notebook, its code.
  public let source: Source
  /// Its cells, in order.
  public let cells: [Cell]
  private let ownNotebook: NotebookFormat?

  /// A script from a text that has been read already.
  public init(_ source: Source) {
    self.source = source
    cells = PercentFormat.cells(of: String(decoding: source.bytes, as: UTF8.self))
    ownNotebook = nil
  }

  /// Reads a script, or a notebook if its name ends in `.ipynb`.
  /// - Throws: a `file` failure that names the path; a `format` failure for what is no notebook of Cap.
  public init(path: String) throws(Failure) {
    let file = try Source(path: path)
    guard NotebookFormat.isNotebook(path: path) else {
      self.init(file)
      return
    }
    let notebook = try NotebookFormat(bytes: file.bytes, name: path)
    // Only the code: what prose is made of is no matter of the language.
    let code = notebook.cells.filter { Self.isChecked($0) }.map { $0.source + "\n" }.joined()
    self.init(Source(name: path, text: code, folder: file.folder), notebook)
  }

  private init(_ source: Source, _ notebook: NotebookFormat) {
    self.source = source
    cells = notebook.cells
    ownNotebook = notebook
  }

  /// Whether the script came as a notebook, whose cells may be commands of the prompt.
  public var isNotebook: Bool { ownNotebook != nil }

  /// The script as a notebook, its cells in the same order.
  public var notebook: NotebookFormat {
    ownNotebook ?? NotebookFormat(script: String(decoding: source.bytes, as: UTF8.self))
  }

  /// The command of the prompt that a notebook's cell is, nil for code of the language.
  func command(in cell: Cell) -> PromptCommand? { isNotebook ? PromptCommand(cell.source) : nil }

  /// A cell as a source that keeps the file's name and line numbers; a notebook's cells are called by the
  /// number that they get when all of them run, and count their own lines.
  public func source(of cell: Cell) -> Source {
    guard isNotebook else {
      return Source(name: source.name, text: cell.source, firstLine: cell.firstLine, folder: source.folder)
    }
    let place = cells.firstIndex { $0.id == cell.id } ?? 0
    let number = cells[...place].count { $0.kind == .code && !$0.isEmpty }
    return Source(name: "\(source.name)[\(number)]", text: cell.source, folder: source.folder)
  }

  private static func isChecked(_ cell: Cell) -> Bool {
    cell.kind == .code && !PromptCommand.isCommand(cell.source)
  }
}
