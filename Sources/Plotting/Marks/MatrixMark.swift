/// Square cells with a share as their colour and a number in them.
struct MatrixMark: Mark {
  let size: Int
  /// From 0 to 1, `shares[row * size + column]`.
  let shares: [Double]
  /// The lines of text of each cell.
  let texts: [[String]]

  var xExtent: ClosedRange<Double>? { -0.5...(Double(size) - 0.5) }
  var yExtent: ClosedRange<Double>? { -0.5...(Double(size) - 0.5) }

  func draw(on plot: PlotSurface) throws {
    let empty = plot.theme.background.mixed(with: plot.theme.text, 0.03)
    let full = plot.theme == .light ? Color(0x08457E) : Color(0x7CC4F5)
    for row in 0..<size {
      for column in 0..<size {
        let index = row * size + column
        let color = empty.mixed(with: full, shares[index].isFinite ? shares[index] : 0)
        let (left, top) = (plot.x.position(Double(column) - 0.5), plot.y.position(Double(row) - 0.5))
        let cell = plot.canvas.snap(
          Rect(
            x: left, y: top, width: plot.x.position(Double(column) + 0.5) - left,
            height: plot.y.position(Double(row) + 0.5) - top))
        plot.canvas.fill(cell, color)
        drawText(texts[index], in: cell, over: color, on: plot)
      }
    }
    for border in 1..<max(size, 1) {
      let x = plot.x.position(Double(border) - 0.5)
      let y = plot.y.position(Double(border) - 0.5)
      let width = plot.canvas.hairline
      plot.canvas.line(
        Point(x: x, y: plot.area.y), Point(x: x, y: plot.area.maxY), plot.theme.background, width: width)
      plot.canvas.line(
        Point(x: plot.area.x, y: y), Point(x: plot.area.maxX, y: y), plot.theme.background, width: width)
    }
  }

  private func drawText(_ lines: [String], in cell: Rect, over color: Color, on plot: PlotSurface) {
    let ink = color.luminance > 0.35 ? Color(0x111418) : Color(0xFFFFFF)
    let styles = [
      TextStyle(size: plot.style.label.size * 1.25, isBold: true), TextStyle(size: plot.style.value.size),
    ]
    let heights = zip(lines, styles).map { $1.size * 1.35 }
    // All lines where they fit, else the number alone, else nothing.
    for count in stride(from: min(lines.count, 2), through: 1, by: -1) {
      let height = heights.prefix(count).reduce(0, +)
      let fits = (0..<count).allSatisfy {
        plot.canvas.measure(lines[$0], styles[$0]).width <= cell.width * 0.94
      }
      guard fits, height <= cell.height else { continue }
      var y = cell.midY - height / 2
      for index in 0..<count {
        plot.canvas.text(
          lines[index], at: Point(x: cell.midX, y: y + heights[index] / 2), styles[index], ink, role: .value)
        y += heights[index]
      }
      return
    }
  }
}
