import Essentials

/// Samples to be drawn over time.
public struct Signal: Sendable {
  /// The samples, one channel.
  public var samples: [Float]
  /// Samples a second.
  public var sampleRate: Double
  /// The name in the legend; nil for none.
  public var label: String?
  /// The time of the first sample, in seconds.
  public var start: Double

  /// A signal that starts at `start` seconds.
  public init(samples: [Float], sampleRate: Double, label: String? = nil, start: Double = 0) {
    self.samples = samples
    self.sampleRate = sampleRate
    self.label = label
    self.start = start
  }
}

/// Magnitudes over time and frequency.
public struct SpectrogramData: Sendable {
  /// The values, frame after frame: `values[frame * bins + bin]`.
  public var values: [Float]
  /// The number of frames.
  public var frames: Int
  /// The number of frequency bins.
  public var bins: Int
  /// Seconds from one frame to the next. Frame `i` is drawn from `start + i * frameStep` on.
  public var frameStep: Double
  /// The left edge of the first frame, in seconds.
  public var start: Double
  /// The frequencies of the bins, in hertz.
  public var frequencies: BinFrequencies
  /// The time in seconds that the frames were made from, where that is longer than they are (the first and
  /// the last stand for half a window more): they are drawn on to its ends. Nil for the frames alone.
  public var reach: ClosedRange<Double>?

  /// `values` holds `frames * bins` numbers.
  public init(
    values: [Float], frames: Int, bins: Int, frameStep: Double, start: Double = 0,
    frequencies: BinFrequencies, reach: ClosedRange<Double>? = nil
  ) {
    self.reach = reach
    self.values = values
    self.frames = frames
    self.bins = bins
    self.frameStep = frameStep
    self.start = start
    self.frequencies = frequencies
  }
}

/// What the bins of a spectrogram stand for.
public enum BinFrequencies: Sendable {
  /// Evenly spaced, from the centre of the first bin to the centre of the last, in hertz.
  case even(ClosedRange<Double>)
  /// The rising centre of every bin, in hertz, as for a mel spectrogram.
  case centres([Double])
  /// Not frequencies but cepstral coefficients 0, 1, 2, …
  case coefficients
}

/// What the numbers of a spectrogram are, and how they become colours.
public enum ValueScale: Sendable, Equatable {
  /// Drawn as they are, from the least to the greatest, named and with their unit beside the colours.
  case linear(name: String = "magnitude", unit: String? = nil)
  /// Magnitudes, drawn as 20 log₁₀(value / greatest), down to `-range` dB.
  case amplitudeDecibels(range: Double = 80)
  /// Powers, drawn as 10 log₁₀(value / greatest), down to `-range` dB.
  case powerDecibels(range: Double = 80)
  /// Decibels already (as `to_db` gives them), drawn as they are, down to `range` dB below the greatest.
  case decibels(range: Double = .infinity)
}

/// How frequencies are spaced on an axis.
public enum FrequencyScale: Sendable, Equatable {
  /// Evenly.
  case linear
  /// By octaves; what lies at or below 0 Hz is left out.
  case log
  /// By the mel scale (Slaney's: linear below 1 kHz, logarithmic above, as librosa).
  case mel
}

/// How numbers are spaced on an axis.
public enum NumberScale: String, Sendable, CaseIterable {
  /// Evenly.
  case linear
  /// By powers of ten.
  case log
}

/// How several cells of an image that fall on one pixel are drawn together.
public enum Reduction: Sendable, Equatable {
  /// By their mean: the picture seen from further away.
  case mean
  /// By their greatest: nothing short is lost.
  case max
}

/// Points of one line or cloud.
public struct Series: Sendable {
  /// Positions along the horizontal axis.
  public var x: [Double]
  /// Positions along the vertical axis, as many.
  public var y: [Double]
  /// The name in the legend; nil for none.
  public var label: String?

  /// Points at (x, y); both of one length. Points that are not finite interrupt the line.
  public init(x: [Double], y: [Double], label: String? = nil) {
    self.x = x
    self.y = y
    self.label = label
  }

  /// Points at (0, y₀), (1, y₁), …
  public init(y: [Double], label: String? = nil) {
    self.init(x: (0..<y.count).map(Double.init), y: y, label: label)
  }
}

/// What training measured, epoch by epoch.
public struct TrainingCurve: Sendable {
  /// The name of the measure: `loss`, `recall`.
  public var name: String
  /// Its value after each epoch, from epoch 1 on.
  public var training: [Double]
  /// Its value on the validation data; empty if there was none.
  public var validation: [Double]

  /// One measure. The one named `loss` gets a panel of its own.
  public init(name: String, training: [Double], validation: [Double] = []) {
    self.name = name
    self.training = training
    self.validation = validation
  }
}

/// A stretch of time to be marked.
public struct MarkedSpan: Sendable {
  /// Its begin, in seconds.
  public var start: Double
  /// Its end, in seconds.
  public var end: Double
  /// What stands beside the box; nil for nothing.
  public var label: String?

  /// A stretch from `start` to `end` seconds.
  public init(start: Double, end: Double, label: String? = nil) {
    self.start = start
    self.end = end
    self.label = label
  }
}

/// Scores of successive windows of a recording.
public struct ScoreTrack: Sendable {
  /// One score a window.
  public var scores: [Double]
  /// Where the windows stand. Those without gap or overlap are drawn as steps, others as a line.
  public var windowing: Windowing

  /// Scores of such windows.
  public init(scores: [Double], windowing: Windowing) {
    self.scores = scores
    self.windowing = windowing
  }
}

/// One group of bars: a value for every category.
public struct BarGroup: Sendable {
  /// The heights, one a category.
  public var values: [Double]
  /// The name in the legend; nil for none.
  public var label: String?

  /// Bars of these heights.
  public init(values: [Double], label: String? = nil) {
    self.values = values
    self.label = label
  }
}

/// How a histogram's bins are chosen.
public enum HistogramBins: Sendable {
  /// The narrower of Sturges's and Freedman and Diaconis's widths, as NumPy's `bins="auto"`.
  case auto
  /// So many bins of one width over the data's range.
  case count(Int)
  /// These rising edges.
  case edges([Double])
}

/// How the bars of one category stand.
public enum BarArrangement: Sendable, Equatable {
  /// Beside one another.
  case grouped
  /// On top of one another.
  case stacked
}
