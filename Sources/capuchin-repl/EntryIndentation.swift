import CapLanguage

/// Where the lines of an entry start.
enum EntryIndentation {
  /// The blanks that a new line below `text` starts with: those of the line above it, or two more than
  /// the line that opened a bracket has.
  static func ofNextLine(after text: Substring) -> String {
    let state = SourceText.inputState(of: String(text))
    if state.isInString { return "" }
    let line = text.lastIndex(of: "\n").map { text[text.index(after: $0)...] } ?? text
    guard let bracket = state.openBrackets.last else {
      let own = blanks(line)
      // An operator at the end: what follows is part of the same statement.
      return !state.isComplete && own.isEmpty ? "  " : own
    }
    let above = SourceText.inputState(of: String(text[..<line.startIndex])).openBrackets.last
    return above == bracket ? blanks(line) : blanks(lineOf(bracket, in: text)) + "  "
  }

  /// The blanks before a closing bracket that comes first in its line; nil where it closes nothing.
  static func ofClosing(_ bracket: Character, after text: Substring) -> String? {
    guard let opening = SourceText.inputState(of: String(text)).openBrackets.last else { return nil }
    let partners: [Character: UInt8] = [
      ")": UInt8(ascii: "("), "]": UInt8(ascii: "["), "}": UInt8(ascii: "{"),
    ]
    let byte = text.utf8[text.utf8.index(text.utf8.startIndex, offsetBy: opening)]
    return partners[bracket] == byte ? blanks(lineOf(opening, in: text)) : nil
  }

  /// Whether `text` ends in two lines with nothing but blanks.
  static func endsInBlankLines(_ text: Substring) -> Bool {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.count > 2 && lines.suffix(2).allSatisfy { $0.allSatisfy(\.isWhitespace) }
  }

  private static func blanks(_ line: Substring) -> String {
    String(line.prefix(while: { $0 == " " || $0 == "\t" }))
  }

  /// The line around a byte.
  private static func lineOf(_ offset: Int, in text: Substring) -> Substring {
    let before = text[..<text.utf8.index(text.utf8.startIndex, offsetBy: offset)]
    let start = before.lastIndex(of: "\n").map { text.index(after: $0) } ?? text.startIndex
    return text[start...]
  }
}
