import CReadline
import CapLanguage
import Essentials
import Glibc
import Notebook

/// The conversation at a terminal: reads entries, runs them, until the user leaves.
final class Prompt {
  private let session: Session
  private let view: TerminalView
  private let streams: StandardStreams
  private let documents: Documents
  private let editor: LineEditor
  private var history: InputHistory

  init(
    session: Session, view: TerminalView, streams: StandardStreams, documents: Documents, allowsColor: Bool
  ) {
    self.session = session
    self.view = view
    self.streams = streams
    self.documents = documents
    history = InputHistory(path: InputHistory.standardPath)
    editor = LineEditor(
      completer: Completer(session: session), history: history.entries, colored: allowsColor)
  }

  /// Converses until the user leaves, and writes the documents that were asked for; the exit status.
  func run() -> Int32 {
    csignals_defer_termination()
    let status = converse()
    let problems = documents.write()
    for problem in problems { view.show(Diagnostic(problem)) }
    let signal = csignals_termination()
    if signal != 0 { csignals_die_of(signal) }
    return status == 0 && !problems.isEmpty ? 1 : status
  }

  private func converse() -> Int32 {
    if !session.settings.isQuiet {
      streams.write("capuchin-repl \(Version.text) · %help lists functions and commands · Ctrl-D leaves\n")
    }
    while true {
      streams.flush()
      if streams.condition != .open { return 1 }
      // Before the entry is read, so that Ctrl-C right after Enter is not forgotten.
      Interruption.clear()
      guard let entry = readEntry() else { return 0 }
      if entry.allSatisfy(\.isWhitespace) { continue }
      history.add(entry)
      editor.remember(entry)
      session.settings.width = Terminal.width ?? session.settings.width
      typeahead_begin { Interruption.request() }
      session.runInput(entry)
      let isLeaving = typeahead_end() != 0
      view.finish()
      if isLeaving { return 0 }
      if let status = session.exitStatus { return status }
    }
  }

  /// The next entry, "" for one that was given up, nil at the end.
  private func readEntry() -> String? {
    let number = session.cellNumber + 1
    var text = ""
    var initial = session.commands.takeNextInput() ?? ""
    while true {
      if csignals_termination() != 0 { return nil }
      let prompt = text.isEmpty ? "[\(number)] " : String(repeating: ".", count: "\(number)".count + 2) + " "
      switch editor.read(prompt: prompt, initial: initial) {
      case .interrupted: return ""
      case .endOfInput, .terminated: return nil
      case .entry(let entry):
        // Where entries cannot be drawn, their lines are read one by one.
        text += text.isEmpty ? entry : "\n" + entry
        if editor.drawsEntries || PromptCommand.inputState(of: text).isComplete
          || text.hasSuffix("\n\n")
        {
          // A paste ends in a line end that nobody means.
          while text.hasSuffix("\n") { text.removeLast() }
          return text
        }
        initial = ""
      }
    }
  }
}
