import Essentials
import Glibc
import Tensors

/// A `.safetensors` file: named arrays of 32-bit floats and a few words about them
/// (github.com/huggingface/safetensors).
///
/// Eight bytes with the header's length, little-endian; the header, a JSON object of each array's
/// type, shape and place; then the arrays. Nothing in the header is believed before it is checked.
public struct SafeTensors: Sendable {
  /// Words about the file, by name.
  public var metadata: [(name: String, value: String)] = []
  /// The arrays in the order of the file.
  public var tensors: [(name: String, value: Tensor)] = []

  /// An array by its name.
  public subscript(name: String) -> Tensor? { tensors.first { $0.name == name }?.value }

  /// What the reference implementation allows.
  private static let headerLimit = 100_000_000

  /// A file's content; no name twice.
  public init(metadata: [(name: String, value: String)] = [], tensors: [(name: String, value: Tensor)]) {
    self.metadata = metadata
    self.tensors = tensors
  }

  // MARK: Writing

  /// Writes the file whole or not at all.
  /// - Throws: a `file` failure that names `path`.
  public func write(_ path: String) throws {
    var members: [(name: String, value: JSON)] = []
    if !metadata.isEmpty {
      members.append(("__metadata__", .object(metadata.map { ($0.name, .string($0.value)) })))
    }
    var offset = 0
    for (name, tensor) in tensors {
      let end = offset + tensor.count * 4
      members.append(
        (
          name,
          .object([
            ("dtype", .string("F32")), ("shape", .array(tensor.shape.map { .number(Double($0)) })),
            ("data_offsets", .array([.number(Double(offset)), .number(Double(end))])),
          ])
        ))
      offset = end
    }
    var header = Array(JSON.object(members).text.utf8)
    // Arrays begin at a multiple of eight, as the reference implementation pads.
    while header.count % 8 != 0 { header.append(0x20) }
    let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
    try FileReplacement.replace(path) { temporary in
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw Failure.system("write", path: path, errno: errno) }
      defer { close(descriptor) }
      try (length + header).withUnsafeBytes { try Self.write($0, to: descriptor, path) }
      for (_, tensor) in tensors {
        try tensor.withUnsafeElements { try Self.write(UnsafeRawBufferPointer($0), to: descriptor, path) }
      }
    }
  }

  private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws {
    var done = 0
    while done < bytes.count, let base = bytes.baseAddress {
      try Interruption.check()
      let written = Glibc.write(descriptor, base + done, min(bytes.count - done, 16 << 20))
      if written < 0 {
        if errno == EINTR { continue }
        throw Failure.system("write", path: path, errno: errno)
      }
      done += written
    }
  }

  // MARK: Reading

  /// Reads a file whole.
  /// - Throws: a `file` failure where the file cannot be read, a `format` failure where it is not what
  ///   it should be; both name the file, and the array where there is one.
  public init(reading path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure.system("read", path: path, errno: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Failure.system("read", path: path, errno: errno) }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw Failure(.file, "cannot read '\(path)': it is a folder")
    }
    let size = Int(status.st_size)
    func wrong(_ what: String) -> Failure { Failure(.format, "'\(path)' is not a weight file: \(what)") }
    guard size >= 8 else { throw wrong("it has only \(ByteCount.text(Double(size)))") }
    var length: UInt64 = 0
    try withUnsafeMutableBytes(of: &length) { try Self.read($0, at: 0, from: descriptor, path) }
    length = UInt64(littleEndian: length)
    guard length >= 2, length <= UInt64(Self.headerLimit), length <= UInt64(size - 8) else {
      throw wrong(
        "its header would take \(length) bytes, but the file has \(size)"
          + (length > UInt64(Self.headerLimit) ? " and a header at most \(Self.headerLimit)" : ""))
    }
    var header = [UInt8](repeating: 0, count: Int(length))
    try header.withUnsafeMutableBytes { try Self.read($0, at: 8, from: descriptor, path) }
    let parsed: JSON
    do { parsed = try JSON(parsing: header) } catch { throw wrong(error.message) }
    guard let members = parsed.members else { throw wrong("its header is no JSON object") }

    let dataStart = 8 + Int(length)
    var entries: [Entry] = []
    for (name, value) in members {
      if name == "__metadata__" {
        guard let words = value.members, words.allSatisfy({ $0.value.string != nil }) else {
          throw wrong("its __metadata__ is no list of words")
        }
        metadata = words.map { ($0.name, $0.value.string ?? "") }
      } else {
        do throws(Failure) {
          entries.append(try Entry(name, value, dataSize: size - dataStart))
        } catch { throw wrong("array '\(name)' \(error.message)") }
      }
    }
    // Each byte belongs to one array: no overlaps, no gaps, no rest.
    var end = 0
    for entry in entries.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
      guard entry.begin == end else {
        throw wrong(
          "array '\(entry.name)' begins at byte \(entry.begin) of the data, but the one before ends at \(end)"
        )
      }
      end = entry.end
    }
    guard end == size - dataStart else {
      throw wrong("its arrays take \(end) bytes, but \(size - dataStart) follow the header")
    }
    for entry in entries {
      let tensor = try Tensor(shape: entry.shape) { destination in
        try Self.read(
          UnsafeMutableRawBufferPointer(destination), at: dataStart + entry.begin, from: descriptor, path)
      }
      tensors.append((entry.name, tensor))
    }
  }

  /// One array as the header tells it, checked against the file's size.
  private struct Entry {
    let name: String
    let shape: Shape
    let begin: Int
    let end: Int

    init(_ name: String, _ json: JSON, dataSize: Int) throws(Failure) {
      self.name = name
      guard let type = json["dtype"]?.string else { throw Failure(.format, "has no dtype") }
      guard type == "F32" else { throw Failure(.format, "is of type \(type); only F32 is read") }
      guard let shape = json["shape"]?.integers, shape.allSatisfy({ $0 >= 0 }) else {
        throw Failure(.format, "has no shape of whole numbers")
      }
      guard let offsets = json["data_offsets"]?.integers, offsets.count == 2, offsets[0] >= 0,
        offsets[0] <= offsets[1]
      else { throw Failure(.format, "has no two data_offsets in order") }
      guard offsets[1] <= dataSize else {
        throw Failure(.format, "would end at byte \(offsets[1]) of the data, which has \(dataSize)")
      }
      var bytes = 4
      for axis in shape {
        let (product, overflow) = bytes.multipliedReportingOverflow(by: axis)
        guard !overflow else { throw Failure(.format, "has an impossible shape \(shape.shapeDescription)") }
        bytes = product
      }
      guard bytes == offsets[1] - offsets[0] else {
        throw Failure(
          .format,
          "of shape \(shape.shapeDescription) takes \(bytes) bytes, but its offsets span "
            + "\(offsets[1] - offsets[0])")
      }
      self.shape = shape
      begin = offsets[0]
      end = offsets[1]
    }
  }

  private static func read(
    _ buffer: UnsafeMutableRawBufferPointer, at offset: Int, from descriptor: Int32, _ path: String
  ) throws {
    var done = 0
    while done < buffer.count, let base = buffer.baseAddress {
      try Interruption.check()
      let count = pread(descriptor, base + done, min(buffer.count - done, 16 << 20), off_t(offset + done))
      if count < 0 {
        if errno == EINTR { continue }
        throw Failure.system("read", path: path, errno: errno)
      }
      guard count > 0 else { throw Failure(.format, "'\(path)' ends too early") }
      done += count
    }
  }
}
