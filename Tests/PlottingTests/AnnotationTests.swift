import Essentials
import Foundation
import Plotting
import Testing

/// Lines, stretches and words over the data, limits and shared axes: where they stand, by what was drawn.
@Suite struct AnnotationTests {
  private static let spectrogram = SpectrogramData(
    values: [Float](repeating: 1, count: 3000), frames: 100, bins: 30, frameStep: 0.02,
    frequencies: .even(0...8000))

  private func annotations(_ content: DrawnContent) -> [DrawnText] {
    content.texts.filter { $0.role == .annotation }
  }

  @Test func linesStandAtTheirValues() throws {
    let options = PictureOptions(annotations: [
      .verticalLine(x: 3, label: "onset"), .horizontalLine(y: 0.5, label: "half"),
    ])
    let picture = try Figure.lines([Series(x: [0, 10], y: [0, 0])], options: options).render()
    let axes = try #require(picture.content.axes.first)
    // Dashed: somewhere along the line it is in the accent's colour.
    let column = (Int(axes.area.y)..<Int(axes.area.maxY)).map { picture.color(axes.x(3), Double($0)) }
    #expect(column.contains(vermilion))
    let row = (Int(axes.area.x)..<Int(axes.area.maxX)).map { picture.color(Double($0), axes.y(0.5)) }
    #expect(row.contains(vermilion))
    // The level line widens the axis, which the data alone would leave at 0.
    #expect(axes.y.range.contains(0.5))
    let labels = annotations(picture.content)
    #expect(labels.map(\.string) == ["onset", "half"])
    #expect(abs(labels[0].box.x - axes.x(3)) < 15 && abs(labels[1].box.midY - axes.y(0.5)) < 20)
  }

  @Test func spansAreShadedBetweenTheirEnds() throws {
    let options = PictureOptions(annotations: [
      .verticalSpan(from: 2, to: 4, label: "call"), .horizontalSpan(from: 6, to: 8),
    ])
    let picture = try Figure.lines([Series(x: [0, 10], y: [0, 10])], options: options).render()
    let axes = try #require(picture.content.axes.first)
    let paper = picture.color(axes.x(9.3), axes.y(0.3))
    #expect(picture.color(axes.x(3), axes.y(8.7)) != paper)
    #expect(picture.color(axes.x(1.7), axes.y(8.7)) == picture.color(axes.x(4.3), axes.y(8.7)))
    #expect(picture.color(axes.x(9.3), axes.y(6.7)) != paper)
    #expect(picture.color(axes.x(9.3), axes.y(8.3)) == paper)
    // A label has room in its stretch.
    let label = try #require(annotations(picture.content).first)
    #expect(label.box.x > axes.x(2) && label.box.maxX < axes.x(4))
  }

  @Test func onImagesLinesAreWhite() throws {
    let options = PictureOptions(annotations: [
      .verticalLine(x: 1), .text("peak", x: 0.5, y: 4000),
    ])
    let picture = try Figure.spectrogram(Self.spectrogram, options: options).render()
    let axes = try #require(picture.content.axes.first)
    for (x, y) in [(axes.x(1), axes.area.midY), (axes.x(0.5), axes.y(4000))] {
      let color = picture.color(x, y)
      #expect([16, 8, 0].allSatisfy { color >> $0 & 0xFF > 0xF0 })
    }
    let label = try #require(annotations(picture.content).first)
    #expect(label.string == "peak" && axes.area.contains(label.box))
    #expect(abs(label.box.midY - axes.y(4000)) < 30)
  }

  @Test func labelsKeepClearOfOneAnotherAndOfTheLegend() throws {
    let lines = (0..<12).map { Annotation.verticalLine(x: 1 + Double($0) * 0.05, label: "number \($0)") }
    let options = PictureOptions(annotations: lines)
    let content = try Figure.lines(
      [Series(x: [0, 10], y: [1, 1], label: "one"), Series(x: [0, 10], y: [2, 2], label: "two")],
      options: options
    ).render().content
    let labels = annotations(content)
    #expect(labels.count == 12)
    for (index, label) in labels.enumerated() {
      #expect(content.axes[0].area.contains(label.box))
      for other in labels.dropFirst(index + 1) { #expect(!label.box.intersects(other.box)) }
      if let legend = content.axes[0].legendBox { #expect(!label.box.intersects(legend)) }
    }
  }

  @Test func labelsKeepClearOfTheDataWhereTheyCan() throws {
    // The right end of the level line is taken, its left end is free.
    let options = PictureOptions(annotations: [.horizontalLine(y: 5, label: "level")])
    let content = try Figure.lines(
      [Series(x: [0, 8, 8.5, 9, 9.5, 10], y: [0, 0, 7, 3, 7, 3])], options: options
    )
    .render().content
    let label = try #require(annotations(content).first)
    #expect(label.box.maxX < content.axes[0].x(5))
    let left = try Figure.lines(
      [Series(x: [0, 0.5, 1, 1.5, 2, 10], y: [3, 7, 3, 7, 0, 0])], options: options
    )
    .render().content
    #expect(try #require(annotations(left).first).box.x > left.axes[0].x(5))
  }

  @Test func whatIsNotFiniteOrOutOfSightIsLeftOut() throws {
    let options = PictureOptions(
      xRange: 0...1,
      annotations: [
        .verticalLine(x: .nan, label: "nan"), .horizontalLine(y: .infinity, label: "endless"),
        .verticalSpan(from: -.infinity, to: 0.5, label: "half"), .text("outside", x: 50, y: 1),
        .verticalLine(x: 7, label: "far"), .text(String(repeating: "long ", count: 2000), x: 0.5, y: 1.5),
        .verticalLine(x: 0.5, label: "\0\n"),
      ])
    let content = try Figure.lines([Series(y: [1, 2])], options: options).render().content
    #expect(
      annotations(content).allSatisfy { !["nan", "endless", "half", "outside", "far"].contains($0.string) })
    #expect(annotations(content).contains { $0.string.hasPrefix("long long") && $0.string.hasSuffix("…") })
    #expect(content.axes[0].x.range == 0...1)
  }

  @Test func panelsShareWhatBelongsToTheTimeAxis() throws {
    let track = ScoreTrack(scores: [0.1, 0.9], windowing: Windowing(length: 1))
    let options = PictureOptions(annotations: [
      .verticalLine(x: 0.7, label: "here"), .horizontalLine(y: 0.3, label: "level"),
    ])
    let content = try Figure.detections(track, spectrogram: Self.spectrogram, options: options)
      .render().content
    #expect(annotations(content).map(\.string) == ["here", "level", "here"])
  }

  // MARK: Limits and shared axes

  @Test func colourLimitsDecideTheBar() throws {
    let values = (0..<300).map { Float($0) }
    let data = SpectrogramData(
      values: values, frames: 10, bins: 30, frameStep: 0.1, frequencies: .even(0...8000))
    for (scale, range) in [
      (ValueScale.linear(), 50.0...100.0), (.amplitudeDecibels(), -30.0 ... -10), (.decibels(), 10...20),
    ] {
      let content = try Figure.spectrogram(data, scale: scale, limits: range).render().content
      #expect(content.axes[0].colorBar?.range == range)
    }
    // Decibels go down to the given depth, or to the data's end.
    let deep = try Figure.spectrogram(data, scale: .decibels(range: 80)).render().content
    #expect(deep.axes[0].colorBar?.range == 219...299)
    let all = try Figure.spectrogram(data, scale: .decibels()).render().content
    #expect(all.axes[0].colorBar?.range == 0...299)
    #expect(throws: Failure.self) { try Figure.spectrogram(data, limits: 1...1) }
  }

  @Test func rowsShareOneVerticalAxis() throws {
    let low = try Figure.lines([Series(y: [0, 1])], options: PictureOptions(yLabel: "height"))
    let high = try Figure.lines([Series(y: [0, 8])], options: PictureOptions(yLabel: "height"))
    let content = try Figure.subplots([low, high, low, low], columns: 2, sharedY: true).render().content
    #expect(content.axes[0].y.range == content.axes[1].y.range)
    #expect(content.axes[0].y.range.contains(8))
    #expect(!content.axes[2].y.range.contains(8))
    #expect(content.axes[0].y.labels.contains("8") && content.axes[1].y.labels.allSatisfy(\.isEmpty))
    #expect(content.strings(.axisLabel) == ["height", "height"])
  }

  @Test func logarithmicAxesAreEvenInPowers() throws {
    let picture = try Figure.lines(
      [Series(x: [1, 10, 100, 0, -5], y: [0.001, 1, 1000, 1, 1])], xScale: .log, yScale: .log
    ).render()
    let axes = try #require(picture.content.axes.first)
    let places = [1, 10, 100].map { value in axes.x.ticks.first { $0.value == value }?.position ?? .nan }
    #expect(abs((places[2] - places[1]) - (places[1] - places[0])) < 1.5)
    #expect(axes.x.range.lowerBound > 0 && axes.x.range.lowerBound < 1)
    #expect(picture.content.strings(.note) == ["2 of 5 points are not finite or not above 0"])
    let none = try Figure.scatter([Series(x: [-1], y: [0])], yScale: .log).render().content
    #expect(none.strings(.note) == ["no point is finite and above 0"])
  }

  @Test func manyNamesTakeSeveralLines() throws {
    let series =
      (0..<9).map { index in
        Series(x: [0, 1], y: [Double(index % 3), Double(index % 4)], label: "series number \(index)")
      } + [Series(x: [0, 1, 0, 1], y: [0, 3, 3, 0], label: "cross")]
    let content = try Figure.lines(series).render().content
    #expect(content.axes[0].legend.count == 10)
    let box = try #require(content.axes[0].legendBox)
    #expect(box.maxY <= content.axes[0].area.y)
    let many = try Figure.lines(
      (0..<500).map { Series(y: [Double($0), Double(500 - $0)], label: "name \($0) of many") }
    ).render().content
    #expect(many.axes[0].legend.last?.hasPrefix("+ ") == true)
  }
}
