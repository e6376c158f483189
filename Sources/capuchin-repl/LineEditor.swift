import CReadline
import CapLanguage
import Essentials
import Glibc
import Notebook

/// Edits one entry at a time, of any number of lines, on top of GNU readline.
///
/// readline reads keys and keeps the buffer, undo and the kill ring; what is drawn and what Enter, Tab,
/// Up and Down do is decided here. On a terminal that cannot move its cursor, readline draws.
final class LineEditor {
  enum Outcome {
    case entry(String)
    case endOfInput
    case interrupted
    case terminated
  }

  /// Whether the terminal lets entries be drawn over several lines.
  let drawsEntries: Bool
  private let colored: Bool
  private let completer: Completer
  private var prompt = ""
  private var continuation = ""
  private var history: [String] = []
  /// Where the text of the last completion ended.
  private var completedQuote: Int?
  /// Whether the cursor's line came in a paste without brackets, which brings its own indentation.
  private var isPastedLine = false

  // What stands on the screen: its rows' widths, and where the cursor was left.
  private var drawnWidths: [Int] = []
  private var drawnCursor = (row: 0, column: 0)

  // The walk through the history: what was typed, and where it stands now.
  private var walkStart = ""
  private var walkPrefix = ""
  private var walkPosition = 0
  private var isWalking = false

  init(completer: Completer, history: [String], colored: Bool) {
    self.completer = completer
    self.colored = colored
    drawsEntries = Terminal.movesCursor
    let callbacks = creadline_callbacks(
      context: Unmanaged.passUnretained(self).toOpaque(),
      redraw: drawsEntries ? { LineEditor.from($0)?.draw() } : nil,
      on_key: { LineEditor.from($0)?.press($1, character: $2) },
      on_resize: { LineEditor.from($0)?.resize() },
      on_leave: { LineEditor.from($0)?.leave() })
    creadline_start("capuchin-repl", callbacks)
    for entry in history { remember(entry) }
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> LineEditor? {
    context.map { Unmanaged<LineEditor>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Adds an entry to what Up and incremental search find.
  func remember(_ entry: String) {
    history.append(entry)
    creadline_history_add(entry)
  }

  /// Lets the user edit one entry, which starts as `initial`.
  func read(prompt: String, initial: String = "") -> Outcome {
    self.prompt = colored ? Style.boldGreen + prompt + Style.reset : prompt
    continuation = String(repeating: " ", count: TextWidth.of(prompt))
    isPastedLine = false
    drawnWidths = []
    drawnCursor = (0, 0)
    var line: UnsafeMutablePointer<CChar>?
    let outcome = creadline_read(prompt, initial, &line)
    defer { free(line) }
    switch outcome {
    case CREADLINE_LINE: return .entry(line.map { String(cString: $0) } ?? "")
    case CREADLINE_INTERRUPTED: return .interrupted
    case CREADLINE_TERMINATED: return .terminated
    default: return .endOfInput
    }
  }

  // MARK: The buffer

  private var text: String { String(cString: creadline_text()) }
  private var cursor: Int { Int(creadline_point()) }

  private func split(_ text: String, at offset: Int) -> (before: Substring, after: Substring) {
    let bytes = text.utf8
    let index = bytes.index(bytes.startIndex, offsetBy: offset, limitedBy: bytes.endIndex) ?? bytes.endIndex
    return (text[..<index], text[index...])
  }

  /// The part of the cursor's line that stands before the cursor, and after it.
  private func lineAroundCursor() -> (before: Substring, after: Substring) {
    let (before, after) = split(text, at: cursor)
    let start = before.lastIndex(of: "\n").map { before.index(after: $0) } ?? before.startIndex
    let end = after.firstIndex(of: "\n") ?? after.endIndex
    return (before[start...], after[..<end])
  }

  // MARK: Keys

  private func press(_ key: creadline_key, character: Int32) {
    switch key {
    case CREADLINE_KEY_ENTER: pressEnter()
    case CREADLINE_KEY_NEW_LINE: if drawsEntries { breakLine() } else { creadline_accept() }
    case CREADLINE_KEY_TAB: pressTab()
    case CREADLINE_KEY_UP: move(up: true)
    case CREADLINE_KEY_DOWN: move(up: false)
    case CREADLINE_KEY_BACKSPACE: pressBackspace()
    case CREADLINE_KEY_CLOSING_BRACKET: closeBracket(character)
    case CREADLINE_KEY_QUOTE: quote(character)
    case CREADLINE_KEY_CLEAR_SCREEN: clearScreen()
    case CREADLINE_KEY_HOME: creadline_set_point(Int32(cursor - lineAroundCursor().before.utf8.count))
    case CREADLINE_KEY_END: creadline_set_point(Int32(cursor + lineAroundCursor().after.utf8.count))
    case CREADLINE_KEY_KILL_LINE: killLine()
    case CREADLINE_KEY_DISCARD_LINE: discardLine()
    case CREADLINE_KEY_RUB_OUT_WORD: rubOutWord()
    default: break
    }
  }

  /// Runs a whole entry; goes on in a new line while something is open, or above the last line.
  private func pressEnter() {
    guard drawsEntries else { return creadline_accept() }
    let text = text
    if text.allSatisfy(\.isWhitespace) { return creadline_accept() }
    let (before, after) = split(text, at: cursor)
    // What a search of the history has found is run wherever in it the cursor stands.
    let isAtEnd = !after.contains("\n") || creadline_ends_search() != 0
    // Two blank lines run whatever there is, so that its error can be seen.
    if isAtEnd, PromptCommand.inputState(of: text).isComplete || EntryIndentation.endsInBlankLines(before) {
      creadline_accept()
    } else {
      breakLine()
    }
  }

  private func breakLine() {
    isPastedLine = creadline_has_pending_input() != 0
    if isPastedLine { return creadline_insert("\n") }
    let line = lineAroundCursor()
    let indentation = EntryIndentation.ofNextLine(after: split(text, at: cursor).before)
    if !line.before.isEmpty, line.after.isEmpty, line.before.allSatisfy({ $0 == " " }) {
      // A blank line keeps no blanks.
      creadline_delete(Int32(cursor - line.before.utf8.count), Int32(cursor))
    }
    creadline_insert("\n" + indentation)
  }

  /// A closing bracket that comes first in its line stands where the line with its opening one starts.
  private func closeBracket(_ character: Int32) {
    guard let scalar = UnicodeScalar(UInt32(bitPattern: character)) else { return }
    let bracket = Character(scalar)
    let line = lineAroundCursor().before
    let before = split(text, at: cursor).before
    if drawsEntries, !isPastedLine, line.startIndex > before.startIndex,
      line.allSatisfy({ $0 == " " }), let indentation = EntryIndentation.ofClosing(bracket, after: before)
    {
      creadline_delete(Int32(cursor - line.utf8.count), Int32(cursor))
      creadline_insert(indentation)
    }
    creadline_insert(String(bracket))
  }

  /// A quote; swallowed right after a completion that has closed the string already.
  private func quote(_ character: Int32) {
    guard let scalar = UnicodeScalar(UInt32(bitPattern: character)) else { return }
    let quote = Character(scalar)
    if creadline_follows_tab() != 0, completedQuote == cursor, lineAroundCursor().before.last == quote {
      return
    }
    creadline_insert(String(quote))
  }

  private func pressBackspace() {
    guard cursor > 0 else { return creadline_ding() }
    let line = lineAroundCursor().before
    let indentation = line.count
    if drawsEntries, indentation >= 2, indentation % 2 == 0, line.allSatisfy({ $0 == " " }) {
      return creadline_delete(Int32(cursor - 2), Int32(cursor))
    }
    let last = split(text, at: cursor).before.last.map { String($0).utf8.count } ?? 1
    creadline_delete(Int32(cursor - last), Int32(cursor))
  }

  /// Cuts to the end of the line; at its end, the line break.
  private func killLine() {
    let after = lineAroundCursor().after
    let isAtEnd = cursor + after.utf8.count == text.utf8.count
    creadline_kill(Int32(cursor), Int32(cursor + (after.isEmpty && !isAtEnd ? 1 : after.utf8.count)))
  }

  /// Cuts to the start of the line; at its start, the line break.
  private func discardLine() {
    let before = lineAroundCursor().before
    creadline_kill(Int32(max(0, cursor - max(1, before.utf8.count))), Int32(cursor))
  }

  /// Cuts the word before the cursor and the blanks behind it; at the start of a line, the line break.
  private func rubOutWord() {
    let before = lineAroundCursor().before
    if before.isEmpty { return creadline_kill(Int32(max(0, cursor - 1)), Int32(cursor)) }
    var rest = before
    while rest.last?.isWhitespace == true { rest.removeLast() }
    while let last = rest.last, !last.isWhitespace { rest.removeLast() }
    creadline_kill(Int32(cursor - before.utf8.count + rest.utf8.count), Int32(cursor))
  }

  // MARK: History

  private func move(up: Bool) {
    // Not after Up within the entry.
    let isWalk = isWalking && creadline_continues_history_walk() != 0
    isWalking = false
    if drawsEntries, !isWalk, moveWithinEntry(up: up) { return }
    if !isWalk {
      walkStart = text
      walkPrefix = String(split(text, at: cursor).before)
      walkPosition = history.count
    }
    isWalking = true
    let shown = text
    var position = walkPosition
    while true {
      position += up ? -1 : 1
      guard position >= 0 else { return creadline_ding() }
      if position >= history.count {
        guard walkPosition < history.count else { return creadline_ding() }
        walkPosition = history.count
        return creadline_replace(walkStart)
      }
      if history[position].hasPrefix(walkPrefix), history[position] != shown { break }
    }
    walkPosition = position
    creadline_replace(history[position])
  }

  /// Moves the cursor to the line above or below; false where there is none.
  private func moveWithinEntry(up: Bool) -> Bool {
    let text = text
    let (before, after) = split(text, at: cursor)
    let column = lineAroundCursor().before.count
    if up {
      guard let lineEnd = before.lastIndex(of: "\n") else { return false }
      let above = before[..<lineEnd]
      let start = above.lastIndex(of: "\n").map { above.index(after: $0) } ?? above.startIndex
      let target = above.index(start, offsetBy: column, limitedBy: above.endIndex) ?? above.endIndex
      creadline_set_point(Int32(text[..<target].utf8.count))
    } else {
      guard let lineEnd = after.firstIndex(of: "\n") else { return false }
      let below = after[after.index(after: lineEnd)...]
      let end = below.firstIndex(of: "\n") ?? below.endIndex
      let target = below.index(below.startIndex, offsetBy: column, limitedBy: end) ?? end
      creadline_set_point(Int32(text[..<target].utf8.count))
    }
    return true
  }

  // MARK: Completion

  private func pressTab() {
    let line = lineAroundCursor().before
    if line.allSatisfy(\.isWhitespace) { return creadline_insert("  ") }
    let proposal = completer.completion(in: text, at: cursor)
    guard !proposal.candidates.isEmpty else { return creadline_ding() }
    let typed = split(text, at: cursor).before.utf8.count - proposal.start
    let common = Completer.commonPrefix(proposal.candidates.map(\.text))
    if common.utf8.count > typed || proposal.candidates.count == 1 {
      creadline_delete(Int32(proposal.start), Int32(cursor))
      creadline_insert(common)
      completedQuote = cursor
      return
    }
    let width = Int(creadline_columns())
    let list = CompletionList(proposal.candidates, width: width, maxRows: max(4, Int(creadline_rows()) - 4))
    leave()
    write(list.lines(colored: colored).joined(separator: "\r\n") + "\r\n")
    if !drawsEntries { creadline_forced_redraw() }
  }

  // MARK: The screen

  private func draw() {
    let columns = Int(creadline_columns())
    let text = text
    let message = creadline_message().map { String(cString: $0) }
    let colors = colored ? Highlighting(text) : nil
    let layout = LineLayout(
      prompt: message ?? prompt, continuation: continuation, text: text, cursor: cursor, columns: columns,
      style: { colors?.style(at: $0) ?? "" })

    // An entry taller than the screen is seen through a window around the cursor.
    let height = max(2, Int(creadline_rows()))
    let first =
      layout.rows.count <= height ? 0 : max(0, min(layout.cursorRow - height / 2, layout.rows.count - height))
    let rows = layout.rows[first..<min(layout.rows.count, first + height)]
    let cursorRow = layout.cursorRow - first

    var output = "\u{1B}[?25l" + moveToTop()
    output += rows.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n") + "\u{1B}[J"
    if rows.count - 1 > cursorRow { output += "\u{1B}[\(rows.count - 1 - cursorRow)A" }
    output += "\r"
    if layout.cursorColumn > 0 { output += "\u{1B}[\(layout.cursorColumn)C" }
    write(output + "\u{1B}[?25h")
    drawnWidths = rows.map { TextWidth.of(plain: $0) }
    drawnCursor = (cursorRow, layout.cursorColumn)
  }

  private func moveToTop() -> String {
    drawnCursor.row > 0 ? "\r\u{1B}[\(drawnCursor.row)A" : "\r"
  }

  /// Puts the cursor at the start of the line below the entry.
  private func leave() {
    guard drawsEntries else { return write("\n") }
    let below = drawnWidths.count - 1 - drawnCursor.row
    write((below > 0 ? "\u{1B}[\(below)B" : "") + "\r\n")
    drawnWidths = []
    drawnCursor = (0, 0)
  }

  private func clearScreen() {
    if drawsEntries { write("\u{1B}[H\u{1B}[2J") }
    drawnWidths = []
    drawnCursor = (0, 0)
  }

  private func resize() {
    guard drawsEntries else { return }
    // Terminals wrap rows that are now too long: the cursor is that much further down.
    let columns = max(1, Int(creadline_columns()))
    let above = drawnWidths.prefix(drawnCursor.row).map { max(0, $0 - 1) / columns + 1 }.reduce(0, +)
    drawnCursor.row = above + drawnCursor.column / columns
    write(moveToTop() + "\u{1B}[J")
    drawnCursor = (0, 0)
    draw()
  }

  private func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count < 0 {
        guard errno == EINTR else { return }
      } else {
        bytes = bytes.dropFirst(count)
      }
    }
  }
}
