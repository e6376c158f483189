import Essentials
import Tensors

/// The settings of a short-time Fourier transform, with tf.signal.stft's meanings.
///
/// Frames of `frameLength` samples start every `frameStep` samples; each is weighted by the window,
/// filled up with zeros to `fftLength` and transformed. Nothing is padded at the ends: n samples
/// give 1 + (n - frameLength) / frameStep frames, fewer than a frame's worth give none.
public struct STFT: Sendable {
  /// Samples in a frame.
  public let frameLength: Int
  /// Samples from the start of one frame to the start of the next.
  public let frameStep: Int
  /// Points of the Fourier transform.
  public let fftLength: Int
  /// What weights a frame's samples.
  public let window: Window
  let weights: [Float]
  let plan: FourierPlan

  /// The most points that a transform may have.
  public static let lengthLimit = 1 << 24

  /// Settings; `fftLength` is the next power of two from `frameLength` on unless given.
  /// - Throws: a `value` failure that names the parameter.
  public init(
    frameLength: Int, frameStep: Int, fftLength: Int? = nil, window: Window = .hann
  ) throws(Failure) {
    guard (1...Self.lengthLimit).contains(frameLength) else {
      throw Failure(
        .value, "a frame has 1 to \(Self.lengthLimit) samples, not \(frameLength)",
        parameter: "frame_length")
    }
    guard frameStep >= 1 else {
      throw Failure(
        .value, "frames start at least 1 sample apart, not \(frameStep)", parameter: "frame_step")
    }
    let points = fftLength ?? Self.nextPowerOfTwo(frameLength)
    guard (frameLength...Self.lengthLimit).contains(points) else {
      throw Failure(
        .value,
        "the FFT length is at least the frame length (\(frameLength)) and at most \(Self.lengthLimit), not \(points)",
        parameter: "fft_length")
    }
    self.frameLength = frameLength
    self.frameStep = frameStep
    self.fftLength = points
    self.window = window
    weights = window.values(length: frameLength)
    plan = try FourierPlan.of(length: points)
  }

  /// Frequency bins from 0 to half the rate: fftLength / 2 + 1.
  public var binCount: Int { fftLength / 2 + 1 }

  /// The frames that so many samples give.
  public func frameCount(samples: Int) -> Int {
    samples < frameLength ? 0 : 1 + (samples - frameLength) / frameStep
  }

  private static func nextPowerOfTwo(_ value: Int) -> Int {
    var power = 1
    while power < value { power *= 2 }
    return power
  }
}

extension STFT: Equatable {
  /// Whether all settings are the same.
  public static func == (left: STFT, right: STFT) -> Bool {
    left.frameLength == right.frameLength && left.frameStep == right.frameStep
      && left.fftLength == right.fftLength && left.window == right.window
  }
}

/// What is kept of a bin's complex value.
protocol BinValue {
  static func of(_ real: SIMD8<Float>, _ imaginary: SIMD8<Float>) -> SIMD8<Float>
}

/// √(re² + im²).
enum Magnitude: BinValue {
  @inline(__always)
  static func of(_ real: SIMD8<Float>, _ imaginary: SIMD8<Float>) -> SIMD8<Float> {
    (real * real + imaginary * imaginary).squareRoot()
  }
}

/// re² + im².
enum Power: BinValue {
  @inline(__always)
  static func of(_ real: SIMD8<Float>, _ imaginary: SIMD8<Float>) -> SIMD8<Float> {
    real * real + imaginary * imaginary
  }
}

extension STFT {
  /// Transforms frames two at a time and hands each pair's joint spectrum to `body`.
  ///
  /// One complex transform does the work of two real ones: with frame a as the real part and frame
  /// b as the imaginary part of z, A[k] = (Z[k] + conj Z[N-k]) / 2 and B[k] = (Z[k] - conj Z[N-k]) / 2i.
  /// That is three times as fast as FFTW's transforms of real input. Frames that a NaN or an
  /// infinity could reach are transformed alone, so that it does not spread to a neighbour.
  @inline(__always)
  func forEachPair(
    of samples: UnsafeBufferPointer<Float>, frames: Range<Int>, in memory: FourierBuffers? = nil,
    _ body: (_ frame: Int, _ isPair: Bool, _ buffers: FourierBuffers) throws -> Void
  ) throws {
    guard let base = samples.baseAddress, !frames.isEmpty else { return }
    let buffers = memory ?? FourierBuffers(length: fftLength)
    let start = base + frames.lowerBound * frameStep
    let reach = (frames.count - 1) * frameStep + frameLength
    let together = Self.allFinite(UnsafeBufferPointer(start: start, count: reach))
    try weights.withUnsafeBufferPointer { weights in
      guard let weights = weights.baseAddress else { return }
      var frame = frames.lowerBound
      var untilCheck = 0
      while frame < frames.upperBound {
        if untilCheck == 0 {
          try Interruption.check()
          untilCheck = max(1, 1 << 20 / fftLength)
        }
        untilCheck -= 1
        let isPair = together && frame + 1 < frames.upperBound
        load(base + frame * frameStep, weights, into: buffers.inputReal)
        if isPair {
          load(base + (frame + 1) * frameStep, weights, into: buffers.inputImaginary)
        } else {
          buffers.inputImaginary.update(repeating: 0, count: fftLength)
        }
        plan.forward(buffers)
        try body(frame, isPair, buffers)
        frame += isPair ? 2 : 1
      }
    }
  }

  @inline(__always)
  private func load(
    _ samples: UnsafePointer<Float>, _ weights: UnsafePointer<Float>,
    into destination: UnsafeMutablePointer<Float>
  ) {
    for index in 0..<frameLength { destination[index] = samples[index] * weights[index] }
    // A plan may overwrite its input, so the zeros are written again each time.
    (destination + frameLength).update(repeating: 0, count: fftLength - frameLength)
  }

  /// The largest magnitude among samples; NaN or infinity where one is among them.
  static func peak(of samples: UnsafeBufferPointer<Float>) -> Float {
    guard allFinite(samples) else { return .nan }
    var peaks = SIMD8<Float>()
    let whole = samples.count / 8 * 8
    let raw = UnsafeRawBufferPointer(samples)
    for index in stride(from: 0, to: whole, by: 8) {
      let next = raw.loadUnaligned(fromByteOffset: index * 4, as: SIMD8<Float>.self)
      peaks = pointwiseMax(peaks, pointwiseMax(next, -next))
    }
    return samples[whole...].reduce(peaks.max()) { max($0, abs($1)) }
  }

  private static func allFinite(_ samples: UnsafeBufferPointer<Float>) -> Bool {
    // 0 · x is 0 for every finite x, and NaN for the others; the sum vectorises.
    var sum = SIMD8<Float>()
    var index = 0
    let raw = UnsafeRawBufferPointer(samples)
    while index + 8 <= samples.count {
      sum += raw.loadUnaligned(fromByteOffset: index * 4, as: SIMD8<Float>.self) * 0
      index += 8
    }
    var total = sum.sum()
    while index < samples.count {
      total += samples[index] * 0
      index += 1
    }
    return total == 0
  }

  /// Writes what `Value` keeps of each bin: `first` for the pair's first frame, `second` for the other.
  @inline(__always)
  func unpack<Value: BinValue>(
    _ value: Value.Type, _ buffers: FourierBuffers, first: UnsafeMutablePointer<Float>,
    second: UnsafeMutablePointer<Float>?
  ) {
    let points = fftLength
    let bins = binCount
    let real = buffers.outputReal
    let imaginary = buffers.outputImaginary
    @inline(__always)
    func store(
      _ k: Int, _ count: Int, _ zr: SIMD8<Float>, _ zi: SIMD8<Float>, _ wr: SIMD8<Float>,
      _ wi: SIMD8<Float>
    ) {
      let a = Value.of((zr + wr) * 0.5, (zi - wi) * 0.5)
      if count == 8 {
        UnsafeMutableRawPointer(first + k).storeBytes(of: a, as: SIMD8<Float>.self)
      } else {
        for lane in 0..<count { first[k + lane] = a[lane] }
      }
      guard let second else { return }
      let b = Value.of((zi + wi) * 0.5, (wr - zr) * 0.5)
      if count == 8 {
        UnsafeMutableRawPointer(second + k).storeBytes(of: b, as: SIMD8<Float>.self)
      } else {
        for lane in 0..<count { second[k + lane] = b[lane] }
      }
    }
    store(
      0, 1, SIMD8(repeating: real[0]), SIMD8(repeating: imaginary[0]), SIMD8(repeating: real[0]),
      SIMD8(repeating: imaginary[0]))
    var k = 1
    while k + 8 <= bins, points - k - 7 >= 0 {
      store(
        k, 8, Self.forwards(real + k), Self.forwards(imaginary + k),
        Self.backwards(real + (points - k - 7)), Self.backwards(imaginary + (points - k - 7)))
      k += 8
    }
    while k < bins {
      store(
        k, 1, SIMD8(repeating: real[k]), SIMD8(repeating: imaginary[k]),
        SIMD8(repeating: real[points - k]), SIMD8(repeating: imaginary[points - k]))
      k += 1
    }
  }

  @inline(__always)
  private static func forwards(_ pointer: UnsafeMutablePointer<Float>) -> SIMD8<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Float>.self)
  }

  @inline(__always)
  private static func backwards(_ pointer: UnsafeMutablePointer<Float>) -> SIMD8<Float> {
    let v = forwards(pointer)
    return SIMD8(v[7], v[6], v[5], v[4], v[3], v[2], v[1], v[0])
  }

  /// Writes the complex bins of a pair's frames, real and imaginary parts in turn.
  func unpackComplex(
    _ buffers: FourierBuffers, first: UnsafeMutablePointer<Float>, second: UnsafeMutablePointer<Float>?
  ) {
    let real = buffers.outputReal
    let imaginary = buffers.outputImaginary
    for k in 0..<binCount {
      let m = k == 0 ? 0 : fftLength - k
      first[2 * k] = (real[k] + real[m]) * 0.5
      first[2 * k + 1] = (imaginary[k] - imaginary[m]) * 0.5
      if let second {
        second[2 * k] = (imaginary[k] + imaginary[m]) * 0.5
        second[2 * k + 1] = (real[m] - real[k]) * 0.5
      }
    }
  }
}
