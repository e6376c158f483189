import Essentials

/// A picture as DEC's sixels: six rows of pixels at a time, each colour of them in turn, runs shortened.
///
/// libchafa writes sixels too, but chooses its colours for photographs: of a colour map's 256 it keeps a
/// dozen.
struct SixelText {
  private let width: Int
  private let height: Int
  /// The number of each pixel's colour.
  private let indices: [UInt8]
  /// 0xRRGGBB.
  private let colors: [UInt32]

  init(_ image: Pixels) {
    width = image.width
    height = image.height
    (colors, indices) = Self.reduced(image.values.map { $0 & 0xFF_FFFF })
  }

  // MARK: Colours

  private static let mostColors = 256

  /// At most 256 colours: the most frequent ones, to which the others are drawn.
  private static func reduced(_ pixels: [UInt32]) -> (colors: [UInt32], indices: [UInt8]) {
    var counts: [UInt32: Int] = [:]
    for pixel in pixels { counts[pixel, default: 0] += 1 }
    // Equally frequent colours in one order always.
    let ranked = counts.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.map(\.key)
    let colors = spread(ranked)
    var numbers: [UInt32: UInt8] = [:]
    for color in ranked {
      var nearest = 0
      var least = Int.max
      for (number, candidate) in colors.enumerated() {
        let distance = distance(color, candidate)
        if distance < least { (nearest, least) = (number, distance) }
        if distance == 0 { break }
      }
      numbers[color] = UInt8(nearest)
    }
    return (colors, pixels.map { numbers[$0] ?? 0 })
  }

  /// The most frequent colours, leaving out those that are close to one that is taken, as far apart as it
  /// needs for no more than 256 to remain.
  private static func spread(_ ranked: [UInt32]) -> [UInt32] {
    if ranked.count <= mostColors { return ranked }
    // Shades of smoothed letters by the thousand need not all be looked at.
    let candidates = ranked.prefix(8192)
    var chosen: [UInt32] = []
    var distance = 4
    repeat {
      chosen = []
      for color in candidates where chosen.allSatisfy({ Self.distance($0, color) >= distance }) {
        chosen.append(color)
        if chosen.count > mostColors { break }
      }
      distance = distance * 5 / 4
    } while chosen.count > mostColors
    return chosen
  }

  private static func distance(_ a: UInt32, _ b: UInt32) -> Int {
    func part(_ shift: UInt32) -> Int {
      let difference = Int(a >> shift & 0xFF) - Int(b >> shift & 0xFF)
      return difference * difference
    }
    return 2 * part(16) + 4 * part(8) + part(0)
  }

  // MARK: Text

  /// The escape sequence.
  var text: String {
    // P2=1 leaves pixels that are not set as they are; all are set. Aspect 1:1, then the size.
    var bytes = Array("\u{1B}P0;1;0q\"1;1;\(width);\(height)".utf8)
    for (number, color) in colors.enumerated() {
      func percent(_ shift: UInt32) -> Int { (Int(color >> shift & 0xFF) * 100 + 127) / 255 }
      bytes += "#\(number);2;\(percent(16));\(percent(8));\(percent(0))".utf8
    }
    // For every colour a row of sixels: which of a column's six pixels are of it.
    var sixels = [UInt8](repeating: 0, count: colors.count * width)
    for top in stride(from: 0, to: height, by: 6) {
      var used: [Int] = []
      var isUsed = [Bool](repeating: false, count: colors.count)
      for y in top..<min(top + 6, height) {
        for x in 0..<width {
          let color = Int(indices[y * width + x])
          if !isUsed[color] {
            isUsed[color] = true
            used.append(color)
          }
          sixels[color * width + x] |= 1 << UInt8(y - top)
        }
      }
      for (place, color) in used.enumerated() {
        // Back to the left edge for the next colour.
        if place > 0 { bytes.append(UInt8(ascii: "$")) }
        bytes += "#\(color)".utf8
        let row = color * width..<(color + 1) * width
        writeRuns(sixels[row], to: &bytes)
        for index in row { sixels[index] = 0 }
      }
      bytes.append(UInt8(ascii: "-"))
    }
    bytes += [0x1B, UInt8(ascii: "\\")]
    return String(decoding: bytes, as: UTF8.self)
  }

  private func writeRuns(_ row: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
    var row = row
    while row.last == 0 { row.removeLast() }
    var place = row.startIndex
    while place < row.endIndex {
      var end = place
      while end < row.endIndex, row[end] == row[place] { end += 1 }
      let sign = row[place] + 63
      if end - place > 3 {
        bytes += "!\(end - place)".utf8
        bytes.append(sign)
      } else {
        bytes += Array(repeating: sign, count: end - place)
      }
      place = end
    }
  }
}
