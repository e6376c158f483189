extension Table {
  /// The table as lines of text, columns aligned, no wider than `width` cells where that is possible:
  /// the widest left-aligned columns give way. `rule` draws the line under the headings.
  public func lines(width: Int = 100) -> [String] {
    let gap = 2
    var widths = columns.map { TextWidth.of($0.title) }
    for row in rows {
      for (index, text) in row.prefix(columns.count).enumerated() {
        widths[index] = max(widths[index], TextWidth.of(Self.oneLine(text)))
      }
    }
    var total = widths.reduce(0, +) + gap * max(0, columns.count - 1)
    while total > width {
      let candidates = columns.indices.filter { columns[$0].alignment == .left && widths[$0] > 8 }
      guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
      let second = candidates.filter { $0 != widest }.map { widths[$0] }.max() ?? 8
      let cut = min(total - width, max(1, widths[widest] - max(8, second)))
      widths[widest] -= cut
      total -= cut
    }
    var lines = title.isEmpty ? [] : [title]
    if !columns.isEmpty {
      lines.append(line(columns.map(\.title), widths, gap))
      lines.append(widths.map { String(repeating: "─", count: $0) }.joined(separator: "  "))
      for row in rows { lines.append(line(row.map(Self.oneLine), widths, gap)) }
    }
    if totalRowCount > rows.count { lines.append("… \(totalRowCount - rows.count) more rows") }
    return lines + notes
  }

  private func line(_ texts: [String], _ widths: [Int], _ gap: Int) -> String {
    var line = ""
    for (index, width) in widths.enumerated() {
      let text = TextWidth.fitting(index < texts.count ? texts[index] : "", width)
      let padding = String(repeating: " ", count: max(0, width - TextWidth.of(text)))
      if index > 0 { line += String(repeating: " ", count: gap) }
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
