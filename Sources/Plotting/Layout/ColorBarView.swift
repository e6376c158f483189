/// A colour bar at the right of its panel.
struct ColorBarView {
  let bar: ColorBar
  let layout: AxesLayout

  private var style: FigureStyle { layout.style }
  private var canvas: Canvas { layout.canvas }
  private var barWidth: Double { style.tick.size * 1.2 }
  private var distance: Double { style.gap * 2 }

  private func ticks(height: Double) -> TickSet {
    var axis = Axis()
    axis.label = bar.label
    axis.unit = bar.unit
    return TickChooser(
      axis: axis, range: bar.range, length: height, isHorizontal: false, style: style.tick, canvas: canvas
    ).choose()
  }

  func width(height: Double) -> Double {
    let set = ticks(height: height)
    let labels = set.ticks.map { canvas.measure($0.label, style.tick).width }.max() ?? 0
    var room = distance + barWidth + style.tickLength + style.gap * 0.5 + labels + style.gap
    if layout.thrift < 1, !set.label.isEmpty { room += style.label.size * 1.35 }
    return room
  }

  /// Draws the bar beside `area`.
  func draw(beside area: Rect, theme: Theme) -> DrawnAxis {
    let box = canvas.snap(
      Rect(x: area.maxX + distance, y: area.y, width: barWidth, height: area.height))
    let rows = max(1, min(bar.colors.count, Int((box.height * canvas.pixelsPerPoint).rounded())))
    let pixels = (0..<rows).map { row in
      bar.colors[(rows - 1 - row) * (bar.colors.count - 1) / max(rows - 1, 1)]
    }
    canvas.image(pixels, width: 1, height: rows, in: box)
    let hairline = canvas.hairline
    canvas.strokeRect(
      Rect(
        x: canvas.snapLine(box.x, width: hairline), y: canvas.snapLine(box.y, width: hairline),
        width: box.width, height: box.height), theme.spine, width: hairline)
    let set = ticks(height: area.height)
    let mapping = AxisMapping(scale: .linear, range: bar.range, start: box.maxY, end: box.y)
    var drawn: [DrawnTick] = []
    var widest = 0.0
    let unit = canvas.isVector ? 1 : canvas.pixelsPerPoint
    for tick in set.ticks {
      let y = canvas.snapLine(mapping.position(tick.value), width: hairline)
      canvas.line(
        Point(x: box.maxX, y: y), Point(x: box.maxX + style.tickLength, y: y), theme.spine, width: hairline)
      let text = canvas.text(
        tick.label, at: Point(x: box.maxX + style.tickLength + style.gap * 0.5, y: y), style.tick,
        theme.text, anchor: .left, role: .tickLabel)
      widest = max(widest, text.width)
      drawn.append(DrawnTick(value: tick.value, label: tick.label, position: y * unit))
    }
    if layout.thrift < 1, !set.label.isEmpty {
      let label = Text.fitted(set.label, style.label, width: area.height, on: canvas)
      let x = box.maxX + style.tickLength + style.gap + widest + style.label.size * 0.7
      canvas.text(
        label, at: Point(x: x, y: box.midY), style.label, theme.text, angle: -90, role: .axisLabel)
    }
    return DrawnAxis(label: set.label, range: bar.range, ticks: drawn)
  }
}
