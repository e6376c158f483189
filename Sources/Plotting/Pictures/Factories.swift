import Essentials

extension Figure {
  /// Signals over time, in seconds; several are laid over one another, with a legend.
  ///
  /// Every column of pixels shows the least and the greatest of its samples, so no peak is lost.
  public static func waveform(_ signals: [Signal], options: PictureOptions = PictureOptions()) throws
    -> Figure
  {
    throw Failure(.state, "not drawn yet")
  }

  /// A spectrogram over seconds and hertz, with a colour bar.
  /// - Throws: a `shape` failure if `values` does not hold `frames * bins` numbers, a `value` failure
  ///   for frequencies that do not rise.
  public static func spectrogram(
    _ data: SpectrogramData, scale: ValueScale = .amplitudeDecibels(),
    frequencyScale: FrequencyScale = .linear,
    colormap: Colormap = .viridis, reduction: Reduction = .mean, options: PictureOptions = PictureOptions()
  ) throws -> Figure {
    throw Failure(.state, "not drawn yet")
  }

  /// A matrix as coloured cells, row 0 at the top, with a colour bar. `values[row * columns + column]`.
  public static func image(
    values: [Float], rows: Int, columns: Int, scale: ValueScale = .linear(), colormap: Colormap = .viridis,
    reduction: Reduction = .mean, options: PictureOptions = PictureOptions()
  ) throws -> Figure {
    throw Failure(.state, "not drawn yet")
  }

  /// Lines through points.
  public static func lines(_ series: [Series], options: PictureOptions = PictureOptions()) throws -> Figure {
    throw Failure(.state, "not drawn yet")
  }

  /// Clouds of points.
  public static func scatter(_ series: [Series], options: PictureOptions = PictureOptions()) throws -> Figure
  {
    throw Failure(.state, "not drawn yet")
  }

  /// Bars, one a category, with their values above where there is room.
  public static func bars(
    labels: [String], groups: [BarGroup], arrangement: BarArrangement = .grouped,
    options: PictureOptions = PictureOptions()
  ) throws -> Figure {
    throw Failure(.state, "not drawn yet")
  }

  /// How often values fall into bins. Several sets share their bins. `unit` (such as `s`) goes to the label.
  public static func histogram(
    _ sets: [(values: [Double], label: String?)], bins: HistogramBins = .auto,
    options: PictureOptions = PictureOptions()
  ) throws -> Figure {
    throw Failure(.state, "not drawn yet")
  }

  /// Training history: loss in one panel, the other measures in the next; training solid, validation dashed.
  public static func history(_ curves: [TrainingCurve], options: PictureOptions = PictureOptions()) throws
    -> Figure
  {
    throw Failure(.state, "not drawn yet")
  }

  /// Scores over time, with the threshold and the calls; above the recording's spectrogram if there
  /// is one, on one time axis.
  public static func detections(
    _ track: ScoreTrack, threshold: Double? = nil, calls: [MarkedSpan] = [],
    spectrogram: SpectrogramData? = nil,
    scale: ValueScale = .amplitudeDecibels(), frequencyScale: FrequencyScale = .linear,
    colormap: Colormap = .viridis, reduction: Reduction = .mean, options: PictureOptions = PictureOptions()
  ) throws -> Figure {
    throw Failure(.state, "not drawn yet")
  }

  /// A confusion matrix with its numbers: `counts[true * labels.count + predicted]`.
  public static func confusionMatrix(
    counts: [Int], labels: [String], options: PictureOptions = PictureOptions()
  ) throws -> Figure {
    throw Failure(.state, "not drawn yet")
  }

  /// ROC curves (x: false-positive rate, y: true-positive rate), each with its area in the legend.
  public static func rocCurve(_ curves: [Series], options: PictureOptions = PictureOptions()) throws -> Figure
  {
    throw Failure(.state, "not drawn yet")
  }

  /// Precision over recall (x: recall, y: precision), each curve with its average precision in the legend.
  public static func precisionRecallCurve(
    _ curves: [Series], options: PictureOptions = PictureOptions()
  ) throws -> Figure {
    throw Failure(.state, "not drawn yet")
  }

  /// Figures in a grid, row after row. `sharedX` gives all panels of a column one horizontal axis.
  public static func subplots(
    _ figures: [Figure], columns: Int = 1, sharedX: Bool = false, options: PictureOptions = PictureOptions()
  ) throws -> Figure {
    throw Failure(.state, "not drawn yet")
  }
}
