import CallDetection
import Essentials
import Foundation
import TestSupport
import Testing

/// scikit-learn's numbers (References/make_references.py).
private struct References: Decodable {
  struct Curve: Decodable {
    let labels: [Double]
    let scores: [Double]
    let roc: [[Double]]
    let wholeRoc: [[Double]]
    let auc: Double
    let precisionRecall: [[Double]]
    let averagePrecision: Double
    let confusion: [[Int]]
    let accuracy: Double
  }

  struct Several: Decodable {
    let `true`: [Int]
    let predicted: [Int]
    let confusion: [[Int]]
    let some: [[Int]]
  }

  let curves: [Curve]
  let several: Several

  static func load() throws -> References {
    let url = RepositoryPaths.root.appendingPathComponent("Tests/CallDetectionTests/References/curves.json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(References.self, from: Data(contentsOf: url))
  }
}

@Suite struct CurveTests {
  private func isClose(_ a: [Double], _ b: [Double]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 1e-12 }
  }

  @Test func curvesAreScikitLearns() throws {
    let references = try References.load()
    #expect(references.curves.count == 5)
    for curve in references.curves {
      for (roc, drops) in [(curve.roc, true), (curve.wholeRoc, false)] {
        let own = try ROCCurve(labels: curve.labels, scores: curve.scores, droppingIntermediate: drops)
        #expect(isClose(own.falsePositiveRates, roc[0]))
        #expect(isClose(own.truePositiveRates, roc[1]))
        #expect(own.thresholds == [.infinity] + roc[2])
        #expect(abs(own.area - curve.auc) < 1e-12)
      }
      let own = try PrecisionRecallCurve(labels: curve.labels, scores: curve.scores)
      #expect(isClose(own.precisions, curve.precisionRecall[0]))
      #expect(isClose(own.recalls, curve.precisionRecall[1]))
      #expect(own.thresholds == curve.precisionRecall[2])
      #expect(abs(own.averagePrecision - curve.averagePrecision) < 1e-12)
      let matrix = try ConfusionMatrix(
        trueClasses: curve.labels.map { Int($0) }, predictedClasses: curve.scores.map { $0 > 0.5 ? 1 : 0 })
      #expect(matrix.counts == curve.confusion)
      #expect(abs(matrix.accuracy - curve.accuracy) < 1e-12)
    }
  }

  @Test func severalClasses() throws {
    let several = try References.load().several
    let matrix = try ConfusionMatrix(trueClasses: several.true, predictedClasses: several.predicted)
    #expect(matrix.counts == several.confusion && matrix.classes == [0, 1, 2, 3, 4])
    let some = try ConfusionMatrix(
      trueClasses: several.true, predictedClasses: several.predicted, classes: [3, 1])
    #expect(some.counts == several.some)
  }

  @Test func whatHasNoCurveIsRefused() {
    func kind(_ labels: [Double], _ scores: [Double]) -> Failure.Kind? {
      do { _ = try ROCCurve(labels: labels, scores: scores) } catch { return (error as? Failure)?.kind }
      return nil
    }
    #expect(kind([0, 1], [0.5]) == .shape)
    #expect(kind([], []) == .value)
    #expect(kind([1, 1], [0.5, 0.6]) == .value)
    #expect(kind([0, 0], [0.5, 0.6]) == .value)
    #expect(kind([0, 2], [0.5, 0.6]) == .value)
    #expect(kind([0, 1], [0.5, .nan]) == .value)
    #expect(throws: Failure.self) { try PrecisionRecallCurve(labels: [0, 0], scores: [1, 2]) }
    #expect(throws: Failure.self) { try ConfusionMatrix(trueClasses: [1], predictedClasses: []) }
    #expect(throws: Failure.self) {
      try ConfusionMatrix(trueClasses: [1], predictedClasses: [1], classes: [1, 1])
    }
  }
}
