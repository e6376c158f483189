import Essentials
import Glibc
import Tensors

/// A loss over one batch: its labels checked, its value and gradient for any part of the examples.
///
/// Where the last activation belongs to the loss (a sigmoid to binary, a softmax to categorical
/// cross-entropy), the loss works on what the activation gets (`fused`): the same number, without
/// the loss of digits near 0 and 1. Keras does the same.
struct LossHead: Sendable {
  private let loss: Loss
  private let isFused: Bool
  /// Numbers in one example's output.
  private let size: Int
  /// Numbers in its last axis.
  private let classes: Int
  private let labels: Tensor
  /// The parts of the mean: elements, or positions where a class is chosen.
  let unitCount: Int

  /// Keras clips probabilities to 1e-7 ... 1 − 1e-7.
  private static let epsilon: Float = 1e-7

  static func isFused(_ loss: Loss, _ activation: Activation) -> Bool {
    switch loss {
    case .binaryCrossentropy: activation == .sigmoid
    case .sparseCategoricalCrossentropy, .categoricalCrossentropy: activation == .softmax
    case .meanSquaredError: false
    }
  }

  /// - Throws: a `shape` failure where the labels do not go with the outputs, a `value` failure for
  ///   labels that the loss cannot take.
  init(_ loss: Loss, isFused: Bool, outputShape: Shape, labels: Tensor, exampleCount: Int) throws(Failure) {
    self.loss = loss
    self.isFused = isFused
    self.labels = labels
    size = outputShape.reduce(1, *)
    classes = outputShape.last ?? 1
    let whole = [exampleCount] + outputShape
    let perPosition = [exampleCount] + outputShape.dropLast()
    if loss == .sparseCategoricalCrossentropy {
      unitCount = exampleCount * size / classes
      guard labels.shape == perPosition || labels.shape == perPosition + [1] else {
        throw Failure(
          .shape,
          "labels of shape \(labels.shape.shapeDescription) do not go with outputs of shape "
            + "\(whole.shapeDescription); \(loss.rawValue) takes \(perPosition.shapeDescription), "
            + "a class number each",
          hint: labels.shape == whole ? "for one-hot labels use categorical_crossentropy" : nil,
          parameter: "y")
      }
      try checkClassNumbers()
    } else {
      unitCount = loss == .categoricalCrossentropy ? exampleCount * size / classes : exampleCount * size
      guard labels.shape == whole || (classes == 1 && labels.shape == perPosition) else {
        let isClassNumber = loss == .categoricalCrossentropy && labels.shape == perPosition
        throw Failure(
          .shape,
          "labels of shape \(labels.shape.shapeDescription) do not go with outputs of shape "
            + whole.shapeDescription,
          hint: isClassNumber ? "for class numbers use sparse_categorical_crossentropy" : nil,
          parameter: "y")
      }
      try checkLabels()
    }
  }

  private func checkClassNumbers() throws(Failure) {
    for (index, label) in labels.elements.enumerated() {
      guard label >= 0, label < Float(classes), label == label.rounded(.down) else {
        throw Failure(
          .value,
          "label \(index) is \(label); with \(classes) outputs a class number is a whole number from 0 to "
            + "\(classes - 1)", parameter: "y")
      }
    }
  }

  private func checkLabels() throws(Failure) {
    for (index, label) in labels.elements.enumerated() {
      guard label.isFinite else {
        throw Failure(.value, "label \(index) is \(label)", parameter: "y")
      }
      if loss == .binaryCrossentropy, label < 0 || label > 1 {
        throw Failure(
          .value, "label \(index) is \(label); binary_crossentropy takes labels from 0 to 1",
          parameter: "y")
      }
    }
  }

  /// The sum of losses over some examples, and their gradient of the mean over the batch.
  func evaluate(
    firstExample: Int, count: Int, output: UnsafePointer<Float>, head: UnsafePointer<Float>,
    gradient: UnsafeMutablePointer<Float>?
  ) -> Double {
    labels.withUnsafeElements { labels in
      guard let labels = labels.baseAddress else { return 0 }
      let scale = 1 / Float(unitCount)
      if loss == .sparseCategoricalCrossentropy {
        let positions = size / classes
        return sum(
          rows: count * positions, labels: labels + firstExample * positions, labelWidth: 1, output, head,
          gradient, scale)
      }
      return sum(
        rows: count * size / classes, labels: labels + firstExample * size, labelWidth: classes, output,
        head, gradient, scale)
    }
  }

  private func sum(
    rows: Int, labels: UnsafePointer<Float>, labelWidth: Int, _ output: UnsafePointer<Float>,
    _ head: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>?, _ scale: Float
  ) -> Double {
    var total = 0.0
    for row in 0..<rows {
      let label = labels + row * labelWidth
      let p = output + row * classes
      let z = head + row * classes
      let g = gradient.map { $0 + row * classes }
      switch loss {
      case .binaryCrossentropy:
        total += isFused ? logitsLoss(label, p, z, g, scale) : probabilityLoss(label, p, g, scale)
      case .meanSquaredError:
        for index in 0..<classes {
          let difference = p[index] - label[index]
          total += Double(difference) * Double(difference)
          g?[index] = 2 * difference * scale
        }
      case .categoricalCrossentropy, .sparseCategoricalCrossentropy:
        total += isFused ? softmaxLoss(label, p, z, g, scale) : classLoss(label, p, g, scale)
      }
    }
    return total
  }

  /// max(z, 0) − z·y + log(1 + exp(−|z|)).
  private func logitsLoss(
    _ label: UnsafePointer<Float>, _ p: UnsafePointer<Float>, _ z: UnsafePointer<Float>,
    _ g: UnsafeMutablePointer<Float>?, _ scale: Float
  ) -> Double {
    var total = 0.0
    for index in 0..<classes {
      let (x, y) = (Double(z[index]), Double(label[index]))
      total += (x > 0 ? x : x.isNaN ? x : 0) - x * y + log1p(exp(-abs(x)))
      g?[index] = (p[index] - label[index]) * scale
    }
    return total
  }

  private func probabilityLoss(
    _ label: UnsafePointer<Float>, _ p: UnsafePointer<Float>, _ g: UnsafeMutablePointer<Float>?,
    _ scale: Float
  ) -> Double {
    var total = 0.0
    for index in 0..<classes {
      let (clipped, isInside) = Self.clip(p[index])
      let y = label[index]
      total -= Double(y) * log(Double(clipped)) + Double(1 - y) * log(Double(1 - clipped))
      g?[index] = isInside ? ((1 - y) / (1 - clipped) - y / clipped) * scale : 0
    }
    return total
  }

  private func softmaxLoss(
    _ label: UnsafePointer<Float>, _ p: UnsafePointer<Float>, _ z: UnsafePointer<Float>,
    _ g: UnsafeMutablePointer<Float>?, _ scale: Float
  ) -> Double {
    var largest = -Double.infinity
    for index in 0..<classes where !(Double(z[index]) <= largest) { largest = Double(z[index]) }
    var sum = 0.0
    for index in 0..<classes { sum += exp(Double(z[index]) - largest) }
    let logSum = largest + log(sum)
    if loss == .sparseCategoricalCrossentropy {
      let right = Int(label[0])
      if let g { for index in 0..<classes { g[index] = (p[index] - (index == right ? 1 : 0)) * scale } }
      return logSum - Double(z[right])
    }
    var total = 0.0
    var labelSum: Float = 0
    for index in 0..<classes { labelSum += label[index] }
    for index in 0..<classes {
      if label[index] != 0 { total += Double(label[index]) * (logSum - Double(z[index])) }
      g?[index] = (p[index] * labelSum - label[index]) * scale
    }
    return total
  }

  /// Cross-entropy of numbers that need not be a distribution: Keras divides them by their sum.
  private func classLoss(
    _ label: UnsafePointer<Float>, _ p: UnsafePointer<Float>, _ g: UnsafeMutablePointer<Float>?,
    _ scale: Float
  ) -> Double {
    if loss == .sparseCategoricalCrossentropy {
      // Keras clips first, then normalises.
      let right = Int(label[0])
      var sum: Float = 0
      for index in 0..<classes { sum += Self.clip(p[index]).value }
      let chosen = Self.clip(p[right]).value
      if let g {
        for index in 0..<classes {
          let own = 1 / sum - (index == right ? 1 / chosen : 0)
          g[index] = Self.clip(p[index]).isInside ? own * scale : 0
        }
      }
      return -log(Double(chosen) / Double(sum))
    }
    var sum: Float = 0
    for index in 0..<classes { sum += p[index] }
    var total = 0.0
    var weighted: Float = 0
    for index in 0..<classes {
      let (share, isInside) = Self.clip(p[index] / sum)
      total -= Double(label[index]) * log(Double(share))
      let slope = isInside ? -label[index] / share : 0
      g?[index] = slope
      weighted += slope * share
    }
    if let g { for index in 0..<classes { g[index] = (g[index] - weighted) / sum * scale } }
    return total
  }

  private static func clip(_ p: Float) -> (value: Float, isInside: Bool) {
    if p < epsilon { return (epsilon, false) }
    if p > 1 - epsilon { return (1 - epsilon, false) }
    return (p, true)
  }
}
