import CapLanguage
import Foundation
import TestSupport
import Testing

/// Conversations at the prompt in the documents, held again on a pseudo-terminal.
///
/// The blocks of one page are one conversation. `…` in an expected line stands for anything, a line that is
/// nothing but `…` for any lines. `UPDATE_REFERENCE=1 swift test --filter TranscriptTests` writes what
/// differs into the documents.
@Suite struct TranscriptTests {
  static let pages = Document.all.filter { $0.blocks.contains { $0.kind == "prompt" } }

  /// An entry and what it shows.
  struct Entry: Equatable {
    let number: Int
    let text: String
    let output: [String]
    /// Where the output stands among the page's lines.
    let place: Range<Int>
  }

  @Test func thePagesAreThere() {
    #expect(Self.pages.map(\.path).contains("docs/tour.md") && Self.pages.map(\.path).contains("README.md"))
  }

  @Test(arguments: pages) func aConversationGoesAsItSays(_ page: Document) throws {
    let entries = try Self.entries(page)
    let folder = try ExampleFolder()
    let terminal = try PseudoTerminal(
      environment: ["XDG_STATE_HOME": folder.folder.path("state"), "HOME": folder.folder.url.path],
      folder: folder.folder, columns: 110, rows: 50)
    var changed = page.lines
    // From the last, so that places stay.
    var replacements: [(Range<Int>, [String])] = []
    for (position, entry) in entries.enumerated() {
      try terminal.expect("[\(entry.number)]")
      // Pasted, so that the editor neither completes nor indents.
      let pasted = entry.text.replacing("\n", with: "\r")
      terminal.type("\u{1B}[200~\(pasted)\u{1B}[201~\r")
      let next = "[\(entry.number + 1)]"
      try terminal.expect("the prompt \(next) comes after: \(entry.text)") { $0.cursorLine.hasPrefix(next) }
      let shown = Self.output(of: entry, in: terminal.screen.text)
      if !Self.matches(shown[...], entry.output[...]) {
        if RepositoryPaths.updatesReferences {
          replacements.append((entry.place, shown))
        } else {
          #expect(shown == entry.output, "entry \(position + 1): \(entry.text)")
        }
      }
    }
    terminal.type("\u{4}")
    #expect(try terminal.waitForExit() == 0)
    for (place, lines) in replacements.reversed() { changed.replaceSubrange(place, with: lines) }
    if changed != page.lines {
      try changed.joined(separator: "\n").write(
        to: Document.url(page.path), atomically: true, encoding: .utf8)
    }
  }

  /// The lines between an entry and the next prompt.
  private static func output(of entry: Entry, in screen: String) -> [String] {
    var lines = screen.components(separatedBy: "\n")
    if let start = lines.lastIndex(where: { $0.hasPrefix("[\(entry.number)] ") }) {
      lines.removeFirst(start + entry.text.components(separatedBy: "\n").count)
    }
    if let end = lines.firstIndex(where: { $0.hasPrefix("[\(entry.number + 1)]") }) {
      lines.removeLast(lines.count - end)
    }
    // How long a slow entry took is shown, but differs from machine to machine.
    if lines.last?.wholeMatch(of: /\(.* (s|min)\)/) != nil { lines.removeLast() }
    return lines
  }

  static func entries(_ page: Document) throws -> [Entry] {
    var entries: [Entry] = []
    for block in page.blocks where block.kind == "prompt" {
      var index = 0
      while index < block.lines.count {
        let number = entries.count + 1
        let prompt = "[\(number)] "
        try #require(
          block.lines[index].hasPrefix(prompt),
          "\(page.path):\(block.start + index + 1) should start with \(prompt)")
        var text = String(block.lines[index].dropFirst(prompt.count))
        index += 1
        // Further lines of an entry stand behind as many blanks as its prompt is wide.
        while index < block.lines.count, !SourceText.inputState(of: text).isComplete {
          text += "\n" + block.lines[index].dropFirst(prompt.count)
          index += 1
        }
        let start = index
        while index < block.lines.count, !block.lines[index].hasPrefix("[\(number + 1)] ") { index += 1 }
        entries.append(
          Entry(
            number: number, text: text, output: Array(block.lines[start..<index]),
            place: block.start + start..<block.start + index))
      }
    }
    return entries
  }

  // MARK: Wildcards

  private static func matches(_ lines: ArraySlice<String>, _ pattern: ArraySlice<String>) -> Bool {
    guard let first = pattern.first else { return lines.isEmpty }
    if first == "…" {
      return (lines.startIndex...lines.endIndex).contains { matches(lines[$0...], pattern.dropFirst()) }
    }
    guard let line = lines.first, fits(line, first) else { return false }
    return matches(lines.dropFirst(), pattern.dropFirst())
  }

  private static func fits(_ line: String, _ pattern: String) -> Bool {
    let parts = pattern.components(separatedBy: "…")
    guard parts.count > 1 else { return line == pattern }
    guard line.hasPrefix(parts[0]), let last = parts.last, line.hasSuffix(last) else { return false }
    var rest = line[line.index(line.startIndex, offsetBy: parts[0].count)...]
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let range = rest.range(of: part) else { return false }
      rest = rest[range.upperBound...]
    }
    return rest.count >= last.count
  }
}
