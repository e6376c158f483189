/// Something drawn between two axes.
protocol Mark: Sendable {
  /// The horizontal range of what is drawn; nil if there is nothing.
  var xExtent: ClosedRange<Double>? { get }
  /// The vertical range of what is drawn; nil if there is nothing.
  var yExtent: ClosedRange<Double>? { get }
  var legendEntries: [LegendEntry] { get }
  /// Draws the mark; what lies outside the plot area is cut off.
  func draw(on plot: PlotSurface) throws
  /// Writes what belongs to the mark and may reach beyond the plot area.
  func drawLabels(on plot: PlotSurface)
  /// Tells where the mark will be, so that the legend stands elsewhere.
  func cover(_ coverage: inout Coverage, on plot: PlotSurface)
}

extension Mark {
  var legendEntries: [LegendEntry] { [] }
  func drawLabels(on plot: PlotSurface) {}
  func cover(_ coverage: inout Coverage, on plot: PlotSurface) {}
}

/// Which colour a mark has: one of the theme's, so that a figure can change its theme.
enum Ink: Sendable, Equatable {
  /// The n-th of the palette.
  case palette(Int)
  case accent
  case faint
  case spine

  func color(_ theme: Theme) -> Color {
    switch self {
    case .palette(let index): theme.color(index)
    case .accent: theme.accent
    case .faint: theme.faintText
    case .spine: theme.spine
    }
  }
}

/// A name and the look that it stands for.
struct LegendEntry: Sendable {
  enum Symbol: Sendable {
    case line(dashed: Bool)
    case area
    case dot
  }

  var label: String
  var ink: Ink
  var symbol: Symbol
  var alpha = 1.0
}

/// The plot area while it is drawn on.
struct PlotSurface {
  let canvas: Canvas
  let area: Rect
  let x: AxisMapping
  let y: AxisMapping
  let theme: Theme
  let style: FigureStyle

  func point(_ xValue: Double, _ yValue: Double) -> Point {
    Point(x: x.position(xValue), y: y.position(yValue))
  }

  /// The pixel columns of the plot area.
  var columns: Int { max(1, Int((area.width * canvas.pixelsPerPoint).rounded())) }
  var rows: Int { max(1, Int((area.height * canvas.pixelsPerPoint).rounded())) }
}

/// Which parts of a plot area hold data, on a coarse grid.
struct Coverage {
  static let columns = 96
  static let rows = 64
  private var cells = [Bool](repeating: false, count: columns * rows)
  private let area: Rect

  init(area: Rect) { self.area = area }

  private func column(_ x: Double) -> Int {
    Int(max(-1, min(Double(Self.columns), (x - area.x) / area.width * Double(Self.columns))).rounded(.down))
  }

  private func row(_ y: Double) -> Int {
    Int(max(-1, min(Double(Self.rows), (y - area.y) / area.height * Double(Self.rows))).rounded(.down))
  }

  mutating func add(_ point: Point) {
    guard point.x.isFinite, point.y.isFinite else { return }
    let (c, r) = (column(point.x), row(point.y))
    if (0..<Self.columns).contains(c), (0..<Self.rows).contains(r) { cells[r * Self.columns + c] = true }
  }

  mutating func add(from: Point, to: Point) {
    guard from.x.isFinite, from.y.isFinite, to.x.isFinite, to.y.isFinite else { return }
    let length = max(abs(to.x - from.x), abs(to.y - from.y))
    let steps = max(1, min(200, Int(min(length, 1e6) / 3)))
    for step in 0...steps {
      let t = Double(step) / Double(steps)
      add(Point(x: from.x + (to.x - from.x) * t, y: from.y + (to.y - from.y) * t))
    }
  }

  mutating func add(_ rect: Rect) {
    guard let (columns, rows) = cells(under: rect) else { return }
    for r in rows { for c in columns { cells[r * Self.columns + c] = true } }
  }

  /// How many covered cells lie under `rect`.
  func count(under rect: Rect) -> Int {
    guard let (columns, rows) = cells(under: rect) else { return 0 }
    var count = 0
    for r in rows { for c in columns where cells[r * Self.columns + c] { count += 1 } }
    return count
  }

  private func cells(under rect: Rect) -> (ClosedRange<Int>, ClosedRange<Int>)? {
    guard rect.x.isFinite, rect.maxX.isFinite, rect.y.isFinite, rect.maxY.isFinite else { return nil }
    let (c0, c1) = (max(0, column(rect.x)), min(Self.columns - 1, column(rect.maxX)))
    let (r0, r1) = (max(0, row(rect.y)), min(Self.rows - 1, row(rect.maxY)))
    return c0 <= c1 && r0 <= r1 ? (c0...c1, r0...r1) : nil
  }
}
