/// Stretches of time: shaded from top to bottom, or boxed.
struct SpanMark: Mark {
  enum Look: Sendable {
    case shaded
    case boxed
  }

  let spans: [MarkedSpan]
  let look: Look
  let label: String?
  var xExtent: ClosedRange<Double>? { nil }
  var yExtent: ClosedRange<Double>? { nil }

  var legendEntries: [LegendEntry] {
    label.map { [LegendEntry(label: $0, ink: .accent, symbol: .area, alpha: 0.35)] } ?? []
  }

  func draw(on plot: PlotSurface) throws {
    let color = plot.theme.accent
    var labelEnd = -Double.infinity
    for span in spans where span.start.isFinite && span.end.isFinite {
      var left = plot.x.position(min(span.start, span.end))
      var right = plot.x.position(max(span.start, span.end))
      if right < plot.area.x || left > plot.area.maxX { continue }
      left = max(left, plot.area.x - 100)
      right = min(right, plot.area.maxX + 100)
      // A short call in a long recording is still to be seen.
      let least = plot.canvas.hairline * 2
      if right - left < least { (left, right) = ((left + right - least) / 2, (left + right + least) / 2) }
      switch look {
      case .shaded:
        plot.canvas.fill(
          Rect(x: left, y: plot.area.y, width: right - left, height: plot.area.height),
          color.withAlpha(0.22))
      case .boxed:
        drawBox(from: left, to: right, on: plot)
        if let label = span.label { drawLabel(label, from: left, after: &labelEnd, on: plot) }
      }
    }
  }

  private func drawBox(from left: Double, to right: Double, on plot: PlotSurface) {
    let width = plot.style.lineWidth * 1.1
    let inset = width * 1.5
    let box = Rect(
      x: plot.canvas.snap(left), y: plot.canvas.snap(plot.area.y + inset), width: right - left,
      height: plot.area.height - 2 * inset)
    // A dark line around the light one, so that it shows on every colour.
    plot.canvas.strokeRect(box, Color(0x000000, alpha: 0.55), width: width * 2.2)
    plot.canvas.strokeRect(box, Color(0xFFFFFF), width: width)
  }

  private func drawLabel(
    _ label: String, from left: Double, after end: inout Double, on plot: PlotSurface
  ) {
    let text = Text.fitted(label, plot.style.value, width: plot.area.width * 0.3, on: plot.canvas)
    let size = plot.canvas.measure(text, plot.style.value)
    let x = max(plot.area.x + plot.style.gap, left + plot.style.gap * 0.8)
    guard !text.isEmpty, x > end, x + size.width < plot.area.maxX else { return }
    let box = Rect(
      x: x - 1.5, y: plot.area.y + plot.style.gap * 1.1, width: size.width + 3, height: size.height + 1)
    plot.canvas.fill(box, Color(0x000000, alpha: 0.6))
    plot.canvas.text(
      text, at: Point(x: x, y: box.midY), plot.style.value, Color(0xFFFFFF), anchor: .left, role: .annotation)
    end = x + size.width + plot.style.gap
  }

  func cover(_ coverage: inout Coverage, on plot: PlotSurface) {
    for span in spans where span.start.isFinite && span.end.isFinite {
      let (left, right) = (plot.x.position(span.start), plot.x.position(span.end))
      coverage.add(Rect(x: left, y: plot.area.y, width: right - left, height: plot.area.height))
    }
  }
}
