import Essentials
import Glibc

/// Triangular filters, evenly spaced on the mel scale, that sum a power spectrum into bands: the
/// same numbers as librosa.filters.mel.
public struct MelFilterbank: Sendable, Equatable {
  /// The formula from hertz to mel.
  public enum Scale: String, Sendable, CaseIterable {
    /// Slaney's Auditory Toolbox (1998): linear below 1000 Hz, logarithmic above; librosa's default.
    case slaney
    /// HTK: 2595 log₁₀(1 + f / 700).
    case htk
  }

  /// The number of bands.
  public let count: Int
  /// The lower end of the lowest band, in hertz.
  public let lowest: Double
  /// The upper end of the highest band, in hertz.
  public let highest: Double
  /// The formula behind the spacing.
  public let scale: Scale
  /// Where each band is most sensitive, in hertz.
  public let centers: [Double]
  private let starts: [Int]
  private let weights: [[Float]]

  /// The most bands there can be.
  public static let countLimit = 4096

  /// Filters for the bins of an FFT of `fftLength` points at `rate` hertz. Each triangle has the
  /// area 1 (Slaney's normalisation), as librosa's default. `highest` is half the rate unless given.
  /// - Throws: a `value` failure that names the parameter.
  public init(
    count: Int, rate: Double, fftLength: Int, lowest: Double = 0, highest: Double? = nil,
    scale: Scale = .slaney
  ) throws(Failure) {
    guard (1...Self.countLimit).contains(count) else {
      throw Failure(
        .value, "there are 1 to \(Self.countLimit) mel bands, not \(count)", parameter: "bands")
    }
    let top = highest ?? rate / 2
    guard lowest >= 0, lowest < top else {
      throw Failure(
        .value, "the lowest frequency lies between 0 and the highest (\(NumberText.trimmed(top, 3)) Hz)",
        parameter: "low")
    }
    guard top <= rate / 2 else {
      throw Failure(
        .value,
        "the highest frequency is at most half the sample rate (\(NumberText.trimmed(rate / 2, 3)) Hz)",
        parameter: "high")
    }
    let low = scale.mel(lowest)
    let step = (scale.mel(top) - low) / Double(count + 1)
    let edges = (0..<count + 2).map { scale.hertz(low + step * Double($0)) }
    var starts: [Int] = []
    var weights: [[Float]] = []
    let bins = fftLength / 2 + 1
    for band in 0..<count {
      let (left, center, right) = (edges[band], edges[band + 1], edges[band + 2])
      let area = 2 / (right - left)
      var start = bins
      var values: [Float] = []
      for bin in 0..<bins {
        let frequency = Double(bin) * rate / Double(fftLength)
        let weight = min((frequency - left) / (center - left), (right - frequency) / (right - center))
        if weight > 0 {
          if values.isEmpty { start = bin }
          values.append(Float(weight * area))
        }
      }
      starts.append(min(start, bins - 1))
      weights.append(values)
    }
    self.count = count
    self.lowest = lowest
    self.highest = top
    self.scale = scale
    centers = Array(edges[1...count])
    self.starts = starts
    self.weights = weights
  }

  func apply(_ spectrum: UnsafePointer<Float>, into bands: UnsafeMutablePointer<Float>) {
    for band in 0..<count {
      let start = starts[band]
      var sum: Float = 0
      weights[band].withUnsafeBufferPointer { weights in
        for index in 0..<weights.count { sum += weights[index] * spectrum[start + index] }
      }
      bands[band] = sum
    }
  }
}

extension MelFilterbank.Scale {
  private static let breakFrequency = 1000.0
  private static let hertzPerMel = 200.0 / 3
  private static let logStep = log(6.4) / 27

  func mel(_ hertz: Double) -> Double {
    switch self {
    case .htk: return 2595 * log10(1 + hertz / 700)
    case .slaney:
      if hertz < Self.breakFrequency { return hertz / Self.hertzPerMel }
      return Self.breakFrequency / Self.hertzPerMel + log(hertz / Self.breakFrequency) / Self.logStep
    }
  }

  func hertz(_ mel: Double) -> Double {
    switch self {
    case .htk: return 700 * (pow(10, mel / 2595) - 1)
    case .slaney:
      let breakMel = Self.breakFrequency / Self.hertzPerMel
      if mel < breakMel { return mel * Self.hertzPerMel }
      return Self.breakFrequency * exp(Self.logStep * (mel - breakMel))
    }
  }
}

extension Spectrogram {
  /// Power in mel bands, as librosa.feature.melspectrogram with power 2.
  /// - Throws: a `value` failure for a spectrogram of phases, decibels or mel bands, or bad bands.
  public func mel(
    bands count: Int = 64, lowest: Double = 0, highest: Double? = nil,
    scale: MelFilterbank.Scale = .slaney
  ) throws(Failure) -> Spectrogram {
    guard case .bins(let quantity) = stages.last, quantity != .phase else {
      throw Failure(
        .value, "mel bands are made of a spectrogram of magnitudes or powers",
        hint: "call mel() before to_db()", parameter: "s")
    }
    return adding(
      .mel(
        try MelFilterbank(
          count: count, rate: rate, fftLength: stft.fftLength, lowest: lowest, highest: highest,
          scale: scale)))
  }

  /// Mel-frequency cepstral coefficients: the orthonormal cosine transform (type II) of the mel bands'
  /// levels in decibels, as librosa.feature.mfcc. A spectrogram without mel bands gets `bands` of
  /// them first, one without decibels a scale of 80 dB.
  /// - Throws: a `value` failure for more coefficients than bands, or a spectrogram of phases.
  public func mfcc(count: Int = 20, bands bandCount: Int = 64) throws(Failure) -> Spectrogram {
    if case .coefficients = form.columns {
      throw Failure(.value, "these are cepstral coefficients already", parameter: "s")
    }
    var levels = form.bands == nil ? try mel(bands: bandCount) : self
    let available = levels.columnCount
    guard count >= 1, count <= available else {
      throw Failure(
        .value, "\(available) mel bands give 1 to \(available) coefficients, not \(count)",
        parameter: "count")
    }
    if levels.form.isNonNegative { levels = levels.adding(.decibels(DecibelScale(range: 80))) }
    return levels.adding(.cepstrum(count))
  }

  /// Levels in decibels relative to magnitude 1, no more than `range` below the loudest (nil: all
  /// the way down): 20 log₁₀ max(magnitude, 1e-5), as librosa.amplitude_to_db and power_to_db with
  /// their defaults.
  /// - Throws: a `value` failure for phases, decibels, or a range that is not positive.
  public func inDecibels(range: Float? = 80) throws(Failure) -> Spectrogram {
    guard form.isNonNegative else {
      let found =
        switch form.values {
        case .phase: "phases"
        case .decibels: "decibels already"
        case .other(let name): name == "value" ? "other values" : name + " values"
        case .magnitude, .power: ""
        }
      throw Failure(
        .value, "decibels are made of magnitudes or powers, and this spectrogram holds \(found)",
        parameter: "s")
    }
    try DecibelScale.check(range)
    return adding(.decibels(DecibelScale(range: range)))
  }
}
