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
    for (index, signal) in signals.enumerated() {
      guard signal.sampleRate.isFinite, signal.sampleRate > 0, signal.start.isFinite else {
        throw Failure(.value, "a waveform needs a positive sample rate, not \(signal.sampleRate)")
      }
      // The last drawn would hide the first: all but the first let it shine through.
      axes.marks.append(
        try WaveformMark(
          signal, ink: .palette(index), alpha: signals.count == 1 ? 1 : index == 0 ? 0.9 : 0.65))
    }
    let samples = signals.reduce(0) { $0 + $1.samples.count }
    if let extent = axes.yExtent {
      // Sound swings about zero; so does the axis.
      let size = max(abs(extent.lowerBound), abs(extent.upperBound))
      axes.y.range = size > 0 ? (-size * 1.05)...(size * 1.05) : -1...1
      if size == 0 { axes.note = "silence: every sample is 0" }
    } else {
      axes.y.range = -1...1
      axes.note = samples == 0 ? "no samples" : "no sample is a finite number"
      if samples == 0 { axes.marks = [] }
    }
    return Figure(axes, options, size: PictureSize(width: 10, height: 3.6))
  }
}
