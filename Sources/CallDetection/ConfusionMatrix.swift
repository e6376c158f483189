import Essentials

/// How often each true class was taken for each class.
public struct ConfusionMatrix: Sendable, Equatable {
  /// The classes, in the order of rows and columns.
  public let classes: [Int]
  /// `counts[i][j]`: examples of class i that were taken for class j (as scikit-learn's).
  public let counts: [[Int]]

  /// Counts pairs of true and predicted classes. `classes` is by default all that occur, in rising
  /// order; pairs with a class that is not among them are left out, as in scikit-learn.
  /// - Throws: a `shape` failure where there are more of one than of the other, a `value` failure
  ///   for a class that is named twice.
  public init(trueClasses: [Int], predictedClasses: [Int], classes: [Int]? = nil) throws {
    guard trueClasses.count == predictedClasses.count else {
      throw Failure(
        .shape, "\(trueClasses.count) true classes do not pair with \(predictedClasses.count) predicted ones")
    }
    let classes = classes ?? Set(trueClasses).union(predictedClasses).sorted()
    guard Set(classes).count == classes.count else {
      throw Failure(.value, "a class is named twice", parameter: "classes")
    }
    guard classes.count <= 10_000 else {
      throw Failure(
        .memory, "a confusion matrix of \(classes.count) classes has too many cells",
        hint: "scores become classes by a threshold first")
    }
    let places = Dictionary(uniqueKeysWithValues: zip(classes, classes.indices))
    var counts = [[Int]](repeating: [Int](repeating: 0, count: classes.count), count: classes.count)
    for (actual, predicted) in zip(trueClasses, predictedClasses) {
      guard let row = places[actual], let column = places[predicted] else { continue }
      counts[row][column] += 1
    }
    self.classes = classes
    self.counts = counts
  }

  /// The share of examples on the diagonal; 0 without examples.
  public var accuracy: Double {
    let total = counts.joined().reduce(0, +)
    let right = counts.indices.reduce(0) { $0 + counts[$1][$1] }
    return total == 0 ? 0 : Double(right) / Double(total)
  }
}
