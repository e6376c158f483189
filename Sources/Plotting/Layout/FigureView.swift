/// Draws a figure on a canvas: the title, and the panels in their grid.
struct FigureView {
  let figure: Figure
  let canvas: Canvas
  private let style: FigureStyle

  init(figure: Figure, canvas: Canvas) {
    self.figure = figure
    self.canvas = canvas
    style = FigureStyle(width: canvas.width, height: canvas.height)
  }

  func draw() throws {
    let theme = figure.theme
    canvas.fill(Rect(x: 0, y: 0, width: canvas.width, height: canvas.height), theme.background)
    let edge = style.gap
    var cell = Rect(
      x: edge, y: edge, width: max(canvas.width - 2 * edge, 1), height: max(canvas.height - 2 * edge, 1))
    if let title = figure.title, !title.isEmpty, canvas.height > style.figureTitle.size * 5 {
      let text = Text.fitted(title, style.figureTitle, width: cell.width, on: canvas)
      canvas.text(
        text, at: Point(x: canvas.width / 2, y: cell.y), style.figureTitle, theme.text, anchor: .top,
        role: .title)
      let room = style.figureTitle.size * 1.5
      cell.y += room
      cell.height -= room
    }
    try draw(figure.content, in: cell)
  }

  private func draw(_ panel: Panel, in cell: Rect) throws {
    switch panel {
    case .axes(let axes):
      let layout = AxesLayout.fitting(axes, in: cell, canvas: canvas, style: style, theme: figure.theme)
      try AxesView(layout: layout, margins: layout.margins).draw()
    case .grid(let grid):
      try draw(grid.withSharedRanges(), in: cell)
    }
  }

  private func draw(_ grid: PanelGrid, in whole: Rect) throws {
    guard !grid.cells.isEmpty else { return }
    var whole = whole
    if let title = grid.title, !title.isEmpty, whole.height > style.title.size * 6 {
      let text = Text.fitted(title, style.title, width: whole.width, on: canvas)
      canvas.text(
        text, at: Point(x: whole.midX, y: whole.y), style.title, figure.theme.text, anchor: .top, role: .title
      )
      let room = style.title.size * 1.5
      whole.y += room
      whole.height = max(1, whole.height - room)
    }
    let cells = cellRects(of: grid, in: whole)
    let layouts = zip(grid.cells, cells).map { panel, cell -> AxesLayout? in
      guard case .axes(let axes) = panel else { return nil }
      return AxesLayout.fitting(axes, in: cell, canvas: canvas, style: style, theme: figure.theme)
    }
    var margins = layouts.map { $0?.margins ?? Margins() }
    // Plot areas of one column begin and end together, and those of one row stand level.
    for column in 0..<grid.columns {
      let members = stride(from: column, to: grid.cells.count, by: grid.columns).filter { layouts[$0] != nil }
      let left = members.map { margins[$0].left }.max() ?? 0
      let right = members.map { margins[$0].right }.max() ?? 0
      // Where that would leave too little of the plots, each keeps its own.
      for index in members where left + right < cells[index].width * 0.7 {
        margins[index].left = left
        margins[index].right = right
      }
    }
    for row in 0..<grid.rows {
      let members = (row * grid.columns..<min((row + 1) * grid.columns, grid.cells.count))
        .filter { layouts[$0] != nil }
      let top = members.map { margins[$0].top }.max() ?? 0
      let bottom = members.map { margins[$0].bottom }.max() ?? 0
      for index in members where top + bottom < cells[index].height * 0.7 {
        margins[index].top = top
        margins[index].bottom = bottom
      }
    }
    for (index, panel) in grid.cells.enumerated() {
      if let layout = layouts[index] {
        try AxesView(layout: layout, margins: margins[index]).draw()
      } else {
        try draw(panel, in: cells[index])
      }
    }
  }

  private func cellRects(of grid: PanelGrid, in whole: Rect) -> [Rect] {
    let gap = style.gap
    let rowShares = (0..<grid.rows).map { row in
      grid.cells[row * grid.columns..<min((row + 1) * grid.columns, grid.cells.count)]
        .map(\.heightShare).max() ?? 1
    }
    let sum = max(rowShares.reduce(0, +), 1e-9)
    let rowGap = grid.sharedX ? 0 : gap
    let height = max(1, whole.height - rowGap * Double(grid.rows - 1))
    let width = max(1, (whole.width - gap * Double(grid.columns - 1)) / Double(grid.columns))
    var rects: [Rect] = []
    var y = whole.y
    for row in 0..<grid.rows {
      let rowHeight = height * rowShares[row] / sum
      for column in 0..<grid.columns where row * grid.columns + column < grid.cells.count {
        rects.append(Rect(x: whole.x + Double(column) * (width + gap), y: y, width: width, height: rowHeight))
      }
      y += rowHeight + rowGap
    }
    return rects
  }
}
