import Essentials
import Notebook

/// Markdown for a terminal: bold headings, wrapped paragraphs, inline code in colour.
///
/// Without colours the text stays as it was written, which reads well as it is.
struct ProseText {
  let colored: Bool
  /// The width to wrap at; nil keeps the lines.
  let width: Int?

  func render(_ markdown: String) -> String {
    var lines: [String] = []
    var paragraph: [Substring] = []
    var isCode = false
    func closeParagraph() {
      guard !paragraph.isEmpty else { return }
      lines += wrapped(paragraph.joined(separator: " "), indent: "").map(inline)
      paragraph = []
    }
    for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
      let text = line.drop(while: { $0 == " " })
      if text.hasPrefix("```") {
        closeParagraph()
        isCode.toggle()
      } else if isCode {
        lines.append("    " + line)
      } else if text.isEmpty {
        closeParagraph()
        lines.append("")
      } else if let heading = heading(text) {
        closeParagraph()
        lines.append(heading)
      } else if let mark = listMark(text) {
        closeParagraph()
        let indent = String(repeating: " ", count: line.count - text.count + mark.count)
        let items = wrapped(String(text.dropFirst(mark.count)), indent: indent).map(inline)
        lines += items.enumerated().map { index, item in
          index == 0 ? String(repeating: " ", count: line.count - text.count) + mark + item : indent + item
        }
      } else if width == nil || text.hasPrefix("|") || text.hasPrefix(">") {
        closeParagraph()
        lines.append(inline(String(line)))
      } else {
        paragraph.append(text)
      }
    }
    closeParagraph()
    return lines.joined(separator: "\n")
  }

  private func heading(_ line: Substring) -> String? {
    let level = line.prefix(while: { $0 == "#" }).count
    let title = line.dropFirst(level)
    guard (1...6).contains(level), title.first == " " else { return nil }
    guard colored else { return String(line) }
    return (level == 1 ? Style.boldBlue : Style.bold) + title.dropFirst() + Style.reset
  }

  private func listMark(_ line: Substring) -> String? {
    for mark in ["- ", "* ", "+ "] where line.hasPrefix(mark) { return mark }
    let digits = line.prefix(while: \.isNumber)
    guard !digits.isEmpty, digits.count < 4, line.dropFirst(digits.count).hasPrefix(". ") else { return nil }
    return digits + ". "
  }

  private func wrapped(_ text: String, indent: String) -> [String] {
    guard let width else { return [text] }
    let limit = max(20, min(width - 1, 100) - indent.count)
    var lines: [String] = []
    var line = ""
    var used = 0
    for word in text.split(separator: " ") {
      let cells = TextWidth.of(word)
      if used > 0, used + 1 + cells > limit {
        lines.append(line)
        line = ""
        used = 0
      }
      if used > 0 {
        line += " "
        used += 1
      }
      line += word
      used += cells
    }
    return lines + [line]
  }

  /// `code` in colour, **bold** in bold.
  private func inline(_ text: String) -> String {
    guard colored else { return text }
    return replacing(replacing(text, "`", Style.cyan), "**", Style.bold)
  }

  private func replacing(_ text: String, _ mark: String, _ style: String) -> String {
    let parts = text.split(separator: mark, omittingEmptySubsequences: false)
    // An even number of marks makes pairs; anything else stays as written.
    guard parts.count > 2, parts.count % 2 == 1 else { return text }
    return parts.enumerated().map { $0 % 2 == 1 ? style + $1 + Style.reset : String($1) }.joined()
  }
}
