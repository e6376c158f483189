/// Finds a corner of the plot area in which a legend covers no data.
struct LegendPlacement {
  let plot: PlotSurface
  let axes: Axes

  private var canvas: Canvas { plot.canvas }
  private var style: FigureStyle { plot.style }
  private var lineHeight: Double { style.tick.size * 1.5 }
  private var symbolWidth: Double { style.tick.size * 2 }
  private var padding: Double { style.gap * 0.9 }

  /// The entries, not more than fit: the last one says how many there are besides.
  private func entries(most: Int, width: Double) -> [LegendEntry] {
    let all = axes.legendEntries
    var shown = all.count > most ? Array(all.prefix(max(1, most - 1))) : all
    for index in shown.indices {
      shown[index].label = Text.fitted(
        shown[index].label, style.tick, width: width, on: canvas, shortening: .middle)
    }
    if shown.count < all.count {
      shown.append(
        LegendEntry(label: "+ \(all.count - shown.count) more", ink: .faint, symbol: .area, alpha: 0))
    }
    return shown
  }

  private var boxEntries: [LegendEntry] {
    let most = max(2, Int((plot.area.height * 0.8 - 2 * padding) / lineHeight))
    return entries(most: most, width: plot.area.width * 0.4)
  }

  private func boxSize(_ entries: [LegendEntry]) -> (width: Double, height: Double) {
    let text = entries.map { canvas.measure($0.label, style.tick).width }.max() ?? 0
    return (
      text + symbolWidth + style.gap + 2 * padding, Double(entries.count) * lineHeight + 2 * padding
    )
  }

  /// The corner's box, or nil if each of them covers data.
  func freeCorner() -> Rect? {
    let size = boxSize(boxEntries)
    let area = plot.area
    let edge = style.gap * 1.2
    guard size.width + 2 * edge < area.width, size.height + 2 * edge < area.height else { return nil }
    var coverage = Coverage(area: area)
    for mark in axes.marks { mark.cover(&coverage, on: plot) }
    let right = area.maxX - edge - size.width
    let bottom = area.maxY - edge - size.height
    let places = [
      (right, area.y + edge), (area.x + edge, area.y + edge), (right, bottom), (area.x + edge, bottom),
      (area.midX - size.width / 2, area.y + edge), (area.midX - size.width / 2, bottom),
      (right, area.midY - size.height / 2), (area.x + edge, area.midY - size.height / 2),
    ]
    for (x, y) in places {
      let box = Rect(x: x, y: y, width: size.width, height: size.height)
      if coverage.count(under: box) == 0 { return box }
    }
    return nil
  }

  /// Draws the legend into a free corner, or in `rows` lines above the plot area.
  func draw(above rows: Int) -> (labels: [String], box: Rect)? {
    if axes.legendEntries.isEmpty { return nil }
    if rows > 0 { return drawLines(rows) }
    guard let box = freeCorner() else { return nil }
    let entries = boxEntries
    canvas.fill(box, plot.theme.legendBackground)
    let hairline = canvas.hairline
    canvas.strokeRect(canvas.snap(box), plot.theme.grid, width: hairline)
    for (index, entry) in entries.enumerated() {
      draw(entry, x: box.x + padding, y: box.y + padding + (Double(index) + 0.5) * lineHeight)
    }
    return (entries.map(\.label), box)
  }

  // MARK: Above the plot area

  private var entryGap: Double { style.tick.size * 1.2 }

  private func width(_ entry: LegendEntry) -> Double {
    symbolWidth + style.gap + canvas.measure(entry.label, style.tick).width
  }

  private func width(_ line: [LegendEntry]) -> Double {
    line.reduce(-entryGap) { $0 + entryGap + width($1) }
  }

  /// How many lines the entries take above a plot, up to `most`.
  func lineCount(most: Int) -> Int { max(1, lines(most).count) }

  /// The entries in lines, not more than fit: the last one says how many there are besides.
  private func lines(_ most: Int) -> [[LegendEntry]] {
    // Hundreds of names cannot be read; do not measure them.
    let all = axes.legendEntries
    var count = min(all.count, 60)
    while count > 0 {
      // Long names are shortened before any is left out, but to a readable length.
      for share in [0.48, 0.3, 0.22] where share < 0.4 || count > 1 {
        let room = count == 1 ? plot.area.width : plot.area.width * share
        let shown = entries(most: count, width: max(room - symbolWidth - style.gap, 0))
        var lines: [[LegendEntry]] = [[]]
        for entry in shown {
          if !lines[lines.count - 1].isEmpty, width(lines[lines.count - 1] + [entry]) > plot.area.width {
            lines.append([])
          }
          lines[lines.count - 1].append(entry)
        }
        let isReadable = shown.allSatisfy { !$0.label.isEmpty && $0.label != "…" }
        if isReadable, lines.count <= most, lines.allSatisfy({ width($0) <= plot.area.width }) {
          return lines
        }
      }
      count -= 1
    }
    return []
  }

  private func drawLines(_ rows: Int) -> (labels: [String], box: Rect)? {
    let area = plot.area
    let lines = lines(rows)
    guard let widest = lines.map(width).max() else { return nil }
    // One line stands at the right, several begin below one another.
    let left = area.maxX - widest
    let top = area.y - style.tick.size * 1.15 - lineHeight * (Double(lines.count) - 0.5)
    for (row, line) in lines.enumerated() {
      var x = left
      for entry in line {
        draw(entry, x: x, y: top + lineHeight * (Double(row) + 0.5))
        x += width(entry) + entryGap
      }
    }
    let box = Rect(x: left, y: top, width: widest, height: lineHeight * Double(lines.count))
    return (lines.joined().map(\.label), box)
  }

  private func draw(_ entry: LegendEntry, x: Double, y: Double) {
    let color = entry.ink.color(plot.theme).withAlpha(entry.alpha)
    switch entry.symbol {
    case .line(let dashed):
      canvas.line(
        Point(x: x, y: y), Point(x: x + symbolWidth, y: y), color, width: style.lineWidth * 1.2,
        dash: dashed ? [style.lineWidth * 3, style.lineWidth * 2] : [])
    case .area:
      let height = style.tick.size * 0.8
      canvas.fill(
        canvas.snap(
          Rect(x: x + symbolWidth * 0.15, y: y - height / 2, width: symbolWidth * 0.7, height: height)),
        color)
    case .dot:
      canvas.dots([Point(x: x + symbolWidth / 2, y: y)], radius: style.tick.size * 0.32, color)
    }
    canvas.text(
      entry.label, at: Point(x: x + symbolWidth + style.gap, y: y), style.tick, plot.theme.text,
      anchor: .left, role: .legend)
  }
}
