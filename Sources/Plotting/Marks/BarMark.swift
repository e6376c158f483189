/// Bars from a base to a value, between two places on the horizontal axis.
struct BarMark: Mark {
  struct Bar: Sendable {
    var from: Double
    var to: Double
    var base: Double
    var value: Double
  }

  let bars: [Bar]
  let label: String?
  let ink: Ink
  var alpha = 1.0
  /// What stands at the ends of the bars, one a bar; empty for nothing.
  var valueLabels: [String] = []
  let xExtent: ClosedRange<Double>?
  let yExtent: ClosedRange<Double>?

  init(bars: [Bar], label: String?, ink: Ink, alpha: Double = 1, valueLabels: [String] = []) {
    self.bars = bars
    self.label = label
    self.ink = ink
    self.alpha = alpha
    self.valueLabels = valueLabels
    xExtent = AxisExtent.union([AxisExtent.of(bars.map(\.from)), AxisExtent.of(bars.map(\.to))])
    yExtent = AxisExtent.union([AxisExtent.of(bars.map(\.value)), AxisExtent.of(bars.map(\.base))])
  }

  var legendEntries: [LegendEntry] {
    label.map { [LegendEntry(label: $0, ink: ink, symbol: .area, alpha: alpha)] } ?? []
  }

  func draw(on plot: PlotSurface) throws {
    let color = ink.color(plot.theme).withAlpha(alpha)
    plot.canvas.fill(rects(on: plot), color)
  }

  func cover(_ coverage: inout Coverage, on plot: PlotSurface) {
    for rect in rects(on: plot) { coverage.add(rect) }
    guard showsValues(on: plot) else { return }
    for bar in bars where bar.value.isFinite {
      let x = plot.x.position((bar.from + bar.to) / 2)
      let y = plot.y.position(bar.value)
      let height = plot.style.value.size * 1.6
      coverage.add(
        Rect(x: x - height, y: bar.value >= bar.base ? y - height : y, width: 2 * height, height: height))
    }
  }

  /// One rectangle a bar; where bars are narrower than pixels, one a column of pixels, from the
  /// lowest to the highest of its bars.
  private func rects(on plot: PlotSurface) -> [Rect] {
    let canvas = plot.canvas
    let columns = plot.columns
    if bars.count <= columns * 2 {
      return bars.compactMap { bar in
        guard bar.value.isFinite else { return nil }
        let left = canvas.snap(plot.x.position(bar.from))
        let right = max(canvas.snap(plot.x.position(bar.to)), left + canvas.hairline)
        let ends = [plot.y.position(bar.base), plot.y.position(bar.value)].sorted()
        return Rect(x: left, y: ends[0], width: right - left, height: ends[1] - ends[0])
      }
    }
    var lows = [Double](repeating: .infinity, count: columns)
    var highs = [Double](repeating: -.infinity, count: columns)
    let width = plot.area.width / Double(columns)
    for bar in bars where bar.value.isFinite {
      let place = (plot.x.position((bar.from + bar.to) / 2) - plot.area.x) / width
      guard place >= 0, place < Double(columns) else { continue }
      let column = Int(place)
      lows[column] = min(lows[column], bar.base, bar.value)
      highs[column] = max(highs[column], bar.base, bar.value)
    }
    return (0..<columns).compactMap { column in
      guard lows[column] <= highs[column] else { return nil }
      let top = plot.y.position(highs[column])
      return Rect(
        x: plot.area.x + Double(column) * width, y: top, width: width,
        height: plot.y.position(lows[column]) - top)
    }
  }

  /// Values are written where each has room beside its neighbours.
  private func showsValues(on plot: PlotSurface) -> Bool {
    guard valueLabels.count == bars.count, bars.count <= 200, let first = bars.first else { return false }
    let room = abs(plot.x.position(first.to) - plot.x.position(first.from)) * 1.15
    return valueLabels.allSatisfy { plot.canvas.measure($0, plot.style.value).width <= room }
  }

  func drawLabels(on plot: PlotSurface) {
    guard showsValues(on: plot) else { return }
    for (bar, label) in zip(bars, valueLabels)
    where bar.value.isFinite && plot.y.range.contains(bar.value) && plot.x.range.contains(bar.from) {
      let isUp = bar.value >= bar.base
      let y = plot.y.position(bar.value) + (isUp ? -1 : 1) * plot.style.gap * 0.4
      plot.canvas.text(
        label, at: Point(x: plot.x.position((bar.from + bar.to) / 2), y: y), plot.style.value,
        plot.theme.text, anchor: isUp ? .bottom : .top, role: .value)
    }
  }
}
