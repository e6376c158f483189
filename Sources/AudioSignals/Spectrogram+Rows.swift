import Tensors

/// Magnitudes and powers are made a few frames at a time.
extension Spectrogram: RowSource {
  /// Frames one after the other; nil for several channels, for numbers that depend on all frames or are made
  /// of bins, and for samples that are no numbers, which spread in a pair of frames.
  public func makeRows() -> (any RowMaker)? {
    guard clip.channelCount == 1, frameCount > 0, stages.count == 1, form.isNonNegative else { return nil }
    let maker = SpectrogramRows(self)
    return maker.bound.isFinite ? maker : nil
  }
}

private final class SpectrogramRows: RowMaker {
  /// The largest sample times the sum of the weights, with room for rounding.
  let bound: Float
  /// Frames are transformed in pairs.
  let rowsTogether = 2
  private let spectrogram: Spectrogram
  private let buffers: FourierBuffers

  init(_ spectrogram: Spectrogram) {
    self.spectrogram = spectrogram
    buffers = FourierBuffers(length: spectrogram.stft.fftLength)
    let peak = spectrogram.clip.samples.withUnsafeBufferPointer { STFT.peak(of: $0) }
    let magnitude = 1.001 * peak * spectrogram.stft.weights.reduce(0) { $0 + abs($1) }
    bound = spectrogram.form.values == .power ? magnitude * magnitude : magnitude
  }

  func write(_ rows: Range<Int>, into destination: UnsafeMutablePointer<Float>) throws {
    try spectrogram.writeRows(
      channel: 0, frames: rows, into: destination - rows.lowerBound * spectrogram.columnCount, in: buffers)
  }
}
