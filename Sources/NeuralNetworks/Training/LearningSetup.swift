import Essentials
import Tensors

/// Looks at what a model is to learn before it does: what cannot be learnt is refused, what is learnt badly
/// is told.
struct LearningSetup {
  let loss: Loss
  /// The function that the outputs come from.
  let activation: Activation
  /// The name of the layer that has it.
  let layerName: String
  /// Numbers in an output's last axis.
  let unitCount: Int
  let metrics: [Metric]
  let scene: MetricScene

  /// Layers that pass numbers on, in other places or fewer.
  private static let passing = [
    "flatten", "reshape", "permute", "dropout", "spatial_dropout2d", "gaussian_noise", "zero_padding2d",
    "cropping2d", "up_sampling2d",
  ]

  /// Nil for a model without shapes.
  init?(_ model: Sequential, _ settings: TrainingSettings) {
    guard let shape = model.network?.outputShape else { return nil }
    let last =
      model.layers.indices.last {
        let kind = type(of: model.layers[$0]).kind
        return !Self.passing.contains(kind) && !kind.contains("pool")
      } ?? model.layers.count - 1
    loss = settings.loss
    activation = model.layers[last].finalActivation
    layerName = model.layerNames[last]
    unitCount = shape.last ?? 1
    metrics = settings.metrics
    scene = model.metricScene(shape, settings.loss)
  }

  /// What is learnt badly, a sentence each.
  /// - Throws: a `value` failure for what cannot be learnt.
  func check() throws(Failure) -> [String] {
    try checkSingleUnit()
    try checkMetrics()
    return [activationAdvice, scoreAdvice].compactMap { $0 }
  }

  private func checkSingleUnit() throws(Failure) {
    guard unitCount == 1 else { return }
    let two =
      "for two classes write dense(1, activation=\"sigmoid\") with loss=\"binary_crossentropy\", or "
      + "dense(2, activation=\"softmax\") with loss=\"sparse_categorical_crossentropy\""
    if activation == .softmax {
      throw Failure(
        .value,
        "the layer \(layerName) is a softmax of one unit: its output is 1 whatever comes in, so nothing can be learnt",
        hint: two, parameter: "m")
    }
    if loss.rawValue.contains("categorical") {
      throw Failure(
        .value,
        "\(loss.rawValue) compares several classes, but \(layerName) has one unit: the loss is the same "
          + "whatever comes out, so nothing can be learnt", hint: two, parameter: "loss")
    }
  }

  private func checkMetrics() throws(Failure) {
    for metric in metrics {
      if case .topK(let k) = metric.measure, k >= unitCount {
        throw Failure(
          .value,
          "\(metric.name) asks whether the true class is among \(k), but there "
            + (unitCount == 1 ? "is 1 output" : "are \(unitCount) outputs") + ": it is always 1",
          hint: unitCount > 2
            ? "top_k_accuracy(\(min(unitCount - 1, 3))) asks for fewer" : "accuracy asks for the first",
          parameter: "metrics")
      }
      // Names may come with the data.
      if case .named = metric.classes, scene.classNames == nil { continue }
      _ = try scene.number(metric.classes, of: metric.name)
    }
    var seen: Set<String> = []
    for metric in metrics where !seen.insert(metric.columnKey).inserted {
      throw Failure(
        .value, "two metrics have the name '\(metric.name)'",
        hint: "give one another: recall(0.7, name=\"recall_70\")", parameter: "metrics")
    }
  }

  /// Probabilities are wanted, and others come.
  private var activationAdvice: String? {
    let wanted: Activation
    if loss.rawValue.hasPrefix("binary_") {
      wanted = .sigmoid
    } else if loss.rawValue.contains("categorical") {
      wanted = .softmax
    } else {
      return nil
    }
    if scene.missingActivation != nil {
      guard activation == .sigmoid || activation == .softmax else { return nil }
      return
        "\(loss.rawValue) with from_logits=true takes numbers before a \(wanted.rawValue), but \(layerName) "
        + "has a \(activation.rawValue) already: leave one of them out"
    }
    switch (activation, wanted) {
    case (.sigmoid, .sigmoid), (.softmax, .softmax), (.softmax, .sigmoid): return nil
    case (.sigmoid, .softmax):
      return "\(loss.rawValue) takes probabilities that add up to 1, but \(layerName) has a sigmoid for each "
        + "unit: write activation=\"softmax\"; for several classes at once, loss=\"binary_crossentropy\""
    default:
      let range =
        switch activation {
        case .relu: "0 and up"
        case .tanh: "-1 to 1"
        case .linear: "any number"
        default: "what \(activation.rawValue) gives"
        }
      return
        "\(loss.rawValue) takes probabilities, but \(layerName) gives \(range), which are cut to 0 … 1: it "
        + "learns badly. Write activation=\"\(wanted.rawValue)\" there, or "
        + "loss=\(loss.rawValue)(from_logits=true)"
    }
  }

  /// Metrics that take scores from 0 to 1, of outputs that are others.
  private var scoreAdvice: String? {
    guard scene.missingActivation == nil, activationAdvice == nil, activation != .sigmoid,
      activation != .softmax
    else { return nil }
    let names = metrics.filter(\.takesScores).map(\.name)
    guard !names.isEmpty else { return nil }
    return "\(names.joined(separator: ", ")) \(names.count == 1 ? "takes" : "take") scores from 0 to 1, but "
      + "\(layerName) (\(activation.rawValue)) gives other numbers too"
  }
}

extension Metric {
  /// What two metrics of one model must not share.
  fileprivate var columnKey: String { name == measure.kerasName ? "\(name) \(classes)" : name }

  /// Whether it compares outputs with thresholds from 0 to 1.
  fileprivate var takesScores: Bool {
    switch measure {
    case .recall, .precision, .specificity, .area, .binaryAccuracy: true
    case .f1(let threshold): threshold != nil
    default: false
    }
  }
}

extension Sequential {
  /// What the metrics need to know of outputs of this shape.
  func metricScene(_ outputShape: Shape, _ loss: Loss) -> MetricScene {
    MetricScene(
      classCount: outputShape.last ?? 1, classNames: classNames,
      isExclusive: layers.last?.finalActivation == .softmax || loss.rawValue.contains("categorical"),
      missingActivation: loss.missingActivation)
  }

  /// Checks the set-up once, as soon as the shapes are known.
  /// - Returns: what is learnt badly; nothing the second time.
  /// - Throws: a `value` failure for what cannot be learnt.
  func checkSetup(_ settings: TrainingSettings) throws -> [String] {
    guard !isSetupChecked, let setup = LearningSetup(self, settings) else { return [] }
    let advice = try setup.check()
    isSetupChecked = true
    return advice
  }
}

extension Sequential {
  /// Whether the compiled loss takes class numbers.
  public var takesClassNumbers: Bool { lock.with { training?.loss.rawValue.hasPrefix("sparse_") ?? false } }

  /// Whether one class excludes the others: the compiled loss or the last activation says so.
  public var takesOneClass: Bool {
    lock.with {
      layers.last?.finalActivation == .softmax || training?.loss.rawValue.contains("categorical") ?? false
    }
  }
}

extension Loss {
  /// What turns outputs into scores, where the loss takes numbers before that.
  var missingActivation: Activation? {
    if !fromLogits { return nil }
    return rawValue.hasPrefix("binary") ? .sigmoid : .softmax
  }
}
