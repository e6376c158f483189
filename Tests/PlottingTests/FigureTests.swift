import Essentials
import Foundation
import Plotting
import TestSupport
import Testing

@Suite struct FigureTests {
  /// One figure of every kind.
  private static func gallery(_ options: PictureOptions) throws -> [Figure] {
    let samples = (0..<20000).map { Float(sin(Double($0) * 0.3) * sin(Double($0) * 0.001)) }
    let spectrogram = SpectrogramData(
      values: (0..<12800).map { Float(1 + $0 % 97) }, frames: 200, bins: 64, frameStep: 0.1,
      frequencies: .even(0...8000))
    let track = ScoreTrack(scores: (0..<20).map { Double($0 % 5) / 4 }, windowing: Windowing(length: 1))
    let calls = [MarkedSpan(start: 3, end: 5, label: "0.99"), MarkedSpan(start: 5.2, end: 6, label: "0.98")]
    let names = (0..<9).map { "recording_0\($0).mp3" }
    return [
      try .waveform([Signal(samples: samples, sampleRate: 1000, label: "one")], options: options),
      try .spectrogram(spectrogram, options: options),
      try .spectrogram(spectrogram, frequencyScale: .mel, options: options),
      try .spectrogram(spectrogram, frequencyScale: .log, options: options),
      try .image(values: spectrogram.values, rows: 64, columns: 200, options: options),
      try .lines([Series(y: [1, 5, 2], label: "a"), Series(y: [3, 3, 9], label: "b")], options: options),
      try .scatter([Series(y: [1, 5, 2], label: "a")], options: options),
      try .bars(
        labels: names, groups: [BarGroup(values: (0..<9).map { Double($0 * 13 % 30) })], options: options),
      try .histogram([((0..<300).map { sin(Double($0)) }, "x")], options: options),
      try .history(
        [
          TrainingCurve(name: "loss", training: [3, 2, 1], validation: [3, 2, 2]),
          TrainingCurve(name: "precision", training: [0, 0.5, 1], validation: [0, 0.5, 0.6]),
        ], options: options),
      try .detections(track, threshold: 0.5, calls: calls, spectrogram: spectrogram, options: options),
      try .confusionMatrix(counts: [5, 1, 2, 9], labels: ["other", "Capuchinbird"], options: options),
      try .rocCurve([Series(x: [0, 0, 1], y: [0, 1, 1], label: "network")], options: options),
      try .precisionRecallCurve([Series(x: [0, 1], y: [1, 0.5])], options: options),
    ]
  }

  private static let sizes = [
    nil, PictureSize(width: 5, height: 3), PictureSize(width: 3, height: 2),
    PictureSize(width: 2, height: 1.5),
    PictureSize(width: 8, height: 5, dpi: 200), PictureSize(width: 3, height: 9),
    PictureSize(width: 0.5, height: 0.4),
  ]

  private func check(_ picture: Rendering, _ name: String) {
    let texts = picture.content.texts
    for text in texts { #expect(picture.page.contains(text.box), "\(name): '\(text.string)' is cut off") }
    for (index, one) in texts.enumerated() {
      for other in texts.dropFirst(index + 1) {
        // The box around a slanted label is mostly empty.
        if one.angle == -45 || other.angle == -45 { continue }
        #expect(!one.box.intersects(other.box), "\(name): '\(one.string)' touches '\(other.string)'")
      }
    }
    for axes in picture.content.axes {
      #expect(picture.page.contains(axes.area))
      if let box = axes.legendBox { #expect(picture.page.contains(box), "\(name): legend is cut off") }
    }
  }

  @Test(arguments: sizes)
  func noTextIsCutOffOrTouchesAnother(size: PictureSize?) throws {
    let options = PictureOptions(title: "A title of the usual length", size: size)
    let figures = try Self.gallery(options)
    for (index, figure) in figures.enumerated() { check(try figure.render(), "kind \(index)") }
    var grid = try Figure.subplots(figures, columns: 3, options: PictureOptions(title: "All"))
    check(try grid.render(), "grid")
    if let size {
      grid.size = size
      check(try grid.render(), "small grid")
    }
  }

  @Test func titlesMayBeLongAndInAnyScript() throws {
    let long = String(repeating: "Capuchinho 漢字 Ωμέγα Птица 🐒 עברית ", count: 300)
    for text in [long, "", " ", "\0\u{7}\n", "line\nbreak", "🐒", "Ωμέγα", "e\u{301}\u{301}\u{301}"] {
      let options = PictureOptions(title: text, xLabel: text, yLabel: text)
      let picture = try Figure.lines([Series(y: [1, 2], label: text)], options: options).render()
      check(picture, "title")
      let titles = picture.content.strings(.title)
      if text == long {
        #expect(titles.first?.hasSuffix("…") == true && titles[0].hasPrefix("Capuchinho 漢字"))
      }
      if text == "line\nbreak" { #expect(titles == ["line break"]) }
    }
  }

  @Test func sameFigureGivesSameBytes() throws {
    for figure in try Self.gallery(PictureOptions(title: "Zweimal dasselbe")) {
      for format in PictureFormat.allCases {
        #expect(try figure.bytes(format) == figure.bytes(format), "\(format)")
      }
    }
  }

  @Test func darkThemeIsDark() throws {
    for figure in try Self.gallery(PictureOptions(theme: .dark)) {
      let picture = try figure.render()
      let corner = picture.color(0, 0)
      #expect(corner >> 16 < 0x30 && corner & 0xFF < 0x30)
    }
  }

  @Test func fileHoldsWhatWasDrawn() throws {
    let folder = try TemporaryFolder()
    let figure = try Figure.bars(
      labels: ["a", "b"], groups: [BarGroup(values: [1, 2])],
      options: PictureOptions(title: "Bars", size: PictureSize(width: 5, height: 3, dpi: 144)))
    let path = folder.path("a.png")
    try figure.write(to: path, metadata: PictureMetadata(source: "cell 3"))
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let seen = try DecodedPicture(bytes, folder: folder.url.path)
    let picture = try figure.render()
    #expect(seen.width == 720 && seen.height == 432)
    for y in 0..<432 { for x in 0..<720 { #expect(seen[x, y] == picture.pixels[y * 720 + x] & 0xFF_FFFF) } }
    #expect(PNGFile.text("Title", in: bytes) == "Bars")
    #expect(PNGFile.text("Source", in: bytes) == "cell 3")
  }

  @Test func endingDecidesTheFormat() throws {
    let folder = try TemporaryFolder()
    let figure = try Figure.lines([Series(y: [1, 2])], options: PictureOptions(title: "a < b & c"))
    for (name, start) in [("a.PNG", "\u{89}PNG"), ("a.svg", "<?xml"), ("a.b.pdf", "%PDF")] {
      try figure.write(to: folder.path(name))
      let data = try Data(contentsOf: URL(fileURLWithPath: folder.path(name)))
      #expect(
        data.prefix(start.unicodeScalars.count).elementsEqual(start.unicodeScalars.map { UInt8($0.value) }))
    }
    let svg = try String(contentsOfFile: folder.path("a.svg"), encoding: .utf8)
    #expect(svg.contains("<title>a &lt; b &amp; c</title>"))
    for name in ["a.gif", "a", "png", ".hidden/a", ""] {
      let failure = #expect(throws: Failure.self) { try figure.write(to: folder.path("x") + "/" + name) }
      #expect(failure?.kind == .value)
    }
  }

  @Test func unwritableTargetsAreNamed() throws {
    let folder = try TemporaryFolder()
    let figure = try Figure.lines([Series(y: [1, 2])])
    try FileManager.default.createDirectory(
      at: folder.url.appendingPathComponent("folder.png"), withIntermediateDirectories: true)
    for path in [folder.path("absent/a.png"), folder.path("folder.png"), "/proc/a.svg"] {
      let failure = #expect(throws: Failure.self) { try figure.write(to: path) }
      #expect(failure?.kind == .file)
      #expect(failure?.message.contains(path) == true)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["folder.png"])
  }

  @Test func impossibleSizesAreRefused() throws {
    func failure(_ size: PictureSize) -> Failure? {
      #expect(throws: Failure.self) {
        try Figure.lines([Series(y: [1, 2])], options: PictureOptions(size: size)).render()
      }
    }
    #expect(failure(PictureSize(width: 1e9, height: 1))?.parameter == "width")
    #expect(failure(PictureSize(width: 1, height: 0))?.parameter == "height")
    #expect(failure(PictureSize(width: .nan, height: 1))?.parameter == "width")
    #expect(failure(PictureSize(width: -1, height: 1))?.parameter == "width")
    #expect(failure(PictureSize(width: 1, height: 1, dpi: 1e9))?.parameter == "dpi")
    #expect(failure(PictureSize(width: 319, height: 319))?.kind == .memory)
  }

  @Test func tinyPicturesLeaveTextOut() throws {
    for pixels in 1...40 {
      let size = PictureSize(width: Double(pixels) / 100, height: Double(pixels) / 100)
      for figure in try Self.gallery(PictureOptions(title: "x", size: size)) { _ = try figure.render() }
    }
  }

  // MARK: Grids

  @Test func gridAlignsItsColumnsAndSharesTheirAxis() throws {
    let short = try Figure.waveform([Signal(samples: [Float](repeating: 0.5, count: 2000), sampleRate: 1000)])
    let data = SpectrogramData(
      values: [Float](repeating: 1, count: 300), frames: 30, bins: 10, frameStep: 0.1,
      frequencies: .even(0...8000))
    let long = try Figure.spectrogram(data)
    let alone = try Figure.subplots([short, long]).render().content
    #expect(alone.axes.map(\.x.range) == [0...2, 0...3])
    let shared = try Figure.subplots([short, long], sharedX: true).render().content
    #expect(shared.axes.map(\.x.range) == [0...3, 0...3])
    #expect(shared.axes[0].area.x == shared.axes[1].area.x)
    #expect(shared.axes[0].area.width == shared.axes[1].area.width)
    #expect(shared.strings(.axisLabel).filter { $0 == "time (s)" }.count == 1)
    let four = try Figure.subplots([short, long, long, short], columns: 2).render().content
    #expect(four.axes[0].area.x == four.axes[2].area.x && four.axes[1].area.maxX == four.axes[3].area.maxX)
    #expect(four.axes[0].area.maxY == four.axes[1].area.maxY)
  }

  @Test func gridsMayHoldGrids() throws {
    let history = try Figure.history(
      [TrainingCurve(name: "loss", training: [2, 1]), TrainingCurve(name: "recall", training: [0, 1])],
      options: PictureOptions(title: "Training"))
    let inner = try Figure.subplots([history, history], options: PictureOptions(title: "Two"))
    let content = try Figure.subplots([inner, history], columns: 2).render().content
    #expect(content.axes.count == 6)
    #expect(content.strings(.title).filter { $0 == "Training" }.count == 3)
    #expect(throws: Failure.self) { try Figure.subplots([]) }
    #expect(throws: Failure.self) { try Figure.subplots([history], columns: 0) }
  }

  @Test func optionsReplaceLabelsAndEnds() throws {
    let options = PictureOptions(title: "T", xLabel: "X", yLabel: "Y", xRange: 1...2, yRange: -9...9)
    let content = try Figure.lines([Series(y: [1, 2, 3])], options: options).render().content
    let axes = try #require(content.axes.first)
    #expect(axes.x.range == 1...2 && axes.y.range == -9...9)
    #expect(axes.x.label == "X" && axes.y.label == "Y")
    #expect(content.strings(.title) == ["T"])
  }
}
