import Notebook

/// Tables as HTML tables.
enum TableHTML {
  /// The table with its title, its notes, and the count of rows and columns that it leaves out.
  static func text(_ table: Table) -> String {
    let shown = table.columns.prefix(columnLimit)
    var html = shown.count > wideCount ? "<table class=\"wide\">\n" : "<table>\n"
    if !table.title.isEmpty { html += "<caption>\(HTML.plain(table.title))</caption>\n" }
    if !table.columns.isEmpty {
      html += "<thead><tr>"
      for column in shown {
        html += "<th scope=\"col\"\(style(column))>\(HTML.plain(column.title))</th>"
      }
      html += "</tr></thead>\n<tbody>\n"
      for row in table.rows {
        html += "<tr>"
        for (index, column) in shown.enumerated() {
          let text = index < row.count ? row[index] : ""
          // Only long texts are broken into lines: a page scrolls wide tables sideways.
          let name = text.utf8.count > longText ? " class=\"long\"" : ""
          html += "<td\(name)\(style(column))>\(HTML.plain(text))</td>"
        }
        html += "</tr>\n"
      }
      html += "</tbody>\n"
    }
    html += "</table>\n"
    var notes = table.notes
    if let more = table.more(shownColumns: shown.count) { notes.insert(more, at: 0) }
    if !notes.isEmpty {
      html += "<p class=\"notes\">" + notes.map(HTML.plain).joined(separator: "<br>\n") + "</p>\n"
    }
    return html
  }

  /// As many columns as a sheet of paper holds in small type.
  private static let columnLimit = 20
  /// From here on a table needs small type on paper.
  private static let wideCount = 9
  private static let longText = 40

  // In the element, not in a style sheet: a notebook's tables have none of ours.
  private static func style(_ column: Table.Column) -> String {
    column.alignment == .right ? " style=\"text-align: right\"" : " style=\"text-align: left\""
  }
}
