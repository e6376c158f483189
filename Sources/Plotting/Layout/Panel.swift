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
  /// Whether the panels of a row have one vertical axis.
  var sharedY = false
  var heightShare = 1.0

  var rows: Int { (cells.count + columns - 1) / columns }

  /// The grid with one horizontal range a column, labelled on its lowest panel only, and one vertical range
  /// a row, labelled on its first panel only, as far as axes are shared.
  func withSharedRanges() -> PanelGrid {
    var grid = self
    if sharedX {
      for column in 0..<columns {
        let members = Array(stride(from: column, to: cells.count, by: columns))
        grid.share(\.x, among: members, labelled: members.last)
      }
    }
    if sharedY {
      for row in 0..<rows {
        let members = Array(row * columns..<min((row + 1) * columns, cells.count))
        grid.share(\.y, among: members, labelled: members.first)
      }
    }
    return grid
  }

  private mutating func share(_ axis: WritableKeyPath<Axes, Axis>, among members: [Int], labelled: Int?) {
    let ranges = members.map { index -> ClosedRange<Double>? in
      guard case .axes(let axes) = cells[index] else { return nil }
      return axes[keyPath: axis].ends(for: axis == \.x ? axes.xExtent : axes.yExtent)
    }
    guard let range = AxisExtent.union(ranges) else { return }
    for index in members {
      guard case .axes(var axes) = cells[index] else { continue }
      axes[keyPath: axis].range = range
      axes[keyPath: axis].hidesLabels = index != labelled
      cells[index] = .axes(axes)
    }
  }
}
