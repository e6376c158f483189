import CCairo
import Foundation
import Plotting
import Testing

/// A PNG as an independent reader sees it: Cairo's, which shares no code with `PNGFile`.
struct DecodedPicture {
  let width: Int
  let height: Int
  private let pixels: [UInt32]

  init(_ bytes: [UInt8], folder: String) throws {
    let path = folder + "/decoded.png"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let surface = try #require(cairo_image_surface_create_from_png(path))
    defer { cairo_surface_destroy(surface) }
    try #require(cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS)
    width = Int(cairo_image_surface_get_width(surface))
    height = Int(cairo_image_surface_get_height(surface))
    let data = try #require(cairo_image_surface_get_data(surface))
    let stride = Int(cairo_image_surface_get_stride(surface))
    var pixels: [UInt32] = []
    for y in 0..<height {
      let row = UnsafeRawPointer(data + y * stride).assumingMemoryBound(to: UInt32.self)
      for x in 0..<width { pixels.append(row[x] & 0xFF_FFFF) }
    }
    self.pixels = pixels
  }

  /// 0xRRGGBB.
  subscript(x: Int, y: Int) -> UInt32 { pixels[y * width + x] }
}

extension Rendering {
  /// The colour 0xRRGGBB at a place.
  func color(_ x: Double, _ y: Double) -> UInt32 {
    pixels[Int(y) * width + Int(x)] & 0xFF_FFFF
  }

  var page: Rect { Rect(x: 0, y: 0, width: Double(width), height: Double(height)) }
}

extension DrawnAxes {
  /// Where a value stands on a linear horizontal axis.
  func x(_ value: Double) -> Double {
    area.x + (value - x.range.lowerBound) / (x.range.upperBound - x.range.lowerBound) * area.width
  }

  /// Where a value stands on a linear vertical axis.
  func y(_ value: Double) -> Double {
    area.maxY - (value - y.range.lowerBound) / (y.range.upperBound - y.range.lowerBound) * area.height
  }
}

extension DrawnAxis {
  var labels: [String] { ticks.map(\.label) }
}

/// The light theme's first colours: Okabe and Ito's blue and vermilion.
let blue: UInt32 = 0x0072B2
let vermilion: UInt32 = 0xD55E00
