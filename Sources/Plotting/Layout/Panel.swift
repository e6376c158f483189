/// What a figure holds.
indirect enum Panel: Sendable {
  case axes(Axes)
  case grid(PanelGrid)

  /// All axes, row after row.
  var allAxes: [Axes] {
    switch self {
    case .axes(let axes): [axes]
    case .grid(let grid): grid.cells.flatMap(\.allAxes)
    }
  }

  /// How much of a column's height the panel wants.
  var heightShare: Double {
    switch self {
    case .axes(let axes): axes.heightShare
    case .grid(let grid): grid.heightShare
    }
  }

  func mapAxes(_ change: (Axes) -> Axes) -> Panel {
    switch self {
    case .axes(let axes): return .axes(change(axes))
    case .grid(var grid):
      grid.cells = grid.cells.map { $0.mapAxes(change) }
      return .grid(grid)
    }
  }
}

/// Panels in rows and columns.
struct PanelGrid: Sendable {
  var title: String?
  var columns: Int
  /// Row after row; the last row may be short.
  var cells: [Panel]
  /// Whether the panels of a column have one horizontal axis.
  var sharedX = false
  var heightShare = 1.0

  var rows: Int { (cells.count + columns - 1) / columns }

  /// The grid with one horizontal range a column, and labels on the lowest panels only.
  func withSharedRanges() -> PanelGrid {
    guard sharedX else { return self }
    var grid = self
    for column in 0..<columns {
      let members = stride(from: column, to: cells.count, by: columns)
      var ranges: [ClosedRange<Double>?] = []
      for index in members {
        if case .axes(let axes) = cells[index] { ranges.append(axes.x.ends(for: axes.xExtent)) }
      }
      guard let range = Extent.union(ranges), let last = Array(members).last else { continue }
      for index in members {
        if case .axes(var axes) = cells[index] {
          axes.x.range = range
          axes.x.hidesLabels = index != last
          grid.cells[index] = .axes(axes)
        }
      }
    }
    return grid
  }
}
