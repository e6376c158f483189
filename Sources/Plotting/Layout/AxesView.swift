import Essentials

/// Draws one panel into its cell.
struct AxesView {
  let layout: AxesLayout
  let margins: Margins

  private var axes: Axes { layout.axes }
  private var cell: Rect { layout.cell }
  private var canvas: Canvas { layout.canvas }
  private var style: FigureStyle { layout.style }
  private var theme: Theme { layout.theme }

  func draw() throws {
    try Interruption.check()
    let area = layout.area(within: margins)
    let plot = layout.surface(area)
    let xTicks = layout.xTicks(width: area.width)
    let yTicks = layout.yTicks(height: area.height)
    let hairline = canvas.hairline
    let xPlaces = xTicks.ticks.map { canvas.snapLine(plot.x.position($0.value), width: hairline) }
    let yPlaces = yTicks.ticks.map { canvas.snapLine(plot.y.position($0.value), width: hairline) }
    if axes.showsGrid { drawGrid(area, xPlaces, yPlaces) }
    try canvas.clipped(to: area) {
      for mark in axes.marks { try mark.draw(on: plot) }
    }
    for mark in axes.marks { mark.drawLabels(on: plot) }
    drawSpines(area)
    drawXTicks(xTicks, xPlaces, area)
    drawYTicks(yTicks, yPlaces, area)
    drawNote(area)
    drawTitle(area)
    let bar = axes.colorBar.flatMap {
      layout.thrift < 2 ? ColorBarView(bar: $0, layout: layout).draw(beside: area, theme: theme) : nil
    }
    let legend =
      layout.thrift < 2 ? LegendPlacement(plot: plot, axes: axes).draw(above: layout.legendRows) : nil
    let unit = canvas.isVector ? 1 : canvas.pixelsPerPoint
    func drawn(_ set: TickSet, _ places: [Double], _ range: ClosedRange<Double>, hidden: Bool) -> DrawnAxis {
      DrawnAxis(
        label: set.label, range: range,
        ticks: zip(set.ticks, places).map {
          DrawnTick(value: $0.value, label: hidden ? "" : $0.label, position: $1 * unit)
        })
    }
    canvas.record.axes.append(
      DrawnAxes(
        area: area.scaled(unit), x: drawn(xTicks, xPlaces, layout.xRange, hidden: axes.x.hidesLabels),
        y: drawn(yTicks, yPlaces, layout.yRange, hidden: axes.y.hidesLabels),
        legend: legend?.labels ?? [], legendBox: legend?.box.scaled(unit), colorBar: bar))
  }

  private func drawGrid(_ area: Rect, _ xPlaces: [Double], _ yPlaces: [Double]) {
    var isCategorical = false
    if case .categories = axes.x.ticks { isCategorical = true }
    if !isCategorical {
      for x in xPlaces {
        canvas.line(
          Point(x: x, y: area.y), Point(x: x, y: area.maxY), theme.grid, width: canvas.hairline)
      }
    }
    for y in yPlaces {
      canvas.line(Point(x: area.x, y: y), Point(x: area.maxX, y: y), theme.grid, width: canvas.hairline)
    }
  }

  private func drawSpines(_ area: Rect) {
    // Just outside of the plot area, where they hide no data.
    let width = canvas.hairline
    let left = area.x - width / 2
    let bottom = area.maxY + width / 2
    if axes.isFramed {
      canvas.strokeRect(
        Rect(x: left, y: area.y - width / 2, width: area.width + width, height: area.height + width),
        theme.spine, width: width)
    } else {
      canvas.line(Point(x: left, y: area.y), Point(x: left, y: bottom), theme.spine, width: width)
      canvas.line(Point(x: left, y: bottom), Point(x: area.maxX, y: bottom), theme.spine, width: width)
    }
  }

  private func drawXTicks(_ set: TickSet, _ places: [Double], _ area: Rect) {
    let bottom = area.maxY + style.tickLength
    for (tick, x) in zip(set.ticks, places) {
      canvas.line(
        Point(x: x, y: area.maxY), Point(x: x, y: bottom), theme.spine, width: canvas.hairline)
      if axes.x.hidesLabels { continue }
      let place = Point(x: x, y: bottom + style.gap * 0.4)
      let anchor =
        switch set.angle {
        case 0: TextAnchor.top
        case -90: TextAnchor.right
        default: TextAnchor(horizontal: 1, vertical: 0.4)
        }
      canvas.text(
        tick.label, at: place, style.tick, theme.text, anchor: anchor, angle: set.angle, role: .tickLabel)
    }
    guard layout.thrift < 1, !set.label.isEmpty, !axes.x.hidesLabels else { return }
    let label = Text.fitted(set.label, style.label, width: area.width, on: canvas)
    let drop = set.ticks.isEmpty ? 0 : layout.labelDrop(set) + style.gap * 0.4
    canvas.text(
      label, at: Point(x: area.midX, y: bottom + drop + style.label.size * 0.25), style.label, theme.text,
      anchor: .top, role: .axisLabel)
  }

  private func drawYTicks(_ set: TickSet, _ places: [Double], _ area: Rect) {
    let left = area.x - style.tickLength
    var widest = 0.0
    for (tick, y) in zip(set.ticks, places) {
      canvas.line(Point(x: area.x, y: y), Point(x: left, y: y), theme.spine, width: canvas.hairline)
      if axes.y.hidesLabels { continue }
      let box = canvas.text(
        tick.label, at: Point(x: left - style.gap * 0.6, y: y), style.tick, theme.text, anchor: .right,
        role: .tickLabel)
      widest = max(widest, box.width)
    }
    guard layout.thrift < 1, !set.label.isEmpty, !axes.y.hidesLabels else { return }
    // Longer than the axis is still within the panel where there is room above and below.
    let room = min(area.height * 1.3, 2 * min(area.midY - cell.y, cell.maxY - area.midY))
    let label = Text.fitted(set.label, style.label, width: room, on: canvas)
    // In line with the neighbours in the column rather than close to this panel's own numbers.
    let own = left - style.gap - widest - style.label.size * 0.65
    let x = axes.isSquare ? own : min(own, cell.x + style.label.size * 0.75)
    canvas.text(
      label, at: Point(x: x, y: area.midY), style.label, theme.text, angle: -90, role: .axisLabel)
  }

  private func drawTitle(_ area: Rect) {
    guard layout.thrift < 2, let title = axes.title else { return }
    let top = area.y - margins.top
    let text = Text.fitted(title, style.title, width: area.width, on: canvas)
    canvas.text(
      text, at: Point(x: area.x, y: max(top, cell.y) + style.title.size * 0.1), style.title, theme.text,
      anchor: TextAnchor(horizontal: 0, vertical: 0), role: .title)
  }

  private func drawNote(_ area: Rect) {
    guard let note = axes.note, layout.thrift < 2 else { return }
    let text = Text.fitted(note, style.label, width: area.width - 2 * style.gap, on: canvas)
    if axes.marks.isEmpty || axes.hasNothingToShow {
      canvas.text(text, at: Point(x: area.midX, y: area.midY), style.label, theme.faintText, role: .note)
      return
    }
    // Beside marks, at the lower edge, on its own ground.
    let size = canvas.measure(text, style.tick)
    let box = Rect(
      x: area.maxX - size.width - style.gap * 2, y: area.maxY - size.height - style.gap * 2,
      width: size.width + style.gap, height: size.height + style.gap)
    canvas.fill(box, theme.legendBackground)
    canvas.text(
      text, at: Point(x: box.midX, y: box.midY), style.tick, theme.faintText, role: .note)
  }
}
