import Essentials

/// A line through points, in the order given; interrupted by points that are not finite.
struct LineMark: Mark {
  var x: [Double]
  var y: [Double]
  var label: String?
  var ink: Ink
  var isDashed = false
  var alpha = 1.0
  var width = 1.0
  /// Whether each point is shown as a dot as well.
  var showsDots = false
  /// Whether the ends of the axes follow the line.
  var decidesRange = true

  var xExtent: ClosedRange<Double>? { decidesRange ? extent.x : nil }
  var yExtent: ClosedRange<Double>? { decidesRange ? extent.y : nil }
  private let extent: (x: ClosedRange<Double>?, y: ClosedRange<Double>?)

  init(
    x: [Double], y: [Double], label: String? = nil, ink: Ink, isDashed: Bool = false, alpha: Double = 1,
    width: Double = 1, showsDots: Bool = false, decidesRange: Bool = true
  ) {
    self.x = x
    self.y = y
    self.label = label
    self.ink = ink
    self.isDashed = isDashed
    self.alpha = alpha
    self.width = width
    self.showsDots = showsDots
    self.decidesRange = decidesRange
    extent = (AxisExtent.of(x), AxisExtent.of(y))
  }

  var legendEntries: [LegendEntry] {
    label.map { [LegendEntry(label: $0, ink: ink, symbol: .line(dashed: isDashed), alpha: alpha)] } ?? []
  }

  func draw(on plot: PlotSurface) throws {
    let color = ink.color(plot.theme).withAlpha(alpha)
    let lineWidth = plot.style.lineWidth * width
    let dash = isDashed ? [lineWidth * 3, lineWidth * 2] : []
    for piece in try pieces(on: plot) {
      // A lone point between gaps would be invisible as a line.
      if piece.count > 1 { plot.canvas.polyline(piece, color, width: lineWidth, dash: dash) }
      if showsDots || piece.count == 1 { plot.canvas.dots(piece, radius: lineWidth * 1.7, color) }
    }
  }

  func cover(_ coverage: inout Coverage, on plot: PlotSurface) {
    for piece in (try? pieces(on: plot)) ?? [] {
      if piece.count == 1 { coverage.add(piece[0]) }
      for (from, to) in zip(piece, piece.dropFirst()) { coverage.add(from: from, to: to) }
    }
  }

  private func pieces(on plot: PlotSurface) throws -> [[Point]] {
    var pieces: [[Point]] = []
    var piece: [Point] = []
    let width = plot.area.width / Double(plot.columns)
    var column = PixelColumn()
    for index in 0..<min(x.count, y.count) {
      if index & 0xFFFF == 0 { try Interruption.check() }
      if x[index].isFinite, y[index].isFinite {
        let point = plot.point(x[index], y[index])
        column.add(point, width: width, to: &piece)
      } else {
        column.flush(to: &piece)
        if !piece.isEmpty { pieces.append(piece) }
        piece = []
      }
    }
    column.flush(to: &piece)
    if !piece.isEmpty { pieces.append(piece) }
    return pieces
  }
}

/// Successive points within one column of pixels, kept as first, highest, lowest and last: the
/// drawn line is the same, and a million points take no longer than a thousand columns.
private struct PixelColumn {
  private var points: [Point] = []
  private var count = 0
  private var number = 0.0

  mutating func add(_ point: Point, width: Double, to piece: inout [Point]) {
    let column = (point.x / width).rounded(.down)
    if count > 0, column != number { flush(to: &piece) }
    number = column
    if count < 4 {
      points.append(point)
    } else {
      merge(point)
    }
    count += 1
  }

  private mutating func merge(_ point: Point) {
    if count == 4 {
      // From now on: first, lowest, highest, last.
      let first = points[0]
      let low = points.min { $0.y < $1.y } ?? first
      let high = points.max { $0.y < $1.y } ?? first
      points = [first, low, high, points[3]]
    }
    if point.y < points[1].y { points[1] = point }
    if point.y > points[2].y { points[2] = point }
    points[3] = point
  }

  mutating func flush(to piece: inout [Point]) {
    piece += points
    points.removeAll(keepingCapacity: true)
    count = 0
  }
}
