import CapLanguage
import Essentials
import Tensors

/// How tensors are written: as NumPy writes arrays, whole numbers without a point.
enum TensorText {
  /// Above this many elements only the first and last few of each axis are shown.
  static let elementLimit = 1000
  /// How many of each end.
  private static let edge = 3
  /// Lines are broken before this column, as NumPy does.
  private static let lineWidth = 75

  /// Whether the text leaves elements out.
  static func isShortened(_ tensor: Tensor, limit: Int = elementLimit) -> Bool { tensor.count > limit }

  /// The elements in brackets, aligned, one row a line.
  static func text(_ tensor: Tensor, limit: Int = elementLimit) -> String {
    if tensor.rank == 0 { return NumberText.plain(Double(tensor.elements[0])) }
    if tensor.count == 0 {
      return tensor.rank == 1 ? "[]" : "[] (shape \(tensor.shape.shapeDescription))"
    }
    let shortened = isShortened(tensor, limit: limit)
    var writer = Writer(tensor: tensor, edge: shortened ? edge : nil, lineWidth: lineWidth)
    return writer.text()
  }

  private struct Writer {
    let tensor: Tensor
    /// How many items of each end of an axis are shown; nil for all.
    let edge: Int?
    let lineWidth: Int
    private var format = NumberFormat(values: [])

    init(tensor: Tensor, edge: Int?, lineWidth: Int) {
      self.tensor = tensor
      self.edge = edge
      self.lineWidth = lineWidth
    }

    mutating func text() -> String {
      var shown: [Float] = []
      collect(axis: 0, offset: 0, stride: tensor.count, into: &shown)
      format = NumberFormat(values: shown)
      return write(axis: 0, offset: 0, stride: tensor.count, indent: 1)
    }

    /// The shown positions of an axis; nil is the gap.
    private func positions(_ length: Int) -> [Int?] {
      guard let edge, length > 2 * edge else { return Array(0..<length) }
      return Array(0..<edge) + [nil] + Array(length - edge..<length)
    }

    private func collect(axis: Int, offset: Int, stride: Int, into shown: inout [Float]) {
      let inner = stride / tensor.shape[axis]
      for case let position? in positions(tensor.shape[axis]) {
        if axis == tensor.rank - 1 {
          shown.append(tensor.elements[offset + position])
        } else {
          collect(axis: axis + 1, offset: offset + position * inner, stride: inner, into: &shown)
        }
      }
    }

    private func write(axis: Int, offset: Int, stride: Int, indent: Int) -> String {
      let inner = stride / tensor.shape[axis]
      if axis == tensor.rank - 1 {
        var lines: [String] = []
        var line = ""
        for position in positions(tensor.shape[axis]) {
          let item = position.map { format.text(tensor.elements[offset + $0]) } ?? "..."
          if !line.isEmpty, indent + line.utf8.count + item.utf8.count + 1 > lineWidth {
            lines.append(line)
            line = ""
          }
          line += line.isEmpty ? item : " " + item
        }
        lines.append(line)
        return "[" + lines.joined(separator: "\n" + String(repeating: " ", count: indent)) + "]"
      }
      let gap = String(repeating: "\n", count: tensor.rank - axis - 1) + String(repeating: " ", count: indent)
      let parts = positions(tensor.shape[axis]).map { position in
        position.map { write(axis: axis + 1, offset: offset + $0 * inner, stride: inner, indent: indent + 1) }
          ?? "..."
      }
      return "[" + parts.joined(separator: gap) + "]"
    }
  }
}

/// One way to write all numbers of an array, so that they align.
struct NumberFormat {
  private let isScientific: Bool
  private let decimals: Int
  private let width: Int
  /// At most so many digits behind the point.
  private static let mostDecimals = 6

  /// The format for these numbers. Scientific where plain digits would hide some of them (NumPy's rule).
  init(values: [Float]) {
    var largest: Float = 0
    var smallest = Float.infinity
    var areWhole = true
    for value in values where value.isFinite {
      let magnitude = value.magnitude
      if magnitude > largest { largest = magnitude }
      if magnitude > 0, magnitude < smallest { smallest = magnitude }
      if value != value.rounded() { areWhole = false }
    }
    let hides = smallest < 1e-4 || (smallest.isFinite && largest / smallest > 1e5)
    isScientific = largest >= 1e8 || (!areWhole && hides)
    var most = 0
    if !areWhole, !isScientific {
      for value in values where value.isFinite && most < Self.mostDecimals {
        most = max(most, Self.shortestDecimals(value))
      }
    }
    decimals = most
    var width = 0
    for value in values {
      let text = Self.write(value, decimals: most, isScientific: isScientific)
      width = max(width, text.utf8.count)
    }
    self.width = width
  }

  /// The number, padded to the common width.
  func text(_ value: Float) -> String {
    let text = Self.write(value, decimals: decimals, isScientific: isScientific)
    return String(repeating: " ", count: max(0, width - text.utf8.count)) + text
  }

  private static func write(_ value: Float, decimals: Int, isScientific: Bool) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    if isScientific { return Decimals.scientific(Double(value), digits: 5) }
    let text = Decimals.fixed(Double(value), decimals)
    guard decimals > 0 else { return text }
    // Zeros at the end become blanks, as in NumPy: the points align, and the digits tell how exact they are.
    let bytes = Array(text.utf8)
    var end = bytes.count
    let least = bytes.count - decimals + 1
    while end > least, bytes[end - 1] == UInt8(ascii: "0") { end -= 1 }
    return String(decoding: bytes[..<end], as: UTF8.self)
      + String(repeating: " ", count: bytes.count - end)
  }

  /// The digits behind the point of the shortest text that reads back as this number.
  private static func shortestDecimals(_ value: Float) -> Int {
    let text = value.description
    guard !text.contains("e"), let point = text.utf8.firstIndex(of: UInt8(ascii: ".")) else {
      return mostDecimals
    }
    let decimals = text.utf8.distance(from: point, to: text.utf8.endIndex) - 1
    if decimals == 1, text.utf8.last == UInt8(ascii: "0") { return 0 }
    return min(decimals, mostDecimals)
  }
}
