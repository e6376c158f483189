import Essentials
import Glibc

/// NumPy's `.npy` files, format versions 1 to 3
/// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
public enum NPYFile {
  /// Reads an array of floats (16 to 64 bits), whole numbers (8 to 64 bits) or booleans, of either
  /// byte order and either axis order, as 32-bit floats.
  /// - Throws: a `file` failure where the file cannot be read; a `format` failure where it is no such
  ///   file, holds something else, or holds more or less data than its header says.
  public static func read(_ path: String) throws -> Tensor {
    let file = try InputFile(path)
    let header = try NPYHeader(reading: file)
    let count = try header.shape.checkedElementCount()
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: header.type.size)
    let found = file.size - header.dataStart
    // Pipes and the like have no size beforehand.
    if overflow || (file.isRegular && found != byteCount) {
      throw Failure(
        .format,
        "'\(path)' says that it holds \(header.shape.shapeDescription) elements of "
          + "\(header.type.size) bytes, but has \(found) bytes of data")
    }
    let tensor = try Tensor(shape: header.isColumnMajor ? header.shape.reversed() : header.shape) {
      destination in
      let pieceLength = 1 << 17
      var piece = [UInt8](repeating: 0, count: min(pieceLength, count) * header.type.size)
      var done = 0
      while done < count {
        try Interruption.check()
        let length = min(pieceLength, count - done)
        try piece.withUnsafeMutableBytes { bytes in
          let part = UnsafeMutableRawBufferPointer(rebasing: bytes[0..<length * header.type.size])
          try file.readAll(into: part)
          header.type.convert(
            UnsafeRawBufferPointer(part),
            into: UnsafeMutableBufferPointer(rebasing: destination[done..<done + length]))
        }
        done += length
      }
    }
    return header.isColumnMajor ? try tensor.transposed() : tensor
  }

  /// Writes a tensor as little-endian 32-bit floats, format version 1.
  /// - Throws: a `file` failure that names the path.
  public static func write(_ tensor: Tensor, to path: String) throws {
    try FileReplacement.replace(path) { temporary in
      let file = try OutputFile(temporary, named: path)
      try file.write(NPYHeader.bytes(shape: tensor.shape))
      try tensor.withUnsafeElements { try file.write(UnsafeRawBufferPointer($0)) }
      try file.close()
    }
  }
}

/// What stands in front of the data.
private struct NPYHeader {
  let type: NPYType
  let isColumnMajor: Bool
  let shape: Shape
  let dataStart: Int

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  init(reading file: InputFile) throws {
    let path = file.path
    guard let start = try? file.bytes(8), Array(start[0..<6]) == Self.magic else {
      throw Failure(.format, "'\(path)' is no .npy file")
    }
    let version = start[6]
    guard (1...3).contains(version) else {
      throw Failure(.format, "'\(path)' has the .npy version \(version), and 1 to 3 are known")
    }
    let lengthBytes = try file.bytes(version == 1 ? 2 : 4)
    let length = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    // NumPy itself refuses headers beyond 10000 bytes.
    guard length <= 1 << 20 else {
      throw Failure(.format, "'\(path)' has a .npy header of \(length) bytes, which cannot be right")
    }
    let text = String(decoding: try file.bytes(length), as: UTF8.self)
    dataStart = 8 + lengthBytes.count + length
    var parser = NPYHeaderParser(text)
    guard let fields = parser.parse() else {
      throw Failure(.format, "'\(path)' has a .npy header that makes no sense: \(text.prefix(80))")
    }
    guard let type = NPYType(fields.descr) else {
      throw Failure(
        .format, "'\(path)' holds elements of type \(fields.descr)",
        hint: "floats, whole numbers and booleans can be read")
    }
    self.type = type
    isColumnMajor = fields.fortranOrder
    shape = fields.shape
  }

  static func bytes(shape: Shape) -> [UInt8] {
    var text = "{'descr': '<f4', 'fortran_order': False, 'shape': \(shape.shapeDescription), }"
    // Data starts at a multiple of 64 bytes.
    let unpadded = 10 + text.utf8.count + 1
    text += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
    let length = text.utf8.count
    return magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(text.utf8)
  }
}

/// Reads the Python dictionary of a header: three keys, with a string, a boolean and a tuple.
private struct NPYHeaderParser {
  private var rest: Substring

  init(_ text: String) { rest = text[...] }

  mutating func parse() -> (descr: String, fortranOrder: Bool, shape: Shape)? {
    var (descr, order, shape): (String?, Bool?, Shape?)
    guard take("{") else { return nil }
    while !take("}") {
      guard let key = string(), take(":") else { return nil }
      switch key {
      case "descr":
        // A list describes a record type.
        descr = string() ?? (rest.first == "[" ? "record" : nil)
        if descr == "record" { return ("record", false, []) }
      case "fortran_order":
        if take("True") { order = true } else if take("False") { order = false }
      case "shape": shape = tuple()
      default: return nil
      }
      _ = take(",")
    }
    guard let descr, let order, let shape else { return nil }
    return (descr, order, shape)
  }

  private mutating func take(_ token: String) -> Bool {
    rest = rest.drop { $0.isWhitespace }
    guard rest.hasPrefix(token) else { return false }
    rest = rest.dropFirst(token.count).drop { $0.isWhitespace }
    return true
  }

  private mutating func string() -> String? {
    guard let quote = rest.first, quote == "'" || quote == "\"" else { return nil }
    rest = rest.dropFirst()
    guard let end = rest.firstIndex(of: quote) else { return nil }
    defer { rest = rest[end...].dropFirst() }
    return String(rest[..<end])
  }

  private mutating func tuple() -> Shape? {
    guard take("(") else { return nil }
    var lengths: Shape = []
    while !take(")") {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard lengths.count < 64, let length = Int(digits) else { return nil }
      lengths.append(length)
      rest = rest.dropFirst(digits.count)
      // Python 2 wrote long integers with an L.
      _ = take("L")
      if !take(","), rest.first != ")" { return nil }
    }
    return lengths
  }
}

/// An element type with its byte order.
private struct NPYType {
  private let kind: Character
  private let isBigEndian: Bool
  let size: Int

  init?(_ descr: String) {
    let known: [Character: [Int]] = ["f": [2, 4, 8], "i": [1, 2, 4, 8], "u": [1, 2, 4, 8], "b": [1]]
    guard let order = descr.first, "<>|=".contains(order), let kind = descr.dropFirst().first,
      let size = Int(descr.dropFirst(2)), known[kind]?.contains(size) == true
    else { return nil }
    self.kind = kind
    self.size = size
    isBigEndian = order == ">"
  }

  func convert(_ bytes: UnsafeRawBufferPointer, into result: UnsafeMutableBufferPointer<Float>) {
    switch (kind, size) {
    case ("f", 2): each(UInt16.self, bytes, result) { Self.half($0) }
    case ("f", 4): each(UInt32.self, bytes, result) { Float(bitPattern: $0) }
    case ("f", _): each(UInt64.self, bytes, result) { Float(Double(bitPattern: $0)) }
    case ("i", 1): each(UInt8.self, bytes, result) { Float(Int8(bitPattern: $0)) }
    case ("i", 2): each(UInt16.self, bytes, result) { Float(Int16(bitPattern: $0)) }
    case ("i", 4): each(UInt32.self, bytes, result) { Float(Int32(bitPattern: $0)) }
    case ("i", _): each(UInt64.self, bytes, result) { Float(Int64(bitPattern: $0)) }
    case ("u", 1): each(UInt8.self, bytes, result) { Float($0) }
    case ("u", 2): each(UInt16.self, bytes, result) { Float($0) }
    case ("u", 4): each(UInt32.self, bytes, result) { Float($0) }
    case ("u", _): each(UInt64.self, bytes, result) { Float($0) }
    default: each(UInt8.self, bytes, result) { $0 == 0 ? 0 : 1 }
    }
  }

  @inline(__always)
  private func each<Bits: FixedWidthInteger>(
    _ type: Bits.Type, _ bytes: UnsafeRawBufferPointer, _ result: UnsafeMutableBufferPointer<Float>,
    _ number: (Bits) -> Float
  ) {
    for index in 0..<result.count {
      let raw = bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self)
      result[index] = number(isBigEndian ? Bits(bigEndian: raw) : Bits(littleEndian: raw))
    }
  }

  /// IEEE 754 binary16; Swift's own Float16 is not there on every platform.
  private static func half(_ bits: UInt16) -> Float {
    let sign: Float = bits & 0x8000 == 0 ? 1 : -1
    let exponent = Int(bits >> 10 & 0x1F)
    let fraction = Float(bits & 0x3FF)
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
    }
  }
}
