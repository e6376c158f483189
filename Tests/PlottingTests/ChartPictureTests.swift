import Essentials
import Foundation
import Plotting
import Testing

@Suite struct ChartPictureTests {
  // MARK: Bars

  @Test func barsReachTheirValues() throws {
    let values = [5.0, 2, 25, 0, 11]
    let labels = ["a", "b", "c", "d", "e"]
    let picture = try Figure.bars(labels: labels, groups: [BarGroup(values: values)]).render()
    let axes = try #require(picture.content.axes.first)
    #expect(axes.x.labels == labels)
    #expect(picture.content.strings(.value) == ["5", "2", "25", "0", "11"])
    #expect(axes.y.range.lowerBound == 0)
    for (index, value) in values.enumerated() {
      let x = axes.x(Double(index))
      if value > 0 { #expect(picture.color(x, axes.y(value) + 1.5) == blue) }
      #expect(picture.color(x, axes.y(value) - 1.5) != blue)
    }
  }

  @Test func groupsStandBesideOneAnotherAndStacksOnTop() throws {
    let groups = [BarGroup(values: [4, 2], label: "x"), BarGroup(values: [1, 3], label: "y")]
    let side = try Figure.bars(labels: ["a", "b"], groups: groups).render()
    let axes = try #require(side.content.axes.first)
    #expect(axes.legend == ["x", "y"])
    #expect(side.color(axes.x(-0.2), axes.y(0.5)) == blue)
    #expect(side.color(axes.x(0.2), axes.y(0.5)) == vermilion)
    let stack = try Figure.bars(labels: ["a", "b"], groups: groups, arrangement: .stacked).render()
    let stacked = try #require(stack.content.axes.first)
    #expect(stack.color(stacked.x(0), stacked.y(3.9)) == blue)
    #expect(stack.color(stacked.x(0), stacked.y(4.5)) == vermilion)
    #expect(stack.color(stacked.x(1), stacked.y(2.5)) == vermilion)
  }

  @Test func negativeBarsHangDown() throws {
    let picture = try Figure.bars(labels: ["a", "b", "c"], groups: [BarGroup(values: [-2, 1, .nan])]).render()
    let axes = try #require(picture.content.axes.first)
    #expect(picture.color(axes.x(0), axes.y(-1.5)) == blue)
    #expect(picture.color(axes.x(0), axes.y(0.5)) != blue)
    #expect(picture.content.strings(.note) == ["1 value is not finite"])
  }

  @Test func longNamesAreTurnedAndKeepTheirEnds() throws {
    let labels = (0..<30).map { "a rather long name of a recording number \($0).mp3" }
    let axes = try #require(
      try Figure.bars(labels: labels, groups: [BarGroup(values: labels.map { _ in 1 })]).render().content.axes
        .first)
    #expect(axes.x.labels.count == 30)
    #expect(axes.x.labels.allSatisfy { $0.contains("…") })
    #expect(Set(axes.x.labels).count == 30)
  }

  @Test func aMillionBarsKeepTheirHighest() throws {
    var values = [Double](repeating: 1, count: 1_000_000)
    values[654_321] = 50
    let picture = try Figure.bars(
      labels: (0..<values.count).map { "\($0)" }, groups: [BarGroup(values: values)]
    ).render()
    let axes = try #require(picture.content.axes.first)
    let x = axes.x(654_321)
    #expect([x - 1, x, x + 1].contains { picture.color($0, axes.y(49)) == blue })
    #expect(axes.x.labels.count < 100)
  }

  // MARK: Histogram

  /// Counts and edges from NumPy (`Reference/make_reference.py`).
  @Test func binsAreNumPys() throws {
    let values = (0..<500).map { (k: Int) -> Double in
      let wave = sin(Double(k) * 0.37) * 2
      return wave + Double(k % 17) * 0.25
    }
    let edges = try HistogramBins.auto.edges(for: values)
    #expect(edges.count == 11)
    #expect(edges.first == 0 && abs((edges.last ?? 0) - 3.6569568841419) < 1e-12)
    #expect(try HistogramBins.counts(values, edges: edges) == [27, 3, 61, 85, 42, 62, 41, 71, 80, 28])
    let seven = try HistogramBins.count(7).edges(for: values)
    #expect(try HistogramBins.counts(values, edges: seven) == [30, 41, 110, 88, 69, 123, 39])
  }

  @Test func manyValuesHaveTheBinsOfFew() throws {
    // A permutation of 0 ..< 100003, whose quartiles and counts are known: NumPy's rule gives the narrower
    // of 2 · 50001 / ∛100003 and 100002 / (log₂ 100003 + 1), here the former.
    let values = (0..<100_003).map { Double($0 * 40_009 % 100_003) }
    let width = 2 * (75001.5 - 25000.5) / cbrt(100_003)
    let edges = try HistogramBins.auto.edges(for: values)
    #expect(edges.count - 1 == Int((100_002 / width).rounded(.up)))
    let counts = try HistogramBins.counts(values, edges: edges)
    #expect(counts.reduce(0, +) == 100_003)
    for (index, count) in counts.enumerated() {
      let (low, high) = (edges[index].rounded(.up), edges[index + 1])
      let isLast = index == counts.count - 1
      let expected = (isLast ? high.rounded(.down) + 1 : high.rounded(.up)) - low
      #expect(Double(count) == expected)
    }
    for odd in [[-1e308, 0, 1e308], [.leastNonzeroMagnitude, 2 * .leastNonzeroMagnitude], [1, 1]] {
      let many = (0..<70_000).map { odd[$0 % odd.count] }
      let edges = try HistogramBins.auto.edges(for: many)
      #expect(try HistogramBins.counts(many, edges: edges).reduce(0, +) == 70_000)
    }
  }

  @Test func histogramReachesItsCounts() throws {
    let values = [1.0, 1, 1, 2, 2, 3, 3.5]
    let picture = try Figure.histogram([(values, nil)], bins: .edges([1, 2, 3, 4])).render()
    let axes = try #require(picture.content.axes.first)
    #expect(axes.y.label == "count")
    #expect(axes.y.ticks.map(\.value) == [0, 1, 2, 3])
    for (bin, count) in [3.0, 2, 2].enumerated() {
      let x = axes.x(Double(bin) + 1.7)
      #expect(picture.color(x, axes.y(count) + 2) != 0xFFFFFF)
      #expect(picture.color(x, axes.y(count) - 3) == 0xFFFFFF)
    }
  }

  @Test func histogramsOfOddDataSaySo() throws {
    func notes(_ values: [Double]) throws -> [String] {
      try Figure.histogram([(values, nil)]).render().content.strings(.note)
    }
    #expect(try notes([]) == ["no values"])
    #expect(try notes([.nan, .infinity]) == ["no value is a finite number"])
    #expect(try notes([5, 5, .nan]) == ["1 of 3 values are not finite"])
    #expect(try notes([-1e308, 1e308]) == [])
    for bins in [HistogramBins.count(0), .count(1_000_000), .edges([1]), .edges([2, 1]), .edges([0, .nan])] {
      #expect(throws: Failure.self) { try Figure.histogram([([1, 2], nil)], bins: bins) }
    }
  }

  // MARK: Lines and points

  @Test func lineGoesThroughItsPoints() throws {
    let picture = try Figure.lines([Series(x: [0, 10, 20], y: [-3, 5, 1])]).render()
    let axes = try #require(picture.content.axes.first)
    for (x, y) in [(0.0, -3.0), (10, 5), (20, 1), (5, 1), (15, 3)] {
      #expect(picture.color(axes.x(x), axes.y(y)) == blue)
    }
    #expect(axes.x.labels.contains("10"))
  }

  @Test func aMillionPointsOnALineKeepTheirHighest() throws {
    var y = (0..<1_000_000).map { Double($0 % 7) }
    y[123_456] = 100
    let picture = try Figure.lines([Series(y: y)]).render()
    let axes = try #require(picture.content.axes.first)
    let x = axes.x(123_456)
    #expect([x - 1, x, x + 1].contains { picture.color($0, axes.y(90)) == blue })
  }

  @Test func dotsStandAtTheirPoints() throws {
    let picture = try Figure.scatter([Series(x: [1, 2, .nan], y: [3, 7, 1])]).render()
    let axes = try #require(picture.content.axes.first)
    #expect(picture.color(axes.x(1), axes.y(3)) != 0xFFFFFF)
    #expect(picture.color(axes.x(2), axes.y(7)) != 0xFFFFFF)
    #expect(picture.content.strings(.note) == ["1 of 3 points are not finite"])
  }

  @Test(arguments: [
    ([1e-300, 2e-300], "×10⁻³⁰⁰"), ([2e6, 8e6], "×10⁶"), ([0, 3e5], "×10³"), ([0, 5], ""),
    ([1000.001, 1000.002], ""),
  ])
  func largeAndSmallNumbersGetAFactor(y: [Double], label: String) throws {
    let axes = try #require(
      try Figure.lines([Series(x: [0, 1], y: y)]).render().content.axes.first)
    #expect(axes.y.label == label)
    #expect(Set(axes.y.labels).count == axes.y.labels.count && axes.y.labels.count >= 2)
  }

  @Test(arguments: [
    [Double](), [.nan], [.infinity, -.infinity], [7, 7, 7], [5], [-1e308, 1e308],
    [0, Double.leastNonzeroMagnitude],
    [1e308, 1e308],
  ])
  func oddDataStillMakeAPicture(y: [Double]) throws {
    for figure in [
      try Figure.lines([Series(y: y)]), try Figure.scatter([Series(y: y)]), try Figure.histogram([(y, nil)]),
      try Figure.bars(labels: y.map { "\($0)" }, groups: [BarGroup(values: y)]),
      try Figure.history([TrainingCurve(name: "loss", training: y)]),
      try Figure.detections(ScoreTrack(scores: y, windowing: Windowing(length: 3)), threshold: 0.5),
    ] {
      let content = try figure.render().content
      let hasNothing = !y.contains(where: \.isFinite)
      #expect(content.strings(.note).isEmpty == !hasNothing)
    }
  }

  @Test func pointsNeedBothCoordinates() {
    #expect(throws: Failure.self) { try Figure.lines([Series(x: [1, 2], y: [1])]) }
    #expect(throws: Failure.self) { try Figure.scatter([Series(x: [1], y: [1, 2])]) }
    #expect(throws: Failure.self) { try Figure.bars(labels: ["a"], groups: [BarGroup(values: [1, 2])]) }
  }
}
