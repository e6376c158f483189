import Essentials
import Plotting
import Testing

@Suite struct TrainingPictureTests {
  @Test func lossAndMeasuresHaveTheirOwnPanels() throws {
    let drawn = try Figure.history([
      TrainingCurve(name: "loss", training: [0.7, 0.2, 0.1], validation: [0.5, 0.3, 0.2]),
      TrainingCurve(name: "recall", training: [0.7, 0.9, 1], validation: [0.8, 0.9, 0.95]),
    ]).render().content
    #expect(drawn.axes.count == 2)
    #expect(drawn.axes[0].y.label == "loss")
    #expect(drawn.axes[0].legend == ["training", "validation"])
    #expect(drawn.axes[1].legend == ["recall", "val_recall"])
    for axes in drawn.axes {
      #expect(axes.x.label == "epoch")
      #expect(axes.x.labels == ["1", "2", "3"])
    }
    #expect(drawn.axes[1].y.range.upperBound <= 1.02)
  }

  @Test func validationIsDashed() throws {
    let picture = try Figure.history([
      TrainingCurve(name: "loss", training: [1, 1], validation: [0, 0])
    ]).render()
    let axes = try #require(picture.content.axes.first)
    func drawn(_ value: Double) -> Int {
      stride(from: axes.x(1.1), to: axes.x(1.9), by: 1).filter { picture.color($0, axes.y(value)) == blue }
        .count
    }
    let whole = Int(axes.x(1.9) - axes.x(1.1))
    #expect(drawn(1) >= whole - 2)
    #expect(drawn(0) > whole / 3 && drawn(0) < whole * 4 / 5)
  }

  @Test func oneEpochIsADot() throws {
    let picture = try Figure.history([TrainingCurve(name: "loss", training: [0.5])]).render()
    let axes = try #require(picture.content.axes.first)
    #expect(axes.x.labels == ["1"])
    #expect(picture.color(axes.x(1), axes.y(0.5)) == blue)
  }

  @Test func scoresStandAboveTheirSpectrogram() throws {
    let spectrogram = SpectrogramData(
      values: [Float](repeating: 1, count: 6000), frames: 600, bins: 10, frameStep: 0.1,
      frequencies: .even(0...8000))
    var scores = [Double](repeating: 0.1, count: 20)
    scores[5] = 0.995
    let picture = try Figure.detections(
      ScoreTrack(scores: scores, windowing: Windowing(length: 3)), threshold: 0.99,
      calls: [MarkedSpan(start: 15, end: 18, label: "call")],
      spectrogram: spectrogram
    ).render()
    let drawn = picture.content
    #expect(drawn.axes.count == 2)
    let (upper, lower) = (drawn.axes[0], drawn.axes[1])
    #expect(upper.x.range == 0...60 && lower.x.range == 0...60)
    #expect(upper.area.x == lower.area.x && upper.area.maxX == lower.area.maxX)
    #expect(upper.area.maxY < lower.area.y)
    #expect(upper.x.ticks.map(\.position) == lower.x.ticks.map(\.position))
    #expect(upper.x.labels.allSatisfy(\.isEmpty) && lower.x.labels.contains("30"))
    #expect(upper.legend == ["1 call", "score", "threshold 0.99"])
    #expect(drawn.strings(.annotation) == ["call"])
    // The high window is filled up to its score; its neighbour is not.
    let plain = picture.color(upper.x(13.5), upper.y(0.6))
    #expect(plain == 0xFFFFFF)
    #expect(picture.color(upper.x(16.5), upper.y(0.6)) != plain)
    // The box: white at its edges, the spectrogram's own colour within.
    let inside = picture.color(lower.x(16.5), lower.area.midY)
    #expect((-1...1).contains { picture.color(lower.x(15) + Double($0), lower.area.midY) == 0xFFFFFF })
    #expect((-1...1).contains { picture.color(lower.x(18) + Double($0), lower.area.midY) == 0xFFFFFF })
    #expect(inside == picture.color(lower.x(30), lower.area.midY))
  }

  @Test func overlappingWindowsAreALineThroughTheirMiddles() throws {
    let picture = try Figure.detections(
      ScoreTrack(scores: [0.2, 0.8, 0.2], windowing: Windowing(length: 3, step: 1, start: 10))
    ).render()
    let axes = try #require(picture.content.axes.first)
    #expect(axes.x.range == 10...15)
    #expect(picture.color(axes.x(12.5), axes.y(0.8)) == blue)
  }

  @Test func confusionMatrixShowsItsNumbers() throws {
    let picture = try Figure.confusionMatrix(counts: [120, 3, 5, 2112], labels: ["other", "call"]).render()
    let drawn = picture.content
    let axes = try #require(drawn.axes.first)
    #expect(axes.x.label == "predicted" && axes.y.label == "true")
    #expect(axes.x.labels == ["other", "call"] && axes.y.labels == ["other", "call"])
    // Rows are true classes, from the top; a cell's share is of its row.
    #expect(drawn.strings(.value) == ["120", "97.6 %", "3", "2.4 %", "5", "0.2 %", "2112", "99.8 %"])
    let numbers = drawn.texts.filter { $0.role == .value && ["120", "3", "5", "2112"].contains($0.string) }
    #expect(numbers[0].box.midX < numbers[1].box.midX && numbers[0].box.midY < numbers[2].box.midY)
    #expect(abs(axes.area.width - axes.area.height) <= 2)
    #expect(throws: Failure.self) { try Figure.confusionMatrix(counts: [1, 2, 3], labels: ["a", "b"]) }
  }

  /// Areas from NumPy (`Reference/make_reference.py`).
  @Test func curvesTellTheirAreas() throws {
    let roc = Series(x: [0, 0, 0.1, 0.3, 1], y: [0, 0.6, 0.85, 0.95, 1], label: "network")
    let turned = Series(x: roc.x.reversed(), y: roc.y.reversed())
    let drawn = try Figure.rocCurve([roc, turned]).render().content
    #expect(drawn.axes.first?.legend == ["chance", "network, area 0.935", "area 0.935"])
    let precision = Series(x: [0, 0.5, 0.8, 0.9, 1], y: [1, 1, 0.95, 0.8, 0.5])
    let curve = try Figure.precisionRecallCurve([precision]).render().content
    #expect(curve.axes.first?.legend == ["average precision 0.915"])
    #expect(curve.axes.first?.x.label == "recall" && curve.axes.first?.y.label == "precision")
  }
}
