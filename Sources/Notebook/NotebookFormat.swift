import Essentials

/// A Jupyter notebook (nbformat 4.5) of Cap: its cells, and what else it says.
///
/// A script that became a notebook becomes the same script again, byte for byte: what the notebook would not
/// say by itself (blank lines, the way a marker was written) is kept under the name `cap` in the metadata. It
/// is used only while it still fits, so that cells can be edited, moved and added in between.
public struct NotebookFormat: Sendable {
  /// What running a cell left in the notebook.
  public struct CellResult: Sendable {
    /// The `n` of `In[n]`, nil if the cell did not run.
    public let executionCount: Int?
    /// Outputs in the form of nbformat.
    public let outputs: [JSON]

    /// Describes what a cell left.
    public init(executionCount: Int? = nil, outputs: [JSON] = []) {
      self.executionCount = executionCount
      self.outputs = outputs
    }
  }

  /// The cells, in order.
  public let cells: [Cell]
  /// The notebook's own metadata, an object.
  public let metadata: JSON

  /// A notebook of these cells, such as those of a session.
  public init(cells: [Cell], metadata: JSON = .object([])) {
    self.cells = cells
    self.metadata = metadata
  }

  /// The notebook that a script in the percent format makes.
  public init(script: String) {
    // Where all lines end in CRLF, the notebook says so once.
    let unixText = Self.withoutCRLF(script)
    let cells = PercentFormat.cells(of: unixText ?? script)
    self.cells = cells.enumerated().map { index, cell in
      Self.remembering(cell, isLast: index == cells.count - 1)
    }
    metadata = .object(unixText == nil ? [] : [("cap", .object([("line_ending", .string("\r\n"))]))])
  }

  /// A text as notebooks keep it: its lines, with their ends.
  public static func lines(of text: String) -> [String] { PercentFormat.lines(of: text).map(String.init) }

  // MARK: The script

  /// The notebook as a script in the percent format.
  public var script: String {
    var text = ""
    for index in cells.indices {
      if !text.isEmpty, text.utf8.last != 10 { text += "\n" }
      text += marker(of: index) + body(of: index)
    }
    guard metadata["cap"]?["line_ending"]?.string == "\r\n" else { return text }
    return text.unicodeScalars.reduce(into: "") { result, scalar in
      if scalar == "\n" { result.unicodeScalars.append("\r") }
      result.unicodeScalars.append(scalar)
    }
  }

  /// `text` with LF for CRLF if all of its lines end in CRLF, else nil.
  private static func withoutCRLF(_ text: String) -> String? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    var endsAny = false
    for byte in text.utf8 {
      if byte == 10 {
        guard bytes.popLast() == 13 else { return nil }
        endsAny = true
      }
      bytes.append(byte)
    }
    return endsAny ? String(decoding: bytes, as: UTF8.self) : nil
  }

  /// The cell with a note of all that its kind, title, text and metadata do not tell about its lines.
  private static func remembering(_ cell: Cell, isLast: Bool) -> Cell {
    var memory: [JSON.Member] = []
    if cell.marker.map({ isSame($0, plainMarker(of: cell)) }) != true {
      memory.append(("marker", cell.marker.map { .string($0) } ?? .null))
    }
    let body = plainBody(of: cell)
    let ending = plainEnding(of: body, isLast: isLast)
    if !isSame(cell.source, body + ending) {
      let rest = cell.source.utf8.dropFirst(body.utf8.count)
      if cell.source.utf8.starts(with: body.utf8), let ending = String(rest), isBlank(ending) {
        memory.append(("ending", .string(ending)))
      } else {
        memory.append(("text", .string(cell.source)))
      }
    }
    guard !memory.isEmpty else { return cell }
    return Cell(
      kind: cell.kind, title: cell.title, marker: cell.marker, source: cell.source, firstLine: cell.firstLine,
      metadata: .object((cell.metadata.members ?? []) + [("cap", .object(memory))]))
  }

  private func marker(of index: Int) -> String {
    let cell = cells[index]
    switch cell.metadata["cap"]?["marker"] {
    case .null? where isCodeWithoutMarker(index): return ""
    case .string(let line)?:
      guard let marker = CellMarker(line: line[...]), !line.utf8.dropLast().contains(10),
        marker.kind == cell.kind, Self.isSame(marker.title, cell.title),
        Self.sorted(marker.metadata) == Self.sorted(Self.metadata(of: cell))
      else { break }
      return line
    default: break
    }
    return Self.plainMarker(of: cell)
  }

  /// Whether the cell is read as one of its own though no marker starts it.
  private func isCodeWithoutMarker(_ index: Int) -> Bool {
    guard cells[index].kind == .code else { return false }
    guard index > 0 else { return true }
    let firstLine = PercentFormat.lines(of: cells[index].text).first ?? ""
    return cells[index - 1].kind != .code && !PercentFormat.isCommentOrBlank(firstLine)
  }

  private func body(of index: Int) -> String {
    let cell = cells[index]
    let memory = cell.metadata["cap"]
    if let text = memory?["text"]?.string, Self.isSame(Cell(kind: cell.kind, source: text).text, cell.text),
      cell.kind == .code || PercentFormat.lines(of: text).allSatisfy(PercentFormat.isCommentOrBlank)
    {
      return text
    }
    let body = Self.plainBody(of: cell)
    if let ending = memory?["ending"]?.string, Self.isBlank(ending) { return body + ending }
    return body + Self.plainEnding(of: body, isLast: index == cells.count - 1)
  }

  // MARK: Cells as scripts have them

  /// What Jupyter notes for its own windows, and no script needs to say.
  private static let windowMetadata: Set<String> = [
    "collapsed", "scrolled", "trusted", "execution", "ExecuteTime", "jupyter", "vscode", "editable",
    "slideshow",
  ]

  /// The metadata that a marker can say.
  private static func metadata(of cell: Cell) -> [JSON.Member] {
    (cell.metadata.members ?? []).filter { !CellMarker.reservedNames.contains($0.name) }
  }

  /// Metadata as files have them: by name.
  private static func sorted(_ metadata: [JSON.Member]) -> JSON {
    .object(metadata.sorted { $0.name < $1.name })
  }

  private static func plainMarker(of cell: Cell) -> String {
    CellMarker(
      kind: cell.kind, title: cell.title,
      metadata: metadata(of: cell).filter { !windowMetadata.contains($0.name) }
        .sorted { $0.name < $1.name }
    ).line
  }

  private static func plainBody(of cell: Cell) -> String {
    let text = cell.text
    // A prompt's commands are no part of the language: in a script they would be errors.
    if text.isEmpty || cell.kind == .code && !PromptCommand.isCommand(text) { return text }
    return PercentFormat.lines(of: text).map { line in
      if isBlank(String(line)) { return "#" + line }
      // A line of prose must not start a cell.
      return CellMarker(line: "# " + line) == nil ? "# " + line : "# \\" + line
    }.joined()
  }

  /// One blank line between cells.
  private static func plainEnding(of body: String, isLast: Bool) -> String {
    (body.isEmpty ? "" : "\n") + (isLast ? "" : "\n")
  }

  private static func isBlank(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy(\.properties.isWhitespace)
  }

  /// Whether the bytes are the same; strings are equal already when they read the same.
  private static func isSame(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }
}
