import Essentials
import Tensors

/// Whether labels are what a loss takes for some outputs; where they are not, what to write instead.
enum LabelFit {
  /// - Throws: a `shape` or `value` failure with a hint that says what to write.
  static func check(_ labels: Tensor, loss: Loss, outputShape: Shape, exampleCount: Int) throws(Failure) {
    let fit = Fit(
      labels: labels, loss: loss, whole: [exampleCount] + outputShape,
      perPosition: [exampleCount] + outputShape.dropLast(), classes: outputShape.last ?? 1)
    switch loss.rawValue {
    case let name where name.hasPrefix("sparse_"): try fit.checkSparse()
    case let name where name.hasPrefix("categorical_"): try fit.checkCategorical()
    case let name where name.hasPrefix("binary_"): try fit.checkBinary()
    default: try fit.checkShape(hint: nil)
    }
  }

  /// What is learnt badly from labels that `check` lets pass; nil for nothing.
  static func advice(_ labels: Tensor, loss: Loss, outputShape: Shape) -> String? {
    let classes = outputShape.last ?? 1
    guard loss.rawValue.hasPrefix("categorical_"), classes > 1 else { return nil }
    for row in 0..<labels.count / classes {
      let sum = labels.elements[row * classes..<(row + 1) * classes].reduce(0, +)
      guard sum > 1.001 else { continue }
      return
        "the labels of example \(row) add up to \(sum), but \(loss.rawValue) takes one class an example: for "
        + "several write activation=\"sigmoid\" with loss=\"binary_crossentropy\""
    }
    return nil
  }

  private struct Fit {
    let labels: Tensor
    let loss: Loss
    let whole: Shape
    let perPosition: Shape
    let classes: Int

    // MARK: Class numbers

    func checkSparse() throws(Failure) {
      guard labels.shape == perPosition || labels.shape == perPosition + [1] else {
        let hint: String? =
          labels.shape == whole
          ? "for one-hot labels write loss=\"categorical_crossentropy\", or turn them into class numbers: "
            + "argmax(y, axis=\(labels.rank - 1))"
          : nil
        throw misshapen("takes a class number for each example, shape \(perPosition.shapeDescription)", hint)
      }
      for (index, label) in labels.elements.enumerated() where !isClassNumber(label) {
        throw Failure(
          .value,
          "label \(index) is \(text(label)); with \(classes) outputs a class number is a whole number from 0 to "
            + "\(classes - 1)", hint: classNumberHint, parameter: "y")
      }
    }

    private func isClassNumber(_ label: Float) -> Bool {
      label >= 0 && label < Float(classes) && label == label.rounded(.down)
    }

    private var classNumberHint: String? {
      let (least, greatest) = range
      guard labels.elements.allSatisfy({ $0.isFinite && $0 == $0.rounded() }) else {
        return "for labels between 0 and 1 write loss=\"binary_crossentropy\", for numbers loss=\"mse\""
      }
      if least >= 1, greatest <= Float(classes) { return "classes count from 0: write y - 1" }
      if least == -1, greatest == 1, classes == 2 { return "(y + 1) / 2 makes 0 and 1 of -1 and 1" }
      if least >= 0, greatest < 10_000 {
        return "for \(Int(greatest) + 1) classes write dense(\(Int(greatest) + 1), activation=\"softmax\")"
      }
      return nil
    }

    // MARK: One-hot labels

    func checkCategorical() throws(Failure) {
      try checkShape(
        hint: labels.shape == perPosition || labels.shape == perPosition + [1]
          ? "for class numbers write loss=\"sparse_categorical_crossentropy\", or make them one-hot: "
            + "one_hot(y, \(classes))"
          : nil)
      if let index = labels.elements.firstIndex(where: { !($0 >= 0 && $0 <= 1) }) {
        throw Failure(
          .value,
          "label \(index) is \(text(labels.elements[index])); categorical_crossentropy takes shares from 0 to 1 "
            + "that add up to 1", hint: "one_hot(numbers, \(classes)) makes them of class numbers",
          parameter: "y")
      }
    }

    // MARK: From 0 to 1

    func checkBinary() throws(Failure) {
      try checkShape(hint: binaryShapeHint)
      guard let index = labels.elements.firstIndex(where: { !($0 >= 0 && $0 <= 1) }) else { return }
      throw Failure(
        .value,
        "label \(index) is \(text(labels.elements[index])); \(loss.rawValue) takes labels from 0 to 1",
        hint: binaryValueHint, parameter: "y")
    }

    private var binaryShapeHint: String? {
      if classes > 1, labels.shape == perPosition || labels.shape == perPosition + [1] {
        return "for class numbers write activation=\"softmax\" with "
          + "loss=\"sparse_categorical_crossentropy\"; or make them one-hot: one_hot(y, \(classes))"
      }
      if classes == 1, let count = labels.shape.last, labels.shape == perPosition + [count] {
        return "for \(count) labels an example write dense(\(count), activation=\"sigmoid\")"
          + (count == 2 ? "; of one-hot labels, y[:, 1] is the second class" : "")
      }
      return nil
    }

    private var binaryValueHint: String? {
      let (least, greatest) = range
      if labels.elements.contains(where: { !$0.isFinite }) { return nil }
      let values = Set(labels.elements)
      if values.isSubset(of: [-1, 1]) { return "(y + 1) / 2 makes 0 and 1 of -1 and 1" }
      if values.isSubset(of: [1, 2]) { return "y - 1 makes 0 and 1 of 1 and 2" }
      if least >= 0, greatest < 10_000, values.allSatisfy({ $0 == $0.rounded() }),
        values.count > 2 || classes == 1
      {
        return "for class numbers write dense(\(Int(greatest) + 1), activation=\"softmax\") with "
          + "loss=\"sparse_categorical_crossentropy\""
      }
      return "for numbers of any size write loss=\"mse\""
    }

    // MARK: Any

    func checkShape(hint: String?) throws(Failure) {
      guard labels.shape == whole || (classes == 1 && labels.shape == perPosition) else {
        throw misshapen("takes \(whole.shapeDescription)", hint ?? shapeHint)
      }
      if let index = labels.elements.firstIndex(where: { !$0.isFinite }) {
        throw Failure(.value, "label \(index) is \(text(labels.elements[index]))", parameter: "y")
      }
    }

    private var shapeHint: String? {
      guard let count = labels.shape.last, whole.count == 2, labels.shape == [whole[0], count] else {
        return nil
      }
      return "for \(count) labels an example the last layer has \(count) units"
    }

    private func misshapen(_ what: String, _ hint: String?) -> Failure {
      Failure(
        .shape,
        "labels of shape \(labels.shape.shapeDescription) do not go with outputs of shape "
          + "\(whole.shapeDescription); \(loss.rawValue) \(what)", hint: hint, parameter: "y")
    }

    private var range: (Float, Float) { (labels.elements.min() ?? 0, labels.elements.max() ?? 0) }

    private func text(_ number: Float) -> String {
      Int(exactly: number).map(String.init) ?? "\(number)"
    }
  }
}
