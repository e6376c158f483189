import Essentials
import Glibc

/// A weight for each sample of a frame, that fades the frame's ends before a Fourier transform.
public enum Window: String, Sendable, CaseIterable {
  /// 0.5 - 0.5 cos(2πn / N).
  case hann
  /// 0.54 - 0.46 cos(2πn / N).
  case hamming
  /// 0.42 - 0.5 cos(2πn / N) + 0.08 cos(4πn / N).
  case blackman
  /// 1 everywhere.
  case rectangular

  /// The window of a name, such as "hann".
  /// - Throws: a `value` failure that lists the windows there are.
  public init(named name: String) throws(Failure) {
    guard let window = Window(rawValue: name) else {
      let names = Window.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
      throw Failure(.value, "there is no window \"\(name)\"", hint: "use \(names)", parameter: "window")
    }
    self = window
  }

  /// The weights for `length` samples.
  ///
  /// Periodic unless `symmetric`: N is the length, so that the window repeats without a seam. As in
  /// tf.signal, a periodic window of odd length is the symmetric one, with N one less.
  public func values(length: Int, symmetric: Bool = false) -> [Float] {
    guard length > 1 else { return Array(repeating: 1, count: max(length, 0)) }
    let period = Double(symmetric || !length.isMultiple(of: 2) ? length - 1 : length)
    return (0..<length).map { index in
      let angle = 2 * Double.pi * Double(index) / period
      return switch self {
      case .hann: Float(0.5 - 0.5 * cos(angle))
      case .hamming: Float(0.54 - 0.46 * cos(angle))
      case .blackman: Float(0.42 - 0.5 * cos(angle) + 0.08 * cos(2 * angle))
      case .rectangular: 1
      }
    }
  }
}
