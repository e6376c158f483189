import CapLanguage
import Essentials
import Plotting
import Tensors

/// Pictures of plain numbers: histograms, bars, lines and dots.
enum ChartFunctions {
  static let all: [FunctionDeclaration] = [histogram, bars, lines, scatter]

  static let labels = Argument(
    "labels", .list(.string), default: [], "Names for the legend, in the order of what is drawn")

  /// Numbers in a row. A list keeps what a tensor would round.
  static func numbers(_ value: Value, _ name: String) throws -> [Double] {
    if case .list(let items) = value {
      let numbers = items.compactMap(\.asNumber)
      if numbers.count == items.count { return numbers }
    }
    return try Conversions.tensor(value, name: name).elements.map { Double($0) }
  }

  /// Several rows of numbers where `value` holds those (a list of lists, a tensor of two axes), else nil.
  private static func rows(_ value: Value, _ name: String) throws -> [[Double]]? {
    switch value {
    case .list(let items):
      guard items.contains(where: { $0.asNumber == nil && $0.asBool == nil }) else { return nil }
      return try items.map { try numbers($0, name) }
    case .object(let object as TensorObject) where object.tensor.rank == 2:
      let width = object.tensor.shape[1]
      return (0..<object.tensor.shape[0]).map { row in
        object.tensor.elements[row * width..<(row + 1) * width].map { Double($0) }
      }
    default: return nil
    }
  }

  private static let histogram = FunctionDeclaration(
    "histogram", topic: "pictures", "Draws how often values fall into bins",
    takes: ArgumentList(
      Argument("x", .any, "Numbers: a tensor or list, or a list of those, drawn over one another"),
      labels,
      Argument(
        "bins", .optional(.integer(.between(1, 10_000))), default: .nothing,
        "How many bins; none suits the data"),
      PictureArguments.axes),
    gives: FigureObject.self, returns: "the figure, after writing and showing it",
    errors: PictureArguments.errors,
    examples: [
      FunctionDeclaration.Example(inFolder: "histogram(lengths, bins=20, xlabel=\"seconds\")", output: "")
    ],
    source: "numpy.histogram; bins as numpy's \"auto\"", seeAlso: ["plot", "bars"]
  ) { context, x, labels, bins, picture in
    let bins: HistogramBins = bins.map { .count($0) } ?? .auto
    // A list of lists holds sets; the axes of a tensor say nothing about what its numbers are.
    let isList = if case .list = x.value { true } else { false }
    let sets = try (isList ? rows(x.value, "x") : nil) ?? [numbers(x.value, "x")]
    let figure = try Figure.histogram(
      sets.enumerated().map { (values: $1, label: labels.indices.contains($0) ? labels[$0] : nil) },
      bins: bins, options: picture.options)
    return try picture.present(figure, context)
  }

  private static let bars = FunctionDeclaration(
    "bars", topic: "pictures", "Draws a bar for each name",
    takes: ArgumentList(
      Argument("names", .list, "What stands under the bars"),
      Argument("values", .any, "Their heights: a list or tensor, or a list of those for groups of bars"),
      labels,
      Argument(
        "stacked", .bool, default: false, "Whether the bars of a group stand on one another, not side by side"
      ),
      PictureArguments.axes),
    gives: FigureObject.self, returns: "the figure, after writing and showing it",
    errors: ["shape: as many heights as names are wanted"] + PictureArguments.errors,
    examples: [
      FunctionDeclaration.Example(inFolder: "bars([\"a\", \"b\"], [3, 5], ylabel=\"calls\")", output: "")
    ],
    seeAlso: ["histogram"]
  ) { context, names, values, labels, stacked, picture in
    let names = names.map { $0.asString ?? $0.description }
    let tensor = try values.tensor()
    let rows = tensor.rank == 2 ? tensor.shape[0] : 1
    let size = rows == 0 ? 0 : tensor.count / rows
    guard tensor.rank <= 2, size == names.count else {
      throw Failure(
        .shape, "\(names.count) names, but values of shape \(tensor.shape.shapeDescription)",
        parameter: "values")
    }
    let groups = (0..<rows).map { row in
      BarGroup(
        values: tensor.elements[row * size..<(row + 1) * size].map { Double($0) },
        label: labels.indices.contains(row) ? labels[row] : nil)
    }
    let figure = try Figure.bars(
      labels: names, groups: groups, arrangement: stacked ? .stacked : .grouped,
      options: picture.options)
    return try picture.present(figure, context)
  }

  /// Lines or clouds of dots, and how the axes are spaced.
  private struct Points {
    let series: [Series]
    let xScale: NumberScale
    let yScale: NumberScale
  }

  private static let points = Argument<Points>.group(
    Argument(
      "x", .any,
      "Positions along the horizontal axis: a list or tensor, or a list of those, as many as there are heights"
    ),
    Argument(
      "y", .any, default: .nothing,
      "Heights, as many, or a list of those for several; none takes `x` as the heights, at 0, 1, 2, …"),
    Argument("label", .optional(.string), default: .nothing, "The name in the legend"), labels,
    Argument("xscale", .choice(NumberScale.self), default: "linear", "How the horizontal axis is spaced"),
    Argument("yscale", .choice(NumberScale.self), default: "linear", "How the vertical axis is spaced")
  ) { x, y, label, labels, xScale, yScale in
    let names = labels.isEmpty ? label.map { [$0] } ?? [] : labels
    return Points(series: try series(x.value, y.value, names), xScale: xScale, yScale: yScale)
  }

  private static func series(_ x: Value, _ y: Value, _ labels: [String]) throws -> [Series] {
    func label(_ index: Int) -> String? { labels.indices.contains(index) ? labels[index] : nil }
    let xRows = try rows(x, "x")
    if y.isNothing {
      return try (xRows ?? [numbers(x, "x")]).enumerated().map { Series(y: $1, label: label($0)) }
    }
    let yRows = try rows(y, "y") ?? [numbers(y, "y")]
    let positions = try xRows ?? [numbers(x, "x")]
    guard positions.count == 1 || positions.count == yRows.count else {
      throw Failure(
        .shape, "\(positions.count) lists of positions, but \(yRows.count) of heights", parameter: "y")
    }
    return try yRows.enumerated().map { index, heights in
      let places = positions.count == 1 ? positions[0] : positions[index]
      guard places.count == heights.count else {
        throw Failure(.shape, "\(places.count) positions, but \(heights.count) heights", parameter: "y")
      }
      return Series(x: places, y: heights, label: label(index))
    }
  }

  private static let lines = FunctionDeclaration(
    "lines", topic: "pictures", "Draws lines through points",
    takes: ArgumentList(
      points,
      PictureArguments.axes),
    gives: FigureObject.self, returns: "the figure, after writing and showing it",
    errors: ["shape: as many heights as positions are wanted"] + PictureArguments.errors,
    examples: [
      FunctionDeclaration.Example(inFolder: "lines([0, 1, 2], [0, 1, 4])", output: ""),
      FunctionDeclaration.Example(
        inFolder: "lines([0, 1, 2], [[1, 2, 4], [1, 3, 9]], labels=[\"square\", \"cube\"], yscale=\"log\")",
        output: ""),
    ],
    seeAlso: ["scatter", "plot"]
  ) { context, points, picture in
    let figure = try Figure.lines(
      points.series, xScale: points.xScale, yScale: points.yScale, options: picture.options)
    return try picture.present(figure, context)
  }

  private static let scatter = FunctionDeclaration(
    "scatter", topic: "pictures", "Draws a dot for each pair of numbers",
    takes: ArgumentList(
      points,
      PictureArguments.axes),
    gives: FigureObject.self, returns: "the figure, after writing and showing it",
    errors: ["shape: as many heights as positions are wanted"] + PictureArguments.errors,
    examples: [FunctionDeclaration.Example(inFolder: "scatter([1, 2, 3], [2, 1, 3])", output: "")],
    seeAlso: ["lines"]
  ) { context, points, picture in
    let figure = try Figure.scatter(
      points.series, xScale: points.xScale, yScale: points.yScale, options: picture.options)
    return try picture.present(figure, context)
  }
}
