import Essentials
import Notebook

/// Lines that are wider than the terminal, broken where a reader would break them.
enum WrappedText {
  /// A page of help: lines break between words, and go on below the text they belong to. Examples stay as
  /// they are, to be copied.
  static func page(_ text: String, width: Int) -> String {
    var isExample = false
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      if let first = line.first, first != " " { isExample = line == "Example" || line == "Examples" }
      return isExample || TextWidth.of(line) <= width ? String(line) : words(line, width: width)
    }.joined(separator: "\n")
  }

  /// A value as a cell shows it: a list or record breaks after commas between its items.
  static func value(_ text: String, width: Int) -> String {
    guard let first = text.first, first == "[" || first == "{", !text.contains("\n"),
      TextWidth.of(text) > width
    else { return text }
    var pieces: [Substring] = []
    var start = text.startIndex
    var quote: Character?
    var isEscaped = false
    for index in text.indices {
      let character = text[index]
      if let open = quote {
        if character == open, !isEscaped { quote = nil }
        isEscaped = character == "\\" && !isEscaped
      } else if character == "\"" || character == "'" {
        quote = character
      } else if character == " ", index > text.startIndex, ",…".contains(text[text.index(before: index)]) {
        pieces.append(text[start..<index])
        start = text.index(after: index)
      }
    }
    return filled(pieces + [text[start...]], width: width, indentation: " ")
  }

  /// One line, its words filled in below the place where its text starts.
  private static func words(_ line: Substring, width: Int) -> String {
    let blanks = line.prefix(while: { $0 == " " })
    var body = line.dropFirst(blanks.count)
    var head = String(blanks)
    // `  name    what it is`: what it is hangs.
    if !blanks.isEmpty, let gap = body.firstRange(of: "  ") {
      let column = body[gap.upperBound...].firstIndex { $0 != " " } ?? body.endIndex
      if TextWidth.of(body[..<column]) + blanks.count < width / 2 {
        head += body[..<column]
        body = body[column...]
      }
    }
    let indentation = String(repeating: " ", count: TextWidth.of(head))
    return head
      + filled(
        body.split(separator: " "), width: width, indentation: indentation, column: TextWidth.of(head))
  }

  /// Pieces with a blank between two, or a new line where the next would not fit.
  private static func filled(
    _ pieces: [Substring], width: Int, indentation: String, column start: Int = 0
  ) -> String {
    var text = ""
    var column = start
    for (position, piece) in pieces.enumerated() {
      let cells = TextWidth.of(piece)
      if position > 0 {
        if column + 1 + cells > width {
          text += "\n" + indentation
          column = indentation.count
        } else {
          text += " "
          column += 1
        }
      }
      text += piece
      column += cells
    }
    return text
  }
}
