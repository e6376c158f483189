import Notebook

/// Tables as HTML tables.
enum TableHTML {
  /// The table with its title, its notes, and the count of rows that it leaves out.
  static func text(_ table: Table) -> String {
    var html = "<table>\n"
    if !table.title.isEmpty { html += "<caption>\(HTML.plain(table.title))</caption>\n" }
    if !table.columns.isEmpty {
      html += "<thead><tr>"
      for column in table.columns {
        html += "<th scope=\"col\"\(style(column))>\(HTML.plain(column.title))</th>"
      }
      html += "</tr></thead>\n<tbody>\n"
      for row in table.rows {
        html += "<tr>"
        for (index, column) in table.columns.enumerated() {
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
    if let more = table.moreRows { notes.insert(more, at: 0) }
    if !notes.isEmpty {
      html += "<p class=\"notes\">" + notes.map(HTML.plain).joined(separator: "<br>\n") + "</p>\n"
    }
    return html
  }

  private static let longText = 40

  // In the element, not in a style sheet: a notebook's tables have none of ours.
  private static func style(_ column: Table.Column) -> String {
    column.alignment == .right ? " style=\"text-align: right\"" : " style=\"text-align: left\""
  }
}
