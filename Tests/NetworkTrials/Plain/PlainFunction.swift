import Foundation

/// A function on a layer's outputs, with its slope.
final class PlainFunction {
  /// A piece of an elementwise function, up to a break.
  typealias Piece = (value: @Sendable (Double) -> Double, slope: @Sendable (Double) -> Double)

  /// Where one piece of a function ends and the next begins, and the pieces.
  typealias Pieces = (breaks: [Double], pieces: [Piece])

  private static let swish: Pieces = (
    [], [({ x in x * sigmoid(x) }, { x in sigmoid(x) * (1 + x * (1 - sigmoid(x))) })]
  )
  private static let hardSwish: Pieces = (
    [-3, 3],
    [
      ({ _ in 0 }, { _ in 0 }), ({ x in x * (x + 3) / 6 }, { x in (2 * x + 3) / 6 }),
      ({ x in x }, { _ in 1 }),
    ]
  )

  /// The normal distribution's.
  @Sendable private static func normal(_ x: Double) -> Double { (1 + erf(x / 2.0.squareRoot())) / 2 }

  /// The elementwise ones.
  private static let table: [String: Pieces] = [
    "linear": ([], [({ x in x }, { _ in 1 })]),
    "relu": ([0], [({ _ in 0 }, { _ in 0 }), ({ x in x }, { _ in 1 })]),
    "sigmoid": ([], [({ x in sigmoid(x) }, { x in sigmoid(x) * (1 - sigmoid(x)) })]),
    "tanh": ([], [({ x in tanh(x) }, { x in 1 - tanh(x) * tanh(x) })]),
    "leaky_relu": ([0], [({ x in 0.2 * x }, { _ in 0.2 }), ({ x in x }, { _ in 1 })]),
    "elu": ([], [({ x in x > 0 ? x : expm1(x) }, { x in x > 0 ? 1 : exp(x) })]),
    "selu": (
      [0],
      [
        (
          { x in 1.0507009873554805 * 1.6732632423543772 * expm1(x) },
          { x in 1.0507009873554805 * 1.6732632423543772 * exp(x) }
        ),
        ({ x in 1.0507009873554805 * x }, { _ in 1.0507009873554805 }),
      ]
    ),
    "relu6": ([0, 6], [({ _ in 0 }, { _ in 0 }), ({ x in x }, { _ in 1 }), ({ _ in 6 }, { _ in 0 })]),
    "gelu": (
      [],
      [
        ({ x in x * normal(x) }, { x in normal(x) + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot() })
      ]
    ),
    "swish": swish, "silu": swish, "hard_swish": hardSwish, "hard_silu": hardSwish,
    "hard_sigmoid": (
      [-3, 3],
      [({ _ in 0 }, { _ in 0 }), ({ x in x / 6 + 0.5 }, { _ in 1 / 6 }), ({ _ in 1 }, { _ in 0 })]
    ),
    "mish": (
      [],
      [
        (
          { x in x * tanh(log1p(exp(x))) },
          { x in
            let t = tanh(log1p(exp(x)))
            return t + x * (1 - t * t) * sigmoid(x)
          }
        )
      ]
    ),
    "softplus": ([], [({ x in max(x, 0) + log1p(exp(-abs(x))) }, { x in sigmoid(x) })]),
    "softsign": ([], [({ x in x / (1 + abs(x)) }, { x in 1 / ((1 + abs(x)) * (1 + abs(x))) })]),
    "exponential": ([], [({ x in exp(x) }, { x in exp(x) })]),
  ]

  /// Their names, those that look at a whole row among them.
  static let names = table.keys.sorted() + ["log_softmax", "softmax"]

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
    guard Self.names.contains(name) else { throw Malformed("no function '\(name)'") }
    (breaks, pieces) = Self.table[name] ?? ([], [])
  }

  /// A function of pieces of one's own.
  init(_ pieces: Pieces) {
    name = "pieces"
    (breaks, self.pieces) = pieces
  }

  private var looksAtRows: Bool { name == "softmax" || name == "log_softmax" }

  func forward(_ x: Field, _ pass: Pass) -> Field {
    input = x
    result = looksAtRows ? Self.softmax(x) : elementwise(x, pass)
    if name == "log_softmax" { result = logarithm(x) }
    // What is near a limit has few digits left of its distance.
    if breaks.isEmpty, name != "linear" {
      pass.disturb(&result, peak: name == "log_softmax" ? x.peak + 1 : nil)
      // Of an approximated logarithm all may be off the same way, which a mean does not even out.
      if name == "log_softmax" {
        var shift = Field([1])
        pass.disturb(&shift, peak: x.peak + 1)
        result = result.map { $0 + shift.values[0] }
      }
    }
    return result
  }

  func backward(_ gradient: Field, _ pass: Pass) -> Field {
    if belongsToLoss { return gradient }
    if looksAtRows { return softmaxBackward(gradient, pass) }
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

  private func logarithm(_ x: Field) -> Field {
    var y = x
    let width = x.channels
    for start in stride(from: 0, to: x.values.count, by: width) {
      let row = x.values[start..<start + width]
      let largest = row.max() ?? 0
      let sum = log(row.reduce(0) { $0 + exp($1 - largest) })
      for index in row.indices { y.values[index] = x.values[index] - largest - sum }
    }
    return y
  }

  /// p·(dy − Σ p·dy); of the logarithm dy − p·Σ dy.
  private func softmaxBackward(_ gradient: Field, _ pass: Pass) -> Field {
    var back = gradient
    let p = name == "softmax" ? result : result.map { exp($0) }
    let width = gradient.channels
    for start in stride(from: 0, to: gradient.values.count, by: width) {
      let row = start..<start + width
      let mean = row.reduce(0) { $0 + (name == "softmax" ? p.values[$1] : 1) * gradient.values[$1] }
      for index in row {
        back.values[index] =
          name == "softmax"
          ? p.values[index] * (gradient.values[index] - mean)
          : gradient.values[index] - p.values[index] * mean
      }
    }
    // The difference may be much smaller than what it is the difference of.
    pass.disturb(&back, peak: name == "softmax" ? (p * gradient).peak : gradient.peak)
    return back
  }
}
