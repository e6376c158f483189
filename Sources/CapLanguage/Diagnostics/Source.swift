import Essentials
import Glibc

/// A text of the language: a file, a cell, what was typed.
public final class Source: Sendable {
  /// As errors call it: `tutorial.cap`, `[3]`.
  public let name: String
  /// UTF-8, as it came; may be broken.
  public let bytes: [UInt8]
  /// The number of the first line: a cell in the middle of a file keeps the file's line numbers.
  public let firstLine: Int
  /// Where relative imports start: the folder of the file, or nil for the current folder.
  public let folder: String?
  private let lineStarts: [Int]

  /// A text in bytes.
  public init(name: String, bytes: [UInt8], firstLine: Int = 1, folder: String? = nil) {
    self.name = name
    // Offsets are 32-bit; a script of 4 GB is refused by the file reader.
    self.bytes = bytes.count > Self.byteLimit ? Array(bytes.prefix(Self.byteLimit)) : bytes
    self.firstLine = firstLine
    self.folder = folder
    var starts = [0]
    for (offset, byte) in self.bytes.enumerated() where byte == 10 { starts.append(offset + 1) }
    lineStarts = starts
  }

  /// A text.
  public convenience init(name: String, text: String, firstLine: Int = 1, folder: String? = nil) {
    self.init(name: name, bytes: Array(text.utf8), firstLine: firstLine, folder: folder)
  }

  /// Reads a file. Its folder becomes the start of its relative imports.
  /// - Throws: a `file` failure that names the path, and a near name where the file is missing.
  public convenience init(path: String) throws(Failure) {
    let (folder, name) = Path.split(path)
    let bytes: [UInt8]
    do throws(Failure) { bytes = try Self.read(path) } catch {
      guard error.hint == nil, access(path, F_OK) != 0 else { throw error }
      let near = NearNames.of(name, in: (Folder.names(in: folder) ?? []).sorted())
      throw Failure(error.kind, error.message, hint: near.first.map { "did you mean '\(folder)\($0)'?" })
    }
    self.init(
      name: path, bytes: bytes,
      folder: folder.isEmpty ? nil : folder == "/" ? "/" : String(folder.dropLast()))
  }

  /// The text between two offsets.
  public func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range.clamped(to: 0..<bytes.count)], as: UTF8.self)
  }

  /// The line (from `firstLine`) and column (in scalars, from 1) of an offset.
  public func position(of offset: Int) -> (line: Int, column: Int) {
    let index = lineIndex(of: offset)
    let text = text(lineStarts[index]..<max(lineStarts[index], min(offset, bytes.count)))
    return (firstLine + index, text.unicodeScalars.count + 1)
  }

  func lineIndex(of offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low
  }

  var lineCount: Int { lineStarts.count }

  /// The bytes of a line without its end.
  func lineRange(_ index: Int) -> Range<Int> {
    let start = lineStarts[index]
    var end = index + 1 < lineStarts.count ? lineStarts[index + 1] - 1 : bytes.count
    if end > start, bytes[end - 1] == 13 { end -= 1 }
    return start..<end
  }

  private static let byteLimit = 1 << 30

  private static func read(_ path: String) throws(Failure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure.system("read", path: path, errno: errno) }
    defer { close(descriptor) }
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw Failure(.file, "cannot read '\(path)': it is a folder")
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw Failure.system("read", path: path, errno: errno)
      }
      if count == 0 { return bytes }
      try Interruption.check()
      bytes += chunk[0..<count]
      if bytes.count > byteLimit {
        throw Failure(.file, "cannot read '\(path)' as a script: it is larger than 1 GB")
      }
    }
  }
}

/// A stretch of a source, in byte offsets.
public struct Span: Sendable, Equatable {
  /// The first byte.
  public let start: UInt32
  /// Behind the last byte.
  public let end: UInt32

  /// The start of the text.
  public static let empty = Span(UInt32(0), 0)

  /// The bytes of `start ..< end`.
  public init(_ start: UInt32, _ end: UInt32) {
    self.start = start
    self.end = max(start, end)
  }
  init(_ start: Int, _ end: Int) { self.init(UInt32(clamping: start), UInt32(clamping: end)) }

  /// From the start of this to the end of the other.
  func to(_ other: Span) -> Span { Span(start, max(end, other.end)) }
  /// An empty span where this one ends.
  var after: Span { Span(end, end) }
  /// As offsets.
  public var range: Range<Int> { Int(start)..<Int(end) }
}
