import CapLanguage
import Essentials
import Notebook

/// A session as one page of HTML that needs nothing else: style and pictures stand in it, no script runs in it.
///
/// Apart from the seconds that cells took, the same session gives the same page.
struct Report {
  private let record: Record
  private let facts: DocumentFacts

  init(_ record: Record, _ facts: DocumentFacts) {
    self.record = record
    self.facts = facts
  }

  /// The whole page.
  var html: String {
    var headings: [Markdown.Heading] = []
    var parts: [String] = []
    var titlePart: Int?
    for (index, entry) in shownEntries.enumerated() {
      switch entry.cell.kind {
      case .code: parts.append(code(entry))
      case .prose:
        parts.append(prose(entry.cell, prefix: "text-\(index + 1)", &headings))
        if titlePart == nil, headings.contains(where: { $0.level == 1 }) { titlePart = parts.count }
      case .raw: break
      }
    }
    parts.insert(contents(headings), at: titlePart ?? 0)
    var body = parts.joined()
    body += record.loose.map(output).joined()
    if skippedCount > 0 {
      let cells = skippedCount == 1 ? "One more cell" : "\(skippedCount) more cells"
      body += "<p class=\"skipped\">\(cells) did not run.</p>\n"
    }
    let own = headings.first { $0.level == 1 }?.text
    let title = own ?? facts.title
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta name="generator" content="\(HTML.escaped(facts.program))">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
      <title>\(HTML.plain(title))</title>
      <style>
      \(ReportStyle.css)
      </style>
      </head>
      <body>
      <main>
      \(own == nil ? "<h1>\(HTML.plain(title))</h1>\n" : "")\(body)</main>
      \(footer)
      </body>
      </html>

      """
  }

  // MARK: What is shown

  /// The cells up to the last that ran or went wrong.
  private var shownEntries: ArraySlice<Transcript.Entry> {
    record.entries[..<shownCount]
  }

  private var shownCount: Int {
    if record.loose.isEmpty, !record.entries.contains(where: { $0.outcome?.hasSucceeded == false }) {
      return record.entries.count
    }
    return record.entries.lastIndex { $0.outcome != nil }.map { $0 + 1 } ?? 0
  }

  private var skippedCount: Int { record.entries[shownCount...].count { !$0.cell.isEmpty } }

  /// Links to the chapters, where there are enough of them to get lost.
  private func contents(_ headings: [Markdown.Heading]) -> String {
    let chapters = headings.filter { $0.level == 2 }
    guard chapters.count >= 4 else { return "" }
    let items = chapters.map { "<li><a href=\"#\($0.anchor)\">\(HTML.plain($0.text))</a></li>\n" }
    return "<nav aria-label=\"Contents\"><details><summary>Contents</summary>\n<ul>\n\(items.joined())</ul>\n"
      + "</details></nav>\n"
  }

  // MARK: Cells

  private func prose(_ cell: Cell, prefix: String, _ headings: inout [Markdown.Heading]) -> String {
    let (html, found) = rendered(cell.text, prefix: prefix, attachments: cell.attachments)
    headings += found
    return "<section class=\"prose\">\n\(html)</section>\n"
  }

  private func rendered(_ text: String, prefix: String, attachments: JSON?) -> (String, [Markdown.Heading]) {
    Markdown(text).html(
      prefix: prefix,
      picture: { address, alternative in
        PictureHTML.text(
          address, alternative, folder: record.script?.source.folder, attachments: attachments)
      }, code: CodeHTML.text)
  }

  private func code(_ entry: Transcript.Entry) -> String {
    let name = entry.number.map { "cell-\($0)" }
    var html = "<section class=\"cell\"\(name.map { " id=\"\($0)\"" } ?? "")>\n"
    var head = ""
    if let number = entry.number { head += "<a class=\"number\" href=\"#cell-\(number)\">[\(number)]</a> " }
    if !entry.cell.title.isEmpty { head += "<span class=\"title\">\(HTML.plain(entry.cell.title))</span> " }
    if let outcome = entry.outcome, entry.number != nil {
      head += "<span class=\"seconds\">\(HTML.escaped(DurationText.text(outcome.seconds)))</span>"
    }
    if !head.isEmpty { html += "<div class=\"head\">\(head)</div>\n" }
    let code = entry.cell.text.trimmingLineEnds()
    if !code.isEmpty {
      html += "<pre class=\"code\" tabindex=\"0\"><code>\(CodeHTML.text(code))</code></pre>\n"
    }
    let outputs = entry.outputs.map(output).joined()
    if !outputs.isEmpty { html += "<div class=\"outputs\">\n\(outputs)</div>\n" }
    return html + "</section>\n"
  }

  // MARK: Outputs

  private func output(_ item: Transcript.Item) -> String {
    switch item {
    case .text(let long): pre("text", long.text)
    case .output(.text(let text)): pre("text", text)
    case .output(.page(let text)): pre("page", text)
    case .output(.value(let text)): pre("value", text)
    case .output(.prose(let text)):
      "<div class=\"prose\">\n\(rendered(text, prefix: "shown", attachments: nil).0)</div>\n"
    case .output(.picture(let picture)): PictureHTML.text(picture)
    case .output(.table(let table)):
      "<div class=\"table\" role=\"group\" tabindex=\"0\">\n\(TableHTML.text(table))</div>\n"
    case .output(.progress(let progress)):
      pre("progress", ProgressText(progress).line)
    case .output(.warning(let diagnostic)): diagnosticHTML(diagnostic, "warning")
    case .output(.error(let diagnostic)): diagnosticHTML(diagnostic, "error")
    }
  }

  private func pre(_ name: String, _ text: String) -> String {
    let text = TerminalText.plain(text).trimmingLineEnds()
    // The line end behind the tag is none of the text: a text may begin with one of its own.
    return text.isEmpty ? "" : "<pre class=\"\(name)\" tabindex=\"0\">\n\(HTML.escaped(text))</pre>\n"
  }

  /// The message, then the place with its caret.
  private func diagnosticHTML(_ diagnostic: Diagnostic, _ name: String) -> String {
    let lines = diagnostic.rendered(colored: false).split(separator: "\n", omittingEmptySubsequences: false)
    let message = lines[0].dropFirst(name.count + 1).drop { $0 == " " }
    var html = "<div class=\"\(name)\"><p><strong>\(name):</strong> \(HTML.escaped(message))</p>\n"
    if lines.count > 1 {
      let place = lines.dropFirst().map { line -> String in
        // The line below the code: blanks, the frame, the caret and its hint.
        guard let frame = line.firstIndex(of: "│"), line[..<frame].allSatisfy({ $0 == " " }),
          let caret = line[frame...].dropFirst().firstIndex(where: { $0 != " " }), "^-".contains(line[caret])
        else { return HTML.escaped(line) }
        return HTML.escaped(line[..<caret]) + "<span class=\"caret\">\(HTML.escaped(line[caret...]))</span>"
      }
      html += "<pre tabindex=\"0\">\n\(place.joined(separator: "\n"))</pre>\n"
    }
    return html + "</div>\n"
  }

  // MARK: The foot

  private var footer: String {
    let seconds = record.entries.compactMap { $0.number == nil ? nil : $0.outcome?.seconds }
    var lines = ["Made by \(HTML.escaped(facts.program)), seed \(facts.seed)."]
    if !seconds.isEmpty {
      lines.append(
        "\(seconds.count) cell\(seconds.count == 1 ? "" : "s") in "
          + "<span class=\"seconds\">\(HTML.escaped(DurationText.text(seconds.reduce(0, +))))</span>.")
    }
    if !facts.versions.isEmpty {
      lines.append(
        facts.versions.map { HTML.escaped("\($0.name) \($0.version)") }.joined(separator: ", ") + ".")
    }
    return "<footer>\n" + lines.map { "<p>\($0)</p>\n" }.joined() + "</footer>"
  }
}

extension String {
  /// Without the line ends at its end, and the empty lines at its beginning.
  fileprivate func trimmingLineEnds() -> String {
    var text = unicodeScalars[...]
    while let last = text.last, last == "\n" || last == "\r" { text.removeLast() }
    return String(text)
  }
}
