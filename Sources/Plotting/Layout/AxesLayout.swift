/// Works out how much room a panel's text needs, and what its ticks are.
struct AxesLayout {
  let axes: Axes
  let cell: Rect
  let canvas: Canvas
  let style: FigureStyle
  let theme: Theme
  let xRange: ClosedRange<Double>
  let yRange: ClosedRange<Double>
  /// The lines of the legend above the plot area; 0 where it stands within.
  var legendRows = 0
  /// What is left out where there is little room: 1 drops axis labels, 2 all text.
  var thrift = 0

  init(axes: Axes, cell: Rect, canvas: Canvas, style: FigureStyle, theme: Theme) {
    self.axes = axes
    self.cell = cell
    self.canvas = canvas
    self.style = style
    self.theme = theme
    xRange = axes.x.ends(for: axes.xExtent)
    yRange = axes.y.ends(for: axes.yExtent)
  }

  /// The layout that suits a cell: a legend that covers no data, and at least half of the cell for the plot.
  static func fitting(
    _ axes: Axes, in cell: Rect, canvas: Canvas, style: FigureStyle, theme: Theme
  ) -> AxesLayout {
    var layout = AxesLayout(axes: axes, cell: cell, canvas: canvas, style: style, theme: theme)
    while layout.thrift < 2 {
      let area = cell.inset(layout.margins)
      let least = style.tick.size * 3
      if area.width >= max(cell.width * 0.4, least), area.height >= max(cell.height * 0.35, least) { break }
      layout.thrift += 1
    }
    if layout.thrift < 2, !axes.legendEntries.isEmpty {
      let plot = layout.surface(layout.area(within: layout.margins))
      let placement = LegendPlacement(plot: plot, axes: axes)
      if axes.prefersLegendAbove || placement.freeCorner() == nil {
        // Not more than a fifth of the height.
        let most = Int(plot.area.height * 0.2 / (style.tick.size * 1.5))
        layout.legendRows = placement.lineCount(most: max(1, min(4, most)))
      }
    }
    return layout
  }

  func surface(_ area: Rect) -> PlotSurface {
    PlotSurface(
      canvas: canvas, area: area,
      x: AxisMapping(scale: axes.x.scale, range: xRange, start: area.x, end: area.maxX),
      y: AxisMapping(
        scale: axes.y.scale, range: yRange, start: axes.y.isReversed ? area.y : area.maxY,
        end: axes.y.isReversed ? area.maxY : area.y),
      theme: theme, style: style)
  }

  // MARK: Room

  /// The plot area that these margins leave, on whole pixels.
  func area(within margins: Margins) -> Rect {
    var area = cell.inset(margins)
    if axes.isSquare {
      let x = xRange.upperBound - xRange.lowerBound
      let y = yRange.upperBound - yRange.lowerBound
      let step = min(area.width / x, area.height / y)
      let (width, height) = (step * x, step * y)
      area = Rect(
        x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width: width,
        height: height)
    }
    return canvas.snap(area)
  }

  var margins: Margins {
    if thrift >= 2 {
      let edge = min(style.gap, min(cell.width, cell.height) * 0.15)
      return Margins(top: edge, left: edge, bottom: edge, right: edge)
    }
    var margins = Margins(top: topRoom, left: 0, bottom: 0, right: style.gap)
    // What is below depends on the width, and what is on the left on the height.
    for _ in 0..<3 {
      let before = area(within: margins)
      margins.left = max(leftRoom(height: before.height), overhang(width: before.width))
      margins.bottom = bottomRoom(width: area(within: margins).width)
      margins.right = max(style.gap, rightRoom(width: area(within: margins).width, height: before.height))
    }
    return margins
  }

  private var topRoom: Double {
    // Half a tick label stands above the highest tick.
    var room = style.tick.size * 0.6
    if axes.title != nil { room += style.title.size * 1.55 }
    if legendRows > 0 { room += style.tick.size * (0.2 + 1.5 * Double(legendRows)) }
    return room
  }

  private func leftRoom(height: Double) -> Double {
    if axes.y.hidesLabels { return style.tickLength + style.gap }
    let set = yTicks(height: height)
    let labels = set.ticks.map { canvas.measure($0.label, style.tick).width }.max() ?? 0
    var room = style.tickLength + labels + style.gap
    if labels > 0 { room += style.gap * 0.6 }
    if thrift < 1, !set.label.isEmpty { room += style.label.size * 1.35 }
    return room
  }

  /// How far turned labels reach to the left of the plot area.
  private func overhang(width: Double) -> Double {
    guard !axes.x.hidesLabels else { return 0 }
    let set = xTicks(width: width)
    guard set.angle != 0 else { return 0 }
    let turn = Rotation(degrees: set.angle)
    let mapping = AxisMapping(scale: axes.x.scale, range: xRange, start: 0, end: width)
    return set.ticks.prefix(12).map { tick in
      let size = canvas.measure(tick.label, style.tick)
      return abs(turn.apply(size.width, 0).x) + style.tick.size * 0.4 - mapping.position(tick.value)
    }.max() ?? 0
  }

  private func bottomRoom(width: Double) -> Double {
    guard !axes.x.hidesLabels else { return style.gap + style.tickLength }
    let set = xTicks(width: width)
    var room = style.tickLength + style.gap
    if !set.ticks.isEmpty { room += labelDrop(set) + style.gap * 0.4 }
    if thrift < 1, !set.label.isEmpty { room += style.label.size * 1.45 }
    return room
  }

  /// How far tick labels reach down.
  func labelDrop(_ set: TickSet) -> Double {
    let height = style.tick.size * 1.05
    guard set.angle != 0 else { return height }
    let widest = set.ticks.map { canvas.measure($0.label, style.tick).width }.max() ?? 0
    let turn = Rotation(degrees: -set.angle)
    return abs(turn.apply(0, widest).x) + abs(turn.apply(0, height).y)
  }

  private func rightRoom(width: Double, height: Double) -> Double {
    var room = style.gap
    if !axes.x.hidesLabels {
      let set = xTicks(width: width)
      if set.angle == 0, let last = set.ticks.last {
        let mapping = AxisMapping(scale: axes.x.scale, range: xRange, start: 0, end: width)
        let reach = mapping.position(last.value) + canvas.measure(last.label, style.tick).width / 2 - width
        room = max(room, reach + style.gap * 0.6)
      }
    }
    if let bar = axes.colorBar {
      room = max(room, ColorBarView(bar: bar, layout: self).width(height: height))
    }
    return room
  }

  // MARK: Ticks

  func yTicks(height: Double) -> TickSet {
    if thrift >= 2 { return TickSet() }
    if case .categories(let names) = axes.y.ticks {
      return CategoryTicks(
        names: names, range: yRange, length: height, style: style.tick, canvas: canvas
      ).vertical(label: axes.y.customLabel ?? axes.y.label ?? "", widest: cell.width * 0.25)
    }
    return TickChooser(
      axis: axes.y, range: yRange, length: height, isHorizontal: false, style: style.tick, canvas: canvas
    ).choose()
  }

  func xTicks(width: Double) -> TickSet {
    if thrift >= 2 { return TickSet() }
    if case .categories(let names) = axes.x.ticks {
      return CategoryTicks(
        names: names, range: xRange, length: width, style: style.tick, canvas: canvas
      ).horizontal(label: axes.x.customLabel ?? axes.x.label ?? "", longest: cell.height * 0.28)
    }
    return TickChooser(
      axis: axes.x, range: xRange, length: width, isHorizontal: true, style: style.tick, canvas: canvas
    ).choose()
  }
}
