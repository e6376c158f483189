import CSndFile
import Essentials
import Glibc

/// How samples are stored in a file.
public enum SampleEncoding: Sendable, Equatable {
  /// Whole numbers of 8 bits (WAV and AIFF).
  case pcm8
  /// Whole numbers of 16 bits: what a WAV, FLAC or AIFF file gets unless told otherwise.
  case pcm16
  /// Whole numbers of 24 bits.
  case pcm24
  /// Whole numbers of 32 bits (not FLAC).
  case pcm32
  /// 32-bit floats, which lose nothing (WAV and AIFF).
  case float
  /// MP3 with a constant number of bits a second.
  case bitRate(Int)
  /// MP3 or OGG with as many bits as the sound needs, from 0 (smallest file) to 1 (best sound).
  case quality(Double)

  /// The encoding of a name: "pcm_16", "pcm_24", "float", ….
  /// - Throws: a `value` failure that lists the names.
  public init(named name: String) throws(Failure) {
    switch name {
    case "pcm_8": self = .pcm8
    case "pcm_16": self = .pcm16
    case "pcm_24": self = .pcm24
    case "pcm_32": self = .pcm32
    case "float": self = .float
    default:
      throw Failure(
        .value, "there is no sample encoding \"\(name)\"",
        hint: "use \"pcm_8\", \"pcm_16\", \"pcm_24\", \"pcm_32\" or \"float\"", parameter: "encoding")
    }
  }

  fileprivate var bits: Int? {
    switch self {
    case .pcm8: 8
    case .pcm16: 16
    case .pcm24: 24
    case .pcm32: 32
    default: nil
    }
  }
}

extension AudioFile {
  /// Writes a clip; the path's ending decides the format: `.wav`, `.flac`, `.ogg`, `.aiff`, `.mp3`.
  ///
  /// Whole numbers are the samples times 2^(bits - 1), rounded, and held within their range, so that
  /// a loaded 16-bit file is written back as it was. The file is there whole or not at all.
  /// - Throws: a `value` failure for an ending or encoding that does not fit, a rate that is no whole
  ///   number, no samples, or NaN where whole numbers are wanted; a `file` failure where it cannot be
  ///   written.
  public static func save(_ clip: AudioClip, to path: String, encoding: SampleEncoding? = nil) throws {
    let container = try Container(path: path)
    let format = try container.format(encoding ?? container.defaultEncoding, clip)
    guard clip.frameCount > 0 else {
      throw Failure(.value, "there are no samples to write to '\(path)'", parameter: "a")
    }
    try FileReplacement.replace(path) { temporary in
      let writer = try SoundFileWriter(temporary, reportedPath: path, format: format, clip: clip)
      try writer.write(clip)
      try writer.finish()
    }
  }
}

private enum Container: String, CaseIterable {
  case wav, flac, ogg, aiff, mp3

  init(path: String) throws(Failure) {
    let name = AudioFile.name(of: path)
    var ending = name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
    if ending == "aif" { ending = "aiff" }
    if ending == "oga" { ending = "ogg" }
    guard let container = Container(rawValue: ending) else {
      throw Failure(
        .value, "'\(path)' does not end like a sound file",
        hint: "use .wav, .flac, .ogg, .aiff or .mp3", parameter: "path")
    }
    self = container
  }

  var defaultEncoding: SampleEncoding {
    switch self {
    case .wav, .flac, .aiff: .pcm16
    case .ogg: .quality(0.6)
    case .mp3: .bitRate(128_000)
    }
  }

  func format(_ encoding: SampleEncoding, _ clip: AudioClip) throws(Failure) -> StoredFormat {
    let rate = clip.rate
    guard rate == rate.rounded(), rate <= Double(Int32.max) else {
      throw Failure(
        .value, "a file's sample rate is a whole number of hertz, not \(rate)",
        hint: "resample first", parameter: "rate")
    }
    let channelLimit =
      switch self {
      case .mp3: 2
      case .flac: 8
      case .ogg: 255
      case .wav, .aiff: AudioClip.channelLimit
      }
    guard clip.channelCount <= channelLimit else {
      throw Failure(
        .value, "a .\(rawValue) file holds at most \(channelLimit) channels, not \(clip.channelCount)",
        parameter: "a")
    }
    if self == .mp3, ![8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000].contains(rate) {
      throw Failure(
        .value,
        "an MP3 has a sample rate of 8, 11.025, 12, 16, 22.05, 24, 32, 44.1 or 48 kHz, not \(NumberText.trimmed(rate, 3)) Hz",
        hint: "resample first", parameter: "rate")
    }
    func refused() -> Failure {
      Failure(
        .value, "a .\(rawValue) file does not hold samples of this encoding",
        parameter: "encoding")
    }
    let major =
      switch self {
      case .wav: SF_FORMAT_WAV
      case .flac: SF_FORMAT_FLAC
      case .ogg: SF_FORMAT_OGG
      case .aiff: SF_FORMAT_AIFF
      case .mp3: SF_FORMAT_MPEG
      }
    let minor: Int
    switch (self, encoding) {
    case (.wav, .pcm8): minor = SF_FORMAT_PCM_U8
    case (.aiff, .pcm8), (.flac, .pcm8): minor = SF_FORMAT_PCM_S8
    case (.wav, .pcm16), (.aiff, .pcm16), (.flac, .pcm16): minor = SF_FORMAT_PCM_16
    case (.wav, .pcm24), (.aiff, .pcm24), (.flac, .pcm24): minor = SF_FORMAT_PCM_24
    case (.wav, .pcm32), (.aiff, .pcm32): minor = SF_FORMAT_PCM_32
    case (.wav, .float), (.aiff, .float): minor = SF_FORMAT_FLOAT
    case (.ogg, .quality(let quality)), (.mp3, .quality(let quality)):
      guard quality >= 0, quality <= 1 else {
        throw Failure(.value, "a quality lies between 0 and 1, not at \(quality)", parameter: "quality")
      }
      let codec = self == .ogg ? SF_FORMAT_VORBIS : SF_FORMAT_MPEG_LAYER_III
      return StoredFormat(
        format: Int32(major | codec), compression: 1 - quality,
        bitRateMode: self == .ogg ? nil : SF_BITRATE_MODE_VARIABLE)
    case (.mp3, .bitRate(let bits)):
      return StoredFormat(
        format: Int32(major | SF_FORMAT_MPEG_LAYER_III),
        compression: try Self.compression(bitRate: bits, rate: Int(rate)),
        bitRateMode: SF_BITRATE_MODE_CONSTANT)
    default: throw refused()
    }
    return StoredFormat(format: Int32(major | minor), bits: encoding.bits)
  }

  /// libsndfile takes a bit rate as a place between the greatest (0) and the least (1) that MP3 has.
  private static func compression(bitRate: Int, rate: Int) throws(Failure) -> Double {
    let (least, greatest) = rate >= 32000 ? (32, 320) : rate >= 16000 ? (8, 160) : (8, 64)
    let wanted = Double(bitRate) / 1000
    guard wanted >= 8, wanted <= 320 else {
      throw Failure(
        .value, "an MP3 has 8000 to 320000 bits a second, not \(bitRate)", parameter: "bit_rate")
    }
    let place = (Double(greatest) - wanted) / Double(greatest - least)
    return min(max(place, 0), 1)
  }
}

private struct StoredFormat {
  var format: Int32
  /// Bits of whole numbers; nil where floats are stored or encoded.
  var bits: Int?
  /// libsndfile's level of compression, from 0 to 1.
  var compression: Double?
  /// MP3's way to spend bits.
  var bitRateMode: Int?
}

/// A file being written through libsndfile.
private final class SoundFileWriter {
  private var handle: OpaquePointer?
  private let path: String
  private let temporary: String
  private let format: StoredFormat
  private let clip: AudioClip

  init(_ temporary: String, reportedPath path: String, format: StoredFormat, clip: AudioClip) throws {
    var header = SF_INFO()
    header.samplerate = Int32(clip.rate)
    header.channels = Int32(clip.channelCount)
    header.format = format.format
    // libsndfile's own words for a missing folder are "System error": the reason is asked for first.
    let descriptor = open(temporary, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw Failure.system("write", path: path, errno: errno).blaming("path")
    }
    close(descriptor)
    guard let handle = sf_open(temporary, Int32(SFM_WRITE), &header) else {
      throw Failure(
        .file, "cannot write '\(path)': \(String(cString: sf_strerror(nil)))", parameter: "path")
    }
    self.handle = handle
    self.path = path
    self.temporary = temporary
    self.format = format
    self.clip = clip
    if let bitRateMode = format.bitRateMode {
      var mode = Int32(bitRateMode)
      sf_command(handle, Int32(SFC_SET_BITRATE_MODE), &mode, Int32(MemoryLayout<Int32>.size))
    }
    if var compression = format.compression {
      sf_command(
        handle, Int32(SFC_SET_COMPRESSION_LEVEL), &compression, Int32(MemoryLayout<Double>.size))
    }
  }

  deinit { if let handle { sf_close(handle) } }

  func write(_ clip: AudioClip) throws {
    let frames = clip.frameCount
    let width = clip.channelCount
    let block = max(1, (1 << 16) / width)
    var floats = [Float](repeating: 0, count: format.bits == nil ? block * width : 0)
    var integers = [Int32](repeating: 0, count: format.bits == nil ? 0 : block * width)
    let scale = Double(sign: .plus, exponent: (format.bits ?? 1) - 1, significand: 1)
    let shift = Int32(32 - (format.bits ?? 32))
    try clip.samples.withUnsafeBufferPointer { samples in
      var start = 0
      while start < frames {
        try Interruption.check()
        let count = min(block, frames - start)
        var written: sf_count_t
        if format.bits != nil {
          for channel in 0..<width {
            for frame in 0..<count {
              let sample = samples[channel * frames + start + frame]
              guard !sample.isNaN else {
                throw Failure(
                  .value,
                  "sample \(start + frame) is not a number, and '\(path)' holds whole numbers",
                  hint: "encoding=\"float\" keeps it", parameter: "a")
              }
              let scaled = min(max((Double(sample) * scale).rounded(.toNearestOrEven), -scale), scale - 1)
              integers[frame * width + channel] = Int32(scaled) << shift
            }
          }
          written = sf_writef_int(handle, integers, sf_count_t(count))
        } else {
          for channel in 0..<width {
            for frame in 0..<count {
              floats[frame * width + channel] = samples[channel * frames + start + frame]
            }
          }
          written = sf_writef_float(handle, floats, sf_count_t(count))
        }
        guard written == sf_count_t(count) else { throw failure() }
        start += count
      }
    }
  }

  /// Closes the file, and makes sure that all of it arrived: libsndfile writes headers on closing
  /// without saying whether that worked.
  func finish() throws {
    guard let handle else { return }
    sf_write_sync(handle)
    if sf_error(handle) != Int32(SF_ERR_NO_ERROR) { throw failure() }
    self.handle = nil
    guard sf_close(handle) == 0 else {
      throw Failure(.file, "cannot write '\(path)': \(SystemError.text(errno))", parameter: "path")
    }
    var status = stat()
    guard stat(temporary, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
    let stored = try? AudioFile.info(temporary).frameCount
    guard let stored, abs(stored - clip.frameCount) <= (format.bitRateMode == nil ? 0 : 1152) else {
      throw Failure(
        .file, "cannot write '\(path)': the file did not arrive whole on the disk", parameter: "path")
    }
  }

  private func failure() -> Failure {
    let code = errno
    let reason = code != 0 ? SystemError.text(code) : String(cString: sf_strerror(handle))
    return Failure(.file, "cannot write '\(path)': \(reason)", parameter: "path")
  }
}
