import CapLanguage
import Essentials
import Plotting
import Tensors

/// Pictures of values.
enum PictureFunctions {
  static let all: [FunctionDeclaration] = [plot, subplots]

  private static let plot = FunctionDeclaration(
    "plot", topic: "pictures", "Draws a value as a picture that suits it",
    takes: ArgumentList(
      Argument(
        "x", .any,
        "Audio (waveform), a list of audio (overlaid), a spectrogram, a history, scores of windows, a tensor or list of numbers, what confusion_matrix, roc or precision_recall give, or a list of the latter"
      ),
      ChartFunctions.labels,
      Argument("over", .any, default: .nothing, "For scores: the sound they were given to, drawn below them"),
      Argument("threshold", .optional(.number), default: .nothing, "For scores: marks calls above it"),
      Argument(
        "scale", .choice([("db", true), ("linear", false)]), default: "db",
        "For spectrograms: how values become colours"),
      Argument(
        "top_db", .number(.positive), default: 80, unit: "dB", "For spectrograms: how far below the loudest"),
      Argument(
        "frequency", .optional(.choice([("linear", FrequencyScale.linear), ("log", .log), ("mel", .mel)])),
        default: .nothing,
        "For spectrograms: the frequency axis; none takes \"mel\" for mel spectrograms, else \"linear\""),
      Argument(
        "colors", .choice(Colormap.self), also: ["cmap"], default: "viridis",
        "For spectrograms and matrices: the colour map"),
      Argument(
        "clim", .optional(.limits(.number)), default: .nothing,
        "[first, last] of the colours, in the colour bar's unit; none takes top_db or the data's"),
      PictureArguments.axes),
    gives: FigureObject.self, returns: "the figure, after writing and showing it",
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
  ) { context, x, labels, over, threshold, scale, topDb, frequency, colors, clim, picture in
    let plotted = PlottedValues(
      labels: labels, over: over.value, threshold: threshold, isDecibels: scale, range: topDb,
      frequencyScale: frequency, colormap: colors, limits: clim, options: picture.options)
    let isScores = !over.value.isNothing || threshold != nil
    let figure = try isScores ? plotted.detections(x.value) : plotted.figure(x.value)
    return try picture.present(figure, context)
  }

  private static let subplots = FunctionDeclaration(
    "subplots", topic: "pictures", "Puts several pictures into one",
    takes: ArgumentList(
      Argument("figures", .list, "Figures made with save=false, or values that plot draws"),
      Argument("columns", .integer(.between(1, 20)), default: 1, "How many stand beside one another"),
      Argument("shared_x", .bool, default: false, "Whether a column shares one horizontal axis"),
      Argument("shared_y", .bool, default: false, "Whether a row shares one vertical axis"),
      PictureArguments.title,
      PictureArguments.page),
    gives: FigureObject.self, returns: "the figure, after writing and showing it",
    errors: ["value: no figures, or more than 400"] + PictureArguments.errors,
    examples: [
      FunctionDeclaration.Example(
        inFolder: "subplots([wave, abs(stft(wave, 20ms, 2ms))], save=\"both.png\")", output: "")
    ],
    seeAlso: ["plot"]
  ) { context, figures, columns, sharedX, sharedY, title, page in
    let picture = page.titled(title)
    let figures = try figures.map { try PlottedValues().figure($0) }
    let figure = try Figure.subplots(
      figures, columns: columns, sharedX: sharedX,
      sharedY: sharedY, options: picture.options)
    return try picture.present(figure, context)
  }
}
