import CapLanguage
import Essentials
import Plotting
import Tensors

/// Pictures of values.
enum PictureFunctions {
  static let all: [FunctionDeclaration] = [plot, subplots]

  private static let plot = FunctionDeclaration(
    "plot", topic: "pictures", "Draws a value as a picture that suits it",
    parameters: [
      Parameter(
        "x", .any,
        "Audio (waveform), a list of audio (overlaid), a spectrogram, a history, scores of windows, a tensor or list of numbers, what confusion_matrix, roc or precision_recall give, or a list of the latter"
      ),
      ChartFunctions.labelsParameter,
      Parameter(
        "over", .any, default: .nothing, "For scores: the sound they were given to, drawn below them"),
      Parameter("threshold", .optional(.number), default: .nothing, "For scores: marks calls above it"),
      Parameter(
        "scale", .choice(["db", "linear"]), default: "db", "For spectrograms: how values become colours"),
      Parameter(
        "top_db", .number(.positive), default: 80, unit: "dB", "For spectrograms: how far below the loudest"),
      Parameter(
        "frequency", .optional(.choice(["linear", "log", "mel"])), default: .nothing,
        "For spectrograms: the frequency axis; none takes \"mel\" for mel spectrograms, else \"linear\""),
      Parameter(
        "colors", .choice(Colormap.allCases.map(\.rawValue)), default: "viridis",
        "For spectrograms and matrices: the colour map"),
      Parameter(
        "clim", .optional(.list(.number)), default: .nothing,
        "[first, last] of the colours, in the colour bar's unit; none takes top_db or the data's"),
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
      FunctionDeclaration.Example(
        inFolder:
          "plot(abs(stft(wave, 20ms, 5ms)), frequency=\"mel\", annotations=[axvline(1.2s, \"onset\")])\n"
          + "plot(confusion_matrix([0, 1, 1], [0, 0, 1]), labels=[\"other\", \"call\"])", output: ""),
    ], seeAlso: ["histogram", "bars", "lines", "scatter", "subplots", "axvline"]
  ) { arguments, context in
    let plotted = PlottedValues(
      labels: try arguments.strings("labels"), over: arguments["over"],
      threshold: try arguments.optionalNumber("threshold"), isDecibels: try arguments.string("scale") == "db",
      range: try arguments.number("top_db"), frequencyScale: try frequencyScale(arguments),
      colormap: Colormap(rawValue: try arguments.string("colors")) ?? .viridis,
      limits: try PictureArguments.limits("clim", arguments),
      options: try PictureArguments.options(arguments))
    let isScores = !arguments.isNothing("over") || !arguments.isNothing("threshold")
    let figure = try isScores ? plotted.detections(arguments["x"]) : plotted.figure(arguments["x"])
    return try PictureArguments.present(figure, arguments, context)
  }

  private static func frequencyScale(_ arguments: Arguments) throws -> FrequencyScale? {
    switch try arguments.optionalString("frequency") {
    case "log": .log
    case "mel": .mel
    case "linear": .linear
    default: nil
    }
  }

  private static let subplots = FunctionDeclaration(
    "subplots", topic: "pictures", "Puts several pictures into one",
    parameters: [
      Parameter("figures", .list(.any), "Figures made with save=false, or values that plot draws"),
      Parameter("columns", .integer(.between(1, 20)), default: 1, "How many stand beside one another"),
      Parameter("shared_x", .bool, default: false, "Whether a column shares one horizontal axis"),
      Parameter("shared_y", .bool, default: false, "Whether a row shares one vertical axis"),
      PictureArguments.title,
    ] + PictureArguments.pageParameters,
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
      sharedY: try arguments.bool("shared_y"), options: try PictureArguments.pageOptions(arguments))
    return try PictureArguments.present(figure, arguments, context)
  }
}
