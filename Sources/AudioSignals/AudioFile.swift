import Essentials
import Glibc

/// Sound files: WAV, FLAC, OGG, AIFF (and AU, CAF) through libsndfile, MP3 through libmpg123.
///
/// A file is what its content says: an MP3 named `.wav` is read as MP3. Samples come as floats with
/// whole numbers scaled to full scale (16-bit ones divided by 32768, as in tf.audio.decode_wav and
/// soundfile); nothing is resampled or mixed unless asked.
public enum AudioFile {
  /// What the file says about itself. Decodes nothing; an MP3 without a count of its frames is
  /// looked through for it.
  /// - Throws: a `file` failure for a file that cannot be read, a `format` failure for one that is
  ///   no sound or a broken one. A file that is cut short is described with a note.
  public static func info(_ path: String) throws -> AudioInfo {
    try open(path, allowTruncated: true).info
  }

  /// Opens a file for decoding block by block.
  ///
  /// A file that holds fewer samples than its header promises is refused, unless `allowTruncated`,
  /// which reads those that are there.
  /// - Throws: a `file` failure for a file that cannot be read, a `format` failure for one that is no sound or a broken
  ///   one.
  public static func open(_ path: String, allowTruncated: Bool = false) throws -> any AudioReader {
    try open(FileHead(path), allowTruncated: allowTruncated)
  }

  static func open(_ file: FileHead, allowTruncated: Bool) throws -> any AudioReader {
    let path = file.path
    switch file.kind {
    case .wav, .aiff, .sound:
      return try SoundFileReader(file, allowTruncated: allowTruncated)
    case .mpeg:
      return try MP3Reader(file, allowTruncated: allowTruncated)
    case .other(let what):
      throw Failure(.format, "'\(path)' is no sound file: it is \(what)", parameter: "path")
    case .unknown:
      throw Failure(
        .format, "'\(path)' is no sound file that can be read here",
        hint: "WAV, FLAC, OGG, AIFF and MP3 are read", parameter: "path")
    }
  }

  /// Decodes a file, or the part of it from `offset` on, `duration` seconds long.
  ///
  /// With `mono` the channels are averaged, and with `rate` the result is resampled, both block by
  /// block, so that a long recording is never held at its full rate.
  /// - Throws: what `open` throws; a `value` failure for a negative or endless offset or duration; a
  ///   `memory` failure where the samples do not fit; `interrupt` when the user asks to stop.
  public static func load(
    _ path: String, rate: Double? = nil, mono: Bool = false, offset: Double = 0,
    duration: Double? = nil, quality: ResamplingQuality = .high, allowTruncated: Bool = false
  ) throws -> AudioClip {
    try Recording(
      path, selection: mono ? .mean : .all, rate: rate, offset: offset, duration: duration,
      quality: quality, allowTruncated: allowTruncated
    ).decoded()
  }

  /// The part of a path after the last `/`.
  public static func name(of path: String) -> String {
    Path.split(path).name
  }
}

/// A file that was found, and its first bytes.
struct FileHead {
  let path: String
  let kind: FileKind
  let byteCount: Int
  /// When it was last written.
  let modified: Int

  /// - Throws: a `file` failure where there is no readable, regular file; a `format` failure for an empty one.
  init(_ path: String) throws(Failure) {
    guard !path.utf8.contains(0) else {
      throw Failure(.file, "a path cannot hold the character NUL", parameter: "path")
    }
    // O_NONBLOCK: opening a pipe that nobody writes to must not wait for ever.
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw Failure.system("read", path: path, errno: errno).blaming("path")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw Failure.system("read", path: path, errno: errno).blaming("path")
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR:
      throw Failure(
        .file, "cannot read '\(path)': it is a folder", hint: "files() lists the files in a folder",
        parameter: "path")
    default:
      throw Failure(.file, "cannot read '\(path)': it is no regular file", parameter: "path")
    }
    guard status.st_size > 0 else {
      throw Failure(.format, "'\(path)' is empty", parameter: "path")
    }
    var head = [UInt8](repeating: 0, count: FileKind.headLength)
    let count = head.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    guard count >= 0 else {
      throw Failure.system("read", path: path, errno: errno).blaming("path")
    }
    self.path = path
    byteCount = Int(status.st_size)
    modified = Self.modified(status)
    kind = FileKind(head: Array(head.prefix(count)))
  }

  /// Whether the file at the path still has the size and the time that it had.
  /// - Throws: a `file` failure where there is none any more.
  func isUnchanged() throws(Failure) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw Failure.system("read", path: path, errno: errno).blaming("path")
    }
    return Int(status.st_size) == byteCount && Self.modified(status) == modified
  }

  /// Nanoseconds.
  private static func modified(_ status: stat) -> Int {
    status.st_mtim.tv_sec &* 1_000_000_000 &+ status.st_mtim.tv_nsec
  }

  /// A `format` failure about this file.
  func broken(_ what: String, hint: String? = nil) -> Failure {
    Failure(.format, "'\(path)' \(what)", hint: hint, parameter: "path")
  }

  /// The refusal of a file with fewer samples than its header promises.
  func cutShort(promised: Int, found: Int) -> Failure {
    broken(
      "is cut short: its header promises \(promised) frames, and \(found) are there",
      hint: "allow_truncated=true loads what is there")
  }
}
