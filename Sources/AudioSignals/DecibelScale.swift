import Essentials
import Glibc
import Tensors

/// Levels in decibels, as librosa.amplitude_to_db and power_to_db with `ref=1.0`.
public struct DecibelScale: Sendable, Equatable {
  /// How far below the loudest value the quietest is shown, in dB; nil: as far as it goes.
  public let range: Float?

  /// The quietest magnitude that is told from silence.
  public static let leastMagnitude: Float = 1e-5

  /// - Throws: a `value` failure unless the range is positive.
  static func check(_ range: Float?) throws(Failure) {
    guard let range else { return }
    guard range > 0 else {
      throw Failure(.value, "top_db is a positive number of decibels, not \(range)", parameter: "top_db")
    }
  }

  /// A tensor of magnitudes (or of powers) in decibels.
  /// - Throws: a `value` failure for a range that is not positive.
  public static func decibels(
    of values: Tensor, isPower: Bool = false, range: Float? = 80
  ) throws -> Tensor {
    try check(range)
    var result = values
    result.withUnsafeMutableElements { DecibelScale(range: range).apply(to: $0, isPower: isPower) }
    return result
  }

  func apply(to values: UnsafeMutableBufferPointer<Float>, isPower: Bool) {
    let factor: Float = isPower ? 10 : 20
    let least = isPower ? Self.leastMagnitude * Self.leastMagnitude : Self.leastMagnitude
    var loudest = -Float.infinity
    for index in values.indices {
      // NaN stays NaN: `max` would hide it.
      let value = values[index]
      let level = factor * log10f(value < least ? least : value)
      values[index] = level
      if level > loudest { loudest = level }
    }
    guard let range, loudest.isFinite else { return }
    let floor = loudest - range
    for index in values.indices where values[index] < floor { values[index] = floor }
  }
}

/// The orthonormal cosine transform of type II, as scipy.fft.dct(norm="ortho").
struct CosineTransform {
  private let inputs: Int
  private let outputs: Int
  private let matrix: [Float]

  init(inputs: Int, outputs: Int) {
    self.inputs = inputs
    self.outputs = outputs
    matrix = (0..<outputs).flatMap { k in
      (0..<inputs).map { n in
        let scale = (k == 0 ? 1.0 : 2.0) / Double(inputs)
        return Float(
          scale.squareRoot() * cos(Double.pi * Double(k) * (2 * Double(n) + 1) / (2 * Double(inputs))))
      }
    }
  }

  func apply(_ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>) {
    matrix.withUnsafeBufferPointer { matrix in
      for k in 0..<outputs {
        var sum: Float = 0
        for n in 0..<inputs { sum += matrix[k * inputs + n] * input[n] }
        output[k] = sum
      }
    }
  }
}
