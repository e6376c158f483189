import Essentials
import Glibc
import Tensors

/// What a short-time Fourier transform gives: a complex number for each frame and frequency bin.
///
/// It holds the samples, and is computed when something is asked of it.
public struct ComplexSpectrogram: Sendable {
  /// The audio.
  public let clip: AudioClip
  /// How it is transformed.
  public let stft: STFT

  /// The transform of `clip`.
  public init(_ clip: AudioClip, _ stft: STFT) {
    self.clip = clip
    self.stft = stft
  }

  /// Frames in each channel.
  public var frameCount: Int { stft.frameCount(samples: clip.frameCount) }
  /// Frequency bins in a frame.
  public var binCount: Int { stft.binCount }
  /// (frames, bins) for one channel, (channels, frames, bins) for more.
  public var shape: Shape {
    clip.channelCount == 1 ? [frameCount, binCount] : [clip.channelCount, frameCount, binCount]
  }

  /// Absolute values.
  public var magnitude: Spectrogram { Spectrogram(clip, stft, .magnitude) }
  /// Squares of the absolute values.
  public var power: Spectrogram { Spectrogram(clip, stft, .power) }
  /// Angles, from -π to π.
  public var phase: Spectrogram { Spectrogram(clip, stft, .phase) }

  /// The values as a tensor with one more axis of length 2: real and imaginary part.
  /// - Throws: a `memory` failure where they do not fit.
  public func parts() throws -> Tensor {
    let row = 2 * binCount
    return try Tensor(shape: shape + [2]) { destination in
      guard let target = destination.baseAddress else { return }
      try clip.samples.withUnsafeBufferPointer { samples in
        for channel in 0..<clip.channelCount {
          let part = UnsafeBufferPointer(
            rebasing: samples[channel * clip.frameCount..<(channel + 1) * clip.frameCount])
          let start = target + channel * frameCount * row
          try stft.forEachPair(of: part, frames: 0..<frameCount) { frame, isPair, buffers in
            let first = start + frame * row
            stft.unpackComplex(buffers, first: first, second: isPair ? first + row : nil)
          }
        }
      }
    }
  }

  /// The audio again: the inverse transform of every frame, weighted, added up and divided by the
  /// sum of the squared windows, as in librosa. Samples that the frames cover come back; where the
  /// windows add up to nothing, zeros.
  public func inverse() throws -> AudioClip {
    let parts = try parts()
    let clips = try (0..<clip.channelCount).map { channel in
      let size = 2 * binCount * frameCount
      return try stft.inverse(
        parts.elements[channel * size..<(channel + 1) * size], frames: frameCount)
    }
    return AudioClip(
      unchecked: clips.count == 1 ? clips[0] : clips.flatMap { $0 }, channelCount: clip.channelCount,
      rate: clip.rate, source: clip.source)
  }
}

extension STFT {
  /// The audio whose transform has these magnitudes and phases, both of shape (frames, bins).
  /// - Throws: a `shape` failure where they are of other shapes.
  public func inverse(magnitude: Tensor, phase: Tensor, rate: Double) throws -> AudioClip {
    guard magnitude.shape == phase.shape, magnitude.rank == 2, magnitude.shape[1] == binCount else {
      throw Failure(
        .shape,
        "magnitudes and phases must both have the shape (frames, \(binCount)), not \(magnitude.shape.shapeDescription) and \(phase.shape.shapeDescription)"
      )
    }
    try AudioClip.checkRate(rate)
    var parts = [Float](repeating: 0, count: 2 * magnitude.count)
    for index in 0..<magnitude.count {
      let angle = Double(phase.elements[index])
      parts[2 * index] = magnitude.elements[index] * Float(cos(angle))
      parts[2 * index + 1] = magnitude.elements[index] * Float(sin(angle))
    }
    let samples = try inverse(parts[...], frames: magnitude.shape[0])
    return AudioClip(unchecked: samples, channelCount: 1, rate: rate, source: nil)
  }

  /// Overlap-add of the frames' inverse transforms; `parts` holds real and imaginary parts in turn.
  func inverse(_ parts: ArraySlice<Float>, frames: Int) throws -> [Float] {
    guard frames > 0 else { return [] }
    let (reach, overflow) = (frames - 1).multipliedReportingOverflow(by: frameStep)
    _ = try [overflow ? .max : reach, 2].checkedElementCount()
    let length = reach + frameLength
    var sums = [Float](repeating: 0, count: length)
    var squares = [Float](repeating: 0, count: length)
    let buffers = FourierBuffers(length: fftLength)
    let scale = 1 / Float(fftLength)
    for frame in 0..<frames {
      if frame & 0xff == 0 { try Interruption.check() }
      let row = parts.startIndex + frame * 2 * binCount
      for k in 0..<fftLength {
        // The upper half of a real signal's spectrum mirrors the lower half, conjugated.
        let bin = k < binCount ? k : fftLength - k
        buffers.inputReal[k] = parts[row + 2 * bin]
        buffers.inputImaginary[k] = k < binCount ? parts[row + 2 * bin + 1] : -parts[row + 2 * bin + 1]
      }
      plan.backward(buffers)
      let start = frame * frameStep
      for index in 0..<frameLength {
        sums[start + index] += buffers.outputReal[index] * scale * weights[index]
        squares[start + index] += weights[index] * weights[index]
      }
    }
    for index in 0..<length {
      sums[index] = squares[index] > Float.leastNormalMagnitude ? sums[index] / squares[index] : 0
    }
    return sums
  }
}
