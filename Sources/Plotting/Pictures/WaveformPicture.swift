import Essentials

extension Figure {
  /// Signals over time, in seconds; several are laid over one another, with a legend.
  ///
  /// Every column of pixels shows the least and the greatest of its samples, so no peak is lost.
  /// - Throws: a `value` failure for a sample rate that is not positive.
  public static func waveform(_ signals: [Signal], options: PictureOptions = PictureOptions()) throws
    -> Figure
  {
    var axes = Axes()
    axes.x.label = "time"
    axes.x.unit = .seconds
    axes.x.padding = 0
    axes.y.label = "amplitude"
    for signal in signals {
      guard signal.sampleRate.isFinite, signal.sampleRate > 0, signal.start.isFinite else {
        throw Failure(.value, "a waveform needs a positive sample rate, not \(signal.sampleRate)")
      }
    }
    // The last drawn would hide the first: the quieter come later, and let the louder shine through.
    let isOverlay = signals.count > 1
    let marks = try signals.enumerated().map { index, signal in
      try WaveformMark(signal, ink: .palette(index), alpha: isOverlay ? 0.8 : 1)
    }
    axes.marks = marks.sorted { $0.size > $1.size }
    axes.legendOrder = marks.flatMap(\.legendEntries)
    let samples = signals.reduce(0) { $0 + $1.samples.count }
    if let extent = axes.yExtent {
      // Sound swings about zero; so does the axis, unless nothing goes below.
      let size = max(abs(extent.lowerBound), abs(extent.upperBound))
      let low = extent.lowerBound >= 0 ? 0 : -size * 1.05
      axes.y.range = size > 0 ? low...(size * 1.05) : -1...1
      if size == 0 { axes.note = "silence: every sample is 0" }
    } else {
      axes.y.range = -1...1
      axes.note = samples == 0 ? "no samples" : "no sample is a finite number"
      axes.hasNothingToShow = true
    }
    return Figure(axes, options, size: PictureSize(width: 10, height: 3.6))
  }
}
