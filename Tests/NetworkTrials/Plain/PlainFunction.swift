import Foundation

/// A function on a layer's outputs, with its slope.
final class PlainFunction {
  /// A piece of an elementwise function, up to a break.
  typealias Piece = (value: @Sendable (Double) -> Double, slope: @Sendable (Double) -> Double)

  /// The elementwise ones: where one piece ends and the next begins, and the pieces.
  private static let table: [String: (breaks: [Double], pieces: [Piece])] = [
    "linear": ([], [({ x in x }, { _ in 1 })]),
    "relu": ([0], [({ _ in 0 }, { _ in 0 }), ({ x in x }, { _ in 1 })]),
    "sigmoid": ([], [({ x in sigmoid(x) }, { x in sigmoid(x) * (1 - sigmoid(x)) })]),
    "tanh": ([], [({ x in tanh(x) }, { x in 1 - tanh(x) * tanh(x) })]),
  ]

  /// Their names, `softmax` among them.
  static let names = table.keys.sorted() + ["softmax"]

  @Sendable static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  let name: String
  /// Whether the loss works on what goes in here, and gives the gradient of that.
  var belongsToLoss = false
  private let breaks: [Double]
  private let pieces: [Piece]
  private(set) var input = Field([0])
  private var result = Field([0])
  private var chosen: [Int] = []

  init(_ name: String) throws {
    self.name = name
    guard name == "softmax" || Self.table[name] != nil else { throw Malformed("no function '\(name)'") }
    (breaks, pieces) = Self.table[name] ?? ([], [])
  }

  func forward(_ x: Field, _ pass: Pass) -> Field {
    input = x
    result = name == "softmax" ? Self.softmax(x) : elementwise(x, pass)
    // What is near a limit has few digits left of its distance.
    if breaks.isEmpty, name != "linear" { pass.disturb(&result) }
    return result
  }

  func backward(_ gradient: Field, _ pass: Pass) -> Field {
    if belongsToLoss { return gradient }
    if name == "softmax" { return softmaxBackward(gradient, pass) }
    var back = gradient
    for index in back.values.indices {
      back.values[index] *= pieces[chosen[index]].slope(input.values[index])
    }
    // Slopes such as p(1 − p) lose digits where p is near 1.
    if breaks.isEmpty, name != "linear" { pass.disturb(&back, peak: gradient.peak / 4) }
    return back
  }

  private func elementwise(_ x: Field, _ pass: Pass) -> Field {
    if !pass.keepsDecisions {
      chosen = x.values.map { value in breaks.count { value > $0 } }
      if !breaks.isEmpty {
        let peak = x.peak
        for value in x.values { for place in breaks { pass.noteMargin(value - place, peak: peak) } }
      }
    }
    var y = x
    for index in y.values.indices {
      // NaN is on no side of a break, and stays NaN.
      let value = x.values[index]
      y.values[index] = value.isNaN ? value : pieces[chosen[index]].value(value)
    }
    return y
  }

  private static func softmax(_ x: Field) -> Field {
    var y = x
    let width = x.channels
    for start in stride(from: 0, to: x.values.count, by: width) {
      let row = x.values[start..<start + width]
      let largest = row.max() ?? 0
      let sum = row.reduce(0) { $0 + exp($1 - largest) }
      for index in row.indices { y.values[index] = exp(x.values[index] - largest) / sum }
    }
    return y
  }

  /// p·(dy − Σ p·dy).
  private func softmaxBackward(_ gradient: Field, _ pass: Pass) -> Field {
    var back = gradient
    let width = gradient.channels
    for start in stride(from: 0, to: gradient.values.count, by: width) {
      let mean = (start..<start + width).reduce(0) { $0 + result.values[$1] * gradient.values[$1] }
      for index in start..<start + width {
        back.values[index] = result.values[index] * (gradient.values[index] - mean)
      }
    }
    // The difference may be much smaller than what it is the difference of.
    pass.disturb(&back, peak: (result * gradient).peak)
    return back
  }
}
