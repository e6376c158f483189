import Essentials

/// Points as dots.
struct ScatterMark: Mark {
  let x: [Double]
  let y: [Double]
  let label: String?
  let ink: Ink
  let xExtent: ClosedRange<Double>?
  let yExtent: ClosedRange<Double>?

  init(x: [Double], y: [Double], label: String?, ink: Ink) {
    self.x = x
    self.y = y
    self.label = label
    self.ink = ink
    let whole = zip(x, y).filter { $0.isFinite && $1.isFinite }
    xExtent = AxisExtent.of(whole.map(\.0))
    yExtent = AxisExtent.of(whole.map(\.1))
  }

  var legendEntries: [LegendEntry] {
    label.map { [LegendEntry(label: $0, ink: ink, symbol: .dot)] } ?? []
  }

  func draw(on plot: PlotSurface) throws {
    try Interruption.check()
    let points = visible(on: plot, cell: plot.style.lineWidth * 0.5)
    // The more there are, the smaller and the more translucent.
    let crowd = min(1, 400 / Double(max(points.count, 1)))
    let radius = plot.style.lineWidth * (1 + 1.2 * crowd.squareRoot())
    plot.canvas.dots(points, radius: radius, ink.color(plot.theme).withAlpha(0.35 + 0.5 * crowd))
  }

  func cover(_ coverage: inout Coverage, on plot: PlotSurface) {
    for point in visible(on: plot, cell: 3) { coverage.add(point) }
  }

  /// The points in the plot area, one for each cell of a fine grid: a million dots on a thousand
  /// pixels cover one another anyway.
  private func visible(on plot: PlotSurface, cell: Double) -> [Point] {
    let columns = Int(plot.area.width / cell) + 1
    let rows = Int(plot.area.height / cell) + 1
    let thins = x.count > 20_000
    var taken = [Bool](repeating: false, count: thins ? columns * rows : 0)
    var points: [Point] = []
    for index in 0..<min(x.count, y.count) where x[index].isFinite && y[index].isFinite {
      let point = plot.point(x[index], y[index])
      let column = ((point.x - plot.area.x) / cell).rounded(.down)
      let row = ((point.y - plot.area.y) / cell).rounded(.down)
      guard column >= 0, row >= 0, column < Double(columns), row < Double(rows) else { continue }
      if thins {
        let slot = Int(row) * columns + Int(column)
        if taken[slot] { continue }
        taken[slot] = true
      }
      points.append(point)
    }
    return points
  }
}
