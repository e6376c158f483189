/// A drawn figure.
public struct Rendering: Sendable {
  /// Pixels from left to right.
  public let width: Int
  /// Pixels from top to bottom.
  public let height: Int
  /// The pixels, row after row, each 0xFFRRGGBB.
  public let pixels: [UInt32]
  /// Pixels an inch.
  public let dpi: Double
  /// What was drawn, and where.
  public let content: DrawnContent

  /// The pixels as the bytes of a PNG file.
  /// - Throws: a `memory` failure if there is no room for the bytes.
  public func pngBytes(metadata: PictureMetadata = PictureMetadata()) throws -> [UInt8] {
    try PNGFile.encode(pixels: pixels, width: width, height: height, dpi: dpi, metadata: metadata)
  }
}
