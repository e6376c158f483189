import AudioSignals
import Essentials
import Foundation
import Tensors
import TestSupport
import Testing

/// Reference values that `References/make_references.py` wrote.
enum Reference {
  static func tensor(_ name: String) throws -> Tensor {
    let url = RepositoryPaths.root.appendingPathComponent("Tests/AudioSignalsTests/References/\(name).npy")
    let data = try Data(contentsOf: url)
    let headerLength = Int(data[8]) + Int(data[9]) << 8
    let header = String(decoding: data[10..<10 + headerLength], as: UTF8.self)
    #expect(header.contains("'<f4'"))
    #expect(header.contains("'fortran_order': False"))
    let shapeText = try #require(header.split(separator: "(").last?.split(separator: ")").first)
    let shape = shapeText.split(separator: ",").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
    let body = data[(10 + headerLength)...]
    let elements = body.withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
    }
    return try Tensor(shape: shape, elements: elements)
  }
}

/// The greatest difference between two tensors' elements; infinite where their shapes differ.
func greatestDifference(_ left: Tensor, _ right: Tensor) -> Float {
  guard left.shape == right.shape else { return .infinity }
  return zip(left.elements, right.elements).map { abs($0 - $1) }.max() ?? 0
}

/// The failure that `body` throws; records an issue where it throws none.
func failure(
  _ sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) -> Failure {
  do {
    try body()
  } catch let failure as Failure {
    return failure
  } catch {
    Issue.record("threw \(error), not a Failure", sourceLocation: sourceLocation)
  }
  Issue.record("threw nothing", sourceLocation: sourceLocation)
  return Failure(.raised, "nothing was thrown")
}

/// The bytes of a WAV file, with every lie that a test wants in them.
struct WAVBytes {
  var magic = "RIFF"
  var formatTag = 1
  var channels = 1
  var rate: UInt32 = 8000
  var bits = 16
  var blockAlign: Int?
  var data: [UInt8] = []
  /// What the header says of the data's size, if not the truth.
  var claimedSize: UInt32?
  /// A whole chunk between format and data.
  var extraChunk: [UInt8] = []
  var hasFormat = true
  var hasData = true
  var extensible = false

  var bytes: [UInt8] {
    let big = magic == "RIFX"
    func number(_ value: UInt32, _ count: Int) -> [UInt8] {
      let little = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
      return big ? little.reversed() : little
    }
    let align = blockAlign ?? channels * ((bits + 7) / 8)
    var format = number(UInt32(extensible ? 0xfffe : formatTag), 2) + number(UInt32(channels), 2)
    format += number(rate, 4) + number(rate &* UInt32(align), 4) + number(UInt32(align), 2)
    format += number(UInt32(bits), 2)
    if extensible {
      format += number(22, 2) + number(UInt32(bits), 2) + number(0, 4) + number(UInt32(formatTag), 2)
      format += [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71]
    }
    var body = Array("WAVE".utf8)
    if magic == "RF64" {
      let size = UInt32(data.count)
      body += Array("ds64".utf8) + number(28, 4) + number(size + 60, 4) + number(0, 4) + number(size, 4)
      body += number(0, 4) + number(size / UInt32(align), 4) + number(0, 4) + number(0, 4)
    }
    if hasFormat { body += Array("fmt ".utf8) + number(UInt32(format.count), 4) + format }
    body += extraChunk
    if hasData {
      let size = magic == "RF64" ? 0xffff_ffff : claimedSize ?? UInt32(data.count)
      body += Array("data".utf8) + number(size, 4) + data
      if !data.count.isMultiple(of: 2) { body.append(0) }
    }
    return Array(magic.utf8) + number(magic == "RF64" ? 0xffff_ffff : UInt32(body.count), 4) + body
  }

  /// Samples as little-endian (or big-endian) whole numbers.
  static func integers(_ values: [Int], bytes count: Int, bigEndian: Bool = false) -> [UInt8] {
    values.flatMap { value -> [UInt8] in
      let little = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      return bigEndian ? little.reversed() : little
    }
  }
}

extension TemporaryFolder {
  /// Writes bytes into a file of the folder, and gives its path.
  func write(_ bytes: [UInt8], as name: String) throws -> String {
    try Data(bytes).write(to: url.appendingPathComponent(name))
    return path(name)
  }
}
