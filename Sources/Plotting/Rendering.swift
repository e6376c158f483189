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

  /// The pixels as the bytes of a PNG file.
  public func pngBytes(metadata: PictureMetadata = PictureMetadata()) throws -> [UInt8] { [] }
}
