import Essentials

extension Figure {
  /// Bars, one a category, with their values above where there is room.
  ///
  /// Long names are turned and shortened. Where bars are narrower than pixels, every column of pixels
  /// shows the highest and the lowest of its bars.
  /// - Throws: a `shape` failure if a group has not as many values as there are labels.
  public static func bars(
    labels: [String], groups: [BarGroup], arrangement: BarArrangement = .grouped,
    options: PictureOptions = PictureOptions()
  ) throws -> Figure {
    for group in groups where group.values.count != labels.count {
      throw Failure(.shape, "\(group.values.count) values do not go with \(labels.count) labels")
    }
    var axes = Axes()
    axes.x.ticks = .categories(labels)
    axes.x.range = -0.5...(Double(max(labels.count, 1)) - 0.5)
    axes.y.atLeast = 0...0
    axes.y.padding = 0.1
    let finite = groups.flatMap(\.values).filter(\.isFinite)
    if finite.isEmpty {
      axes.note = labels.isEmpty || groups.isEmpty ? "no bars" : "no value is a finite number"
      axes.x.ticks = labels.isEmpty ? .none : axes.x.ticks
      return Figure(axes, options, size: PictureSize(width: 8, height: 4))
    }
    let isWhole = finite.allSatisfy { $0 == $0.rounded() && abs($0) < 1e15 }
    if isWhole { axes.y.unit = .count }
    var below = [Double](repeating: 0, count: labels.count)
    var above = below
    for (index, group) in groups.enumerated() {
      let width = arrangement == .stacked ? 0.76 : 0.8 / Double(groups.count)
      let left = arrangement == .stacked ? -0.38 : -0.4 + Double(index) * width
      let bars = group.values.enumerated().map { category, value in
        var base = 0.0
        if arrangement == .stacked, value.isFinite {
          base = value < 0 ? below[category] : above[category]
          if value < 0 { below[category] += value } else { above[category] += value }
        }
        let from = Double(category) + left
        return BarMark.Bar(from: from, to: from + width, base: base, value: base + value)
      }
      let showsValues = arrangement == .grouped && labels.count * groups.count <= 200
      let texts = showsValues ? group.values.map { valueText($0, isWhole: isWhole) } : []
      axes.marks.append(
        BarMark(bars: bars, label: group.label, ink: .palette(index), valueLabels: texts))
    }
    let missing = groups.reduce(0) { $0 + $1.values.count } - finite.count
    if missing > 0 { axes.note = AxisText.notFinite(missing, "value") }
    return Figure(axes, options, size: PictureSize(width: 8, height: 4))
  }

  private static func valueText(_ value: Double, isWhole: Bool) -> String {
    isWhole && value.isFinite ? AxisText.grouped(Int(value)) : AxisText.short(value)
  }
}
