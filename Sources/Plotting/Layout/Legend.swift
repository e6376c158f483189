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
      shown[index].label = Text.fitted(shown[index].label, style.tick, width: width, on: canvas)
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

  /// Draws the legend into a free corner, or in a line above the plot area.
  func draw(above: Bool) -> (labels: [String], box: Rect)? {
    if axes.legendEntries.isEmpty { return nil }
    if above { return drawLine() }
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

  /// The entries side by side above the plot area, from the right.
  private func drawLine() -> (labels: [String], box: Rect)? {
    let area = plot.area
    let gap = style.tick.size * 1.2
    let around = symbolWidth + style.gap + gap
    func width(_ entries: [LegendEntry]) -> Double {
      entries.reduce(-gap) { $0 + around + canvas.measure($1.label, style.tick).width }
    }
    // As many as fit with names of a readable length.
    var count = min(axes.legendEntries.count, 40)
    var shown: [LegendEntry] = []
    while count > 0 {
      let most = max(area.width / Double(count) * (count > 1 ? 1.3 : 1) - around, 0)
      shown = entries(most: count, width: most)
      if width(shown) <= area.width, !shown.contains(where: { $0.label.isEmpty || $0.label == "…" }) { break }
      count -= 1
    }
    if count == 0 { return nil }
    let total = width(shown)
    let y = area.y - style.tick.size * 1.15
    var x = area.maxX - total
    for entry in shown {
      draw(entry, x: x, y: y)
      x += symbolWidth + style.gap + canvas.measure(entry.label, style.tick).width + gap
    }
    let box = Rect(x: area.maxX - total, y: y - lineHeight / 2, width: total, height: lineHeight)
    return (shown.map(\.label), box)
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
