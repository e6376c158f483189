import CapLanguage
import CapLibrary
import Essentials
import Foundation
import Notebook
import Plotting
import TestSupport
import Testing

/// Drawing functions as they are typed: what they draw, what they write, and what they refuse.
struct PictureTests {
  private let folder: TemporaryFolder
  private let runner: CapRunner

  init() throws {
    folder = try TemporaryFolder()
    runner = CapRunner()
    runner.session.settings.plotsFolder = folder.path("plots")
  }

  private func pictures(_ code: String) throws -> [Picture] {
    _ = try runner.run(code)
    return runner.outputs.compactMap { if case .picture(let picture) = $0 { picture } else { nil } }
  }

  private func warnings(_ code: String) throws -> [String] {
    _ = try runner.run(code)
    return runner.outputs.compactMap {
      if case .warning(let diagnostic) = $0 { diagnostic.message } else { nil }
    }
  }

  /// The words of the only picture that `code` draws.
  private func words(_ code: String) throws -> [String] {
    let drawn = try pictures(code)
    try #require(drawn.count == 1)
    return try #require(try drawn[0].drawing(fitting: (4000, 4000), textInPixels: false)).texts.map(\.string)
  }

  // MARK: What is drawn

  @Test func aConfusionMatrixShowsItsNumbers() throws {
    let code = "m = confusion_matrix([0, 0, 1, 1, 1], [0, 1, 1, 1, 1]); "
    let words = try words(code + "plot(m, labels=[\"other\", \"call\"]);")
    for word in ["1", "3", "0", "50 %", "100 %", "other", "call", "predicted", "true"] {
      #expect(words.contains(word), "\(word) of \(words)")
    }
    #expect(try self.words(code + "plot(m);").contains("0"))
    #expect(runner.error("plot(m, labels=[\"one\"])")?.message == "1 labels do not name 2 classes (0, 1)")
    // What is computed from it is numbers like any others.
    #expect(!(try self.words("plot(m + 1);").contains("predicted")))
    let fraction = runner.error("confusion_matrix([0, 1], [0.2, 0.9])")
    #expect(fraction?.hint == "classes(scores, 0.5) turns scores into classes")
  }

  @Test func curvesLieOverOneAnother() throws {
    let data = "y = [0, 0, 1, 1]; a = [0.1, 0.4, 0.35, 0.8]; b = [0.1, 0.2, 0.3, 0.4]; "
    let roc = try words(data + "plot([roc(y, a), roc(y, b)], labels=[\"a\", \"b\"]);")
    #expect(roc.contains("a, area 0.750") && roc.contains("b, area 1.000") && roc.contains("chance"))
    let curves = try words(data + "plot(precision_recall(y, a));")
    #expect(curves.contains("average precision 0.833"))
    #expect(runner.error(data + "plot([roc(y, a), precision_recall(y, b)])")?.kind == .type)
  }

  @Test func annotationsTakeUnits() throws {
    let words = try words(
      """
      plot(tone(440Hz, 2s, rate=8kHz), xlim=[500ms, 1.5s], ylim=[-2, 2],
           annotations=[axvline(1s, "one second"), axvspan(1.1s, 1.3s, "short"), axhline(1.5),
                        axhspan(-1.8, -1.5, "low"), annotate("here", 0.7s, 1.2)]);
      """)
    for word in ["one second", "short", "low", "here", "1.5"] { #expect(words.contains(word)) }
    #expect(!words.contains("1.75"))
    #expect(runner.error("plot([1, 2], annotations=[axvline(nan)])")?.kind == .value)
    #expect(runner.error("plot([1, 2], annotations=[3])")?.message.contains("annotation") == true)
  }

  @Test func severalLinesSetsAndScales() throws {
    let lines = try words(
      "lines([1, 10, 100], [[1, 2, 3], [3, 2, 1]], labels=[\"up\", \"down\"], xscale=\"log\");")
    #expect(lines.contains("up") && lines.contains("down") && lines.contains("10"))
    #expect(try words("scatter(zeros([2, 3]), ones([2, 3]), labels=[\"p\", \"q\"]);").contains("q"))
    #expect(try words("lines([[1, 2], [1, 2, 3]], labels=[\"short\", \"long\"]);").contains("long"))
    #expect(try words("histogram([[1, 2, 2], [5, 6]], labels=[\"first\", \"second\"]);").contains("second"))
    #expect(try words("bars([\"a\"], [[1], [2]], labels=[\"x\", \"y\"], stacked=true);").contains("x"))
    #expect(runner.error("lines([1, 2], [[1, 2], [1, 2, 3]])")?.kind == .shape)
    #expect(runner.error("lines([[1], [2]], [[1], [2], [3]])")?.kind == .shape)
    // Large numbers keep the digits that a tensor would round.
    #expect(try words("lines([16777216, 16777217, 16777218], [1, 2, 3]);").contains { $0.contains("217") })
  }

  @Test func colourLimitsAndDepth() throws {
    let code = "s = abs(stft(chirp(100Hz, 3kHz, 1s, rate=8kHz), 20ms, 5ms)); "
    #expect(try words(code + "plot(s, clim=[-30, -10]);").contains("−30"))
    #expect(
      try words(code + "plot(to_db(s, top_db=none), top_db=40);").filter { $0.hasPrefix("−") }.count < 9)
    #expect(try words(code + "plot(s, frequency=\"mel\", colors=\"cividis\");").contains("1000"))
    for wrong in ["[1]", "[2, 1]", "[1, 1]", "[nan, 1]", "[0, inf]", "[]"] {
      #expect(runner.error(code + "plot(s, clim=\(wrong))")?.kind == .value, "\(wrong)")
      #expect(runner.error(code + "plot(s, xlim=\(wrong))")?.kind == .value, "\(wrong)")
    }
  }

  @Test func spectrogramsKnowTheirAxes() throws {
    let code = "s = spectrogram(chirp(100Hz, 3kHz, 1s, rate=8kHz), 20ms, 5ms); "
    let mel = try words(code + "plot(mel(s, bands=20));")
    // Even on a mel axis: 500 Hz has as good a place as 3000.
    #expect(mel.contains("500") && mel.contains("1000") && mel.contains("frequency (Hz)"))
    #expect(!(try words(code + "plot(mel(s, bands=20), frequency=\"linear\");").contains("750")))
    let coefficients = try words(code + "plot(mfcc(s, 13));")
    #expect(coefficients.contains("coefficient") && !coefficients.contains("frequency (Hz)"))
    let phase = try words("plot(angle(stft(chirp(100Hz, 3kHz, 1s, rate=8kHz), 20ms, 5ms)));")
    #expect(phase.contains("phase (rad)"))
    #expect(try words(code + "plot(s, scale=\"linear\");").contains("magnitude"))
  }

  @Test func gridsShareBothAxes() throws {
    let words = try words(
      """
      a = lines([0, 1], [0, 1], ylabel="height", save=false)
      b = lines([0, 1], [0, 7], ylabel="height", save=false)
      subplots([a, b], columns=2, shared_y=true, title="Both");
      """)
    #expect(words.filter { $0 == "height" }.count == 1 && words.contains("Both"))
  }

  // MARK: Files

  @Test func aFileSaysWhatMadeIt() throws {
    let script = folder.path("drawing.cap")
    try Data("# %%\nx = 1\n# %%\nplot([1, 2], title=\"T\", save=\"a\")\nplot([1, 2], save=\"é.svg\")\n".utf8)
      .write(to: URL(fileURLWithPath: script))
    #expect(runner.session.run(try Script(path: script)).hasSucceeded)
    let png = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.path("plots/a.png"))))
    #expect(PNGFile.text("Source", in: png) == "\(script), cell 2")
    #expect(PNGFile.text("Title", in: png) == "T")
    #expect(PNGFile.text("Software", in: png) == "capuchin-repl")
    // pHYs: 100 dots an inch are 3937 a metre.
    let chunk = Data([0x70, 0x48, 0x59, 0x73, 0, 0, 0x0F, 0x61, 0, 0, 0x0F, 0x61, 1])
    #expect(Data(png).range(of: chunk) != nil)
    let svg = try String(contentsOfFile: folder.path("plots/é.svg"), encoding: .utf8)
    #expect(svg.contains("<desc>\(script), cell 2, capuchin-repl</desc>"))
    _ = runner.session.runInput("plot([1, 2], save=\"typed\");")
    let typed = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.path("plots/typed.png"))))
    #expect(PNGFile.text("Source", in: typed) == "cell 3")
  }

  @Test func sameInputGivesSameBytes() throws {
    let code = """
      s = abs(stft(noise(0.2s, 8kHz, seed=1), 20ms, 5ms))
      for ending in ["png", "svg", "pdf"] { plot(s, title="Twice 漢字", save=f"a.{ending}") }
      """
    func bytes(_ runner: CapRunner, _ plots: String) throws -> [Data] {
      runner.session.settings.plotsFolder = plots
      _ = try runner.run(code)
      return try ["png", "svg", "pdf"].map { try Data(contentsOf: URL(fileURLWithPath: "\(plots)/a.\($0)")) }
    }
    let first = try bytes(runner, folder.path("one"))
    _ = try runner.run("plot([1, 2], save=\"between.svg\");")
    let second = try bytes(CapRunner(), folder.path("two"))
    // The cell is part of the input: both are the first of their session.
    #expect(first == second)
  }

  @Test func anUnwritableTargetKeepsWhatWasThere() throws {
    try FileManager.default.createDirectory(
      atPath: folder.path("plots/a.png"), withIntermediateDirectories: true)
    for path in ["a.png", folder.path("missing/b.svg"), "/proc/c.pdf", "/dev/full"] {
      let error = runner.error("plot([1, 2], save=\"\(path.hasSuffix("full") ? "/dev/full/x.png" : path)\")")
      #expect(error?.kind == .file, "\(path): \(String(describing: error))")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("plots")) == ["a.png"])
    #expect(runner.error("plot([1, 2], save=\"\")")?.message == "the file's name is empty")
    #expect(runner.error("plot([1, 2], save=\"a.gif\")")?.message.contains(".gif") == true)
  }

  @Test func lettersWithoutAFontAreToldOnce() throws {
    let code = "plot([1, 2], title=\"\u{F0010}\");"
    #expect(try warnings(code) == ["no font here has the letter '\u{F0010}': pictures show a box instead"])
    #expect(try warnings(code) == [])
  }

  @Test func offDrawsNamedPicturesOnly() throws {
    runner.session.settings.pictures = .off
    #expect(try pictures("plot([1, 2]);").isEmpty)
    #expect(try pictures("plot([1, 2], save=\"named\");").count == 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("plots")) == ["named.png"])
  }

  // MARK: Bad input

  /// Values that have nothing to show, or too much.
  private static let values = [
    "[]", "[nan]", "[nan, nan, nan]", "[inf, -inf]", "[1]", "[7, 7, 7, 7]", "[1, nan, 3, inf]",
    "[1e300, -1e300]", "[1e-310, 2e-310]", "zeros([0])", "range(0)", "ones([100000])", "[true, false]",
  ]

  @Test(arguments: values)
  func everyChartTakesOddNumbers(value: String) throws {
    let calls = [
      "plot(x)", "histogram(x)", "lines(x)", "scatter(x)", "lines(x, x)", "scatter(x, x)",
      "bars(list(range(len(x))), x)", "lines(x, x, xscale=\"log\", yscale=\"log\")",
      "lines(x, annotations=[axvline(0, \"a\"), axhspan(0, 1, \"b\"), annotate(\"c\", 0, 0)])",
      "subplots([lines(x, save=false), histogram(x, save=false)], columns=2, shared_x=true, shared_y=true)",
    ]
    for call in calls {
      #expect(try pictures("x = \(value); \(call);").count == 1, "\(call)")
      let vector = call.dropLast() + (call.contains("save=false") ? ", save=\"a.svg\")" : ", save=\"a.pdf\")")
      #expect(try pictures("x = \(value); \(vector);").count == 1, "\(vector)")
    }
  }

  @Test(arguments: ["[]", "[0]", "[nan, nan]", "[inf, 1]", "[0.5]", "[0, 0, 0]", "zeros([20000])"])
  func everySoundTakesOddSamples(samples: String) throws {
    for call in [
      "plot(a)", "plot([a, a], labels=[\"x\", \"y\"])", "subplots([a, a])",
      "plot(abs(stft(pad(a, 16), 8, 4)))", "plot(to_db(abs(stft(pad(a, 16), 8, 4))))",
      "plot(abs(stft(pad(a, 16), 8, 4)), frequency=\"log\", scale=\"linear\")",
      "plot(mel(spectrogram(pad(a, 16), 8, 4), bands=2), frequency=\"mel\")",
    ] {
      guard runner.error("a = audio(\(samples), 8kHz); \(call.contains("stft") ? "pad(a, 16)" : "a");") == nil
      else { continue }
      #expect(try pictures("\(call);").count == 1, "\(samples) \(call)")
    }
  }

  @Test func aMillionBarsAreDrawn() throws {
    #expect(try pictures("bars(range(1000000), range(1000000), title=\"many\");").count == 1)
    #expect(try pictures("lines(range(1000000));").count == 1)
  }

  @Test func titlesMayBeAnything() throws {
    for title in [
      "\"x\" * 10000", "\"漢字\" * 5000", "\"a\\n\\tb\\0c\"", "\"\u{202E}\u{2066}\"", "\"\u{1B}[31mred\"",
      "\"\"",
    ] {
      for call in ["lines([1, 2]", "plot(tone(440Hz, 0.1s)", "bars([\"a\"], [1]", "histogram([1, 2]"] {
        let drawn = try pictures("t = \(title); \(call), title=t, xlabel=t, ylabel=t);")
        #expect(drawn.count == 1, "\(title)")
        let words = try #require(try drawn[0].drawing(fitting: (4000, 4000), textInPixels: false)).texts.map(
          \.string)
        #expect(words.allSatisfy { $0.unicodeScalars.allSatisfy { $0.value >= 0x20 } && $0.count < 400 })
      }
    }
  }

  @Test(arguments: [
    "size=[0, 3]", "size=[-1, 3]", "size=[1e9, 1]", "size=[nan, 3]", "size=[1]", "size=[1, 2, 3]",
    "size=[inf, 2]", "size=[300, 300]", "dpi=0", "dpi=1e9", "dpi=nan", "dpi=-5", "size=[1e-9, 1]",
    "theme=\"blue\"", "save=\"a.bmp\"", "xlim=[2, 1]", "ylim=[nan, 1]",
  ])
  func impossiblePicturesAreRefused(argument: String) throws {
    for call in ["lines([1, 2]", "plot(tone(440Hz, 0.1s)", "bars([\"a\"], [1]", "histogram([1, 2]"] {
      let error = runner.error("\(call), \(argument))")
      #expect(
        error.map { [.value, .type, .memory].contains($0.kind) } == true,
        "\(call), \(argument): \(String(describing: error))")
    }
    #expect(!FileManager.default.fileExists(atPath: folder.path("plots/plot-001.png")))
  }
}
