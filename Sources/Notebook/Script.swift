import CapLanguage
import Essentials

/// A file of cells, with the names and line numbers that errors in it are told with.
public struct Script: Sendable {
  /// The whole text.
  public let source: Source
  /// Its cells, in order.
  public let cells: [Cell]

  /// A script from a text that has been read already.
  public init(_ source: Source) {
    self.source = source
    cells = PercentFormat.cells(of: String(decoding: source.bytes, as: UTF8.self))
  }

  /// Reads a script from a file.
  /// - Throws: a `file` failure that names the path.
  public init(path: String) throws(Failure) {
    self.init(try Source(path: path))
  }

  /// A cell as a source that keeps the file's name and line numbers.
  public func source(of cell: Cell) -> Source {
    Source(name: source.name, text: cell.source, firstLine: cell.firstLine, folder: source.folder)
  }
}
