import Essentials

extension Tensor: CustomStringConvertible {
  /// The elements as NumPy prints them: columns aligned, as few digits as tell 32-bit floats apart
  /// (at most 8 decimals), lines of 75 characters, and only the ends of each axis of a tensor with
  /// more than 1000 elements.
  public var description: String { text(elementLimit: 1000) }

  /// As `description`, with another limit to the elements that are shown in full.
  public func text(elementLimit: Int) -> String {
    if rank == 0 { return ShortestNumber.text(elements[0]) }
    if count == 0 { return "[]" }
    return ArrayPrinter(self, isSummary: count > elementLimit).text()
  }

  /// One line: `Tensor (1491, 257) float32`.
  public var summary: String { "Tensor \(shape.shapeDescription) float32" }

  /// One line about the elements: `min 0 · mean 0.25 · max 1`, and how many are not finite.
  public var statistics: String {
    if count == 0 { return "no elements" }
    var (low, high, sum, finite, odd) = (Float.infinity, -Float.infinity, 0.0, 0, 0)
    for element in elements {
      guard element.isFinite else {
        odd += 1
        continue
      }
      low = Swift.min(low, element)
      high = Swift.max(high, element)
      sum += Double(element)
      finite += 1
    }
    let rest = odd > 0 ? "\(odd) not finite" : ""
    if finite == 0 { return rest }
    let numbers =
      "min \(NumberText.significant(Double(low), digits: 5)) · mean "
      + "\(NumberText.significant(sum / Double(finite), digits: 5)) · max \(NumberText.significant(Double(high), digits: 5))"
    return odd > 0 ? "\(numbers) · \(rest)" : numbers
  }
}

/// NumPy's `array2string` for floats.
private struct ArrayPrinter {
  private let tensor: Tensor
  private let strides: [Int]
  private let isSummary: Bool
  private var format: ColumnFormat
  private static let edgeItems = 3
  private static let lineWidth = 75

  init(_ tensor: Tensor, isSummary: Bool) {
    self.tensor = tensor
    self.isSummary = isSummary
    strides = tensor.shape.rowMajorStrides
    format = ColumnFormat([])
    var shown: [Float] = []
    collect(axis: 0, offset: 0, into: &shown)
    format = ColumnFormat(shown)
  }

  func text() -> String { text(axis: 0, offset: 0, indent: " ", width: Self.lineWidth) }

  /// The positions of an axis that are shown; nil stands for the dots.
  private func positions(_ axis: Int) -> [Int?] {
    let length = tensor.shape[axis]
    guard isSummary, length > 2 * Self.edgeItems else { return Array(0..<length) }
    return Array(0..<Self.edgeItems) + [nil] + Array(length - Self.edgeItems..<length)
  }

  private func collect(axis: Int, offset: Int, into shown: inout [Float]) {
    if axis == tensor.rank { return shown.append(tensor.elements[offset]) }
    for case let position? in positions(axis) {
      collect(axis: axis + 1, offset: offset + position * strides[axis], into: &shown)
    }
  }

  private func text(axis: Int, offset: Int, indent: String, width: Int) -> String {
    let axesLeft = tensor.rank - axis
    var lines: [String] = []
    if axesLeft > 1 {
      let parts = positions(axis).map { position in
        position.map {
          text(axis: axis + 1, offset: offset + $0 * strides[axis], indent: indent + " ", width: width - 1)
        } ?? "..."
      }
      let separator = String(repeating: "\n", count: axesLeft - 1) + indent
      return "[" + parts.joined(separator: separator) + "]"
    }
    var line = indent
    for (index, position) in positions(axis).enumerated() {
      let word = position.map { format.text(tensor.elements[offset + $0]) } ?? "..."
      if index > 0 { line += " " }
      if line.count + word.count > width - 1, line.count > indent.count {
        lines.append(trimmedEnd(line))
        line = indent
      }
      line += word
    }
    lines.append(line)
    return "[" + lines.joined(separator: "\n").dropFirst(indent.count) + "]"
  }

  private func trimmedEnd(_ line: String) -> String {
    String(line.reversed().drop { $0 == " " }.reversed())
  }
}

/// The one format that all elements of a printed array share: NumPy's `FloatingFormat`.
private struct ColumnFormat {
  private var isExponential = false
  private var padLeft = 0
  private var padRight = 0
  private var fractionDigits = 0
  private var exponentDigits = 2

  init(_ values: [Float]) {
    let finite = values.filter(\.isFinite)
    let magnitudes = finite.map(\.magnitude).filter { $0 != 0 }
    if let greatest = magnitudes.max(), let least = magnitudes.min() {
      isExponential = greatest >= 1e8 || least < 0.0001 || greatest / least > 1000
    }
    for value in finite {
      let number = ShortestNumber(value)
      if isExponential {
        let (mantissa, exponent) = number.scientific()
        padLeft = max(padLeft, number.isNegative ? 2 : 1)
        fractionDigits = max(fractionDigits, mantissa.count - 1)
        exponentDigits = max(exponentDigits, String(exponent.magnitude).count)
      } else {
        let (whole, fraction) = number.positional()
        padLeft = max(padLeft, whole.count)
        padRight = max(padRight, fraction.count)
      }
    }
    if isExponential { padRight = fractionDigits + exponentDigits + 2 }
    if finite.count < values.count {
      let longest = values.contains(-.infinity) ? 4 : 3
      padLeft = max(padLeft, longest - padRight - 1)
    }
  }

  func text(_ value: Float) -> String {
    guard value.isFinite else {
      let word = value.isNaN ? "nan" : value < 0 ? "-inf" : "inf"
      return padding(padLeft + padRight + 1 - word.count) + word
    }
    let number = ShortestNumber(value)
    if isExponential {
      // All with as many digits, those of the exact value.
      let parts = NumberText.scientific(Double(value), digits: fractionDigits).split(separator: "e")
      guard parts.count == 2, let exponent = Int(parts[1]) else { return "" }
      let point = fractionDigits == 0 ? "." : ""
      let power = String(exponent.magnitude)
      return padding(padLeft - (number.isNegative ? 2 : 1)) + parts[0] + point
        + (exponent < 0 ? "e-" : "e+") + String(repeating: "0", count: exponentDigits - power.count) + power
    }
    let (whole, fraction) = number.positional()
    return padding(padLeft - whole.count) + "\(whole).\(fraction)" + padding(padRight - fraction.count)
  }

  private func padding(_ count: Int) -> String { String(repeating: " ", count: max(count, 0)) }
}

/// The fewest decimal digits that tell a 32-bit float from its neighbours.
private struct ShortestNumber {
  let isNegative: Bool
  private let value: Float
  /// Without a point and without zeros at the ends; empty for 0.
  private var digits: String
  /// The number is 0.digits × 10^point.
  private var point: Int

  init(_ value: Float) {
    self.value = value
    isNegative = value.sign == .minus
    // Swift prints the shortest digits: "0.001", "1e-05", "16777216.0", "1.2345e+20".
    let parts = "\(value.magnitude)".split(separator: "e")
    let mantissa = parts[0].split(separator: ".")
    let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let whole = mantissa[0]
    let all = whole + (mantissa.count > 1 ? mantissa[1] : "")
    let leading = all.prefix { $0 == "0" }.count
    digits = String(all.dropFirst(leading))
    while digits.last == "0" { digits.removeLast() }
    point = digits.isEmpty ? 0 : whole.count - leading + exponent
  }

  /// The digits with the point after the first one, and the power of ten.
  func scientific() -> (digits: String, exponent: Int) {
    digits.isEmpty ? ("0", 0) : (digits, point - 1)
  }

  /// Sign and whole part, and up to 8 decimals without zeros at their end.
  func positional() -> (whole: String, fraction: String) {
    let sign = isNegative ? "-" : ""
    if digits.isEmpty { return (sign + "0", "") }
    if digits.count - point > 8 {
      // More decimals than are shown: rounded from the exact value.
      let text = NumberText.fixed(Double(value.magnitude), 8).split(separator: ".")
      var fraction = text.count > 1 ? String(text[1]) : ""
      while fraction.last == "0" { fraction.removeLast() }
      return (sign + text[0], fraction)
    }
    if point <= 0 { return (sign + "0", String(repeating: "0", count: -point) + digits) }
    if digits.count <= point {
      return (sign + digits + String(repeating: "0", count: point - digits.count), "")
    }
    return (sign + digits.prefix(point), String(digits.dropFirst(point)))
  }

  /// A number by itself.
  static func text(_ value: Float) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    if value == value.rounded(), value.magnitude < 1e16 {
      return value == 0 && value.sign == .minus ? "-0" : String(Int(value))
    }
    return "\(value)"
  }
}
