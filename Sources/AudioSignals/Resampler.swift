import CSoxr
import Essentials
import Tensors

/// How exactly a signal is resampled: libsoxr's five recipes.
public enum ResamplingQuality: String, Sendable, CaseIterable {
  /// Cubic interpolation, without a filter against aliasing.
  case quick
  /// 16 bits, with a wide roll-off.
  case low
  /// 16 bits, with a medium roll-off.
  case medium
  /// 20 bits: what librosa uses unless told otherwise (`soxr_hq`).
  case high
  /// 28 bits.
  case veryHigh = "very_high"

  /// The quality of a name, such as "high".
  /// - Throws: a `value` failure that lists the qualities there are.
  public init(named name: String) throws(Failure) {
    guard let quality = ResamplingQuality(rawValue: name) else {
      let names = Self.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
      throw Failure(
        .value, "there is no resampling quality \"\(name)\"", hint: "use \(names)", parameter: "quality")
    }
    self = quality
  }

  fileprivate var recipe: UInt {
    switch self {
    case .quick: UInt(SOXR_QQ)
    case .low: UInt(SOXR_LQ)
    case .medium: UInt(SOXR_MQ)
    case .high: UInt(SOXR_20_BITQ)
    case .veryHigh: UInt(SOXR_28_BITQ)
    }
  }
}

/// Changes the sample rate of one channel, block by block, by libsoxr.
///
/// Feed blocks with `process`, then call `finish` once; what they return, joined, is the resampled
/// signal: as many samples as the input's times the ratio of the rates, rounded, and the same
/// numbers however the input is cut into blocks. Not to be used by two threads at once.
public final class Resampler {
  /// Samples a second going in, in hertz.
  public let inputRate: Double
  /// Samples a second coming out, in hertz.
  public let outputRate: Double
  private let handle: soxr_t
  private let ratio: Double

  /// The greatest factor between two rates.
  public static let ratioLimit = 4096.0
  private static let blockLength = 1 << 15

  /// A resampler between two rates.
  /// - Throws: a `value` failure for rates that are no rates, or more than `ratioLimit` apart.
  public init(from inputRate: Double, to outputRate: Double, quality: ResamplingQuality = .high)
    throws(Failure)
  {
    try AudioClip.checkRate(inputRate)
    try AudioClip.checkRate(outputRate)
    ratio = outputRate / inputRate
    guard ratio <= Self.ratioLimit, ratio >= 1 / Self.ratioLimit else {
      throw Failure(
        .value,
        "audio of \(NumberText.trimmed(inputRate, 3)) Hz cannot be resampled to \(NumberText.trimmed(outputRate, 3)) Hz: the rates are more than a factor of \(Int(Self.ratioLimit)) apart",
        parameter: "rate")
    }
    var formats = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I)
    var recipe = soxr_quality_spec(quality.recipe, 0)
    var runtime = soxr_runtime_spec(1)
    var error: soxr_error_t?
    let handle = soxr_create(inputRate, outputRate, 1, &error, &formats, &recipe, &runtime)
    guard let handle, error == nil else {
      if let handle { soxr_delete(handle) }
      let reason = error.map { String(cString: $0) } ?? "no memory"
      throw Failure(
        .value,
        "audio cannot be resampled from \(NumberText.trimmed(inputRate, 3)) to \(NumberText.trimmed(outputRate, 3)) Hz: \(reason)",
        parameter: "rate")
    }
    self.handle = handle
    self.inputRate = inputRate
    self.outputRate = outputRate
  }

  deinit { soxr_delete(handle) }

  /// Takes in a block, and appends what is ready to `output`.
  /// - Throws: an `interrupt` failure, a `value` failure with the words of libsoxr.
  public func process(_ input: UnsafeBufferPointer<Float>, into output: inout [Float]) throws {
    guard let base = input.baseAddress else { return }
    var done = 0
    while done < input.count {
      try Interruption.check()
      let length = min(input.count - done, Self.blockLength)
      done += try step(base + done, length, into: &output).used
    }
  }

  /// Ends the signal, and appends what was held back to `output`.
  /// - Throws: as `process`.
  public func finish(into output: inout [Float]) throws {
    while try step(nil, 0, into: &output).made > 0 { try Interruption.check() }
  }

  private func step(
    _ input: UnsafePointer<Float>?, _ length: Int, into output: inout [Float]
  ) throws(Failure) -> (used: Int, made: Int) {
    let capacity = max(1024, min(1 << 20, Int(Double(Self.blockLength) * ratio) + 64))
    var used = 0
    var made = 0
    var error: soxr_error_t?
    let handle = self.handle
    // The block is made in a scratch of its own: an array's spare room cannot be written to.
    withUnsafeTemporaryAllocation(of: Float.self, capacity: capacity) { scratch in
      error = soxr_process(handle, input, length, &used, scratch.baseAddress, capacity, &made)
      output.append(contentsOf: scratch[0..<made])
    }
    if let error {
      throw Failure(.value, "resampling failed: \(String(cString: error))")
    }
    return (used, made)
  }
}

extension AudioClip {
  /// The clip at another rate: the same numbers as soxr.resample in Python. Nothing is done where
  /// the rate is the same.
  /// - Throws: a `value` failure for a rate that is none or too far off, a `memory` failure where
  ///   the result does not fit, `interrupt` when the user asks to stop.
  public func resampled(to newRate: Double, quality: ResamplingQuality = .high) throws -> AudioClip {
    try AudioClip.checkRate(newRate)
    if newRate == rate { return self }
    let expected = Double(frameCount) * newRate / rate
    guard expected * Double(channelCount) * 4 < Double(Tensor.byteLimit) else {
      throw Failure(
        .memory,
        "the audio takes \(ByteCount.text(expected * Double(channelCount) * 4)) at \(NumberText.trimmed(newRate, 3)) Hz",
        parameter: "rate")
    }
    let result = try mapChannels { channel in
      let resampler = try Resampler(from: rate, to: newRate, quality: quality)
      var output: [Float] = []
      output.reserveCapacity(Int(expected) + 1024)
      try resampler.process(channel, into: &output)
      try resampler.finish(into: &output)
      return output
    }
    return AudioClip(
      unchecked: result.samples, channelCount: channelCount, rate: newRate, source: source)
  }
}
