import CSndFile
import Essentials

/// Decodes through libsndfile.
final class SoundFileReader: AudioReader {
  let info: AudioInfo
  private let file: FileHead
  private let handle: OpaquePointer
  private let allowTruncated: Bool
  private var position = 0

  init(_ file: FileHead, allowTruncated: Bool) throws {
    var chunks: ChunkedFile?
    if file.kind != .sound {
      let content = try ChunkedFile(file)
      try Self.checkWidth(file, content)
      chunks = content
    }
    var header = SF_INFO()
    guard let handle = sf_open(file.path, Int32(SFM_READ), &header) else {
      let reason = String(cString: sf_strerror(nil)).trimmedReason
      throw file.broken("cannot be decoded: \(reason)")
    }
    var opened = false
    defer { if !opened { sf_close(handle) } }
    guard header.samplerate >= 1, Double(header.samplerate) <= AudioClip.rateLimit else {
      throw file.broken("is broken: its header gives a sample rate of \(header.samplerate) Hz")
    }
    guard header.channels >= 1, Int(header.channels) <= AudioClip.channelLimit else {
      throw file.broken("is broken: its header gives \(header.channels) channels")
    }
    guard header.frames > 0 else { throw file.broken("holds no samples") }
    var notes: [String] = []
    var frames = Int(header.frames)
    if let chunks, let width = chunks.frameBytes, let promised = chunks.promisedBytes,
      let present = chunks.presentBytes, present < promised
    {
      guard allowTruncated else {
        throw file.cutShort(promised: promised / width, found: present / width)
      }
      notes.append("cut short: the header promises \(promised / width) frames")
    }
    if header.frames == unknownFrameCount {
      frames = try Self.countFrames(handle, header, file)
    }
    info = AudioInfo(
      path: file.path, rate: Double(header.samplerate), channelCount: Int(header.channels),
      frameCount: frames, format: Self.formatName(header.format), notes: notes)
    self.file = file
    self.handle = handle
    self.allowTruncated = allowTruncated
    opened = true
  }

  deinit { sf_close(handle) }

  func read(into buffer: UnsafeMutableBufferPointer<Float>) throws -> Int {
    let wanted = min(buffer.count / info.channelCount, info.frameCount - position)
    guard wanted > 0, let base = buffer.baseAddress else { return 0 }
    let count = Int(sf_readf_float(handle, base, sf_count_t(wanted)))
    if count < wanted {
      let code = sf_error(handle)
      if !allowTruncated {
        if code != Int32(SF_ERR_NO_ERROR) {
          throw file.broken(
            "cannot be decoded to its end: \(String(cString: sf_strerror(handle)).trimmedReason)")
        }
        throw file.cutShort(promised: info.frameCount, found: position + max(count, 0))
      }
    }
    position += max(count, 0)
    return max(count, 0)
  }

  func seek(toFrame frame: Int) throws {
    let target = min(max(frame, 0), info.frameCount)
    guard sf_seek(handle, sf_count_t(target), 0) == sf_count_t(target) else {
      throw file.broken(
        "cannot be read from frame \(target) on: \(String(cString: sf_strerror(handle)).trimmedReason)")
    }
    position = target
  }

  /// Sample widths that libsndfile would misread.
  private static func checkWidth(_ file: FileHead, _ chunks: ChunkedFile) throws(Failure) {
    guard chunks.formatTag == 1, let bits = chunks.bits, let channels = chunks.channelCount,
      let width = chunks.frameBytes
    else { return }
    guard bits >= 1, bits <= 32 else {
      throw file.broken(
        "holds \(bits)-bit whole numbers",
        hint: "WAV files of 8 to 32 bits, and floats of 32 and 64, are read")
    }
    guard width == channels * ((bits + 7) / 8) else {
      throw file.broken(
        "is broken: its header gives frames of \(width) bytes for \(channels) channels of \(bits) bits")
    }
  }

  /// Decodes to the end to learn how many frames there are, for a stream that does not say.
  private static func countFrames(_ handle: OpaquePointer, _ header: SF_INFO, _ file: FileHead) throws -> Int
  {
    let channels = Int(header.channels)
    let block = UnsafeMutableBufferPointer<Float>.allocate(capacity: 4096 * channels)
    defer { block.deallocate() }
    guard let base = block.baseAddress else { return 0 }
    var frames = 0
    while true {
      try Interruption.check()
      let count = Int(sf_readf_float(handle, base, 4096))
      if count <= 0 { break }
      frames += count
    }
    guard frames > 0 else { throw file.broken("holds no samples") }
    guard sf_seek(handle, 0, 0) == 0 else { throw file.broken("cannot be read twice") }
    return frames
  }

  /// `WAV, 16-bit`.
  private static func formatName(_ format: Int32) -> String {
    let container =
      switch Int(format) & SF_FORMAT_TYPEMASK {
      case SF_FORMAT_WAV: "WAV"
      case SF_FORMAT_WAVEX: "WAV (extensible)"
      case SF_FORMAT_RF64: "WAV (RF64)"
      case SF_FORMAT_W64: "W64"
      case SF_FORMAT_AIFF: "AIFF"
      case SF_FORMAT_AU: "AU"
      case SF_FORMAT_FLAC: "FLAC"
      case SF_FORMAT_CAF: "CAF"
      case SF_FORMAT_OGG: "OGG"
      default: "sound file"
      }
    let encoding =
      switch Int(format) & SF_FORMAT_SUBMASK {
      case SF_FORMAT_PCM_S8, SF_FORMAT_PCM_U8: "8-bit"
      case SF_FORMAT_PCM_16: "16-bit"
      case SF_FORMAT_PCM_24: "24-bit"
      case SF_FORMAT_PCM_32: "32-bit"
      case SF_FORMAT_FLOAT: "32-bit float"
      case SF_FORMAT_DOUBLE: "64-bit float"
      case SF_FORMAT_ULAW: "µ-law"
      case SF_FORMAT_ALAW: "A-law"
      case SF_FORMAT_IMA_ADPCM, SF_FORMAT_MS_ADPCM: "ADPCM"
      case SF_FORMAT_GSM610: "GSM 6.10"
      case SF_FORMAT_VORBIS: "Vorbis"
      case SF_FORMAT_OPUS: "Opus"
      case SF_FORMAT_ALAC_16...SF_FORMAT_ALAC_32: "ALAC"
      default: "compressed"
      }
    return "\(container), \(encoding)"
  }
}

/// What libsndfile says where it cannot know.
private let unknownFrameCount = sf_count_t.max

extension String {
  /// libsndfile's words without its prefix and final period.
  fileprivate var trimmedReason: String {
    var text = self
    for prefix in ["Error : ", "Error in ", "Format not recognised : "] where text.hasPrefix(prefix) {
      text.removeFirst(prefix.count)
    }
    while text.hasSuffix(".") || text.hasSuffix("\n") { text.removeLast() }
    return text.prefix(1).lowercased() + text.dropFirst()
  }
}
