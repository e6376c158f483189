import Essentials
import Foundation

/// A loss by its formula: a mean over what it is made of.
final class PlainLoss {
  private let item: Item
  /// Keras keeps probabilities this far from 0 and 1.
  private static let edge: Float = 1e-7
  private var isInside: [Bool] = []

  static let names = [
    "mse", "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy",
  ]

  static func defaults(_ name: String) -> [String: Setting] { [:] }

  /// Whether it works on what the last function gets. A sigmoid before binary and a softmax before categorical
  /// cross-entropy are computed together with them, and no probability is cut off at the edges.
  let takesLogits: Bool

  init(_ item: Item, after function: String) throws {
    guard Self.names.contains(item.name) else { throw Malformed("there is no plain loss '\(item.name)'") }
    self.item = item.merged(Self.defaults(item.name))
    takesLogits =
      switch item.name {
      case "binary_crossentropy": function == "sigmoid"
      case "categorical_crossentropy", "sparse_categorical_crossentropy": function == "softmax"
      default: false
      }
  }

  /// The loss, and its gradient of the outputs.
  func evaluate(_ p: Field, _ y: Field, _ pass: Pass) -> (loss: Double, gradient: Field) {
    switch item.name {
    case "mse": elementwise(p, y, pass) { p, y in ((p - y) * (p - y), 2 * (p - y)) }
    case "binary_crossentropy":
      throughEdges(p, pass) { p in
        elementwise(p, y, pass) { p, y in
          (-y * log(p) - (1 - y) * log(1 - p), (p - y) / (p * (1 - p)))
        }
      }
    // Keras cuts off before it divides by the sum here,
    case "sparse_categorical_crossentropy":
      throughEdges(p, pass) { p in crossEntropy(p, y, pass) }
    // and after it there.
    default:
      throughSum(p, pass) { p in throughEdges(p, pass) { p in crossEntropy(p, y, pass, normalises: false) } }
    }
  }

  /// The same from what a sigmoid or softmax gets, with the gradient of that.
  func evaluate(logits z: Field, _ y: Field, _ pass: Pass) -> (loss: Double, gradient: Field) {
    if item.name == "binary_crossentropy" {
      return elementwise(z, y, pass, peak: 1) { z, y in
        (max(z, 0) - z * y + log1p(exp(-abs(z))), PlainFunction.sigmoid(z) - y)
      }
    }
    let width = z.channels
    let rows = Double(z.values.count / width)
    let labels = oneHot(y, like: z)
    var (loss, gradient) = (0.0, Field(z.shape))
    for start in stride(from: 0, to: z.values.count, by: width) {
      let range = start..<start + width
      let largest = z.values[range].max() ?? 0
      let logSum = largest + log(range.reduce(0) { $0 + exp(z.values[$1] - largest) })
      let total = range.reduce(0) { $0 + labels.values[$1] }
      for index in range {
        loss += labels.values[index] * (logSum - z.values[index]) / rows
        gradient.values[index] = (total * exp(z.values[index] - logSum) - labels.values[index]) / rows
      }
    }
    pass.disturb(&gradient, peak: 1 / rows)
    return (loss, gradient)
  }

  /// A mean over all elements.
  private func elementwise(
    _ p: Field, _ y: Field, _ pass: Pass, peak: Double? = nil,
    _ function: (Double, Double) -> (Double, Double)
  ) -> (Double, Field) {
    var (loss, gradient) = (0.0, Field(p.shape))
    let count = Double(p.values.count)
    for index in p.values.indices {
      let (value, slope) = function(p.values[index], y.values[index])
      loss += value / count
      gradient.values[index] = slope / count
    }
    pass.disturb(&gradient, peak: peak.map { $0 / count })
    return (loss, gradient)
  }

  /// −Σ y·log(p / Σp), a mean over rows.
  private func crossEntropy(
    _ p: Field, _ y: Field, _ pass: Pass, normalises: Bool = true
  ) -> (Double, Field) {
    let width = p.channels
    let rows = Double(p.values.count / width)
    let labels = oneHot(y, like: p)
    var (loss, gradient) = (0.0, Field(p.shape))
    for start in stride(from: 0, to: p.values.count, by: width) {
      let range = start..<start + width
      let sum = normalises ? range.reduce(0) { $0 + p.values[$1] } : 1
      let total = range.reduce(0) { $0 + labels.values[$1] }
      for index in range {
        loss -= labels.values[index] * log(p.values[index] / sum) / rows
        gradient.values[index] =
          ((normalises ? total / sum : 0) - labels.values[index] / p.values[index]) / rows
      }
    }
    pass.disturb(&gradient)
    return (loss, gradient)
  }

  private func oneHot(_ y: Field, like p: Field) -> Field {
    if item.name == "categorical_crossentropy" { return y }
    var labels = Field(p.shape)
    for (row, label) in y.values.enumerated() { labels.values[row * p.channels + Int(label)] = 1 }
    return labels
  }

  /// Each number divided by its row's sum.
  private func throughSum(
    _ p: Field, _ pass: Pass, _ inner: (Field) -> (Double, Field)
  ) -> (Double, Field) {
    let width = p.channels
    var (shares, sums) = (p, [Double]())
    for start in stride(from: 0, to: p.values.count, by: width) {
      let sum = p.values[start..<start + width].reduce(0, +)
      sums.append(sum)
      for index in start..<start + width { shares.values[index] = p.values[index] / sum }
    }
    let (loss, slope) = inner(shares)
    var gradient = slope
    for index in gradient.values.indices {
      let start = index / width * width
      let mean = (start..<start + width).reduce(0) { $0 + slope.values[$1] * shares.values[$1] }
      gradient.values[index] = (slope.values[index] - mean) / sums[index / width]
    }
    pass.disturb(&gradient, peak: (slope * shares).peak / (sums.min() ?? 1))
    return (loss, gradient)
  }

  /// Numbers kept off 0 and 1, as far as single precision can tell; no gradient from beyond.
  private func throughEdges(
    _ p: Field, _ pass: Pass, _ inner: (Field) -> (Double, Field)
  ) -> (Double, Field) {
    let (low, high) = (Double(Self.edge), Double(1 - Self.edge))
    if !pass.keepsDecisions {
      isInside = p.values.map { $0 >= low && $0 <= high }
      // 1 minus what single precision cannot tell from 0 is on either side.
      for value in p.values {
        pass.noteMargin(value - low, peak: 1)
        pass.noteMargin(value - high, peak: 1)
      }
    }
    var clipped = p
    for index in p.values.indices {
      clipped.values[index] =
        isInside[index] ? min(max(p.values[index], low), high) : p.values[index] < 0.5 ? low : high
    }
    var (loss, gradient) = inner(clipped)
    for index in gradient.values.indices where !isInside[index] { gradient.values[index] = 0 }
    return (loss, gradient)
  }

  /// Labels for outputs of this shape, drawn at random.
  static func labels(_ item: Item, for shape: [Int], _ random: inout RandomSource) -> Field {
    let width = shape[shape.count - 1]
    switch item.name {
    case "sparse_categorical_crossentropy":
      let places = Array(shape.dropLast())
      return Field(places, (0..<places.reduce(1, *)).map { _ in Double(random.integer(below: width)) })
    case "categorical_crossentropy":
      var field = Field(shape)
      for row in 0..<field.values.count / width {
        field.values[row * width + random.integer(below: width)] = 1
      }
      return field
    case "binary_crossentropy":
      return Field(shape).map { _ in random.uniform() < 0.5 ? 0 : 1 }
    default: return Field(shape).map { _ in Double(Float(random.normal())) }
    }
  }

  /// Functions that may stand before it: what it takes are probabilities, or positive numbers.
  static func activations(_ item: Item, units: Int) -> [String] {
    switch item.name {
    case "mse": ["linear", "linear", "relu", "sigmoid", "tanh"] + (units > 1 ? ["softmax"] : [])
    case "binary_crossentropy": ["sigmoid", "sigmoid"] + (units > 1 ? ["softmax"] : [])
    default: ["softmax", "softmax", "sigmoid"]
    }
  }
}
