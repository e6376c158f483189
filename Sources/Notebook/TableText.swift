import Essentials

extension Table {
  /// What is missing where only the first columns show: `… 940 more rows, 3 more columns`; nil where nothing is.
  public func more(shownColumns: Int) -> String? {
    let missing = [(totalRowCount - rows.count, "row"), (columns.count - shownColumns, "column")]
    let parts = missing.filter { $0.0 > 0 }.map { "\($0) more \($1)\($0 == 1 ? "" : "s")" }
    return parts.isEmpty ? nil : "… " + parts.joined(separator: ", ")
  }

  /// The table as lines of text, columns aligned, no wider than `width` cells: the widest left-aligned columns
  /// give way, then the last columns are left out and counted.
  public func lines(width: Int = 100) -> [String] {
    let cells = rows.map { $0.prefix(columns.count).map(Self.oneLine) }
    var widths = columns.map { TextWidth.of($0.title) }
    for row in cells {
      for (index, text) in row.enumerated() { widths[index] = max(widths[index], TextWidth.of(text)) }
    }
    widths = fitted(widths, width)
    let leftOut = columns.count - widths.count
    var lines = title.isEmpty ? [] : [title]
    if !columns.isEmpty {
      lines.append(line(columns.map(\.title), widths) + (leftOut > 0 ? Self.gap + "…" : ""))
      lines.append(widths.map { String(repeating: "─", count: $0) }.joined(separator: Self.gap))
      for row in cells { lines.append(line(row, widths)) }
    }
    if let more = more(shownColumns: widths.count) { lines.append(more) }
    return lines + notes
  }

  private static let gap = "  "
  /// What a column of text keeps at least.
  private static let narrowest = 8

  /// The widths of the first columns that fit into `width`, at least one.
  private func fitted(_ wanted: [Int], _ width: Int) -> [Int] {
    func total(_ widths: [Int]) -> Int { widths.reduce(0, +) + Self.gap.count * max(0, widths.count - 1) }
    let least = wanted.indices.map {
      columns[$0].alignment == .left ? min(wanted[$0], Self.narrowest) : wanted[$0]
    }
    var count = wanted.count
    var room = width
    if total(least) > width {
      // Room for the sign that there are more.
      room = width - Self.gap.count - 1
      var used = least.first ?? 0
      count = min(1, wanted.count)
      while count < wanted.count, used + Self.gap.count + least[count] <= room {
        used += Self.gap.count + least[count]
        count += 1
      }
    }
    var widths = Array(wanted.prefix(count))
    while total(widths) > room {
      let candidates = widths.indices.filter { widths[$0] > least[$0] }
      guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
      let second = candidates.filter { $0 != widest }.map { widths[$0] }.max() ?? 0
      widths[widest] -= min(total(widths) - room, max(1, widths[widest] - max(least[widest], second)))
    }
    return widths
  }

  private func line(_ texts: [String], _ widths: [Int]) -> String {
    var line = ""
    for (index, width) in widths.enumerated() {
      let text = TextWidth.fitting(index < texts.count ? texts[index] : "", width)
      let padding = String(repeating: " ", count: max(0, width - TextWidth.of(text)))
      if index > 0 { line += Self.gap }
      line += columns[index].alignment == .right ? padding + text : text + padding
    }
    while line.last == " " { line.removeLast() }
    return line
  }

  private static func oneLine(_ text: String) -> String {
    text.contains(where: \.isNewline)
      ? text.split(whereSeparator: \.isNewline).joined(separator: " ") : text
  }
}
