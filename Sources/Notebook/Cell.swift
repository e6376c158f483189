/// A piece of a notebook: code to run or prose to read.
public struct Cell: Sendable, Equatable {
  /// What a cell holds.
  public enum Kind: Sendable {
    /// Code to run.
    case code
    /// Markdown, written as comment lines.
    case prose
  }

  /// What the cell holds.
  public let kind: Kind
  /// The text behind `# %%`, empty for none.
  public let title: String
  /// The marker line as written with its line end (`# %% [markdown]`), nil where there is none.
  public let marker: String?
  /// The lines of the cell as written with their line ends, without the marker.
  public let source: String
  /// The number of the first line of `source` in its file, from 1.
  public let firstLine: Int

  /// Makes a cell; by default the code of a prompt, which has no marker.
  public init(
    kind: Kind = .code, title: String = "", marker: String? = nil, source: String, firstLine: Int = 1
  ) {
    self.kind = kind
    self.title = title
    self.marker = marker
    self.source = source
    self.firstLine = firstLine
  }

  /// The markdown of a prose cell: its lines without their comment signs.
  public var prose: String {
    var lines = source.split(separator: "\n", omittingEmptySubsequences: false).map { line -> Substring in
      var line = line.drop(while: { $0 == " " || $0 == "\t" })
      if line.last == "\r" || line.last == "\r\n" { line = line.dropLast() }
      guard line.first == "#" else { return line }
      line = line.dropFirst()
      return line.first == " " ? line.dropFirst() : line
    }
    while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
    while lines.first?.allSatisfy(\.isWhitespace) == true { lines.removeFirst() }
    return lines.joined(separator: "\n")
  }

  /// Whether the cell holds nothing but white space and comments (prose always counts as something).
  public var isEmpty: Bool {
    guard kind == .code else { return false }
    return source.split(whereSeparator: \.isNewline).allSatisfy { line in
      guard let first = line.first(where: { !$0.isWhitespace }) else { return true }
      return first == "#"
    }
  }
}
