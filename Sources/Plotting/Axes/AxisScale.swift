import Glibc

/// How values are spaced on an axis.
enum AxisScale: Sendable, Equatable {
  case linear
  case log
  case mel

  /// Where a value lies, in a unit in which the axis is even.
  func transform(_ value: Double) -> Double {
    switch self {
    case .linear: value
    case .log: log10(max(value, .leastNormalMagnitude))
    case .mel: Self.mel(value)
    }
  }

  func inverse(_ place: Double) -> Double {
    switch self {
    case .linear: place
    case .log: pow(10, place)
    case .mel: Self.hertz(place)
    }
  }

  // Slaney's mel scale (Auditory Toolbox, 1998), which librosa uses: 3 mels every 200 Hz up to
  // 1000 Hz, and 27 mels every factor of 6.4 above.
  private static let melsPerFactor = 27 / Glibc.log(6.4)

  private static func mel(_ hertz: Double) -> Double {
    if hertz < 1000 { return hertz * 3 / 200 }
    return 15 + Glibc.log(hertz / 1000) * melsPerFactor
  }

  private static func hertz(_ mel: Double) -> Double {
    if mel < 15 { return mel * 200 / 3 }
    return 1000 * exp((mel - 15) / melsPerFactor)
  }
}

/// From values to places on the canvas and back.
struct AxisMapping: Sendable {
  let scale: AxisScale
  let range: ClosedRange<Double>
  /// Where the range begins and ends, in points.
  let start: Double
  let end: Double
  private let low: Double
  private let factor: Double

  init(scale: AxisScale, range: ClosedRange<Double>, start: Double, end: Double) {
    self.scale = scale
    self.range = range
    self.start = start
    self.end = end
    low = scale.transform(range.lowerBound)
    let span = scale.transform(range.upperBound) - low
    factor = span > 0 ? (end - start) / span : 0
  }

  func position(_ value: Double) -> Double {
    start + (scale.transform(value) - low) * factor
  }

  func value(at position: Double) -> Double {
    factor == 0 ? range.lowerBound : scale.inverse(low + (position - start) / factor)
  }
}
