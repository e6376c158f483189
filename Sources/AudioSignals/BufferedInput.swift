import Essentials
import Glibc

/// A file that is read in small pieces here and there, from a buffer rather than by a system call for each.
final class BufferedInput {
  private let descriptor: Int32
  private let byteCount: Int
  private let buffer: UnsafeMutableRawBufferPointer
  /// Where in the file the buffer begins, and how much of it holds the file's bytes.
  private var bufferStart = 0
  private var bufferedCount = 0
  private var position = 0

  private static let bufferSize = 1 << 16

  /// - Throws: a `file` failure where the file cannot be opened.
  init(_ path: String) throws(Failure) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure.system("read", path: path, errno: errno).blaming("path") }
    var status = stat()
    byteCount = fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    buffer = .allocate(byteCount: Self.bufferSize, alignment: 64)
  }

  deinit {
    close(descriptor)
    buffer.deallocate()
  }

  /// As POSIX `read`: up to `count` bytes; 0 at the end, -1 where the system fails.
  func read(into destination: UnsafeMutableRawPointer, count: Int) -> Int {
    var done = 0
    while done < count {
      let offset = position - bufferStart
      if offset < 0 || offset >= bufferedCount {
        let length = pread(descriptor, buffer.baseAddress, buffer.count, position)
        if length < 0, errno == EINTR { continue }
        guard length > 0 else { return done > 0 ? done : length }
        bufferStart = position
        bufferedCount = length
        continue
      }
      let length = min(count - done, bufferedCount - offset)
      UnsafeMutableRawBufferPointer(start: destination + done, count: length)
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[offset..<offset + length]))
      done += length
      position += length
    }
    return done
  }

  /// As POSIX `lseek`: the new position, or -1.
  func seek(to offset: Int, from origin: Int32) -> Int {
    let base =
      switch origin {
      case SEEK_SET: 0
      case SEEK_CUR: position
      default: byteCount
      }
    let (target, overflow) = base.addingReportingOverflow(offset)
    guard !overflow, target >= 0 else { return -1 }
    position = target
    return target
  }
}
