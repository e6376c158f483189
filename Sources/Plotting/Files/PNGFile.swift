import CPNG
import Essentials
import Glibc

/// PNG files in memory, by libpng.
public enum PNGFile {
  /// Encodes opaque pixels (0xXXRRGGBB, row after row): with a palette where there are at most 256
  /// colours, else as 24-bit RGB. Resolution and text chunks (`Title`, `Source`, `Software`) go along.
  /// - Throws: a `shape` failure if `pixels` is not `width * height` long, a `memory` failure.
  public static func encode(
    pixels: [UInt32], width: Int, height: Int, dpi: Double, metadata: PictureMetadata = PictureMetadata()
  ) throws -> [UInt8] {
    let (count, overflow) = width.multipliedReportingOverflow(by: height)
    guard !overflow, width > 0, height > 0, width <= 0x7FFF_FFFF, height <= 0x7FFF_FFFF,
      count == pixels.count
    else {
      throw Failure(.shape, "\(pixels.count) pixels are not a picture of \(width) × \(height)")
    }
    let pairs = [
      ("Title", metadata.title), ("Source", metadata.source), ("Software", metadata.software),
    ].compactMap { key, text in text.map { (key, Text.printable($0)) } }
    var texts = pairs.map { cpng_text(keyword: strdup($0.0), text: strdup($0.1)) }
    defer {
      for text in texts {
        free(UnsafeMutablePointer(mutating: text.keyword))
        free(UnsafeMutablePointer(mutating: text.text))
      }
    }
    texts.removeAll { $0.keyword == nil || $0.text == nil }
    let perMetre = UInt32(max(1, min(1e6, (dpi / 0.0254).rounded())))
    let result = pixels.withUnsafeBufferPointer {
      cpng_encode($0.baseAddress, UInt32(width), UInt32(height), width, perMetre, texts, texts.count)
    }
    defer { cpng_release(result.bytes) }
    guard let bytes = result.bytes else {
      throw Failure(.memory, "the picture could not be encoded as PNG: \(message(result.error))")
    }
    return Array(UnsafeBufferPointer(start: bytes, count: result.count))
  }

  /// Decodes a PNG of at most 2²⁸ pixels.
  /// - Throws: a `format` failure for bytes that are no sound PNG.
  public static func decode(_ bytes: [UInt8]) throws -> Pixels {
    let image = cpng_decode(bytes, bytes.count, 1 << 28)
    defer { cpng_release(image.rgba) }
    guard let rgba = image.rgba else {
      throw Failure(.format, "not a sound PNG: \(message(image.error))")
    }
    let (width, height) = (Int(image.width), Int(image.height))
    return Pixels(
      width: width, height: height,
      values: (0..<width * height).map { place in
        let pixel = rgba + place * 4
        return UInt32(pixel[3]) << 24 | UInt32(pixel[0]) << 16 | UInt32(pixel[1]) << 8 | UInt32(pixel[2])
      })
  }

  /// The text chunk `keyword` of a PNG, such as `Title`; nil if there is none.
  public static func text(_ keyword: String, in bytes: [UInt8]) -> String? {
    guard let text = cpng_text_chunk(bytes, bytes.count, keyword) else { return nil }
    defer { cpng_release(text) }
    return String(cString: text)
  }

  private static func message<Chars>(_ chars: Chars) -> String {
    withUnsafeBytes(of: chars) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
