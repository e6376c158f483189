import Essentials
import Glibc
import Tensors

/// Sounds made from a formula.
public enum Generator {
  /// A sine of `frequency` hertz, `duration` seconds long, that starts at phase 0.
  /// - Throws: a `value` failure for a frequency outside 0 to half the rate, or a bad length or rate.
  public static func tone(
    frequency: Double, duration: Double, rate: Double = 16_000, amplitude: Double = 1
  ) throws -> AudioClip {
    let count = try frameCount(duration, rate)
    try checkFrequency(frequency, rate, "freq")
    let step = 2 * Double.pi * frequency / rate
    return try make(count, rate) { Float(amplitude * sin(step * Double($0))) }
  }

  /// A sine whose frequency moves evenly from `start` to `end` hertz: φ(t) = 2π (f₀ t + (f₁ - f₀) t² / 2T).
  /// - Throws: a `value` failure for a frequency outside 0 to half the rate, or a bad length or rate.
  public static func chirp(
    from start: Double, to end: Double, duration: Double, rate: Double = 16_000, amplitude: Double = 1
  ) throws -> AudioClip {
    let count = try frameCount(duration, rate)
    try checkFrequency(start, rate, "start")
    try checkFrequency(end, rate, "end")
    return try make(count, rate) { index in
      let time = Double(index) / rate
      let cycles = start * time + (end - start) * time * time / (2 * duration)
      return Float(amplitude * sin(2 * Double.pi * (cycles - cycles.rounded(.down))))
    }
  }

  /// White noise from the normal distribution with this standard deviation; the seed decides it.
  /// - Throws: a `value` failure for a bad length or rate.
  public static func noise(
    duration: Double, rate: Double = 16_000, amplitude: Double = 0.1, seed: UInt64
  ) throws -> AudioClip {
    let count = try frameCount(duration, rate)
    var random = RandomSource(seed: seed)
    return try make(count, rate) { _ in Float(amplitude * random.normal()) }
  }

  /// Zeros.
  /// - Throws: a `value` failure for a bad length or rate.
  public static func silence(duration: Double, rate: Double = 16_000) throws -> AudioClip {
    let count = try frameCount(duration, rate)
    return try make(count, rate) { _ in 0 }
  }

  private static func make(
    _ count: Int, _ rate: Double, _ sample: (Int) -> Float
  ) throws -> AudioClip {
    let samples = try [Float](unsafeUninitializedCapacity: count) { buffer, filled in
      for index in 0..<count {
        if index & 0xffff == 0 { try Interruption.check() }
        buffer[index] = sample(index)
        filled = index + 1
      }
    }
    return AudioClip(unchecked: samples, channelCount: 1, rate: rate, source: nil)
  }

  private static func frameCount(_ duration: Double, _ rate: Double) throws(Failure) -> Int {
    try AudioClip.checkRate(rate)
    guard duration >= 0, duration.isFinite else {
      throw Failure(
        .value, "a duration is a positive number of seconds, not \(duration)", parameter: "duration")
    }
    let count = (duration * rate).rounded()
    let limit = Double(Tensor.byteLimit / MemoryLayout<Float>.stride)
    guard count <= limit else {
      throw Failure(
        .memory, "\(duration) s at \(NumberText.trimmed(rate, 3)) Hz take \(ByteCount.text(count * 4))",
        hint: "this machine can give at most \(ByteCount.text(limit * 4))", parameter: "duration")
    }
    return Int(count)
  }

  private static func checkFrequency(
    _ frequency: Double, _ rate: Double, _ parameter: String
  ) throws(Failure) {
    guard frequency >= 0, frequency <= rate / 2 else {
      throw Failure(
        .value,
        "a frequency lies between 0 and half the sample rate (\(NumberText.trimmed(rate / 2, 3)) Hz), not at \(NumberText.trimmed(frequency, 3)) Hz",
        parameter: parameter)
    }
  }
}
