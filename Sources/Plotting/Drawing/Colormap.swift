/// Colours for numbers, evenly spaced to the eye.
public enum Colormap: String, Sendable, CaseIterable {
  /// Violet, green, yellow.
  case viridis
  /// Black, magenta, cream.
  case magma
  /// Black, red, yellow.
  case inferno
  /// Blue, gray, yellow: made for red-green colour blindness.
  case cividis
  /// Black to white.
  case gray

  /// 256 colours as 0xFFRRGGBB, from the least value to the greatest.
  public var table: [UInt32] {
    switch self {
    case .viridis: Self.viridisTable
    case .magma: Self.magmaTable
    case .inferno: Self.infernoTable
    case .cividis: Self.cividisTable
    case .gray: Self.grayTable
    }
  }

  // Each map is a smooth curve through 33 of its colours. Viridis, magma and inferno are van der Walt
  // and Smith's (2015), cividis is Nuñez, Anderton and Renslow's (2018); all four were given to the
  // public domain (CC0). The curves stay within 5 of 255 of the originals.
  private static let viridisTable = curve([
    0x440154, 0x470D60, 0x48186A, 0x482374, 0x472D7B, 0x453781, 0x424086, 0x3E4989, 0x3B528B,
    0x375B8D, 0x33638D, 0x2F6B8E, 0x2C728E, 0x297A8E, 0x26828E, 0x23898E, 0x21918C, 0x1F978B,
    0x1F9F88, 0x21A685, 0x27AD81, 0x31B57B, 0x3DBC74, 0x4CC26C, 0x5CC863, 0x6ECE58, 0x81D34D,
    0x95D840, 0xAADC32, 0xC0DF25, 0xD5E21A, 0xEAE51A, 0xFDE725,
  ])
  private static let magmaTable = curve([
    0x000004, 0x030312, 0x0A0822, 0x130D34, 0x1D1147, 0x29115A, 0x36106B, 0x440F76, 0x51127C,
    0x5D177F, 0x6A1C81, 0x762181, 0x832681, 0x902A81, 0x9C2E7F, 0xAA337D, 0xB73779, 0xC23B75,
    0xCF4070, 0xDB476A, 0xE55064, 0xEE5B5E, 0xF4695C, 0xF9785D, 0xFB8761, 0xFD9668, 0xFEA571,
    0xFEB47B, 0xFEC287, 0xFED194, 0xFDE0A1, 0xFCEEB0, 0xFCFDBF,
  ])
  private static let infernoTable = curve([
    0x000004, 0x040312, 0x0B0724, 0x150B37, 0x210C4A, 0x2F0A5B, 0x3D0965, 0x4A0C6B, 0x57106E,
    0x64156E, 0x71196E, 0x7D1E6D, 0x8A226A, 0x972766, 0xA32C61, 0xB0315B, 0xBC3754, 0xC63D4D,
    0xD04545, 0xDA4E3C, 0xE35933, 0xEB6429, 0xF1711F, 0xF67E14, 0xF98C0A, 0xFB9B06, 0xFCAA0F,
    0xFBBA1F, 0xF9C932, 0xF5D949, 0xF2E865, 0xF3F586, 0xFCFFA4,
  ])
  private static let cividisTable = curve([
    0x00224E, 0x00285B, 0x002E6A, 0x053371, 0x1A386F, 0x273E6E, 0x32436D, 0x3B496C, 0x434E6C,
    0x4B546C, 0x535A6D, 0x5A5F6E, 0x61656F, 0x686A71, 0x6F7073, 0x767676, 0x7D7C78, 0x838179,
    0x8B8778, 0x928D78, 0x9A9376, 0xA29975, 0xAAA073, 0xB3A670, 0xBBAD6D, 0xC3B369, 0xCCBA64,
    0xD4C15F, 0xDDC858, 0xE6D051, 0xEFD748, 0xF8DF3C, 0xFEE838,
  ])
  private static let grayTable = curve([0x000000, 0xFFFFFF])

  /// A Catmull-Rom spline through evenly spaced colours.
  private static func curve(_ anchors: [UInt32]) -> [UInt32] {
    let colors = anchors.map { Color($0) }
    let last = colors.count - 1
    return (0..<256).map { index in
      let place = Double(index) / 255 * Double(last)
      let left = min(Int(place), last - 1)
      let t = place - Double(left)
      func blend(_ part: KeyPath<Color, Double>) -> Double {
        let p1 = colors[left][keyPath: part]
        let p2 = colors[left + 1][keyPath: part]
        let p0 = left > 0 ? colors[left - 1][keyPath: part] : 2 * p1 - p2
        let p3 = left + 2 <= last ? colors[left + 2][keyPath: part] : 2 * p2 - p1
        let slope1 = (p2 - p0) / 2
        let slope2 = (p3 - p1) / 2
        let rise = p2 - p1
        return p1 + t * (slope1 + t * (3 * rise - 2 * slope1 - slope2 + t * (slope1 + slope2 - 2 * rise)))
      }
      var color = colors[left]
      color.red = blend(\.red)
      color.green = blend(\.green)
      color.blue = blend(\.blue)
      return color.pixel
    }
  }
}
