import Glibc

/// From numbers to colours.
struct ColorScale: Sendable {
  enum Transform: Sendable {
    case none
    /// `factor` · log₁₀(value / reference).
    case decibels(factor: Double, reference: Double)
  }

  let table: [UInt32]
  let range: ClosedRange<Double>
  let transform: Transform
  private let levels: LogarithmicLevels?

  init(table: [UInt32], range: ClosedRange<Double>, transform: Transform) {
    self.table = table
    self.range = range
    self.transform = transform
    if case .decibels(let factor, let reference) = transform {
      levels = LogarithmicLevels(
        count: table.count, range: range, factor: factor, reference: reference)
    } else {
      levels = nil
    }
  }

  /// The colour of a value; nil for what is not a number.
  func pixel(_ value: Float) -> UInt32? {
    if value.isNaN { return nil }
    if let levels { return table[levels.level(of: value)] }
    let place = (Double(value) - range.lowerBound) / (range.upperBound - range.lowerBound)
    if place.isNaN { return nil }
    // The nearest colour.
    return table[Int(max(0, min(1, place)) * Double(table.count - 1) + 0.5)]
  }
}

/// Which of evenly spaced levels of decibels a value belongs to, without a logarithm for each: the upper
/// bits of a float, its exponent and the begin of its fraction, nearly tell.
private struct LogarithmicLevels: Sendable {
  /// The least value of each level; level 0 begins at 0.
  private let least: [Float]
  /// For the upper 16 bits of a float, less `firstBits`: the level of the least float with these.
  private let starts: [UInt16]
  private let firstBits: UInt32

  init(count: Int, range: ClosedRange<Double>, factor: Double, reference: Double) {
    let step = (range.upperBound - range.lowerBound) / Double(max(count - 1, 1))
    // Values halfway between two levels belong to the upper one.
    let least = (0..<count).map { level -> Float in
      if level == 0 { return 0 }
      let decibels = range.lowerBound + (Double(level) - 0.5) * step
      return Float(reference * pow(10, decibels / factor))
    }
    self.least = least
    guard count > 1 else {
      (starts, firstBits) = ([], 0)
      return
    }
    firstBits = least[1].bitPattern >> 16
    let lastBits = max(firstBits, least[count - 1].bitPattern >> 16)
    var level = 0
    starts = (firstBits...lastBits).map { bits in
      let value = Float(bitPattern: bits << 16)
      while level + 1 < count, least[level + 1] <= value { level += 1 }
      return UInt16(level)
    }
  }

  func level(of value: Float) -> Int {
    guard value > 0, !starts.isEmpty else { return 0 }
    let bits = value.bitPattern >> 16
    if bits < firstBits { return 0 }
    let place = Int(bits - firstBits)
    var level = place < starts.count ? Int(starts[place]) : least.count - 1
    while level + 1 < least.count, value >= least[level + 1] { level += 1 }
    return level
  }
}
