import Essentials

/// A piece of a notebook: code to run or prose to read.
public struct Cell: Sendable, Equatable {
  /// What a cell holds.
  public enum Kind: Sendable {
    /// Code to run.
    case code
    /// Markdown, written as comment lines.
    case prose
    /// Text for other programs, written as comment lines: kept, neither run nor shown.
    case raw
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
  /// What the marker (`tags=["slow"]`, `{"key": 1}`) or the notebook says about the cell, as an object.
  public let metadata: JSON
  /// The name that a notebook knows the cell by, nil for none.
  public let id: String?
  /// Pictures that a notebook keeps with a cell of prose, by their names, nil for none.
  public let attachments: JSON?
  private let ownText: String?

  /// Makes a cell; by default the code of a prompt, which has no marker. Give `text` where it is not to be
  /// read off the lines of `source`.
  public init(
    kind: Kind = .code, title: String = "", marker: String? = nil, source: String, firstLine: Int = 1,
    metadata: JSON = .object([]), id: String? = nil, attachments: JSON? = nil,
    text: String? = nil
  ) {
    self.kind = kind
    self.title = title
    self.marker = marker
    self.source = source
    self.firstLine = firstLine
    self.metadata = metadata
    self.id = id
    self.attachments = attachments
    ownText = text
  }

  /// What a reader sees of the cell: its code without the blank lines below, its prose without comment signs.
  public var text: String { ownText ?? (kind == .code ? code : prose) }

  /// The code without its last line end and the blank lines below.
  private var code: String {
    var end = source.utf8.startIndex
    for line in PercentFormat.lines(of: source) where !line.allSatisfy(\.isWhitespace) {
      end = line.utf8.lastIndex { $0 != 10 && $0 != 13 }.map(source.utf8.index(after:)) ?? end
    }
    return String(source[..<end])
  }

  /// The markdown of a prose cell: its lines without their comment signs.
  public var prose: String {
    if let ownText { return ownText }
    var lines = PercentFormat.lines(of: source).map { line -> Substring.UnicodeScalarView in
      var line = line.unicodeScalars.drop { $0 == " " || $0 == "\t" }
      while line.last == "\n" || line.last == "\r" { line.removeLast() }
      guard line.first == "#" else { return line }
      line = line.dropFirst()
      return line.first == " " ? line.dropFirst() : line
    }
    while lines.last?.allSatisfy(\.properties.isWhitespace) == true { lines.removeLast() }
    while lines.first?.allSatisfy(\.properties.isWhitespace) == true { lines.removeFirst() }
    return lines.map { String($0) }.joined(separator: "\n")
  }

  /// Whether there is nothing to run and nothing to show: white space and comments, or text for other
  /// programs. Prose always counts as something.
  public var isEmpty: Bool {
    guard kind == .code else { return kind == .raw }
    return source.split(whereSeparator: \.isNewline).allSatisfy { line in
      guard let first = line.first(where: { !$0.isWhitespace }) else { return true }
      return first == "#"
    }
  }
}
