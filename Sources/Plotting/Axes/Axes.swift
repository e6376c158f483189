/// A panel: two axes and what is drawn between them.
struct Axes: Sendable {
  var title: String?
  var x = Axis()
  var y = Axis()
  var marks: [any Mark] = []
  var colorBar: ColorBar?
  /// Whether the legend stands above the plot area even where a corner is free.
  var prefersLegendAbove = false
  /// Whether lines at the ticks stand behind the marks.
  var showsGrid = true
  /// Whether a frame stands around the plot area, instead of an axis on the left and one below.
  var isFramed = false
  /// Whether one step on either axis takes the same room.
  var isSquare = false
  /// The part of the height that this panel takes in its column, beside its neighbours'.
  var heightShare = 1.0
  /// A sentence in place of marks, or beside them.
  var note: String?
  /// Whether the note is all that there is to be read.
  var hasNothingToShow = false

  /// The horizontal range of the marks, as far as it is finite.
  var xExtent: ClosedRange<Double>? { AxisExtent.union(marks.map(\.xExtent)) }
  var yExtent: ClosedRange<Double>? { AxisExtent.union(marks.map(\.yExtent)) }

  /// The legend's entries where they do not stand in the order of drawing.
  var legendOrder: [LegendEntry]?

  var legendEntries: [LegendEntry] { legendOrder ?? marks.flatMap(\.legendEntries) }

  mutating func apply(_ options: PictureOptions) {
    if let label = options.xLabel { x.customLabel = label }
    if let label = options.yLabel { y.customLabel = label }
    if let range = options.xRange { x.range = range }
    if let range = options.yRange { y.range = range }
    annotate(options.annotations)
  }

  mutating func annotate(_ annotations: [Annotation]) {
    guard !annotations.isEmpty else { return }
    marks.append(AnnotationMark(annotations, over: marks))
  }
}

/// Ranges of data.
enum AxisExtent {
  static func union(_ ranges: [ClosedRange<Double>?]) -> ClosedRange<Double>? {
    var result: ClosedRange<Double>?
    for case let range? in ranges {
      result = result.map {
        min($0.lowerBound, range.lowerBound)...max($0.upperBound, range.upperBound)
      }
      result = result ?? range
    }
    return result
  }

  /// The range of the finite values.
  static func of(_ values: [Double]) -> ClosedRange<Double>? {
    var low = Double.infinity
    var high = -Double.infinity
    for value in values where value.isFinite {
      if value < low { low = value }
      if value > high { high = value }
    }
    return low <= high ? low...high : nil
  }
}

/// The scale of an image's colours.
struct ColorBar: Sendable {
  var colors: [UInt32]
  var range: ClosedRange<Double>
  var label: String?
  var unit = AxisUnit.number()
}
