import Essentials

/// What a sound file says about itself.
public struct AudioInfo: Sendable, Equatable {
  /// The file's path, as it was given.
  public let path: String
  /// Samples a second, in hertz.
  public let rate: Double
  /// The number of channels.
  public let channelCount: Int
  /// Samples in each channel; for MP3 those that were encoded, without the encoder's padding.
  public let frameCount: Int
  /// The container and encoding in words: `WAV, 16-bit`, `MP3, 128 kbit/s`.
  public let format: String
  /// What is odd about the file, such as being cut short; empty for most.
  public let notes: [String]

  /// The length in seconds.
  public var duration: Double { Double(frameCount) / rate }
  /// The file's name without its folders.
  public var name: String { AudioFile.name(of: path) }
}

extension AudioInfo: CustomStringConvertible {
  /// `XC3776-3.wav · WAV, 16-bit · 3.00 s · 44100 Hz · 2 channels · 132300 frames`.
  public var description: String {
    let parts = [
      name, format, "\(NumberText.fixed(duration, 2)) s", "\(NumberText.trimmed(rate, 3)) Hz",
      channelCount == 1 ? "1 channel" : "\(channelCount) channels", "\(frameCount) frames",
    ]
    return (parts + notes).joined(separator: " · ")
  }
}

/// Decodes a sound file from front to back.
public protocol AudioReader: AnyObject {
  /// What the file says about itself.
  var info: AudioInfo { get }
  /// Decodes up to `buffer.count / channelCount` frames, the channels' samples in turn
  /// (interleaved), and returns how many frames there were: 0 at the end.
  /// - Throws: a `format` failure where the file turns out to be broken.
  func read(into buffer: UnsafeMutableBufferPointer<Float>) throws -> Int
  /// Goes to a frame, so that the next `read` starts there.
  func seek(toFrame frame: Int) throws
}
