/// A level line from end to end, with its meaning written above it.
struct ReferenceLine: Mark {
  let y: Double
  let label: String
  var xExtent: ClosedRange<Double>? { nil }
  var yExtent: ClosedRange<Double>? { y.isFinite ? y...y : nil }

  var legendEntries: [LegendEntry] {
    [LegendEntry(label: label, ink: .accent, symbol: .line(dashed: true))]
  }

  func draw(on plot: PlotSurface) throws {
    let width = plot.style.lineWidth
    let place = plot.canvas.snapLine(plot.y.position(y), width: width)
    plot.canvas.line(
      Point(x: plot.area.x, y: place), Point(x: plot.area.maxX, y: place), plot.theme.accent,
      width: width, dash: [width * 3, width * 2])
  }

  func cover(_ coverage: inout Coverage, on plot: PlotSurface) {
    let place = plot.y.position(y)
    coverage.add(from: Point(x: plot.area.x, y: place), to: Point(x: plot.area.maxX, y: place))
  }
}
