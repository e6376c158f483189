import Essentials

extension Figure {
  /// A confusion matrix with its numbers: `counts[true * labels.count + predicted]`. A cell's colour
  /// is its share of its row: of all examples that truly are of that class.
  /// - Throws: a `shape` failure if `counts` is not the labels' square.
  public static func confusionMatrix(
    counts: [Int], labels: [String], options: PictureOptions = PictureOptions()
  ) throws -> Figure {
    let size = labels.count
    guard size.multipliedReportingOverflow(by: size) == (counts.count, false) else {
      throw Failure(.shape, "\(counts.count) counts do not make a matrix over \(size) labels")
    }
    var axes = Axes()
    axes.isFramed = true
    axes.showsGrid = false
    axes.isSquare = true
    axes.x.ticks = .categories(labels)
    axes.y.ticks = .categories(labels)
    axes.x.label = "predicted"
    axes.y.label = "true"
    axes.y.isReversed = true
    let ends = -0.5...(Double(max(size, 1)) - 0.5)
    axes.x.range = ends
    axes.y.range = ends
    guard size > 0 else {
      axes.note = "no classes"
      return Figure(axes, options, size: PictureSize(width: 5, height: 4.4))
    }
    let sums = (0..<size).map { row in
      counts[row * size..<(row + 1) * size].reduce(0.0) { $0 + Double($1) }
    }
    let shares = counts.enumerated().map { index, count in
      sums[index / size] > 0 ? Double(count) / sums[index / size] : 0
    }
    let texts = counts.enumerated().map { index, count in
      [AxisText.grouped(count), sums[index / size] > 0 ? percent(shares[index]) : "–"]
    }
    axes.marks = [MatrixMark(size: size, shares: shares.map { max(0, min(1, $0)) }, texts: texts)]
    let side = max(4.4, min(12, 1.6 + Double(size) * 0.7))
    return Figure(axes, options, size: PictureSize(width: side + 0.4, height: side))
  }

  private static func percent(_ share: Double) -> String {
    let tenths = (share * 1000).rounded() / 10
    return "\(AxisText.fixed(tenths, decimals: tenths == tenths.rounded() ? 0 : 1)) %"
  }

  /// ROC curves (x: false-positive rate, y: true-positive rate), each with its area in the legend.
  /// - Throws: a `shape` failure if a curve has not as many x as y.
  public static func rocCurve(_ curves: [Series], options: PictureOptions = PictureOptions()) throws -> Figure
  {
    var axes = unitAxes(x: "false-positive rate", y: "true-positive rate")
    axes.marks.append(
      LineMark(x: [0, 1], y: [0, 1], label: "chance", ink: .faint, isDashed: true, decidesRange: false))
    for (index, curve) in curves.enumerated() {
      try curve.check()
      let area = AxisText.fixed(trapezoidArea(curve), decimals: 3)
      let name = curve.label.map { "\($0), area \(area)" } ?? "area \(area)"
      axes.marks.append(
        LineMark(
          x: curve.x, y: curve.y, label: name, ink: .palette(index), isDashed: Theme.repeats(index),
          width: 1.4))
    }
    axes.noteEmptyCurves(curves)
    return Figure(axes, options, size: PictureSize(width: 5.4, height: 5))
  }

  /// Precision over recall (x: recall, y: precision), each curve with its average precision in the legend.
  /// - Throws: a `shape` failure if a curve has not as many x as y.
  public static func precisionRecallCurve(
    _ curves: [Series], options: PictureOptions = PictureOptions()
  ) throws -> Figure {
    var axes = unitAxes(x: "recall", y: "precision")
    for (index, curve) in curves.enumerated() {
      try curve.check()
      let area = AxisText.fixed(averagePrecision(curve), decimals: 3)
      let name = curve.label.map { "\($0), AP \(area)" } ?? "average precision \(area)"
      axes.marks.append(
        LineMark(
          x: curve.x, y: curve.y, label: name, ink: .palette(index), isDashed: Theme.repeats(index),
          width: 1.4))
    }
    axes.noteEmptyCurves(curves)
    return Figure(axes, options, size: PictureSize(width: 5.4, height: 5))
  }

  private static func unitAxes(x: String, y: String) -> Axes {
    var axes = Axes()
    axes.x.label = x
    axes.y.label = y
    axes.x.range = 0...1
    // A curve along an end of the axis is still seen in full.
    axes.x.range = -0.01...1.01
    axes.y.range = -0.01...1.02
    axes.isSquare = true
    return axes
  }

  /// The area under a curve by the trapezoid rule, in the order of its points; a curve that runs from
  /// right to left has the same area.
  private static func trapezoidArea(_ curve: Series) -> Double {
    guard curve.x.count > 1 else { return .nan }
    var area = 0.0
    for index in 1..<curve.x.count {
      area += (curve.x[index] - curve.x[index - 1]) * (curve.y[index] + curve.y[index - 1]) / 2
    }
    return abs(area)
  }

  /// Σ (Rₙ − Rₙ₋₁) Pₙ over rising recall, as scikit-learn's `average_precision_score`.
  private static func averagePrecision(_ curve: Series) -> Double {
    guard !curve.x.isEmpty else { return .nan }
    let order = curve.x.first ?? 0 <= curve.x.last ?? 0 ? Array(curve.x.indices) : curve.x.indices.reversed()
    var sum = 0.0
    var before = 0.0
    for index in order {
      sum += (curve.x[index] - before) * curve.y[index]
      before = curve.x[index]
    }
    return sum
  }
}

extension Axes {
  fileprivate mutating func noteEmptyCurves(_ curves: [Series]) {
    let hasPoints = curves.contains { curve in
      zip(curve.x, curve.y).contains { $0.isFinite && $1.isFinite }
    }
    if !hasPoints {
      note = "no points"
      marks = []
    }
  }
}
