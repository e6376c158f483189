import Essentials
import Tensors

/// What the loss of an example of each class is multiplied by; 1 for a class that is not named.
public struct ClassWeights: Sendable, Equatable {
  private let weights: [Int: Double]

  /// Weights by class number.
  /// - Throws: a `value` failure for a weight that is no number from 0, or a class number below 0.
  public init(_ weights: [Int: Double]) throws(Failure) {
    for (number, weight) in weights.sorted(by: { $0.key < $1.key }) {
      guard number >= 0, weight >= 0, weight.isFinite else {
        throw Failure(
          .value,
          "the weight of class \(number) is \(weight); classes count from 0, and a weight is a number from 0",
          parameter: "class_weight")
      }
    }
    self.weights = weights
  }

  /// One weight an example, as Keras takes it from labels: the class number, or the place of the one in a
  /// one-hot row.
  /// - Throws: a `shape` or `value` failure for labels that name no one class.
  func weights(for labels: Tensor, classCount: Int) throws(Failure) -> Tensor {
    let count = labels.shape.first ?? 0
    let width = count == 0 ? 1 : labels.count / count
    guard labels.rank <= 2 else {
      throw Failure(
        .shape,
        "class_weight takes one class an example, but the labels have the shape \(labels.shape.shapeDescription)",
        hint: "weigh examples with sample_weight", parameter: "class_weight")
    }
    if let unknown = weights.keys.filter({ $0 >= max(classCount, 2) }).min() {
      throw Failure(
        .value,
        "class_weight names class \(unknown), but the model has \(max(classCount, 2)) classes, from 0",
        parameter: "class_weight")
    }
    var result: [Float] = []
    result.reserveCapacity(count)
    for example in 0..<count {
      let row = labels.elements[example * width..<(example + 1) * width]
      var number = Int(exactly: row[row.startIndex].rounded()) ?? -1
      if width > 1 {
        let largest = row.max() ?? 0
        guard row.count(where: { $0 == largest }) == 1 else {
          throw Failure(
            .value,
            "class_weight takes one class an example, but the labels of example \(example) of the batch name "
              + "none or several", hint: "weigh examples with sample_weight", parameter: "class_weight")
        }
        number = (row.firstIndex(of: largest) ?? row.startIndex) - row.startIndex
      }
      result.append(Float(weights[number] ?? 1))
    }
    return Tensor(result)
  }
}
