import Essentials
import Glibc
import Tensors

/// How loud each frequency is over time, with seconds and hertz to its frames and bins.
///
/// A small value: it holds the samples that it was asked of (192 kB for three seconds at 16 kHz)
/// and the settings, and computes its numbers (1.5 MB) when they are wanted, straight to where they
/// are wanted, on any thread.
public struct Spectrogram: TensorSource {
  /// What a bin holds before mel bands and decibels.
  public enum Quantity: String, Sendable {
    /// √(re² + im²).
    case magnitude
    /// re² + im².
    case power
    /// The angle, from -π to π.
    case phase
  }

  /// The audio.
  public let clip: AudioClip
  /// How it is transformed.
  public let stft: STFT
  /// What a bin holds.
  public let quantity: Quantity
  /// The mel bands that sum up the bins, where there are some.
  public internal(set) var bands: MelFilterbank?
  /// The scale in decibels, where there is one.
  public internal(set) var decibels: DecibelScale?
  /// The number of mel-frequency cepstral coefficients, where it holds these.
  public internal(set) var coefficientCount: Int?
  /// Axes of length 1 after the last one.
  public internal(set) var trailingAxes = 0

  /// A spectrogram of `clip`.
  public init(_ clip: AudioClip, _ stft: STFT, _ quantity: Quantity = .magnitude) {
    self.clip = clip
    self.stft = stft
    self.quantity = quantity
  }

  /// Samples a second of the audio, in hertz.
  public var rate: Double { clip.rate }
  /// Frames in each channel.
  public var frameCount: Int { stft.frameCount(samples: clip.frameCount) }
  /// Numbers in a frame: frequency bins, mel bands or coefficients.
  public var columnCount: Int { coefficientCount ?? bands?.count ?? stft.binCount }
  /// Seconds from one frame to the next.
  public var secondsPerFrame: Double { Double(stft.frameStep) / rate }
  /// The middle of a frame, in seconds from the start of the audio.
  public func time(ofFrame frame: Int) -> Double {
    (Double(frame * stft.frameStep) + Double(stft.frameLength) / 2) / rate
  }
  /// The frequencies of the bins, or the middles of the mel bands, in hertz; none for coefficients.
  public var frequencies: [Double] {
    if coefficientCount != nil { return [] }
    if let bands { return bands.centers }
    return (0..<stft.binCount).map { Double($0) * rate / Double(stft.fftLength) }
  }

  /// (frames, bins), with the channels before them where there is more than one, and axes of length
  /// 1 after them where `expanded` added some.
  public var shape: Shape {
    (clip.channelCount == 1 ? [] : [clip.channelCount]) + [frameCount, columnCount]
      + Array(repeating: 1, count: trailingAxes)
  }

  /// The bytes of the samples.
  public var storedByteCount: Int { clip.storedByteCount }

  /// The same numbers with one more axis of length 1 at the end, as a network's channel.
  public func expanded() -> Spectrogram {
    var copy = self
    copy.trailingAxes += 1
    return copy
  }

  /// The numbers themselves.
  /// - Throws: a `memory` failure where they do not fit, `interrupt` when the user asks to stop.
  public func tensor() throws -> Tensor { try materialized() }
}

// MARK: - Computing

extension Spectrogram {
  /// From this many frames on, several threads share the work.
  private static let framesPerShare = 4096

  /// Computes the numbers into `destination`, row after row.
  public func write(into destination: UnsafeMutableBufferPointer<Float>) throws {
    guard let target = destination.baseAddress,
      destination.count == clip.channelCount * frameCount * columnCount
    else { return }
    if let coefficientCount, let bands {
      // The range in decibels is cut at the loudest band of all frames, so these come first.
      var loudness = self
      loudness.coefficientCount = nil
      loudness.trailingAxes = 0
      let levels = try loudness.materialized()
      let transform = CosineTransform(inputs: bands.count, outputs: coefficientCount)
      levels.withUnsafeElements { levels in
        guard let levels = levels.baseAddress else { return }
        for row in 0..<clip.channelCount * frameCount {
          transform.apply(levels + row * bands.count, into: target + row * coefficientCount)
        }
      }
      return
    }
    let size = frameCount * columnCount
    for channel in 0..<clip.channelCount {
      try writeRows(channel: channel, into: target + channel * size)
    }
    decibels?.apply(to: destination, isPower: bands != nil || quantity == .power)
  }

  private func writeRows(channel: Int, into target: UnsafeMutablePointer<Float>) throws {
    let frames = frameCount
    let shares = (frames + Self.framesPerShare - 1) / Self.framesPerShare
    if shares <= 1 { return try writeRows(channel: channel, frames: 0..<frames, into: target) }
    let shared = SharedPointer(target)
    try WorkerPool.forEach(count: shares) { share, _ in
      let start = share * Self.framesPerShare
      try writeRows(
        channel: channel, frames: start..<min(start + Self.framesPerShare, frames), into: shared.pointer)
    }
  }

  /// Writes some of a channel's frames, each to its place behind `target`, which frame 0 would have.
  func writeRows(
    channel: Int, frames: Range<Int>, into target: UnsafeMutablePointer<Float>,
    in memory: FourierBuffers? = nil
  ) throws {
    try clip.samples.withUnsafeBufferPointer { samples in
      let part = UnsafeBufferPointer(
        rebasing: samples[channel * clip.frameCount..<(channel + 1) * clip.frameCount])
      let columns = columnCount
      if let bands {
        var scratch = [Float](repeating: 0, count: 2 * stft.binCount)
        try scratch.withUnsafeMutableBufferPointer { scratch in
          guard let first = scratch.baseAddress else { return }
          let second = first + stft.binCount
          try stft.forEachPair(of: part, frames: frames) { frame, isPair, buffers in
            stft.unpack(Power.self, buffers, first: first, second: isPair ? second : nil)
            let row = target + frame * columns
            bands.apply(first, into: row)
            if isPair { bands.apply(second, into: row + columns) }
          }
        }
        return
      }
      switch quantity {
      case .magnitude:
        try stft.forEachPair(of: part, frames: frames, in: memory) { frame, isPair, buffers in
          let row = target + frame * columns
          stft.unpack(Magnitude.self, buffers, first: row, second: isPair ? row + columns : nil)
        }
      case .power:
        try stft.forEachPair(of: part, frames: frames, in: memory) { frame, isPair, buffers in
          let row = target + frame * columns
          stft.unpack(Power.self, buffers, first: row, second: isPair ? row + columns : nil)
        }
      case .phase:
        var scratch = [Float](repeating: 0, count: 4 * stft.binCount)
        try scratch.withUnsafeMutableBufferPointer { scratch in
          guard let first = scratch.baseAddress else { return }
          try stft.forEachPair(of: part, frames: frames) { frame, isPair, buffers in
            stft.unpackComplex(buffers, first: first, second: isPair ? first + 2 * columns : nil)
            let row = target + frame * columns
            for bin in 0..<(isPair ? 2 * columns : columns) {
              row[bin] = atan2f(first[2 * bin + 1], first[2 * bin])
            }
          }
        }
      }
    }
  }
}

/// Memory that several threads write to, each to a part of its own.
struct SharedPointer: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
  init(_ pointer: UnsafeMutablePointer<Float>) { self.pointer = pointer }
}

extension Spectrogram: Equatable {
  /// Whether audio and settings are the same, and so all numbers.
  public static func == (left: Spectrogram, right: Spectrogram) -> Bool {
    left.stft == right.stft && left.quantity == right.quantity && left.bands == right.bands
      && left.decibels == right.decibels && left.coefficientCount == right.coefficientCount
      && left.trailingAxes == right.trailingAxes && left.clip == right.clip
  }
}

extension Spectrogram: CustomStringConvertible {
  /// `Spectrogram 1491 frames × 257 bins · 2 ms step · 0–8000 Hz`.
  public var description: String {
    var columns = "\(columnCount) bins"
    if coefficientCount != nil {
      columns = "\(columnCount) coefficients"
    } else if bands != nil {
      columns = "\(columnCount) mel bands"
    }
    let low = bands?.lowest ?? 0
    let high = bands?.highest ?? rate / 2
    var parts = [
      "Spectrogram \(frameCount) frames × \(columns)",
      "\(Decimal.text(secondsPerFrame * 1000)) ms step",
      "\(Decimal.text(low))–\(Decimal.text(high)) Hz",
    ]
    if quantity == .phase { parts.append("phase") }
    if quantity == .power, bands == nil { parts.append("power") }
    if decibels != nil, coefficientCount == nil { parts.append("dB") }
    if clip.channelCount > 1 { parts.append("\(clip.channelCount) channels") }
    return parts.joined(separator: " · ")
  }
}
