import Essentials

extension Figure {
  /// Lines through points, on even or logarithmic axes; what a logarithmic axis has no place for (numbers
  /// of 0 and less) is left out, and the picture says how many.
  /// - Throws: a `shape` failure if a series has not as many x as y.
  public static func lines(
    _ series: [Series], xScale: NumberScale = .linear, yScale: NumberScale = .linear,
    options: PictureOptions = PictureOptions()
  ) throws -> Figure {
    var axes = Axes()
    axes.setScales(xScale, yScale)
    let drawable = series.map { $0.drawable(on: axes) }
    for (index, one) in drawable.enumerated() {
      try one.check()
      axes.marks.append(
        LineMark(
          x: one.x, y: one.y, label: one.label, ink: .palette(index),
          isDashed: Theme.repeats(index), showsDots: one.x.count <= 30))
    }
    axes.x.padding = 0.02
    axes.useWholeNumbers(series)
    axes.noteMissing(drawable)
    return Figure(axes, options, size: PictureSize(width: 8, height: 4))
  }

  /// Clouds of points, on even or logarithmic axes as `lines`.
  /// - Throws: a `shape` failure if a series has not as many x as y.
  public static func scatter(
    _ series: [Series], xScale: NumberScale = .linear, yScale: NumberScale = .linear,
    options: PictureOptions = PictureOptions()
  ) throws -> Figure {
    var axes = Axes()
    axes.setScales(xScale, yScale)
    let drawable = series.map { $0.drawable(on: axes) }
    for (index, one) in drawable.enumerated() {
      try one.check()
      axes.marks.append(ScatterMark(x: one.x, y: one.y, label: one.label, ink: .palette(index)))
    }
    axes.noteMissing(drawable)
    return Figure(axes, options, size: PictureSize(width: 6.4, height: 4.8))
  }
}

extension Series {
  func check() throws {
    guard x.count == y.count else {
      throw Failure(.shape, "\(x.count) x and \(y.count) y do not make points; as many of either are needed")
    }
  }

  /// The series without what a logarithmic axis has no place for.
  fileprivate func drawable(on axes: Axes) -> Series {
    func placed(_ values: [Double], _ axis: Axis) -> [Double] {
      axis.scale == .log ? values.map { $0 > 0 ? $0 : .nan } : values
    }
    return Series(x: placed(x, axes.x), y: placed(y, axes.y), label: label)
  }
}

extension Axes {
  fileprivate mutating func setScales(_ xScale: NumberScale, _ yScale: NumberScale) {
    x.scale = xScale == .log ? .log : .linear
    y.scale = yScale == .log ? .log : .linear
  }

  /// Positions that are all whole (indices, epochs) get whole ticks.
  fileprivate mutating func useWholeNumbers(_ series: [Series]) {
    if x.scale == .log { return }
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
      let isLog = x.scale == .log || y.scale == .log
      note =
        total == 0 ? "no points" : isLog ? "no point is finite and above 0" : "no point is finite"
      marks = []
    } else if whole < total {
      note = AxisText.notFinite(total - whole, of: total, "point")
      if x.scale == .log || y.scale == .log { note? += " or not above 0" }
    }
  }
}
