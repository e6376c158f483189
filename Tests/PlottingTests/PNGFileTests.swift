import Essentials
import Foundation
import Plotting
import TestSupport
import Testing

@Suite struct PNGFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// 256 colours fit a palette; one more does not.
  @Test(arguments: [1, 2, 255, 256, 257, 5000])
  func pixelsSurviveTheFile(colors: Int) throws {
    let (width, height) = (101, 67)
    let pixels = (0..<width * height).map { UInt32($0 % colors) &* 0x01_0305 & 0xFF_FFFF }
    let bytes = try PNGFile.encode(pixels: pixels, width: width, height: height, dpi: 100)
    let seen = try DecodedPicture(bytes, folder: folder.url.path)
    #expect(seen.width == width && seen.height == height)
    for index in pixels.indices { #expect(seen[index % width, index / width] == pixels[index]) }
    let own = try PNGFile.decode(bytes)
    #expect(own.width == width && own.height == height)
    #expect(own.values == pixels.map { $0 | 0xFF00_0000 })
    #expect(own[3, 2] == own.values[2 * width + 3])
    #expect(own.rgba.prefix(8) == [0, 0, 0, 255] + (colors == 1 ? [0, 0, 0, 255] : [1, 3, 5, 255]))
  }

  /// Chunks read by hand, after the PNG specification.
  private func chunks(_ bytes: [UInt8]) -> [(name: String, data: [UInt8])] {
    var result: [(String, [UInt8])] = []
    var index = 8
    while index + 12 <= bytes.count {
      let length = bytes[index..<index + 4].reduce(0) { $0 << 8 | Int($1) }
      let name = String(decoding: bytes[index + 4..<index + 8], as: UTF8.self)
      result.append((name, Array(bytes[index + 8..<index + 8 + length])))
      index += 12 + length
    }
    return result
  }

  @Test func fileSaysItsResolutionAndOrigin() throws {
    let metadata = PictureMetadata(title: "Räuber", source: "cell 7, a.wav", software: "capuchin-repl")
    let bytes = try PNGFile.encode(
      pixels: [0xFF0000, 0x00FF00], width: 2, height: 1, dpi: 254, metadata: metadata)
    let chunks = chunks(bytes)
    let physical = try #require(chunks.first { $0.name == "pHYs" }).data
    // 254 dots an inch are 10000 a metre; unit 1 is the metre.
    #expect(physical == [0, 0, 0x27, 0x10, 0, 0, 0x27, 0x10, 1])
    let plain = chunks.filter { $0.name == "tEXt" }.map { String(decoding: $0.data, as: UTF8.self) }
    #expect(plain == ["Source\0cell 7, a.wav", "Software\0capuchin-repl"])
    let international = chunks.filter { $0.name == "iTXt" }.map(\.data)
    #expect(international == [Array("Title".utf8) + [0, 0, 0, 0, 0] + Array("Räuber".utf8)])
    #expect(PNGFile.text("Title", in: bytes) == "Räuber")
    #expect(PNGFile.text("Author", in: bytes) == nil)
    #expect(!chunks.contains { $0.name == "tIME" })
  }

  @Test func brokenFilesAreRefused() throws {
    let bytes = try PNGFile.encode(
      pixels: (0..<10000).map { UInt32($0) }, width: 100, height: 100, dpi: 100)
    var flipped = bytes
    flipped[bytes.count / 2] ^= 0x40
    for broken in [[], [1, 2, 3], Array("<html>".utf8), Array(bytes.prefix(bytes.count / 2)), flipped] {
      let failure = #expect(throws: Failure.self) { try PNGFile.decode(broken) }
      #expect(failure?.kind == .format)
    }
  }

  @Test func pixelsMustFillThePicture() {
    for (width, height) in [(2, 2), (0, 0), (-1, -3), (Int.max, 2)] {
      let failure = #expect(throws: Failure.self) {
        try PNGFile.encode(pixels: [1, 2, 3], width: width, height: height, dpi: 100)
      }
      #expect(failure?.kind == .shape)
    }
  }
}
