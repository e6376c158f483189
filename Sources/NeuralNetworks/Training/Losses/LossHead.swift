import Essentials
import Tensors

/// A loss over one batch: its labels checked, its value and gradient for any part of the examples.
///
/// Where the last activation belongs to the loss (a sigmoid to binary, a softmax to categorical
/// cross-entropy), the loss works on what the activation gets (`fused`): the same number, without
/// the loss of digits near 0 and 1. Keras does the same.
struct LossHead: Sendable {
  private let loss: Loss
  private let function: any LossFunction
  private let isFused: Bool
  /// Numbers in one example's output.
  private let size: Int
  /// Numbers in its last axis.
  private let classes: Int
  private let labels: Tensor
  /// One for each example; nil where all weigh 1.
  private let weights: [Float]?
  /// The parts of the mean: elements, or positions where a class is chosen.
  let unitCount: Int

  static func isFused(_ loss: Loss, _ activation: Activation) -> Bool {
    loss.function(areBinary: false).fusedActivation == activation
  }

  /// - Parameter weights: what each example's loss is multiplied by; nil for 1.
  /// - Throws: a `shape` failure where the labels do not go with the outputs, a `value` failure for
  ///   labels that the loss cannot take.
  init(
    _ loss: Loss, isFused: Bool, outputShape: Shape, labels: Tensor, weights: [Float]? = nil,
    exampleCount: Int
  ) throws(Failure) {
    self.loss = loss
    self.isFused = isFused
    self.labels = labels
    self.weights = weights
    let isHinge = loss.kind == .hinge || loss.kind == .squaredHinge
    function = loss.function(areBinary: isHinge && labels.elements.allSatisfy { $0 == 0 || $0 == 1 })
    size = outputShape.reduce(1, *)
    classes = outputShape.last ?? 1
    unitCount = exampleCount * size / (function.isMean ? 1 : classes)
    let whole = [exampleCount] + outputShape
    let perPosition = [exampleCount] + outputShape.dropLast()
    if function.takesClassNumbers {
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
      guard labels.shape == whole || (classes == 1 && labels.shape == perPosition) else {
        let isClassNumber = loss.rawValue.hasPrefix("categorical") && labels.shape == perPosition
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
      if loss.rawValue.hasPrefix("binary"), label < 0 || label > 1 {
        throw Failure(
          .value, "label \(index) is \(label); \(loss.rawValue) takes labels from 0 to 1",
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
      let logits = isFused ? head : loss.fromLogits ? output : nil
      let labelWidth = function.takesClassNumbers ? 1 : classes
      let positions = size / classes
      var total = 0.0
      for row in 0..<count * positions {
        let example = firstExample + row / positions
        let weight = weights?[example] ?? 1
        let place = row * classes
        let sum = function.row(
          LossRow(output: output + place, logits: logits.map { $0 + place }, count: classes),
          labels: labels + (firstExample * positions + row) * labelWidth, slope: gradient.map { $0 + place },
          scale: scale * weight)
        total += sum * Double(weight)
      }
      return total
    }
  }
}
