import Essentials
import Glibc

/// Cells of numbers as colours: spectrograms and matrices.
///
/// Where several cells fall on one pixel, they are drawn by their mean or greatest value, in the
/// data's own unit (so magnitudes are averaged before they become decibels); a cell larger than a
/// pixel fills all of its pixels alike.
struct ImageMark: Mark {
  /// Column after column: `values[column * rows + row]`.
  let values: [Float]
  let columns: Int
  let rows: Int
  /// The left edge of the first column and the width of each.
  let start: Double
  let step: Double
  /// The rising borders of the rows: one more than rows.
  let rowEdges: [Double]
  let colors: ColorScale
  let reduction: Reduction
  /// How far the first and the last column are drawn on, where that is further than they are wide.
  var reach: ClosedRange<Double>?

  var xExtent: ClosedRange<Double>? {
    columns > 0 ? AxisExtent.union([start...(start + step * Double(columns)), reach]) : nil
  }

  var yExtent: ClosedRange<Double>? {
    guard let first = rowEdges.first, let last = rowEdges.last, first <= last, rows > 0 else { return nil }
    return first...last
  }

  func cover(_ coverage: inout Coverage, on plot: PlotSurface) { coverage.add(plot.area) }

  func draw(on plot: PlotSurface) throws {
    guard columns > 0, rows > 0, values.count == columns * rows else { return }
    let (width, height) = (plot.columns, plot.rows)
    let xShares = Self.shares(count: columns, pixels: width) { pixel in
      let value = plot.x.value(at: plot.area.x + pixel / Double(width) * plot.area.width)
      let place = (value - start) / step
      return reach?.contains(value) == true ? max(0, min(Double(columns) - 1e-6, place)) : place
    }
    let edges = rowEdges
    let yShares = Self.shares(count: rows, pixels: height) { pixel in
      Self.place(plot.y.value(at: plot.area.y + pixel / Double(height) * plot.area.height), in: edges)
    }
    let missing = plot.theme.missing.pixel
    let share = 32
    let parts = try WorkerPool.map(count: (width + share - 1) / share) { part in
      var painter = ColumnPainter(mark: self, rowShares: yShares, missing: missing)
      return (part * share..<min(width, (part + 1) * share)).flatMap { column in
        painter.paint(xShares[column])
      }
    }
    // Parts hold whole columns from top to bottom; an image wants rows.
    var pixels = [UInt32](repeating: 0, count: width * height)
    for (part, colors) in parts.enumerated() {
      let first = part * share
      for offset in 0..<(colors.count / max(height, 1)) {
        for y in 0..<height { pixels[y * width + first + offset] = colors[offset * height + y] }
      }
    }
    plot.canvas.image(pixels, width: width, height: height, in: plot.area)
  }

  /// Which cells each pixel shows: those whose centres lie on it, else the one that it lies on.
  /// `place` gives the fractional cell number at a pixel border.
  private static func shares(count: Int, pixels: Int, place: (Double) -> Double) -> [Range<Int>] {
    func bounded(_ value: Double) -> Double { value.isNaN ? -1 : max(-1, min(Double(count) + 1, value)) }
    return (0..<pixels).map { pixel in
      let ends = [bounded(place(Double(pixel))), bounded(place(Double(pixel) + 1))].sorted()
      let first = Int((ends[0] - 0.5).rounded(.up))
      let end = Int((ends[1] - 0.5).rounded(.up))
      let (low, high) = (max(0, first), min(count, end))
      if low < high { return low..<high }
      let cell = Int(bounded(place(Double(pixel) + 0.5)).rounded(.down))
      return (0..<count).contains(cell) ? cell..<(cell + 1) : 0..<0
    }
  }

  /// The fractional number of the cell that holds `value`.
  private static func place(_ value: Double, in edges: [Double]) -> Double {
    let last = edges.count - 1
    guard value >= edges[0] else { return -1 }
    guard value <= edges[last] else { return Double(last) + 1 }
    var (low, high) = (0, last)
    while high - low > 1 {
      let middle = (low + high) / 2
      if edges[middle] <= value { low = middle } else { high = middle }
    }
    let width = edges[low + 1] - edges[low]
    return Double(low) + (width > 0 ? (value - edges[low]) / width : 0)
  }
}

/// Reduces one column of pixels at a time, reusing its scratch memory.
private struct ColumnPainter {
  let mark: ImageMark
  let rowShares: [Range<Int>]
  let missing: UInt32
  private var reduced: [Float]
  private var lastShare = 0..<0
  private var lastPixels: [UInt32] = []

  init(mark: ImageMark, rowShares: [Range<Int>], missing: UInt32) {
    self.mark = mark
    self.rowShares = rowShares
    self.missing = missing
    reduced = Array(repeating: 0, count: mark.rows)
  }

  mutating func paint(_ share: Range<Int>) -> [UInt32] {
    if share.isEmpty { return Array(repeating: 0, count: rowShares.count) }
    if share == lastShare { return lastPixels }
    reduceColumns(share)
    lastShare = share
    lastPixels = rowShares.map { rows in
      if rows.isEmpty { return 0 }
      let value = rows.count == 1 ? reduced[rows.lowerBound] : reduceRows(rows)
      return mark.colors.pixel(value) ?? missing
    }
    return lastPixels
  }

  private mutating func reduceColumns(_ share: Range<Int>) {
    let mark = self.mark
    let rows = mark.rows
    let takesMax = mark.reduction == .max
    mark.values.withUnsafeBufferPointer { values in
      reduced.withUnsafeMutableBufferPointer { reduced in
        for row in 0..<rows { reduced[row] = values[share.lowerBound * rows + row] }
        for column in share.dropFirst() {
          let base = column * rows
          if takesMax {
            for row in 0..<rows {
              let value = values[base + row]
              // A value beats what is not a number; the comparison is false for one that is not.
              if value > reduced[row] || reduced[row].isNaN { reduced[row] = value }
            }
          } else {
            for row in 0..<rows { reduced[row] += values[base + row] }
          }
        }
        if takesMax || share.count == 1 { return }
        let part = 1 / Float(share.count)
        for row in 0..<rows {
          reduced[row] *= part
          if !reduced[row].isFinite { reduced[row] = Self.finiteMean(share.map { values[$0 * rows + row] }) }
        }
      }
    }
  }

  private func reduceRows(_ rows: Range<Int>) -> Float {
    var result = reduced[rows.lowerBound]
    if mark.reduction == .max {
      for row in rows.dropFirst() where reduced[row] > result || result.isNaN { result = reduced[row] }
      return result
    }
    for row in rows.dropFirst() { result += reduced[row] }
    result /= Float(rows.count)
    return result.isFinite ? result : Self.finiteMean(rows.map { reduced[$0] })
  }

  /// The mean of the finite values; where there is none, the first (nan, or endlessly high or low).
  private static func finiteMean(_ values: [Float]) -> Float {
    var sum = 0.0
    var count = 0
    for value in values where value.isFinite {
      sum += Double(value)
      count += 1
    }
    return count > 0 ? Float(sum / Double(count)) : values.first ?? .nan
  }
}
