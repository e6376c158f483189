import Essentials

extension Figure {
  /// Lines through points.
  /// - Throws: a `shape` failure if a series has not as many x as y.
  public static func lines(_ series: [Series], options: PictureOptions = PictureOptions()) throws -> Figure {
    var axes = Axes()
    for (index, one) in series.enumerated() {
      try one.check()
      axes.marks.append(
        LineMark(
          x: one.x, y: one.y, label: one.label, ink: .palette(index), showsDots: one.x.count <= 30))
    }
    axes.x.padding = 0.02
    axes.useWholeNumbers(series)
    axes.noteMissing(series)
    return Figure(axes, options, size: PictureSize(width: 8, height: 4))
  }

  /// Clouds of points.
  /// - Throws: a `shape` failure if a series has not as many x as y.
  public static func scatter(_ series: [Series], options: PictureOptions = PictureOptions()) throws -> Figure
  {
    var axes = Axes()
    for (index, one) in series.enumerated() {
      try one.check()
      axes.marks.append(ScatterMark(x: one.x, y: one.y, label: one.label, ink: .palette(index)))
    }
    axes.noteMissing(series)
    return Figure(axes, options, size: PictureSize(width: 6.4, height: 4.8))
  }
}

extension Series {
  func check() throws {
    guard x.count == y.count else {
      throw Failure(.shape, "\(x.count) x and \(y.count) y do not make points; as many of either are needed")
    }
  }
}

extension Axes {
  /// Positions that are all whole (indices, epochs) get whole ticks.
  fileprivate mutating func useWholeNumbers(_ series: [Series]) {
    let all = series.lazy.flatMap(\.x)
    if all.allSatisfy({ $0.isFinite && $0 == $0.rounded() && abs($0) < 1e15 }) { x.unit = .count }
  }

  /// Says that there is nothing to see, or how much is left out.
  fileprivate mutating func noteMissing(_ series: [Series]) {
    let total = series.reduce(0) { $0 + $1.x.count }
    let whole = series.reduce(0) { count, one in
      count + zip(one.x, one.y).reduce(0) { $0 + ($1.0.isFinite && $1.1.isFinite ? 1 : 0) }
    }
    if whole == 0 {
      note = total == 0 ? "no points" : "no point is finite"
      marks = []
    } else if whole < total {
      note = NumberText.notFinite(total - whole, of: total, "point")
    }
  }
}
