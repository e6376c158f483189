import CapLanguage
import Essentials
import Plotting
import Tensors

/// Pictures of values.
enum PictureFunctions {
  static let all: [FunctionDeclaration] = [plot, histogram, bars, lines, scatter, subplots]

  private static let labelsParameter = Parameter(
    "labels", .list(.string), default: [], "Names for the legend, in the order of what is drawn")

  private static let plot = FunctionDeclaration(
    "plot", topic: "pictures", "Draws a value as a picture that suits it",
    parameters: [
      Parameter(
        "x", .any,
        "Audio (waveform), a list of audio (overlaid), a spectrogram, a history, scores of windows, a tensor or list of numbers, what roc or precision_recall give"
      ),
      labelsParameter,
      Parameter(
        "over", .any, default: .nothing, "For scores: the sound they were given to, drawn below them"),
      Parameter("threshold", .optional(.number), default: .nothing, "For scores: marks calls above it"),
      Parameter(
        "scale", .choice(["db", "linear"]), default: "db", "For spectrograms: how values become colours"),
      Parameter(
        "top_db", .number(.positive), default: 80, unit: "dB", "For spectrograms: how far below the loudest"),
      Parameter(
        "frequency", .choice(["linear", "log", "mel"]), default: "linear",
        "For spectrograms: the frequency axis"),
      Parameter(
        "colors", .choice(Colormap.allCases.map(\.rawValue)), default: "viridis",
        "For spectrograms: the colour map"),
    ] + PictureArguments.parameters,
    returns: "the figure, after writing and showing it",
    errors: ["type: a value of which there is no picture"] + PictureArguments.errors,
    examples: [
      FunctionDeclaration.Example(
        inFolder: "plot(load(\"a.wav\"), title=\"A call\", save=\"call.png\")", output: ""),
      FunctionDeclaration.Example(
        inFolder:
          "plot([[1, 2, 3], [1, 4, 9]], labels=[\"before\", \"after\"])\nplot(scores, over=recording, threshold=0.99)",
        output: ""),
    ], seeAlso: ["histogram", "bars", "lines", "scatter", "subplots"]
  ) { arguments, context in
    let plotted = PlottedValues(
      labels: try arguments.strings("labels"), over: arguments["over"],
      threshold: try arguments.optionalNumber("threshold"), isDecibels: try arguments.string("scale") == "db",
      range: try arguments.number("top_db"), frequencyScale: try frequencyScale(arguments),
      colormap: Colormap(rawValue: try arguments.string("colors")) ?? .viridis,
      options: try PictureArguments.options(arguments))
    let isScores = !arguments.isNothing("over") || !arguments.isNothing("threshold")
    let figure = try isScores ? plotted.detections(arguments["x"]) : plotted.figure(arguments["x"])
    return try PictureArguments.present(figure, arguments, context)
  }

  private static func frequencyScale(_ arguments: Arguments) throws -> FrequencyScale {
    switch try arguments.string("frequency") {
    case "log": .log
    case "mel": .mel
    default: .linear
    }
  }

  private static func numbers(_ value: Value, _ name: String) throws -> [Double] {
    try Conversions.tensor(value, name: name).elements.map { Double($0) }
  }

  private static let histogram = FunctionDeclaration(
    "histogram", topic: "pictures", "Draws how often values fall into bins",
    parameters: [
      Parameter("x", .any, "Numbers: a tensor or list"),
      Parameter(
        "bins", .optional(.integer(.between(1, 10_000))), default: .nothing,
        "How many bins; none suits the data"),
    ] + PictureArguments.parameters,
    returns: "the figure, after writing and showing it", errors: PictureArguments.errors,
    examples: [
      FunctionDeclaration.Example(inFolder: "histogram(lengths, bins=20, xlabel=\"seconds\")", output: "")
    ],
    source: "numpy.histogram; bins as numpy's \"auto\"", seeAlso: ["plot", "bars"]
  ) { arguments, context in
    let bins: HistogramBins = try arguments.optionalInt("bins").map { .count($0) } ?? .auto
    let figure = try Figure.histogram(
      [(values: try numbers(arguments["x"], "x"), label: nil)], bins: bins,
      options: try PictureArguments.options(arguments))
    return try PictureArguments.present(figure, arguments, context)
  }

  private static let bars = FunctionDeclaration(
    "bars", topic: "pictures", "Draws a bar for each name",
    parameters: [
      Parameter("names", .list(.any), "What stands under the bars"),
      Parameter("values", .any, "Their heights: a list or tensor, or a list of those for groups of bars"),
      labelsParameter,
    ] + PictureArguments.parameters,
    returns: "the figure, after writing and showing it",
    errors: ["shape: as many heights as names are wanted"] + PictureArguments.errors,
    examples: [
      FunctionDeclaration.Example(inFolder: "bars([\"a\", \"b\"], [3, 5], ylabel=\"calls\")", output: "")
    ],
    seeAlso: ["histogram"]
  ) { arguments, context in
    let names = try arguments.list("names").map { $0.asString ?? $0.description }
    let labels = try arguments.strings("labels")
    let tensor = try Conversions.tensor(arguments["values"], name: "values")
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
      labels: names, groups: groups, options: try PictureArguments.options(arguments))
    return try PictureArguments.present(figure, arguments, context)
  }

  private static let pointParameters = [
    Parameter("x", .any, "Positions along the horizontal axis: a list or tensor"),
    Parameter("y", .any, default: .nothing, "Heights, as many; none takes `x` as the heights, at 0, 1, 2, …"),
    Parameter("label", .optional(.string), default: .nothing, "The name in the legend"),
  ]

  private static func series(_ arguments: Arguments) throws -> Series {
    let label = try arguments.optionalString("label")
    let x = try numbers(arguments["x"], "x")
    if arguments.isNothing("y") { return Series(y: x, label: label) }
    let y = try numbers(arguments["y"], "y")
    guard x.count == y.count else {
      throw Failure(.shape, "\(x.count) positions, but \(y.count) heights", parameter: "y")
    }
    return Series(x: x, y: y, label: label)
  }

  private static let lines = FunctionDeclaration(
    "lines", topic: "pictures", "Draws a line through points",
    parameters: pointParameters + PictureArguments.parameters,
    returns: "the figure, after writing and showing it",
    errors: ["shape: as many heights as positions are wanted"] + PictureArguments.errors,
    examples: [FunctionDeclaration.Example(inFolder: "lines([0, 1, 2], [0, 1, 4])", output: "")],
    seeAlso: ["scatter", "plot"]
  ) { arguments, context in
    let figure = try Figure.lines([try series(arguments)], options: try PictureArguments.options(arguments))
    return try PictureArguments.present(figure, arguments, context)
  }

  private static let scatter = FunctionDeclaration(
    "scatter", topic: "pictures", "Draws a dot for each pair of numbers",
    parameters: pointParameters + PictureArguments.parameters,
    returns: "the figure, after writing and showing it",
    errors: ["shape: as many heights as positions are wanted"] + PictureArguments.errors,
    examples: [FunctionDeclaration.Example(inFolder: "scatter([1, 2, 3], [2, 1, 3])", output: "")],
    seeAlso: ["lines"]
  ) { arguments, context in
    let figure = try Figure.scatter([try series(arguments)], options: try PictureArguments.options(arguments))
    return try PictureArguments.present(figure, arguments, context)
  }

  private static let subplots = FunctionDeclaration(
    "subplots", topic: "pictures", "Puts several pictures into one",
    parameters: [
      Parameter("figures", .list(.any), "Figures made with save=false, or values that plot draws"),
      Parameter("columns", .integer(.between(1, 20)), default: 1, "How many stand beside one another"),
      Parameter("shared_x", .bool, default: false, "Whether a column shares one horizontal axis"),
    ] + PictureArguments.parameters,
    returns: "the figure, after writing and showing it",
    errors: ["value: no figures, or more than 400"] + PictureArguments.errors,
    examples: [
      FunctionDeclaration.Example(
        inFolder: "subplots([wave, abs(stft(wave, 20ms, 2ms))], save=\"both.png\")", output: "")
    ],
    seeAlso: ["plot"]
  ) { arguments, context in
    let figures = try arguments.list("figures").map { try PlottedValues().figure($0) }
    let figure = try Figure.subplots(
      figures, columns: try arguments.int("columns"), sharedX: try arguments.bool("shared_x"),
      options: try PictureArguments.options(arguments))
    return try PictureArguments.present(figure, arguments, context)
  }
}
