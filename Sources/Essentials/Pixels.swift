/// A picture as pixels.
public struct Pixels: Sendable, Equatable {
  /// Pixels from left to right.
  public let width: Int
  /// Pixels from top to bottom.
  public let height: Int
  /// The pixels, row after row, each 0xAARRGGBB.
  public let values: [UInt32]

  /// - Precondition: there are `width * height` values.
  public init(width: Int, height: Int, values: [UInt32]) {
    precondition(values.count == width * height)
    self.width = width
    self.height = height
    self.values = values
  }

  /// The pixel at a place, from the upper left.
  public subscript(x: Int, y: Int) -> UInt32 { values[y * width + x] }

  /// Red, green, blue and alpha of each pixel, row after row.
  public var rgba: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: values.count * 4) { bytes, count in
      for (index, value) in values.enumerated() {
        for (place, shift) in [(0, 16), (1, 8), (2, 0), (3, 24)] as [(Int, UInt32)] {
          bytes[index * 4 + place] = UInt8(truncatingIfNeeded: value >> shift)
        }
      }
      count = values.count * 4
    }
  }
}
