import CMPG123
import Essentials
import Glibc

/// Decodes MPEG audio through libmpg123, without the silence that the encoder and decoder add (gapless).
final class MP3Reader: AudioReader {
  let info: AudioInfo
  private let file: FileHead
  private let handle: OpaquePointer
  /// What the handle reads from.
  private let input: BufferedInput
  private let allowTruncated: Bool
  private var position = 0

  /// libmpg123 wants to be initialised once in a process.
  private static let library: Int32 = mpg123_init()
  /// A header's count of frames may be off by the info frame itself and a padded end.
  private static let tolerance = 3 * 1152

  init(_ file: FileHead, allowTruncated: Bool) throws {
    _ = Self.library
    var error: Int32 = 0
    guard let handle = mpg123_new(nil, &error) else {
      throw Failure(
        .memory, "the MP3 decoder cannot be set up: \(String(cString: mpg123_plain_strerror(error)))")
    }
    var opened = false
    defer { if !opened { mpg123_delete(handle) } }
    let flags = Int(MPG123_QUIET.rawValue) | Int(MPG123_FORCE_FLOAT.rawValue) | Int(MPG123_GAPLESS.rawValue)
    mpg123_param2(handle, Int32(MPG123_ADD_FLAGS.rawValue), flags, 0)
    // An index of all frames, so that a seek in a long recording is exact and quick.
    mpg123_param2(handle, Int32(MPG123_INDEX_SIZE.rawValue), -1000, 0)
    func reason() -> String { String(cString: mpg123_strerror(handle)) }
    let input = try BufferedInput(file.path)
    guard Self.open(handle, input) else { throw file.broken("cannot be decoded: \(reason())") }
    var rate = 0
    var channels: Int32 = 0
    var encoding: Int32 = 0
    guard mpg123_getformat(handle, &rate, &channels, &encoding) == 0 else {
      throw file.broken("is no MP3 that can be decoded: no MPEG audio was found in it")
    }
    guard rate >= 1, Double(rate) <= AudioClip.rateLimit, (1...2).contains(channels) else {
      throw file.broken("is broken: \(rate) Hz and \(channels) channels")
    }
    // Fixed, so that a stream that changes on the way is noticed.
    mpg123_format_none(handle)
    guard mpg123_format(handle, rate, channels, Int32(MPG123_ENC_FLOAT_32.rawValue)) == 0 else {
      throw file.broken("cannot be decoded to floats: \(reason())")
    }
    var frameInfo = mpg123_frameinfo2()
    mpg123_info2(handle, &frameInfo)
    var delay = -1
    mpg123_getstate2(handle, Int32(MPG123_ENC_DELAY.rawValue), &delay, nil)
    if delay < 0 {
      // Nothing says how long it is: look at every frame's header, which decodes nothing.
      guard mpg123_scan(handle) == 0 else { throw file.broken("cannot be decoded: \(reason())") }
    }
    let frames = Int(mpg123_length(handle))
    guard frames > 0 else { throw file.broken("holds no samples") }
    info = AudioInfo(
      path: file.path, rate: Double(rate), channelCount: Int(channels), frameCount: frames,
      format: Self.formatName(frameInfo, frames, file, rate), notes: [])
    self.file = file
    self.handle = handle
    self.input = input
    self.allowTruncated = allowTruncated
    opened = true
  }

  deinit { mpg123_delete(handle) }

  /// Lets the decoder read from `input`: by itself it asks the system twice for each frame.
  private static func open(_ handle: OpaquePointer, _ input: BufferedInput) -> Bool {
    mpg123_replace_reader_handle(
      handle,
      { input, destination, count in
        guard let input, let destination else { return -1 }
        return Unmanaged<BufferedInput>.fromOpaque(input).takeUnretainedValue()
          .read(into: destination, count: count)
      },
      { input, offset, origin in
        guard let input else { return -1 }
        return Unmanaged<BufferedInput>.fromOpaque(input).takeUnretainedValue().seek(to: offset, from: origin)
      }, nil) == 0 && mpg123_open_handle(handle, Unmanaged.passUnretained(input).toOpaque()) == 0
  }

  func read(into buffer: UnsafeMutableBufferPointer<Float>) throws -> Int {
    let width = info.channelCount
    let wanted = min(buffer.count / width, info.frameCount - position)
    guard wanted > 0, let base = buffer.baseAddress else { return 0 }
    var done = 0
    while done < wanted {
      var bytes = 0
      let status = mpg123_read(
        handle, base + done * width, (wanted - done) * width * MemoryLayout<Float>.stride, &bytes)
      done += bytes / (MemoryLayout<Float>.stride * width)
      if status == Int32(MPG123_OK.rawValue) { continue }
      if status == Int32(MPG123_DONE.rawValue) {
        try checkEnd(position + done)
        guard !allowTruncated else { break }
        // Within what a header may be off by: silence, so that the length is the one that was told.
        (base + done * width).update(repeating: 0, count: (wanted - done) * width)
        done = wanted
        break
      }
      if status == Int32(MPG123_NEW_FORMAT.rawValue) {
        var rate = 0
        var channels: Int32 = 0
        var encoding: Int32 = 0
        mpg123_getformat(handle, &rate, &channels, &encoding)
        if Double(rate) == info.rate, Int(channels) == width { continue }
        throw file.broken("changes to \(rate) Hz and \(channels) channels on the way")
      }
      if allowTruncated { break }
      throw file.broken("cannot be decoded to its end: \(String(cString: mpg123_strerror(handle)))")
    }
    position += done
    return done
  }

  func seek(toFrame frame: Int) throws {
    let target = min(max(frame, 0), info.frameCount)
    let reached = Int(mpg123_seek(handle, target, SEEK_SET))
    guard reached == target else {
      throw file.broken("cannot be read from frame \(target) on: \(String(cString: mpg123_strerror(handle)))")
    }
    position = target
  }

  private func checkEnd(_ found: Int) throws(Failure) {
    guard !allowTruncated, found < info.frameCount - Self.tolerance else { return }
    throw file.cutShort(promised: info.frameCount, found: found)
  }

  /// `MP3, 128 kbit/s`.
  private static func formatName(
    _ frame: mpg123_frameinfo2, _ frames: Int, _ file: FileHead, _ rate: Int
  ) -> String {
    let name = "MP\(max(1, frame.layer))"
    if frame.vbr == Int32(MPG123_CBR.rawValue) { return "\(name), \(frame.bitrate) kbit/s" }
    let mean = Double(file.byteCount) * 8 * Double(rate) / Double(frames) / 1000
    return
      "\(name), about \(NumberText.fixed(mean, 0)) kbit/s\(frame.vbr == Int32(MPG123_VBR.rawValue) ? " (variable)" : "")"
  }
}
