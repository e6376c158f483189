import CapLanguage
import Essentials
import Notebook

/// Everything that a session did, kept for documents.
///
/// A listener like the terminal: what the session's stream does not say is in no document.
public final class Transcript: SessionRecorder {
  /// A cell and what it showed.
  struct Entry: Sendable {
    let cell: Cell
    /// The `n` of `In[n]`, nil for prose and for cells that did not run.
    var number: Int?
    var outputs: [Item] = []
    /// How it ended; nil while it runs, and for cells that did not run.
    var outcome: CellOutcome?
  }

  /// An output, as documents keep it.
  enum Item: Sendable {
    /// Printed text, all of it together.
    case text(LongText)
    case output(Output)
  }

  fileprivate struct State {
    var entries: [Entry] = []
    /// The script whose cells run, and how many of them have entries.
    var script: Script?
    var placed = 0
    /// What was shown while no cell ran.
    var loose: [Item] = []
  }

  private let facts: DocumentFacts
  private let state = Monitor(State())

  /// A record of a session that is about to begin.
  public init(_ facts: DocumentFacts) { self.facts = facts }

  /// Tells which script runs from now on: documents then hold its cells even if they do not run.
  public func begin(_ script: Script) {
    state.withLock { state in
      state.script = script
      state.placed = 0
    }
  }

  /// Keeps what happens.
  public func session(_ session: Session, did event: SessionEvent) {
    switch event {
    case .cellBegan(let cell, let number):
      state.withLock { state in
        state.placeCells(upTo: cell)
        state.entries.append(Entry(cell: cell, number: number))
      }
    case .output(let output):
      let output = Self.withBytes(output)
      state.withLock { $0.add(output) }
    case .cellEnded(let outcome):
      state.withLock { state in
        if !state.entries.isEmpty { state.entries[state.entries.count - 1].outcome = outcome }
      }
    }
  }

  /// Writes all cells that are over as a page or a notebook.
  public func write(_ document: SessionDocument, to path: String) throws {
    try Self.check(document, path)
    let record = record()
    let text =
      switch document {
      case .report: Report(record, facts).html
      case .notebook: NotebookDocument(record).text
      }
    try FileReplacement.write(text, to: path)
  }

  /// Refuses a name that would lead readers astray.
  /// - Throws: a `value` failure.
  public static func check(_ document: SessionDocument, _ path: String) throws {
    let name = path.lowercased()
    let (isRight, what) =
      switch document {
      case .report:
        (name.hasSuffix(".html") || name.hasSuffix(".htm"), "a report is a page: its name ends in .html")
      case .notebook: (name.hasSuffix(".ipynb"), "a notebook's name ends in .ipynb")
      }
    guard isRight || name.hasPrefix("/dev/") else {
      throw Failure(.value, "cannot write a \(document.rawValue) to '\(path)'", hint: what)
    }
  }

  /// What there is to write.
  func record() -> Record {
    state.withLock { state in
      var copy = state
      copy.placeCells(upTo: nil)
      if copy.script == nil {
        // At a prompt the cell that asks for the document is not over, and no part of it.
        copy.entries.removeAll {
          $0.outcome == nil && $0.number != nil || PromptCommand.isAboutTheRecord($0.cell.source)
        }
      }
      return Record(
        entries: copy.entries, loose: copy.loose, notebook: state.script?.notebook, script: state.script)
    }
  }

  /// A picture is kept as the bytes that a document holds: later its file may be another. What no page can show
  /// is drawn as PNG where that is possible.
  private static func withBytes(_ output: Output) -> Output {
    guard case .picture(let picture) = output else { return output }
    func kept(_ format: PictureFormat, _ bytes: [UInt8]?) -> Output {
      .picture(
        Picture(
          path: picture.path, format: format, title: picture.title, summary: picture.summary,
          width: picture.width, height: picture.height, bytes: bytes))
    }
    if picture.format == .svg {
      let bytes = picture.bytes ?? (try? InputFile(picture.path).remainingBytes(limit: largestVectorFile))
      if let bytes, bytes.count <= largestVectorFile { return kept(.svg, bytes) }
    }
    if let bytes = try? picture.pngBytes() { return kept(.png, bytes) }
    return kept(picture.format, nil)
  }

  /// Drawings of more than this, a million points perhaps, make a page slow; pixels do not.
  private static let largestVectorFile = 1 << 19
}

extension Transcript.State {
  /// Adds the cells of the script that came before `cell` without running (comments, raw text); with nil, all
  /// that are left.
  fileprivate mutating func placeCells(upTo cell: Cell?) {
    guard let cells = script?.cells, placed < cells.count else { return }
    let end = cell.map { cell in cells[placed...].firstIndex(of: cell) } ?? cells.count
    guard let end else { return }
    entries += cells[placed..<end].map { Transcript.Entry(cell: $0) }
    placed = cell == nil ? end : end + 1
  }

  fileprivate mutating func add(_ output: Output) {
    guard !entries.isEmpty, entries[entries.count - 1].outcome == nil else {
      Self.add(output, to: &loose)
      return
    }
    Self.add(output, to: &entries[entries.count - 1].outputs)
  }

  private static func add(_ output: Output, to items: inout [Transcript.Item]) {
    switch output {
    case .text(let text):
      if case .text(var long) = items.last {
        items.removeLast()
        long.append(text)
        items.append(.text(long))
      } else {
        var long = LongText()
        long.append(text)
        items.append(.text(long))
      }
    case .progress(let progress):
      // Only the last state is worth keeping, where the first one stood.
      let place = items.lastIndex { item in
        if case .output(.progress(let earlier)) = item { earlier.id == progress.id } else { false }
      }
      if let place { items[place] = .output(output) } else { items.append(.output(output)) }
    default: items.append(.output(output))
    }
  }
}

/// What documents are made of.
struct Record: Sendable {
  /// The cells, in order; those of a script that did not run have no outcome.
  let entries: [Transcript.Entry]
  /// What was shown while no cell ran: what is wrong with the script.
  let loose: [Transcript.Item]
  /// The script as a notebook, if there is one.
  let notebook: NotebookFormat?
  let script: Script?
}
