import Glibc

/// A file opened for writing bytes in order. Meant for the path that `FileReplacement` gives.
public final class OutputFile {
  private let name: String
  private var descriptor: Int32

  /// Creates a file, or empties the one that is there; `name` is what messages call it.
  /// - Throws: a `file` failure.
  public init(_ path: String, named name: String) throws(Failure) {
    self.name = name
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw Failure.system("write", path: name, errno: errno) }
  }

  deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

  /// Writes all the bytes.
  /// - Throws: a `file` failure, such as for a full disk; an `interrupt` failure.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
    var done = 0
    while done < bytes.count {
      try Interruption.check()
      let piece = min(bytes.count - done, 1 << 24)
      let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + done }, piece)
      if count >= 0 {
        done += count
      } else if errno != EINTR {
        throw Failure.system("write", path: name, errno: errno)
      }
    }
  }

  /// Writes all the bytes.
  /// - Throws: a `file` failure, such as for a full disk; an `interrupt` failure.
  public func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try write($0) }
  }

  /// Closes the file; some file systems tell only now that there was no room.
  public func close() throws(Failure) {
    let open = descriptor
    descriptor = -1
    guard Glibc.close(open) == 0 else { throw Failure.system("write", path: name, errno: errno) }
  }
}
