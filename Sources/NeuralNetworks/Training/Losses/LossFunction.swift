/// One loss: its value and slope for one row, a row being the numbers of an output's last axis.
protocol LossFunction: Sendable {
  /// Whether the loss is a mean over the numbers of a row; else a row has one loss.
  var isMean: Bool { get }
  /// Whether a row has one label, the number of its class.
  var takesClassNumbers: Bool { get }
  /// The activation whose input the loss works on, where the network ends with it: the same number, without
  /// the loss of digits near 0 and 1.
  var fusedActivation: Activation? { get }

  /// The loss of a row, summed where it `isMean`.
  /// - Parameters:
  ///   - labels: one a number, or the class's number.
  ///   - slope: where the slopes go, times `scale`; nil for none.
  func row(_ row: LossRow, labels: UnsafePointer<Float>, slope: UnsafeMutablePointer<Float>?, scale: Float)
    -> Double
}

/// The outputs that a loss is asked about.
struct LossRow {
  /// The outputs; probabilities, for losses of probabilities, unless there are logits.
  let output: UnsafePointer<Float>
  /// What the sigmoid or softmax takes, where that is known.
  let logits: UnsafePointer<Float>?
  let count: Int
}

extension LossFunction {
  var isMean: Bool { true }
  var takesClassNumbers: Bool { false }
  var fusedActivation: Activation? { nil }
}

/// A loss that is a mean over numbers, each by itself.
protocol ElementLoss: LossFunction {
  func value(_ output: Double, _ label: Double) -> (loss: Double, slope: Double)
}

extension ElementLoss {
  func row(
    _ row: LossRow, labels: UnsafePointer<Float>, slope: UnsafeMutablePointer<Float>?, scale: Float
  ) -> Double {
    var total = 0.0
    for index in 0..<row.count {
      let found = value(Double(row.output[index]), Double(labels[index]))
      total += found.loss
      slope?[index] = Float(found.slope) * scale
    }
    return total
  }
}

/// Keras clips probabilities to 1e-7 ... 1 − 1e-7.
enum Probability {
  static let epsilon: Float = 1e-7

  static func clip(_ p: Float) -> (value: Float, isInside: Bool) {
    if p < epsilon { return (epsilon, false) }
    if p > 1 - epsilon { return (1 - epsilon, false) }
    return (p, true)
  }
}

extension Loss {
  /// The loss itself.
  /// - Parameter areBinary: whether all labels are 0 or 1, which tells the hinge losses what they mean.
  func function(areBinary: Bool) -> any LossFunction {
    switch kind {
    case .binaryCrossentropy: BinaryCrossentropy(fromLogits: fromLogits, smoothing: Float(labelSmoothing))
    case .categoricalCrossentropy:
      CategoricalCrossentropy(fromLogits: fromLogits, smoothing: Float(labelSmoothing))
    case .sparseCategoricalCrossentropy: SparseCategoricalCrossentropy(fromLogits: fromLogits)
    case .binaryFocalCrossentropy:
      BinaryFocalCrossentropy(
        fromLogits: fromLogits, smoothing: labelSmoothing, gamma: gamma,
        alpha: appliesClassBalancing ? alpha : nil)
    case .categoricalFocalCrossentropy:
      CategoricalFocalCrossentropy(
        fromLogits: fromLogits, smoothing: labelSmoothing, gamma: gamma, alpha: alpha)
    case .meanSquaredError: SquaredError()
    case .meanAbsoluteError: AbsoluteError()
    case .huber: Huber(delta: delta)
    case .logCosh: LogCosh()
    case .hinge: Hinge(areBinary: areBinary, isSquared: false)
    case .squaredHinge: Hinge(areBinary: areBinary, isSquared: true)
    case .poisson: Poisson()
    case .klDivergence: KLDivergence()
    }
  }
}
