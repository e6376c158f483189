/// A filled outline of steps: a histogram, or scores of windows that follow one another.
struct StepMark: Mark {
  /// The rising borders of the steps: one more than values.
  let edges: [Double]
  let values: [Double]
  let label: String?
  let ink: Ink
  var fillAlpha = 0.75
  var hasOutline = true

  var xExtent: ClosedRange<Double>? { values.isEmpty ? nil : AxisExtent.of(edges) }
  var yExtent: ClosedRange<Double>? { AxisExtent.of(values) }

  var legendEntries: [LegendEntry] {
    label.map { [LegendEntry(label: $0, ink: ink, symbol: .area, alpha: fillAlpha)] } ?? []
  }

  func draw(on plot: PlotSurface) throws {
    let color = ink.color(plot.theme)
    plot.canvas.fill(rects(on: plot), color.withAlpha(fillAlpha))
    guard hasOutline else { return }
    var line: [Point] = []
    for (index, value) in values.enumerated() {
      guard value.isFinite else {
        plot.canvas.polyline(line, color, width: plot.style.lineWidth)
        line = []
        continue
      }
      line.append(plot.point(edges[index], value))
      line.append(plot.point(edges[index + 1], value))
    }
    plot.canvas.polyline(line, color, width: plot.style.lineWidth)
  }

  func cover(_ coverage: inout Coverage, on plot: PlotSurface) {
    for rect in rects(on: plot) { coverage.add(rect) }
  }

  private func rects(on plot: PlotSurface) -> [Rect] {
    let zero = plot.y.position(0)
    let gap = plot.area.width / Double(max(values.count, 1)) > 4 && !hasOutline ? plot.canvas.hairline : 0
    return values.enumerated().compactMap { index, value in
      guard value.isFinite, value != 0 else { return nil }
      let left = plot.canvas.snap(plot.x.position(edges[index]))
      let right = max(plot.canvas.snap(plot.x.position(edges[index + 1])) - gap, left + plot.canvas.hairline)
      let ends = [zero, plot.y.position(value)].sorted()
      return Rect(x: left, y: ends[0], width: right - left, height: ends[1] - ends[0])
    }
  }
}
