import Essentials

extension Figure {
  /// Scores over time, with the threshold and the calls; above the recording's spectrogram if there
  /// is one, on one time axis.
  /// - Throws: a `value` failure for a step that is not positive, and what `spectrogram` throws.
  public static func detections(
    _ track: ScoreTrack, threshold: Double? = nil, calls: [MarkedSpan] = [],
    spectrogram: SpectrogramData? = nil,
    scale: ValueScale = .amplitudeDecibels(), frequencyScale: FrequencyScale = .linear,
    colormap: Colormap = .viridis, limits: ClosedRange<Double>? = nil, reduction: Reduction = .mean,
    options: PictureOptions = PictureOptions()
  ) throws -> Figure {
    try track.windowing.check()
    var scores = scoreAxes(track, threshold: threshold, calls: calls)
    guard let spectrogram else {
      return Figure(scores, options, size: PictureSize(width: 10, height: 3.2))
    }
    var lower = try spectrogramAxes(
      spectrogram, scale: scale, frequencyScale: frequencyScale, colormap: colormap, limits: limits,
      reduction: reduction)
    if !lower.marks.isEmpty, !calls.isEmpty {
      lower.marks.append(SpanMark(spans: calls, look: .boxed, label: nil))
    }
    scores.annotate(options.annotations)
    lower.annotate(options.annotations.filter(\.isVertical))
    scores.heightShare = 0.6
    scores.x.range = options.xRange ?? scores.x.range
    lower.x.range = options.xRange
    lower.x.customLabel = options.xLabel
    scores.y.customLabel = options.yLabel
    return Figure(
      title: options.title, size: options.size ?? PictureSize(width: 10, height: 5.5), theme: options.theme,
      content: .grid(PanelGrid(columns: 1, cells: [.axes(scores), .axes(lower)], sharedX: true)))
  }

  private static func scoreAxes(_ track: ScoreTrack, threshold: Double?, calls: [MarkedSpan]) -> Axes {
    var axes = Axes()
    axes.x.label = "time"
    axes.x.unit = .seconds
    axes.x.padding = 0
    axes.y.label = "score"
    axes.y.padding = 0.06
    axes.prefersLegendAbove = true
    if !track.scores.isEmpty {
      axes.x.range = track.windowing.start...track.windowing.end(of: track.scores.count - 1)
    }
    if let extent = AxisExtent.of(track.scores), extent.lowerBound >= 0, extent.upperBound <= 1 {
      axes.y.range = 0...1.05
    }
    if !calls.isEmpty {
      let label = calls.count == 1 ? "1 call" : "\(AxisText.grouped(calls.count)) calls"
      axes.marks.append(SpanMark(spans: calls, look: .shaded, label: label))
    }
    // Windows that follow one another fill time as steps; others are points on a line.
    if track.windowing.touches {
      let edges = (0...track.scores.count).map(track.windowing.start(of:))
      axes.marks.append(
        StepMark(edges: edges, values: track.scores, label: "score", ink: .palette(0), fillAlpha: 0.3))
    } else {
      let centres = track.scores.indices.map { track.windowing.start(of: $0) + track.windowing.length / 2 }
      axes.marks.append(
        LineMark(
          x: centres, y: track.scores, label: "score", ink: .palette(0), showsDots: track.scores.count <= 60))
    }
    if let threshold, threshold.isFinite {
      axes.marks.append(
        ReferenceLine(y: threshold, label: "threshold \(AxisText.short(threshold, digits: 4))"))
    }
    if AxisExtent.of(track.scores) == nil {
      axes.note = track.scores.isEmpty ? "no windows" : "no score is a finite number"
      axes.y.range = axes.y.range ?? 0...1.05
      if track.scores.isEmpty { axes.marks = [] }
    }
    return axes
  }
}
