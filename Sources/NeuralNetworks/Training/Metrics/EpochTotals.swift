import Essentials
import Tensors

/// Loss and metrics so far.
struct EpochTotals {
  private var lossSum = 0.0
  private var exampleCount = 0
  private let metrics: [Metric]
  private let makeScene: (Shape) -> MetricScene
  private var scene: MetricScene?
  private var accumulators: [MetricAccumulator] = []

  /// - Parameter scene: what the metrics need to know of a model with this output shape.
  init(_ metrics: [Metric], scene: @escaping (Shape) -> MetricScene) {
    self.metrics = metrics
    makeScene = scene
  }

  mutating func add(_ loss: Double, outputs: [Float], outputShape: Shape, labels: Tensor) throws {
    let count = labels.shape.first ?? 0
    lossSum += loss * Double(count)
    exampleCount += count
    if metrics.isEmpty { return }
    let known = scene ?? makeScene(outputShape)
    if scene == nil {
      scene = known
      accumulators = try metrics.map { try MetricAccumulator($0, scene: known) }
    }
    let scores = known.scores(outputs)
    for index in accumulators.indices {
      try accumulators[index].add(
        outputs: outputs, scores: scores, outputShape: outputShape, labels: labels)
    }
  }

  /// - Parameter isWhole: whether the epoch is over, so that what needs all of it is there.
  func logs(_ prefix: String, isWhole: Bool) throws -> [LogValue] {
    var logs = [LogValue(name: prefix + "loss", value: lossSum / Double(max(exampleCount, 1)))]
    for accumulator in accumulators where isWhole || !accumulator.isOfWholeEpoch {
      logs += try accumulator.values().map { LogValue(name: prefix + $0.name, value: $0.value) }
    }
    return logs
  }
}
