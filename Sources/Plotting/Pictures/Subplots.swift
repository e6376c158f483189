import Essentials

extension Figure {
  /// Figures in a grid, row after row. `sharedX` gives all panels of a column one horizontal axis,
  /// labelled below the last; `sharedY` gives all panels of a row one vertical axis,
  /// labelled beside the first. Each figure's title becomes its panel's. The size is by default that of the
  /// figures side by side, at most 16 × 20 inches.
  /// - Throws: a `value` failure for fewer than one column or no figures.
  public static func subplots(
    _ figures: [Figure], columns: Int = 1, sharedX: Bool = false, sharedY: Bool = false,
    options: PictureOptions = PictureOptions()
  ) throws -> Figure {
    guard columns >= 1 else {
      throw Failure(.value, "subplots need at least 1 column, not \(columns)", parameter: "columns")
    }
    guard !figures.isEmpty else {
      throw Failure(.value, "subplots need at least one figure")
    }
    guard figures.count <= 400 else {
      throw Failure(.value, "subplots hold at most 400 figures, not \(figures.count)")
    }
    let columns = min(columns, figures.count)
    let cells = figures.map { figure in
      var panel = figure.content
      let share = figure.size.height
      switch panel {
      case .axes(var axes):
        axes.title = figure.title ?? axes.title
        axes.heightShare = share
        panel = .axes(axes)
      case .grid(var grid):
        grid.title = figure.title ?? grid.title
        grid.heightShare = share
        panel = .grid(grid)
      }
      return panel
    }
    let grid = PanelGrid(columns: columns, cells: cells, sharedX: sharedX, sharedY: sharedY)
    return Figure(
      title: options.title, size: options.size ?? size(of: figures, columns: columns), theme: options.theme,
      content: .grid(grid))
  }

  private static func size(of figures: [Figure], columns: Int) -> PictureSize {
    let widest = figures.map(\.size.width).max() ?? 8
    var height = 0.0
    for row in stride(from: 0, to: figures.count, by: columns) {
      height += figures[row..<min(row + columns, figures.count)].map(\.size.height).max() ?? 0
    }
    // Side by side, pictures may be narrower than alone.
    let width = columns == 1 ? widest : min(16, widest * Double(columns) * 0.75)
    let squeeze = columns == 1 ? 0.85 : 0.9
    return PictureSize(
      width: min(16, width), height: min(20, figures.count == 1 ? height : height * squeeze),
      dpi: figures.map(\.size.dpi).max() ?? 100)
  }
}
