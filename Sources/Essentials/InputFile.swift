import Glibc

/// A file opened for reading bytes in order; closed when it is let go.
public final class InputFile {
  /// As it was opened, for messages.
  public let path: String
  /// The bytes of a regular file, as it was opened.
  public let size: Int
  /// Whether it is an ordinary file, whose size is known beforehand.
  public let isRegular: Bool
  private let descriptor: Int32

  /// Opens a file.
  /// - Throws: a `file` failure that names the path: missing, unreadable, a folder.
  public init(_ path: String) throws(Failure) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure.system("read", path: path, errno: errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let code = errno
      close(descriptor)
      throw Failure.system("read", path: path, errno: code)
    }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      close(descriptor)
      throw Failure(.file, "cannot read '\(path)': it is a folder")
    }
    size = Int(status.st_size)
    isRegular = status.st_mode & S_IFMT == S_IFREG
  }

  deinit { close(descriptor) }

  /// Reads up to as many bytes as fit; 0 at the end of the file.
  /// - Throws: a `file` failure, an `interrupt` failure.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    while true {
      let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      if errno != EINTR { throw Failure.system("read", path: path, errno: errno) }
      try Interruption.check()
    }
  }

  /// Fills the buffer.
  /// - Throws: a `format` failure where the file ends before.
  public func readAll(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) {
    var done = 0
    while done < buffer.count {
      let count = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[done...]))
      guard count > 0 else { throw Failure(.format, "'\(path)' ends too early") }
      done += count
    }
  }

  /// The next `count` bytes.
  /// - Throws: a `format` failure where the file ends before.
  public func bytes(_ count: Int) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      try readAll(
        into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[0..<count])))
      initialized = count
    }
  }

  /// All bytes that are left.
  /// - Throws: a `memory` failure where there are more than `limit`.
  public func remainingBytes(limit: Int) throws -> [UInt8] {
    var all: [UInt8] = []
    if isRegular { all.reserveCapacity(min(size, limit)) }
    var piece = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      try Interruption.check()
      let count = try piece.withUnsafeMutableBytes { bytes throws(Failure) in try read(into: bytes) }
      if count == 0 { return all }
      guard all.count <= limit - count else {
        throw Failure(.memory, "'\(path)' has more than \(ByteCount.text(Double(limit)))")
      }
      all += piece[0..<count]
    }
  }
}
