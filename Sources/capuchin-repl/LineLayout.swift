import Essentials
import Notebook

/// Where the characters of an edited entry stand on the screen.
///
/// Every line of the entry starts with a prompt and wraps at the terminal's width. Nothing is drawn
/// into a row's last cell, so that no terminal's automatic wrapping matters.
struct LineLayout {
  /// The rows with their prompts and colours, from the top.
  private(set) var rows: [String] = []
  /// The cursor's row in `rows`.
  private(set) var cursorRow = 0
  /// The cursor's cell in that row.
  private(set) var cursorColumn = 0

  /// Lays out `text` with the cursor before the byte `cursor`.
  /// - Parameters:
  ///   - prompt: What stands before the first line.
  ///   - continuation: What stands before the others, of the prompt's width.
  ///   - columns: The width of the terminal.
  ///   - style: The escape sequence for the character at a byte offset, "" for plain text.
  init(
    prompt: String, continuation: String, text: String, cursor: Int, columns: Int,
    style: (Int) -> String = { _ in "" }
  ) {
    let width = max(8, columns - 1)
    var row = prompt
    var column = min(TextWidth.of(plain: prompt), width - 1)
    var offset = 0
    var currentStyle = ""
    func setStyle(_ new: String) {
      guard new != currentStyle else { return }
      if !currentStyle.isEmpty { row += Style.reset }
      row += new
      currentStyle = new
    }
    func endRow(next: String, nextColumn: Int) {
      if !currentStyle.isEmpty { row += Style.reset }
      currentStyle = ""
      rows.append(row)
      row = next
      column = nextColumn
    }
    for character in text {
      if offset <= cursor {
        cursorRow = rows.count
        cursorColumn = column
      }
      let shown = Self.shown(character, column: column)
      if character == "\n" {
        endRow(next: continuation, nextColumn: min(TextWidth.of(plain: continuation), width - 1))
        if offset < cursor {
          cursorRow = rows.count
          cursorColumn = column
        }
      } else {
        let cells = TextWidth.of(shown)
        if column + cells > width {
          endRow(next: "", nextColumn: 0)
          if offset <= cursor {
            cursorRow = rows.count
            cursorColumn = 0
          }
        }
        setStyle(style(offset))
        row += shown
        column += cells
      }
      offset += character.utf8.count
    }
    if offset <= cursor {
      if column >= width { endRow(next: "", nextColumn: 0) }
      cursorRow = rows.count
      cursorColumn = column
    }
    endRow(next: "", nextColumn: 0)
  }

  /// Control characters as readline shows them, tabs as spaces.
  private static func shown(_ character: Character, column: Int) -> String {
    guard let scalar = character.unicodeScalars.first else { return "" }
    if character == "\t" { return "  " }
    if scalar.value < 0x20, let caret = UnicodeScalar(scalar.value + 64) { return "^\(caret)" }
    if scalar.value == 0x7f { return "^?" }
    return String(character)
  }
}

extension TextWidth {
  /// The cells of a text that may hold escape sequences for colours.
  static func of(plain text: String) -> Int {
    var width = 0
    var isEscape = false
    for character in text {
      if isEscape {
        isEscape = character != "m"
      } else if character == "\u{1B}" {
        isEscape = true
      } else {
        width += of(String(character))
      }
    }
    return width
  }
}
