import CapLanguage
import CapLibrary
import Essentials
import Foundation
import Notebook
import Tensors
import TestSupport
import Testing

/// Tensors as values of the language.
@Suite struct TensorValueTests {
  private let runner = CapRunner()

  @Test func isAValue() throws {
    _ = try runner.run("a = zeros([2, 2])\nb = a\nb[0, 1] = 5\nb[1] = [7, 8];")
    #expect(try runner.value("list(a)") == [[0, 0], [0, 0]])
    #expect(try runner.value("list(b)") == [[0, 5], [7, 8]])
  }

  @Test func assignsParts() throws {
    _ = try runner.run("t = zeros([2, 3])\nt[:, 1] = 4\nt[t == 0] = -1\nt[0, ::2] += 10;")
    #expect(try runner.value("list(t)") == [[9, 4, 9], [-1, 4, -1]])
  }

  @Test func showsItself() throws {
    #expect(try runner.run("tensor([1, 2])") == "[1. 2.]")
    #expect(try runner.run("print(tensor([1, 2]))") == "[1. 2.]")
    #expect(try runner.run("[tensor([1, 2])]") == "[Tensor (2,) float32]")
    #expect(try runner.run("zeros([40, 50])").hasPrefix("Tensor (40, 50) float32\n[[0. 0. 0. ... 0. 0. 0.]"))
    #expect(try runner.run("zeros([0, 5])") == "Tensor (0, 5) float32\n[]")
  }

  @Test func scalarsAreNumbers() throws {
    #expect(try runner.value("kind(tensor([1, 2])[0])") == "number")
    #expect(try runner.value("kind(tensor(3))") == "number")
    #expect(try runner.value("kind(tensor([1, 2]) @ tensor([1, 2]))") == "number")
    #expect(try runner.value("2 in tensor([1, 2])") == true)
    #expect(try runner.value("[x for x in tensor([[1, 2], [3, 4]])][1].shape") == [2])
    #expect(try runner.value("len(zeros([4, 2]))") == 4)
  }

  @Test func numbersKeepDoublePrecision() throws {
    #expect(try runner.value("sum([0.1, 0.2]) == 0.1 + 0.2") == true)
    #expect(try runner.value("mean([0.1]) == 0.1") == true)
    #expect(try runner.value("max(0.1, 0.05) == 0.1") == true)
    #expect(try runner.value("min(range(5))") == 0)
  }

  @Test func nanHasNoPlaceInOrder() throws {
    #expect(try runner.value("[str(x) for x in sorted([nan, 2, 1, nan])]") == ["1", "2", "nan", "nan"])
    #expect(try runner.value("argmax([1, nan, 3])") == 1)
  }

  /// Scores of windows keep their seconds as long as rows are windows.
  @Test func windowingStaysWithTheRows() throws {
    let scores = TensorObject(
      try Tensor.zeros([10, 1]), windowing: Windowing(length: 3, step: 3, source: "a.mp3"))
    runner.session.interpreter.set("scores", to: .object(scores))
    func windowing(_ code: String) throws -> Windowing? {
      (try runner.value(code).asObject as? TensorObject)?.windowing
    }
    let whole = Windowing(length: 3, step: 3, source: "a.mp3")
    #expect(try windowing("scores[:, 0]") == whole)
    #expect(try windowing("squeeze(scores)") == whole)
    #expect(try windowing("scores > 0.5") == whole)
    #expect(try windowing("1 - scores") == whole)
    #expect(try windowing("round(scores)") == whole)
    #expect(try windowing("where(scores > 0.5, 1, 0)") == whole)
    #expect(try windowing("scores[2:8]") == Windowing(length: 3, step: 3, start: 6, source: "a.mp3"))
    #expect(try windowing("scores[1::2]") == Windowing(length: 3, step: 6, start: 3, source: "a.mp3"))
    #expect(try windowing("scores[::-1]") == nil)
    #expect(try windowing("scores.T") == nil)
    #expect(try windowing("sum(scores, axis=1, keepdims=true)") == nil)
  }
}

/// Tables as values of the language.
@Suite struct TableValueTests {
  private let runner = CapRunner()

  init() throws {
    _ = try runner.run(
      "t = table([{clip: \"a\", calls: 3, p: 1 / 3}, {clip: \"b\", p: 2}, {calls: 10, clip: \"c\"}]);")
  }

  @Test func showsAligned() throws {
    #expect(
      try runner.run("t") == """
        clip  calls         p
        ────  ─────  ────────
        a         3  0.333333
        b                   2
        c        10
        """)
    #expect(try runner.run("print(t[:1])").hasPrefix("clip  calls"))
    #expect(try runner.run("[t]") == "[Table 3 rows × 3 columns]")
  }

  @Test func hasFields() throws {
    #expect(try runner.value("t.clip") == ["a", "b", "c"])
    #expect(try runner.value("t.calls") == [3, .nothing, 10])
    #expect(try runner.value("t[\"clip\"][1]") == "b")
    #expect(try runner.value("t[-1].calls") == 10)
    #expect(try runner.value("len(t[1:])") == 2)
    #expect(try runner.value("[row.clip for row in t]") == ["a", "b", "c"])
    #expect(try runner.value("t.rows[0] == {clip: \"a\", calls: 3, p: 1 / 3}") == true)
    #expect(try runner.value("len(t + t)") == 6)
    #expect(try runner.value("table(t, columns=[\"p\", \"clip\"]).columns") == ["p", "clip"])
  }

  @Test func longTablesAreShortened() throws {
    let text = try runner.run("table({n: range(1000)})")
    #expect(text.hasSuffix("… 940 more rows"))
    #expect(text.split(separator: "\n").count == 63)
  }
}

/// Functions of one name for many kinds, and lazy values.
@Suite struct SequenceTests {
  private let runner = CapRunner()

  @Test func pairsSpreadOverParameters() throws {
    #expect(try runner.value("map([[1, 2], [3, 4]], (a, b) => a * b)") == [2, 12])
    #expect(try runner.value("map([[1, 2], [3, 4]], p => p[0])") == [1, 3])
    #expect(try runner.value("filter(enumerate([5, 6]), (i, x) => i > 0)") == [[1, 6]])
    _ = try runner.run("fn f(pair, scale=10) { len(pair) * scale }")
    #expect(try runner.value("map([[1, 2]], f)") == [20])
  }

  @Test func lazyValuesStayLazy() throws {
    #expect(try runner.value("kind(map(dataset([1, 2, 3]), x => x * 2))") == "dataset")
    #expect(try runner.value("[x for x in take(skip(map(dataset([1, 2, 3]), x => x * 2), 1), 1)]") == [4])
    #expect(try runner.value("map(split(dataset([1, 2, 3, 4]), 0.5), ds => len(ds))") == [2, 2])
    #expect(try runner.value("len(concat(dataset([1]), dataset([2])))") == 2)
  }

  @Test func anythingWithItemsIsTaken() throws {
    #expect(try runner.value("map(\"ab\", c => upper(c))") == ["A", "B"])
    #expect(try runner.value("map({a: 1, b: 2}, k => k)") == ["a", "b"])
    #expect(try runner.value("map(tensor([1, 2]), x => x + 1)") == [2, 3])
    #expect(try runner.value("max(dataset([3, 9, 4]))") == 9)
    #expect(try runner.value("zip(range(3), tensor([1, 2, 3]), \"abc\")[2]") == [2, 3, "c"])
    #expect(try runner.value("unique([1, \"1\", true, [1], [1], 1])") == [1, "1", true, [1]])
  }

  @Test func soundsAreArrays() throws {
    #expect(try runner.value("len(concat(tone(440Hz, 10ms), tone(440Hz, 10ms)))") == 320)
    #expect(try runner.value("kind(concat([tone(440Hz, 10ms), tone(440Hz, 10ms)]))") == "audio")
    #expect(try runner.value("abs(max(abs(tone(440Hz, 100ms))) - 1) < 0.5") == true)
    #expect(try runner.value("expand_dims(abs(stft(tone(440Hz, 100ms), 320, 32)), -1).shape[-1]") == 1)
  }

  @Test func spectrogramsStaySpectrogramsUnderArithmetic() throws {
    _ = try runner.run("s = mel(spectrogram(tone(1kHz, 1s), 512, 256), bands=8);")
    for code in [
      "log(S)", "-S", "2 * S", "S / 3 + 1", "S - mean(S, axis=0)", "S ** 0.3", "S + S", "abs(log(S))",
    ] {
      let (kept, plain) = (code.replacing("S", with: "s"), code.replacing("S", with: "s.values"))
      #expect(try runner.value("kind(\(kept))") == "spectrogram", "\(code)")
      #expect(try runner.value("all((\(kept)).frequencies == s.frequencies)") == true, "\(code)")
      #expect(try runner.value("all((\(kept)).values == (\(plain)))") == true, "\(code)")
    }
    // Comparisons and other shapes are plain numbers.
    #expect(try runner.value("kind(s > 0)") == "tensor")
    #expect(try runner.value("kind(s[0])") == "tensor")
    #expect(try runner.value("kind(s + zeros([2, 1, 1]))") == "tensor")
  }

  @Test func progressReportsItsEnd() throws {
    #expect(try runner.value("len(progress([1, 2, 3]))") == 3)
    _ = try runner.run("for x in progress([1, 2, 3], label=\"files\") { x };")
    func last() -> Notebook.Progress? {
      runner.outputs.compactMap { output -> Notebook.Progress? in
        if case .progress(let progress) = output { return progress }
        return nil
      }.last
    }
    #expect(last()?.isDone == true)
    #expect(last().map { ProgressText($0).label } == "files 3/3")
    #expect(last()?.fraction == 1)
    _ = try runner.run("for x in progress(range(10)) { if x == 4 { break } };")
    #expect(last()?.isDone == true)
    #expect(last().map { ProgressText($0).label } == "5/10")
    _ = try runner.run("try { for x in progress([1, 2]) { raise \"stop\" } } catch err { };")
    #expect(last()?.isDone == true)
  }

  @Test func seedDecidesAll() throws {
    let draw =
      "[random_uniform(), random_normal(), random_integer(100), choice(range(99)), shuffle([1, 2, 3, 4, 5])]"
    let first = try CapRunner(seed: 3).value(draw)
    #expect(try CapRunner(seed: 3).value(draw) == first)
    #expect(try CapRunner(seed: 4).value(draw) != first)
    #expect(try CapRunner(seed: 4).run("seed(3)\nx = \(draw);\nseed(3)\nx == \(draw)") == "true")
    #expect(try runner.value("shuffle(range(50), seed=1) == shuffle(range(50), seed=1)") == true)
  }

  @Test func warningsAreShown() throws {
    _ = try runner.run("warn(\"careful\")")
    let warnings = runner.outputs.compactMap { output -> String? in
      if case .warning(let diagnostic) = output { return diagnostic.message }
      return nil
    }
    #expect(warnings == ["careful"])
  }

  @Test func helpTells() throws {
    #expect(try runner.run("help(sqrt)").hasPrefix("sqrt(x)\n\nThe square root."))
    #expect(try runner.run("help(\"sqrt\")").hasPrefix("sqrt(x)"))
    #expect(try runner.run("help()").contains("strings"))
    #expect(try runner.run("help([1, 2])").hasPrefix("list: [1, 2]"))
  }

  /// Constants and the script's arguments are known in imported files too, and give way to a script's own names.
  @Test func constantsAreKnown() throws {
    let folder = try TemporaryFolder()
    try "fn turn(n) { n * 2 * pi }\ncount = len(args)\n".write(
      toFile: folder.path("turns.cap"), atomically: true, encoding: .utf8)
    let runner = CapRunner(arguments: ["one", "two"])
    #expect(try runner.value("args") == ["one", "two"])
    let code = "import \"\(folder.path("turns.cap"))\"; [turns.turn(0.5) == pi, turns.count]"
    #expect(try runner.run(code) == "[true, 2]")
    #expect(try runner.run("e = 3; e") == "3")
    runner.session.interpreter.remove("e")
    #expect(try runner.run("is_close(e, exp(1))") == "true")
    #expect(
      runner.session.interpreter.variables.map(\.name).filter { ["pi", "e", "args"].contains($0) } == [])
  }

  @Test func tableOfATensorsRows() throws {
    #expect(try runner.value("[i + s for i, s in zip(range(2), tensor([[1], [2]])[:, 0])]") == [1, 3])
  }
}
