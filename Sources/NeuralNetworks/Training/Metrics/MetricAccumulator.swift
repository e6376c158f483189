import Essentials
import Tensors

/// A metric over the batches of an epoch.
struct MetricAccumulator {
  let metric: Metric
  private let scene: MetricScene
  private let chosen: Int?
  private var sum = 0.0
  private var total = 0.0
  private var counts: ClassCounts
  private var histograms: [ScoreHistogram] = []
  private var exact: [ExactScores] = []
  private var kept: [(labels: Tensor, outputs: Tensor)] = []

  /// - Throws: a `value` failure where the model's outputs are not what the metric is for.
  init(_ metric: Metric, scene: MetricScene) throws(Failure) {
    self.metric = metric
    self.scene = scene
    chosen = try scene.number(metric.classes, of: metric.name)
    counts = ClassCounts(classCount: scene.classCount)
    switch metric.measure {
    case .area(_, let thresholds):
      histograms = Array(repeating: ScoreHistogram(thresholds: thresholds), count: scene.classCount)
    case .averagePrecision: exact = Array(repeating: ExactScores(), count: scene.classCount)
    default: break
    }
  }

  /// Whether its value takes more than a moment: asked for at an epoch's end only.
  var isOfWholeEpoch: Bool {
    switch metric.measure {
    case .averagePrecision: true
    case .custom(let custom): custom.ofWholeEpoch
    default: false
    }
  }

  /// - Parameters:
  ///   - outputs: as the model gave them.
  ///   - scores: the same from 0 to 1.
  /// - Throws: a `shape` failure where labels do not go with the outputs for this metric.
  mutating func add(outputs: [Float], scores: [Float], outputShape: Shape, labels: Tensor) throws {
    let classes = scene.classCount
    if case .custom(let custom) = metric.measure {
      let rows = outputs.count / max(outputShape.reduce(1, *), 1)
      return try add(custom, labels, try Tensor(shape: [rows] + outputShape, elements: scores))
    }
    let isError = metric.measure == .absoluteError || metric.measure == .squaredError
    let batch = try ScoredBatch(
      outputs: isError ? outputs : scores, labels: labels.elements, classCount: classes, metric: metric.name)
    switch metric.measure {
    case .accuracy, .binaryAccuracy, .categoricalAccuracy, .topK: addAnswers(batch)
    case .recall(let threshold), .precision(let threshold), .specificity(let threshold):
      counts.add(batch, threshold: Float(threshold))
    case .f1(let threshold):
      counts.add(
        batch,
        threshold: threshold.map { Float($0) } ?? (scene.isExclusive && classes > 1 ? nil : Float(0.5)))
    case .area, .averagePrecision:
      for row in 0..<batch.rowCount {
        for number in 0..<classes {
          let (score, isPositive) = (batch.outputs[row * classes + number], batch.label(row, number) != 0)
          if histograms.isEmpty {
            exact[number].add(score: score, isPositive: isPositive)
          } else {
            histograms[number].add(score: score, isPositive: isPositive)
          }
        }
      }
    case .absoluteError, .squaredError:
      guard !batch.isSparse else {
        throw Failure(
          .shape, "\(metric.name) takes a label for each output, not class numbers",
          hint: "accuracy or recall go with class numbers", parameter: "metrics")
      }
      for (output, label) in zip(batch.outputs, batch.labels) {
        let difference = Double(output) - Double(label)
        sum += metric.measure == .absoluteError ? abs(difference) : difference * difference
      }
      total += Double(batch.outputs.count)
    case .custom: break
    }
  }

  private mutating func add(_ custom: CustomMetric, _ labels: Tensor, _ outputs: Tensor) throws {
    if custom.ofWholeEpoch {
      kept.append((labels, outputs))
      return
    }
    switch try custom.body(labels, outputs) {
    case .number(let number):
      sum += number
      total += 1
    case .perExample(let numbers):
      sum += numbers.reduce(0, +)
      total += Double(numbers.count)
    }
  }

  /// As Keras picks for `accuracy`: one output is binary, class numbers are sparse, else one-hot.
  private mutating func addAnswers(_ batch: ScoredBatch) {
    var threshold: Float? = batch.classCount == 1 ? 0.5 : nil
    if case .binaryAccuracy(let own) = metric.measure { threshold = Float(own) }
    if case .topK(let k) = metric.measure {
      total += Double(batch.rowCount)
      for row in 0..<batch.rowCount {
        let own = batch.outputs[row * batch.classCount..<(row + 1) * batch.classCount]
        let score = batch.outputs[row * batch.classCount + batch.trueClass(row)]
        if score.isFinite, own.count(where: { $0 > score }) < k { sum += 1 }
      }
    } else if let threshold, metric.measure != .categoricalAccuracy {
      total += Double(batch.outputs.count)
      for row in 0..<batch.rowCount {
        for number in 0..<batch.classCount {
          let isAbove = batch.outputs[row * batch.classCount + number] > threshold
          let label = batch.classCount == 1 ? batch.labels[row] : batch.label(row, number)
          if label == (isAbove ? 1 : 0) { sum += 1 }
        }
      }
    } else {
      total += Double(batch.rowCount)
      for row in 0..<batch.rowCount where batch.predictedClass(row) == batch.trueClass(row) { sum += 1 }
    }
  }

  /// The metric so far, by the names of its columns.
  func values() throws -> [LogValue] {
    if case .custom(let custom) = metric.measure, custom.ofWholeEpoch {
      let labels = try Tensor.concatenated(kept.map(\.labels), axis: 0)
      let outputs = try Tensor.concatenated(kept.map(\.outputs), axis: 0)
      switch try custom.body(labels, outputs) {
      case .number(let number): return [LogValue(name: metric.name, value: number)]
      case .perExample(let numbers):
        return [LogValue(name: metric.name, value: ratio(numbers.reduce(0, +), Double(numbers.count)))]
      }
    }
    if metric.classes == .each {
      let numbers = 0..<scene.classCount
      return numbers.map { number in
        let name = scene.name(of: scene.classCount == 1 ? 1 : number)
        return LogValue(name: "\(metric.name)_\(name)", value: value(of: number))
      }
    }
    guard let chosen else { return [LogValue(name: metric.name, value: value(of: nil))] }
    let suffix =
      metric.name == metric.measure.kerasName ? "_" + scene.name(of: scene.classCount == 1 ? 1 : chosen) : ""
    return [LogValue(name: metric.name + suffix, value: value(of: chosen))]
  }

  /// Of one class, or of all.
  private func value(of number: Int?) -> Double {
    func mean(_ value: (Int) -> Double) -> Double {
      (0..<scene.classCount).reduce(0) { $0 + value($1) } / Double(max(scene.classCount, 1))
    }
    switch metric.measure {
    case .recall, .precision, .specificity: return counts.value(metric.measure, of: number)
    case .f1:
      return number.map { counts.value(metric.measure, of: $0) }
        ?? mean { counts.value(metric.measure, of: $0) }
    case .area(let curve, let thresholds):
      if let number { return histograms[number].area(under: curve) }
      var all = ScoreHistogram(thresholds: thresholds)
      for histogram in histograms { all.add(histogram) }
      return all.area(under: curve)
    case .averagePrecision:
      return number.map { exact[$0].averagePrecision } ?? mean { exact[$0].averagePrecision }
    default: return ratio(sum, total)
    }
  }
}
