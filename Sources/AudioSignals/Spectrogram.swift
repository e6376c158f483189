import Essentials
import Glibc
import Tensors

/// How loud each frequency is over time, with seconds and hertz to its frames and bins.
///
/// A small value: it holds the samples that it was asked of (192 kB for three seconds at 16 kHz)
/// and the settings, and computes its numbers (1.5 MB) when they are wanted, straight to where they
/// are wanted, on any thread.
public struct Spectrogram: TensorSource {
  /// What a bin holds.
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
  /// What is made of its frames, one step after the other; `bins` first.
  public private(set) var stages: [SpectrogramStage]
  /// What the numbers are after all stages.
  public private(set) var form: SpectrogramForm
  /// Axes of length 1 after the last one.
  public private(set) var trailingAxes = 0

  /// A spectrogram of `clip`.
  public init(_ clip: AudioClip, _ stft: STFT, _ quantity: Quantity = .magnitude) {
    self.clip = clip
    self.stft = stft
    stages = [.bins(quantity)]
    form = stages[0].form(after: nil, binCount: stft.binCount)
  }

  /// The same with one more step.
  func adding(_ stage: SpectrogramStage) -> Spectrogram {
    var copy = self
    copy.stages.append(stage)
    copy.form = stage.form(after: form, binCount: stft.binCount)
    return copy
  }

  /// Samples a second of the audio, in hertz.
  public var rate: Double { clip.rate }
  /// Frames in each channel.
  public var frameCount: Int { stft.frameCount(samples: clip.frameCount) }
  /// Numbers in a frame: frequency bins, mel bands or coefficients.
  public var columnCount: Int { form.columnCount }
  /// Seconds from one frame to the next.
  public var secondsPerFrame: Double { Double(stft.frameStep) / rate }
  /// The middle of a frame, in seconds from the start of the audio.
  public func time(ofFrame frame: Int) -> Double {
    (Double(frame * stft.frameStep) + Double(stft.frameLength) / 2) / rate
  }
  /// The frequencies of the bins, or the middles of the mel bands, in hertz; none for coefficients.
  public var frequencies: [Double] {
    switch form.columns {
    case .coefficients: []
    case .bands(let bands): bands.centers
    case .bins: (0..<stft.binCount).map { Double($0) * rate / Double(stft.fftLength) }
    }
  }

  /// (frames, bins), with the channels before them where there is more than one, and axes of length
  /// 1 after them where `expanded` added some.
  public var shape: Shape {
    shape(columns: columnCount) + Array(repeating: 1, count: trailingAxes)
  }

  private func shape(columns: Int) -> Shape {
    (clip.channelCount == 1 ? [] : [clip.channelCount]) + [frameCount, columns]
  }

  /// The bytes of the samples, and of what they are reckoned with.
  public var storedByteCount: Int { stages.reduce(clip.storedByteCount) { $0 + $1.storedByteCount } }

  /// The same numbers with one more axis of length 1 at the end, as a network's channel.
  public func expanded() -> Spectrogram {
    var copy = self
    copy.trailingAxes += 1
    return copy
  }

  /// A function of each number; seconds and hertz stay.
  public func applying(_ function: ElementwiseFunction) -> Spectrogram { adding(.function(function)) }

  /// Each number and one of `operand`, broadcast to the spectrogram's shape; seconds and hertz stay. Nil where the
  /// result would have another shape.
  public func combined(
    _ operation: ElementwiseOperation, with operand: Tensor, isOnTheLeft: Bool
  ) -> Spectrogram? {
    guard operand.rank == 0 || trailingAxes == 0 && (try? shape.broadcast(with: operand.shape)) == shape
    else { return nil }
    return adding(.arithmetic(operation, operand, isOnTheLeft: isOnTheLeft))
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
    guard let target = destination.baseAddress, destination.count == shape.reduce(1, *) else { return }
    let rest = stages[rowStageCount...]
    if rest.isEmpty { return try writeAllRows(into: target) }
    var form = rowForm
    if rest.count == 1, case .decibels(let scale)? = rest.first {
      try writeAllRows(into: target)
      return scale.apply(to: destination, isPower: form.values == .power)
    }
    var values = try Tensor(shape: shape(columns: form.columnCount)) { rows in
      if let rows = rows.baseAddress { try writeAllRows(into: rows) }
    }
    for stage in rest {
      values = try stage.applied(to: values, form)
      form = stage.form(after: form, binCount: stft.binCount)
    }
    values.withUnsafeElements { _ = destination.initialize(from: $0) }
  }

  /// The mel bands, which are made of bins while they are in the cache.
  private var bands: MelFilterbank? {
    if stages.count > 1, case .mel(let bands) = stages[1] { return bands }
    return nil
  }

  /// How many stages are made row by row.
  private var rowStageCount: Int { bands == nil ? 1 : 2 }

  /// What is made row by row.
  private var rowForm: SpectrogramForm {
    let bins = stages[0].form(after: nil, binCount: stft.binCount)
    return bands == nil ? bins : stages[1].form(after: bins, binCount: stft.binCount)
  }

  private func writeAllRows(into target: UnsafeMutablePointer<Float>) throws {
    let size = frameCount * rowForm.columnCount
    for channel in 0..<clip.channelCount { try writeRows(channel: channel, into: target + channel * size) }
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
      let bands = bands
      let columns = bands?.count ?? stft.binCount
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
      guard case .bins(let quantity) = stages[0] else { return }
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
    left.stft == right.stft && left.stages == right.stages && left.trailingAxes == right.trailingAxes
      && left.clip == right.clip
  }
}

extension Spectrogram: CustomStringConvertible {
  /// `Spectrogram 1491 frames × 257 bins · 2 ms step · 0–8000 Hz`.
  public var description: String {
    let low = form.bands?.lowest ?? 0
    let high = form.bands?.highest ?? rate / 2
    var parts = [
      "Spectrogram \(frameCount) frames × \(form.columnText)",
      "\(NumberText.trimmed(secondsPerFrame * 1000, 3)) ms step",
      "\(NumberText.trimmed(low, 3))–\(NumberText.trimmed(high, 3)) Hz",
    ]
    parts += form.words
    if clip.channelCount > 1 { parts.append("\(clip.channelCount) channels") }
    return parts.joined(separator: " · ")
  }
}
