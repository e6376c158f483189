import CReadline
import CapLanguage
import Essentials
import Glibc
import Notebook

/// Shows a session's outputs on standard output, its errors and warnings on standard error.
final class TerminalView: SessionListener {
  private struct State {
    /// Whether standard output stands at the start of a line.
    var isAtLineStart = true
    /// The progress that is drawn right now and can be redrawn.
    var progress: Progress?
    var lastDrawn = 0.0
    /// Whether a blank line has just been written, or nothing yet: no second one is wanted then.
    var isAfterBlankLine = true
  }

  private let streams: StandardStreams
  private let colorsOutput: Bool
  private let colorsErrors: Bool
  private let isQuiet: Bool
  private let isInteractive: Bool
  private let redraws: Bool
  /// How the terminal takes pictures; nil if it takes none.
  private let pictures: PictureProtocol?
  private let state = Monitor(State())

  init(streams: StandardStreams, allowsColor: Bool, settings: SessionSettings) {
    self.streams = streams
    colorsOutput = allowsColor && streams.isTerminal
    colorsErrors = allowsColor && streams.errorIsTerminal
    isQuiet = settings.isQuiet
    isInteractive = settings.isInteractive
    redraws = streams.isTerminal && Terminal.movesCursor
    pictures =
      streams.isTerminal
      ? PictureProtocol.detected(
        in: { name in getenv(name).map { String(cString: $0) } }, allowsColor: allowsColor) : nil
  }

  func session(_ session: Session, did event: SessionEvent) {
    state.withLock { state in
      switch event {
      case .cellBegan(let cell, _): begin(cell, &state)
      case .output(let output): show(output, in: session, &state)
      case .cellEnded(let outcome): end(outcome, &state)
      }
    }
  }

  /// Shows an error that no cell made.
  func show(_ diagnostic: Diagnostic) { state.withLock { show(diagnostic, &$0) } }

  /// Hands over what is still held.
  func finish() {
    state.withLock { clearProgress(&$0) }
    streams.flush()
  }

  // MARK: Cells

  private func begin(_ cell: Cell, _ state: inout State) {
    guard !isQuiet, cell.kind == .code, !cell.title.isEmpty else { return }
    blankLine(&state)
    write(styled(cell.title, Style.bold) + "\n", &state)
  }

  private func end(_ outcome: CellOutcome, _ state: inout State) {
    clearProgress(&state)
    if isInteractive {
      startLine(&state)
      if outcome.seconds >= 2 {
        write(styled("(\(DurationText.text(outcome.seconds)))", Style.dim) + "\n", &state)
      }
    }
    streams.flush()
  }

  // MARK: Outputs

  private func show(_ output: Output, in session: Session, _ state: inout State) {
    switch output {
    case .text(let text):
      clearProgress(&state)
      write(text, &state)
    case .page(let text):
      startLine(&state)
      let text = streams.isTerminal ? WrappedText.page(text, width: width) : text
      if isInteractive, Pager.isNeeded(for: text), let pager = Pager() {
        streams.flush()
        typeahead_pause()
        let isShown = pager.show(text + "\n")
        typeahead_resume()
        // Ctrl-C in the pager was the pager's.
        if csignals_termination() == 0 { Interruption.clear() }
        if isShown { return }
      }
      write(text + "\n", &state)
    case .value(let text):
      startLine(&state)
      write((isInteractive ? WrappedText.value(text, width: width) : text) + "\n", &state)
    case .prose(let text):
      guard !isQuiet else { return }
      blankLine(&state)
      write(
        ProseText(colored: colorsOutput, width: streams.isTerminal ? width : nil).render(text) + "\n\n",
        &state)
    case .picture(let picture):
      guard !isQuiet else { return }
      startLine(&state)
      if session.settings.pictures == .inline, let pictures, let window = Terminal.window,
        let text = InlinePicture(terminal: pictures, window: window).text(of: picture)
      {
        write(text, &state)
      }
      let size = picture.width > 0 && picture.height > 0 ? " (\(picture.width) × \(picture.height))" : ""
      write(styled("→ ", Style.dim) + picture.path + styled(size, Style.dim) + "\n", &state)
    case .table(let table):
      startLine(&state)
      show(table, &state)
    case .progress(let progress):
      if !isQuiet { show(progress, &state) }
    case .warning(let diagnostic), .error(let diagnostic):
      show(diagnostic, &state)
    }
  }

  private func show(_ table: Table, _ state: inout State) {
    var lines = table.lines(width: streams.isTerminal ? width : 120)
    let heading = table.title.isEmpty ? 0 : 1
    if !table.title.isEmpty { lines[0] = styled(lines[0], Style.bold) }
    if !table.columns.isEmpty { lines[heading] = styled(lines[heading], Style.bold) }
    write(lines.map { $0 + "\n" }.joined(), &state)
  }

  private func show(_ diagnostic: Diagnostic, _ state: inout State) {
    // Output that cannot be written stops the script: the interrupt is ours, not the user's.
    if diagnostic.kind == .interrupt, streams.condition != .open { return }
    clearProgress(&state)
    // Only where both are the same terminal does an unfinished line of output matter.
    if streams.isTerminal { startLine(&state) }
    streams.writeError(diagnostic.rendered(colored: colorsErrors) + "\n")
    state.isAfterBlankLine = false
  }

  // MARK: Progress

  private func show(_ progress: Progress, _ state: inout State) {
    if !redraws {
      guard progress.isDone else { return }
      startLine(&state)
      write(ProgressText(progress).line + "\n", &state)
      streams.flush()
      return
    }
    let now = Clock.now
    if let shown = state.progress, shown.id == progress.id, !progress.isDone, now - state.lastDrawn < 0.05 {
      return
    }
    if state.progress == nil { startLine(&state) }
    streams.write("\r" + ProgressLine(progress, width: width - 1, styled: styled).text + "\u{1B}[K")
    if progress.isDone {
      streams.write("\n")
      state.progress = nil
    } else {
      state.progress = progress
    }
    state.lastDrawn = now
    state.isAfterBlankLine = false
    streams.flush()
  }

  private func clearProgress(_ state: inout State) {
    guard state.progress != nil else { return }
    state.progress = nil
    streams.write("\r\u{1B}[K")
  }

  // MARK: Lines

  private var width: Int { max(20, Terminal.width ?? 100) }

  private func styled(_ text: String, _ style: String) -> String {
    colorsOutput && !text.isEmpty ? style + text + Style.reset : text
  }

  private func write(_ text: String, _ state: inout State) {
    guard !text.isEmpty else { return }
    streams.write(text)
    state.isAtLineStart = text.utf8.last == UInt8(ascii: "\n")
    state.isAfterBlankLine = text.hasSuffix("\n\n") || text == "\n" && state.isAtLineStart
  }

  private func startLine(_ state: inout State) {
    clearProgress(&state)
    if !state.isAtLineStart { write("\n", &state) }
  }

  private func blankLine(_ state: inout State) {
    startLine(&state)
    if !state.isAfterBlankLine { write("\n", &state) }
  }
}
