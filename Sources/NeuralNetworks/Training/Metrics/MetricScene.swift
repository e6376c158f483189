import Essentials
import Glibc
import Tensors

/// What metrics need to know about a model: its outputs and their classes.
struct MetricScene: Sendable {
  /// Numbers in an output's last axis.
  let classCount: Int
  /// Their names, where they have some.
  let classNames: [String]?
  /// Whether one class excludes the others: the outputs add up to 1.
  let isExclusive: Bool
  /// What turns outputs into scores from 0 to 1, where the loss takes them before that.
  let missingActivation: Activation?

  func name(of number: Int) -> String {
    if let classNames, classNames.indices.contains(number) { return classNames[number] }
    return String(number)
  }

  /// - Throws: a `value` failure for a class that there is not.
  func number(_ classes: Metric.Classes, of metric: String) throws(Failure) -> Int? {
    switch classes {
    case .all, .each: return nil
    case .number(let number):
      guard number >= 0, number < classCount else {
        throw Failure(
          .value,
          "\(metric) is of class \(number), but the model has \(classCount) output\(classCount == 1 ? "" : "s")",
          hint: "classes count from 0", parameter: "metrics")
      }
      return number
    case .named(let name):
      guard let number = classNames?.firstIndex(of: name), number < classCount || classCount == 1 else {
        throw Failure(
          .value, "\(metric) is of the class '\(name)', which the model does not know",
          hint: classNames.map { "it knows \($0.joined(separator: ", "))" }
            ?? "labels as words give classes names, and so does compile(m, classes=[…])",
          parameter: "metrics")
      }
      if classCount == 1 {
        guard number == 1 else {
          throw Failure(
            .value, "one output scores '\(self.name(of: 1))'; there is no score of '\(name)'",
            hint: "specificity is its share that is left alone", parameter: "metrics")
        }
        return 0
      }
      return number
    }
  }

  /// The scores of some outputs.
  func scores(_ outputs: [Float]) -> [Float] {
    switch missingActivation {
    case .sigmoid: return outputs.map { 1 / (1 + exp(-$0)) }
    case .softmax:
      var scores = outputs
      for start in stride(from: 0, to: outputs.count, by: classCount) {
        let row = start..<min(start + classCount, outputs.count)
        let largest = outputs[row].max() ?? 0
        var sum: Float = 0
        for index in row {
          scores[index] = exp(outputs[index] - largest)
          sum += scores[index]
        }
        for index in row { scores[index] /= sum }
      }
      return scores
    default: return outputs
    }
  }
}

/// The outputs of a batch with their labels.
struct ScoredBatch {
  let outputs: [Float]
  let labels: [Float]
  let classCount: Int
  /// Whether labels are class numbers.
  let isSparse: Bool

  var rowCount: Int { outputs.count / classCount }

  /// - Throws: a `shape` failure where labels and outputs do not go together.
  init(outputs: [Float], labels: [Float], classCount: Int, metric: String) throws(Failure) {
    self.outputs = outputs
    self.labels = labels
    self.classCount = classCount
    isSparse = labels.count != outputs.count
    guard !isSparse || labels.count * classCount == outputs.count else {
      throw Failure(
        .shape,
        "\(metric) takes a label for each output or a class number for each example, but there are "
          + "\(labels.count) labels for \(outputs.count) outputs", parameter: "metrics")
    }
  }

  func label(_ row: Int, _ number: Int) -> Float {
    isSparse ? (labels[row] == Float(number) ? 1 : 0) : labels[row * classCount + number]
  }

  /// The class of the largest label.
  func trueClass(_ row: Int) -> Int {
    isSparse ? Int(labels[row]) : Self.largest(labels[row * classCount..<(row + 1) * classCount])
  }

  /// The class of the largest output, the first of equals.
  func predictedClass(_ row: Int) -> Int {
    Self.largest(outputs[row * classCount..<(row + 1) * classCount])
  }

  private static func largest(_ values: ArraySlice<Float>) -> Int {
    var best = values.startIndex
    for index in values.indices where values[index] > values[best] { best = index }
    return best - values.startIndex
  }
}
