import Glibc

/// Writes files whole or not at all: beside the target first, then renamed over it.
public enum FileReplacement {
  /// Replaces `path` with what `write` puts into the file whose path it is given.
  ///
  /// `write` gets a fresh path in the same folder, with the target's ending. When it returns, the
  /// file is flushed to disk and renamed over `path`; when it throws, the file is removed and
  /// `path` is as it was. A target that exists and is no regular file (`/dev/stdout`, a pipe) is
  /// written in place, since renaming over it would destroy it.
  /// - Throws: what `write` throws, or a `file` failure that names `path`.
  public static func replace(_ path: String, write: (_ temporaryPath: String) throws -> Void) throws {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      if status.st_mode & S_IFMT == S_IFDIR {
        throw Failure(.file, "cannot write '\(path)': it is a folder")
      }
      try write(path)
      return
    }
    let temporary = temporaryPath(beside: path)
    do {
      try write(temporary)
      try flush(temporary, for: path)
      if stat(path, &status) == 0 { chmod(temporary, status.st_mode & 0o7777) }
      guard rename(temporary, path) == 0 else {
        throw Failure.system("write", path: path, errno: errno)
      }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Replaces `path` with these bytes.
  /// - Throws: a `file` failure that names `path` and the reason (no such folder, disk full, …).
  public static func write(_ bytes: [UInt8], to path: String) throws {
    try replace(path) { temporary in
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw Failure.system("write", path: path, errno: errno) }
      defer { close(descriptor) }
      try bytes.withUnsafeBytes { buffer in
        var done = 0
        while done < buffer.count {
          try Interruption.check()
          let piece = min(buffer.count - done, 1 << 23)
          let written = Glibc.write(descriptor, buffer.baseAddress.map { $0 + done }, piece)
          if written < 0 {
            if errno == EINTR { continue }
            throw Failure.system("write", path: path, errno: errno)
          }
          done += written
        }
      }
    }
  }

  /// Replaces `path` with this text, as UTF-8.
  /// - Throws: a `file` failure; then what stood there stays.
  public static func write(_ text: String, to path: String) throws {
    try write(Array(text.utf8), to: path)
  }

  /// Tells before long work whether `path` can be written after it: makes a file beside it and removes it.
  /// - Throws: the `file` failure that writing would end in.
  public static func check(_ path: String) throws {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG, status.st_mode & S_IFMT != S_IFDIR {
      // Opening a pipe would wait for its reader.
      guard access(path, W_OK) == 0 else { throw Failure.system("write", path: path, errno: errno) }
      return
    }
    if path.isEmpty || path.hasSuffix("/") { throw Failure(.file, "cannot write '\(path)': it is a folder") }
    do {
      try replace(path) { temporary in
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure.system("write", path: path, errno: errno) }
        close(descriptor)
        throw Writable()
      }
    } catch is Writable {}
  }

  /// Ends a trial before it touches the target.
  private struct Writable: Error {}

  private static func temporaryPath(beside path: String) -> String {
    let (folder, name) = Path.split(path)
    let token = String(UInt32.random(in: .min ... .max), radix: 36)
    return "\(folder).\(getpid())-\(token)-\(name.suffix(100))"
  }

  private static func flush(_ temporary: String, for path: String) throws {
    let descriptor = open(temporary, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure.system("write", path: path, errno: errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_size > 1 << 23 else {
      defer { close(descriptor) }
      guard fsync(descriptor) == 0 else { throw Failure.system("write", path: path, errno: errno) }
      return
    }
    // A long file takes seconds to reach the disk: whoever has been interrupted does not wait for it.
    let outcome = Monitor<Int32?>(nil)
    let started = Thread.detach {
      let code = fsync(descriptor) == 0 ? 0 : errno
      close(descriptor)
      outcome.withLock { $0 = code }
    }
    guard started else {
      close(descriptor)
      throw Failure(.memory, "the system has no thread to write '\(path)' with")
    }
    while true {
      if let code = outcome.withLock({ $0 }) {
        guard code == 0 else { throw Failure.system("write", path: path, errno: code) }
        return
      }
      try Interruption.check()
      usleep(2000)
    }
  }
}
