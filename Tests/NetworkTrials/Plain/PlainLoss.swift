import Essentials
import Foundation

/// A loss by its formula: a mean over what it is made of.
final class PlainLoss {
  private let item: Item
  /// Keras keeps probabilities this far from 0 and 1.
  private static let edge: Float = 1e-7
  private var isInside: [Bool] = []

  static let names = [
    "mse", "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy", "mae",
    "huber",
    "log_cosh", "hinge", "squared_hinge", "poisson", "kl_divergence", "binary_focal_crossentropy",
    "categorical_focal_crossentropy",
  ]

  static func defaults(_ name: String) -> [String: Setting] {
    let logits: [String: Setting] = ["from_logits": .flag(false)]
    let labels: [String: Setting] = ["from_logits": .flag(false), "label_smoothing": .number(0)]
    let focal = labels.merging(["gamma": .number(2), "alpha": .number(0.25)]) { $1 }
    return switch name {
    case "sparse_categorical_crossentropy": logits
    case "binary_crossentropy", "categorical_crossentropy": labels
    case "categorical_focal_crossentropy": focal
    case "binary_focal_crossentropy": focal.merging(["apply_class_balancing": .flag(false)]) { $1 }
    case "huber": ["delta": .number(1)]
    default: [:]
    }
  }

  private func number(_ name: String) -> Double { (try? item.number(name)) ?? 0 }
  private func flag(_ name: String) -> Bool { (try? item.flag(name)) ?? false }

  /// Whether it works on what the last function gets. A sigmoid before binary and a softmax before categorical
  /// cross-entropy are computed together with them, and no probability is cut off at the edges.
  let takesLogits: Bool

  init(_ item: Item, after function: String) throws {
    guard Self.names.contains(item.name) else { throw Malformed("there is no plain loss '\(item.name)'") }
    self.item = item.merged(Self.defaults(item.name))
    let mate =
      switch item.name {
      case "binary_crossentropy", "binary_focal_crossentropy": "sigmoid"
      case "categorical_crossentropy", "sparse_categorical_crossentropy": "softmax"
      default: ""
      }
    takesLogits = function == mate || (try? item.flag("from_logits")) == true
  }

  /// The loss, and its gradient of the outputs.
  func evaluate(_ p: Field, _ labels: Field, _ pass: Pass) -> (loss: Double, gradient: Field) {
    let y = smoothed(labels, like: p)
    return switch item.name {
    case "mse": elementwise(p, y, pass) { p, y in ((p - y) * (p - y), 2 * (p - y)) }
    case "mae":
      sided(p, y, pass) { p, y in
        p - y
      } _: { p, y, isAbove in
        isAbove ? (p - y, 1) : (y - p, -1)
      }
    case "huber":
      elementwise(p, y, pass) { p, y in
        let (d, delta) = (p - y, self.number("delta"))
        return abs(d) <= delta
          ? (d * d / 2, d) : (delta * (abs(d) - delta / 2), d > 0 ? delta : -delta)
      }
    case "log_cosh": elementwise(p, y, pass) { p, y in (log(cosh(p - y)), tanh(p - y)) }
    case "hinge":
      sided(p, signs(y), pass) { p, y in
        1 - y * p
      } _: { p, y, isAbove in
        isAbove ? (1 - y * p, -y) : (0, 0)
      }
    case "squared_hinge":
      elementwise(p, signs(y), pass) { p, y in
        let rest = max(1 - y * p, 0)
        return (rest * rest, -2 * rest * y)
      }
    case "poisson":
      elementwise(p, y, pass) { p, y in (p - y * log(p + 1e-7), 1 - y / (p + 1e-7)) }
    case "kl_divergence":
      throughEdges(p, pass, high: 2) { p in
        let (loss, gradient) = elementwise(p, y, pass) { p, y in
          let label = max(y, Double(Self.edge))
          return (label * log(label / p), -label / p)
        }
        // A sum over classes.
        return (loss * Double(p.channels), gradient.map { $0 * Double(p.channels) })
      }
    case "binary_crossentropy":
      throughEdges(p, pass) { p in
        elementwise(p, y, pass) { p, y in
          (-y * log(p) - (1 - y) * log(1 - p), (p - y) / (p * (1 - p)))
        }
      }
    case "binary_focal_crossentropy":
      // Only the logarithms are kept off the edges.
      throughEdges(p, pass) { p in
        elementwise(p, y, pass) { p, y in
          self.focal(y, p, slope: 1, (-y * log(p) - (1 - y) * log(1 - p), (p - y) / (p * (1 - p))))
        }
      }
    case "categorical_focal_crossentropy": focal(p, y, pass)
    // Keras cuts off before it divides by the sum here,
    case "sparse_categorical_crossentropy":
      throughEdges(p, pass) { p in crossEntropy(p, y, pass) }
    // and after it there.
    default:
      throughSum(p, pass) { p in throughEdges(p, pass) { p in crossEntropy(p, y, pass, normalises: false) } }
    }
  }

  /// The same from what a sigmoid or softmax gets, with the gradient of that.
  func evaluate(logits z: Field, _ own: Field, _ pass: Pass) -> (loss: Double, gradient: Field) {
    let y = smoothed(own, like: z)
    if item.name.hasPrefix("binary") {
      return elementwise(z, y, pass, peak: 1) { z, y in
        let p = PlainFunction.sigmoid(z)
        let entropy = (max(z, 0) - z * y + log1p(exp(-abs(z))), p - y)
        return self.item.name == "binary_crossentropy"
          ? entropy : self.focal(y, p, slope: p * (1 - p), entropy)
      }
    }
    if item.name == "categorical_focal_crossentropy" {
      let softmax = try? PlainFunction("softmax")
      guard let softmax else { return (.nan, z) }
      let (loss, slope) = focal(softmax.forward(z, pass), y, pass)
      return (loss, softmax.backward(slope, pass))
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

  /// Labels moved towards the middle.
  private func smoothed(_ y: Field, like p: Field) -> Field {
    let part = number("label_smoothing")
    if part == 0 { return y }
    let middle = item.name.hasPrefix("binary") ? 0.5 : 1 / Double(p.channels)
    return y.map { $0 * (1 - part) + middle * part }
  }

  /// Labels 0 and 1 as −1 and 1.
  private func signs(_ y: Field) -> Field {
    y.values.allSatisfy { $0 == 0 || $0 == 1 } ? y.map { 2 * $0 - 1 } : y
  }

  /// An entropy and its slope times (1 − p of the truth)^gamma, where p has the slope `slope`.
  private func focal(
    _ y: Double, _ p: Double, slope: Double, _ entropy: (value: Double, slope: Double)
  ) -> (Double, Double) {
    let gamma = number("gamma")
    let miss = 1 - (y * p + (1 - y) * (1 - p))
    let alpha = number("alpha")
    let weight = flag("apply_class_balancing") ? y * alpha + (1 - y) * (1 - alpha) : 1
    let missSlope = (1 - 2 * y) * slope
    let factor = pow(miss, gamma)
    let factorSlope = gamma == 0 ? 0 : gamma * pow(miss, gamma - 1) * missSlope
    return (weight * factor * entropy.value, weight * (factorSlope * entropy.value + factor * entropy.slope))
  }

  /// −Σ alpha·(1 − s)^gamma·y·log s of shares s of a row's sum.
  private func focal(_ p: Field, _ y: Field, _ pass: Pass) -> (Double, Field) {
    let (alpha, gamma, width) = (number("alpha"), number("gamma"), Double(p.channels))
    return throughSum(p, pass) { p in
      throughEdges(p, pass) { p in
        let (loss, gradient) = elementwise(p, y, pass) { s, y in
          let factor = alpha * pow(1 - s, gamma)
          let factorSlope = gamma == 0 ? 0 : -alpha * gamma * pow(1 - s, gamma - 1)
          return (-y * factor * log(s), -y * (factorSlope * log(s) + factor / s))
        }
        return (loss * width, gradient.map { $0 * width })
      }
    }
  }

  /// A mean over all elements of a function that goes on otherwise where `side` is positive.
  private func sided(
    _ p: Field, _ y: Field, _ pass: Pass, _ side: (Double, Double) -> Double,
    _ function: (Double, Double, Bool) -> (Double, Double)
  ) -> (Double, Field) {
    let distances = zip(p.values, y.values).map(side)
    if !pass.keepsDecisions {
      isInside = distances.map { $0 > 0 }
      let peak = max(p.peak, y.peak)
      for distance in distances { pass.noteMargin(distance, peak: peak) }
    }
    var place = 0
    return elementwise(p, y, pass) { p, y in
      defer { place += 1 }
      return function(p, y, self.isInside[place])
    }
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
    if item.name != "sparse_categorical_crossentropy" { return y }
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
    _ p: Field, _ pass: Pass, high: Double = Double(1 - edge), _ inner: (Field) -> (Double, Field)
  ) -> (Double, Field) {
    let low = Double(Self.edge)
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
    case "categorical_crossentropy", "categorical_focal_crossentropy", "kl_divergence":
      var field = Field(shape)
      for row in 0..<field.values.count / width {
        field.values[row * width + random.integer(below: width)] = 1
      }
      return field
    case "binary_crossentropy", "binary_focal_crossentropy":
      return Field(shape).map { _ in random.uniform() < 0.5 ? 0 : 1 }
    case "hinge", "squared_hinge":
      let low = random.chance(0.5) ? 0.0 : -1
      return Field(shape).map { _ in random.uniform() < 0.5 ? low : 1 }
    case "poisson": return Field(shape).map { _ in Double(random.integer(below: 4)) }
    default: return Field(shape).map { _ in Double(Float(random.normal())) }
    }
  }

  /// Functions that may stand before it: what it takes are probabilities, or positive numbers.
  static func activations(_ item: Item, units: Int) -> [String] {
    if (try? item.flag("from_logits")) == true { return ["linear"] }
    return switch item.name {
    case "binary_crossentropy", "binary_focal_crossentropy":
      ["sigmoid", "sigmoid"] + (units > 1 ? ["softmax"] : [])
    case "categorical_crossentropy", "sparse_categorical_crossentropy", "categorical_focal_crossentropy",
      "kl_divergence":
      ["softmax", "softmax", "sigmoid"]
    case "poisson": ["softplus", "exponential", "sigmoid"]
    case "hinge", "squared_hinge": ["linear", "tanh"]
    default: ["linear", "linear", "relu", "sigmoid", "tanh"] + (units > 1 ? ["softmax"] : [])
    }
  }

  /// Settings drawn at random; most of the time those that it has without.
  static func settings(_ name: String, _ random: inout RandomSource) -> Item {
    var item = Item(name, defaults(name))
    guard random.chance(0.5) else { return item }
    let drawn: [(name: String, value: Setting)] = [
      ("from_logits", .flag(random.chance(0.5))),
      ("label_smoothing", .number(random.pick([0, 0.1, 0.3]))),
      ("gamma", .number(random.pick([0, 1, 2, 3.5]))), ("alpha", .number(random.pick([0.25, 0.7]))),
      ("apply_class_balancing", .flag(random.chance(0.5))), ("delta", .number(random.pick([0.3, 1, 2]))),
    ]
    for (name, value) in drawn where item.settings[name] != nil { item.settings[name] = value }
    return item
  }
}
