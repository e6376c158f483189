import Essentials
import Tensors

/// Samples of one or more channels with the rate they were taken at, and where they came from.
///
/// A value: copies share their samples until one is changed. Samples are stored channel after
/// channel (planar), at full scale from -1 to 1, though louder ones are kept as they are. NaN and
/// infinity are kept too; `firstNonFiniteSample` finds them.
public struct AudioClip: Sendable, Equatable {
  /// All samples, channel after channel: `channelCount * frameCount` of them.
  public let samples: [Float]
  /// The number of channels, at least 1.
  public let channelCount: Int
  /// Samples a second in each channel, in hertz.
  public let rate: Double
  /// The name of the file that the samples came from, without its folders.
  public var source: String?

  /// The most channels that a clip can have, as in libsndfile.
  public static let channelLimit = 1024
  /// The greatest sample rate, in hertz: far above ultrasound, far below what a broken header says.
  public static let rateLimit = 16_000_000.0

  /// A clip of these samples, channel after channel.
  /// - Throws: a `value` failure for a rate outside 1 Hz to `rateLimit` or a bad channel count, a
  ///   `shape` failure where the samples cannot be shared out evenly among the channels.
  public init(samples: [Float], channelCount: Int = 1, rate: Double, source: String? = nil) throws(Failure) {
    guard (1...Self.channelLimit).contains(channelCount) else {
      throw Failure(
        .value, "audio has 1 to \(Self.channelLimit) channels, not \(channelCount)",
        parameter: "channels")
    }
    guard samples.count.isMultiple(of: channelCount) else {
      throw Failure(
        .shape, "\(samples.count) samples cannot be shared out among \(channelCount) channels",
        parameter: "samples")
    }
    try Self.checkRate(rate)
    self.init(unchecked: samples, channelCount: channelCount, rate: rate, source: source)
  }

  /// A clip of a tensor: (frames,) is mono, (channels, frames) has several channels, as in librosa.
  /// - Throws: a `shape` failure for any other rank, and what the other initialiser throws.
  public init(_ tensor: Tensor, rate: Double, source: String? = nil) throws(Failure) {
    switch tensor.rank {
    case 1: try self.init(samples: tensor.elements, rate: rate, source: source)
    case 2:
      try self.init(
        samples: tensor.elements, channelCount: tensor.shape[0], rate: rate, source: source)
    default:
      throw Failure(
        .shape,
        "audio is made of a tensor of shape (frames,) or (channels, frames), not \(tensor.shape.shapeDescription)",
        parameter: "samples")
    }
  }

  init(unchecked samples: [Float], channelCount: Int, rate: Double, source: String?) {
    self.samples = samples
    self.channelCount = channelCount
    self.rate = rate
    self.source = source
  }

  /// - Throws: a `value` failure blamed on `rate` unless it is a usable sample rate.
  static func checkRate(_ rate: Double) throws(Failure) {
    guard rate >= 1, rate <= rateLimit else {
      throw Failure(
        .value, "a sample rate lies between 1 Hz and \(Int(rateLimit / 1e6)) MHz, not at \(rate) Hz",
        parameter: "rate")
    }
  }

  /// The number of samples in each channel.
  public var frameCount: Int { samples.count / channelCount }
  /// The length in seconds.
  public var duration: Double { Double(frameCount) / rate }

  /// Where the first NaN or infinite sample is in `samples`; nil when every sample is a number.
  public var firstNonFiniteSample: Int? { samples.firstIndex { !$0.isFinite } }

  /// The same samples under another name.
  public func named(_ source: String?) -> AudioClip {
    var copy = self
    copy.source = source
    return copy
  }
}

// MARK: - Channels

extension AudioClip {
  /// One channel, counted from 0.
  /// - Throws: an `index` failure for a channel that the clip does not have.
  public func channel(_ index: Int) throws(Failure) -> AudioClip {
    guard (0..<channelCount).contains(index) else {
      let channels =
        channelCount == 1 ? "1 channel (0)" : "\(channelCount) channels (0 to \(channelCount - 1))"
      throw Failure(.index, "there is no channel \(index): the audio has \(channels)", parameter: "n")
    }
    if channelCount == 1 { return self }
    let frames = frameCount
    return AudioClip(
      unchecked: Array(samples[index * frames..<(index + 1) * frames]), channelCount: 1, rate: rate,
      source: source)
  }

  /// The mean of the channels.
  public func mono() -> AudioClip {
    if channelCount == 1 { return self }
    let frames = frameCount
    let scale = 1 / Float(channelCount)
    let mixed = samples.withUnsafeBufferPointer { samples in
      [Float](unsafeUninitializedCapacity: frames) { result, count in
        if channelCount == 2 {
          for frame in 0..<frames { result[frame] = (samples[frame] + samples[frames + frame]) * scale }
        } else {
          for frame in 0..<frames { result[frame] = samples[frame] }
          for channel in 1..<channelCount {
            for frame in 0..<frames { result[frame] += samples[channel * frames + frame] }
          }
          for frame in 0..<frames { result[frame] *= scale }
        }
        count = frames
      }
    }
    return AudioClip(unchecked: mixed, channelCount: 1, rate: rate, source: source)
  }

  /// Applies `body` to each channel's samples, and joins what it gives; all results must be equally long.
  func mapChannels(_ body: (UnsafeBufferPointer<Float>) throws -> [Float]) rethrows -> AudioClip {
    let frames = frameCount
    var result: [Float] = []
    try samples.withUnsafeBufferPointer { samples in
      for channel in 0..<channelCount {
        let part = try body(
          UnsafeBufferPointer(rebasing: samples[channel * frames..<(channel + 1) * frames]))
        if channelCount == 1 {
          result = part
        } else {
          if channel == 0 { result.reserveCapacity(part.count * channelCount) }
          result.append(contentsOf: part)
        }
      }
    }
    return AudioClip(unchecked: result, channelCount: channelCount, rate: rate, source: source)
  }
}

// MARK: - As a tensor

extension AudioClip: TensorSource {
  /// (frames,) for one channel, (channels, frames) for more, as in librosa.
  public var shape: Shape { channelCount == 1 ? [frameCount] : [channelCount, frameCount] }

  /// Four bytes a sample.
  public var storedByteCount: Int { samples.count * MemoryLayout<Float>.stride }

  /// Copies the samples, channel after channel.
  public func write(into destination: UnsafeMutableBufferPointer<Float>) {
    samples.withUnsafeBufferPointer { source in
      guard let from = source.baseAddress, let to = destination.baseAddress else { return }
      to.initialize(from: from, count: min(source.count, destination.count))
    }
  }

  /// The samples as a tensor that shares their memory.
  public func tensor() throws(Failure) -> Tensor { try Tensor(shape: shape, elements: samples) }
}

/// What audio says about itself, decoded or not.
public protocol Sound {
  /// Samples a second in each channel, in hertz.
  var rate: Double { get }
  /// The number of channels.
  var channelCount: Int { get }
  /// The number of samples in each channel.
  var frameCount: Int { get }
  /// The name of the file that it came from.
  var sourceName: String? { get }
}

extension Sound {
  /// The length in seconds.
  public var duration: Double { Double(frameCount) / rate }

  /// (frames,) for one channel, (channels, frames) for more.
  public var shape: Shape { channelCount == 1 ? [frameCount] : [channelCount, frameCount] }

  /// `Audio 3.00 s · 16000 Hz · mono · XC3776-3.wav`.
  public var description: String {
    var parts = ["Audio \(NumberText.fixed(duration, 2)) s", "\(NumberText.trimmed(rate, 3)) Hz"]
    switch channelCount {
    case 1: parts.append("mono")
    case 2: parts.append("stereo")
    default: parts.append("\(channelCount) channels")
    }
    if let sourceName { parts.append(sourceName) }
    return parts.joined(separator: " · ")
  }
}

extension AudioClip: Sound, CustomStringConvertible {
  /// The name of the file that it came from.
  public var sourceName: String? { source }
}
