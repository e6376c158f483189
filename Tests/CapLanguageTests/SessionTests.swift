import CapLanguage
import Essentials
import Foundation
import Testing

/// Cells, variables, completion, what a prompt asks.
@Suite struct SessionTests {
  @Test("a cell shows its last expression, unless a ; ends it or it is none") func shown() {
    let bench = Bench()
    #expect(bench.run("x = 3").result?.isShown == false)
    #expect(bench.run("x").result?.isShown == true)
    #expect(bench.run("x;").result?.isShown == false)
    #expect(bench.run("x; # quiet\n").result?.isShown == false)
    #expect(bench.run("none").result?.isShown == false)
    #expect(bench.run("1; 2").result?.value == 2)
    #expect(bench.run("for i in range(3) { i }").result?.isShown == false)
    #expect(bench.run("").result?.isShown == false)
    #expect(bench.run("_ + 1").result?.value == 3)
  }

  @Test("functions read variables when called, and names may come later") func later() {
    let bench = Bench()
    #expect(bench.run("fn f() { later_name + 1 }").error == nil)
    #expect(bench.run("f()").error?.kind == .name)
    #expect(bench.run("later_name = 2\nf()").result?.value == 3)
    #expect(bench.check(Source(name: "s", text: "fn g() { never_set }"), wholeProgram: false).isEmpty)
    #expect(bench.check(Source(name: "s", text: "fn g() { never_set }")).count == 1)
  }

  @Test("library names can be taken and come back") func shadowing() {
    let bench = Bench()
    #expect(bench.run("fn count(x) { len(x) }\nlen = x => 42\ncount([])").result?.value == 42)
    #expect(bench.interpreter.variables.map(\.name).sorted() == ["count", "len"])
    bench.interpreter.remove("len")
    #expect(bench.run("count([1])").result?.value == 1)
    bench.interpreter.reset()
    #expect(bench.interpreter.variables.isEmpty)
    #expect(bench.run("len([1, 2])").result?.value == 2)
  }

  @Test("after an error the session goes on with what was set") func goesOn() {
    let bench = Bench()
    #expect(bench.run("a = 1\nb = [1][5]\nc = 3").error?.kind == .index)
    #expect(bench.run("a").result?.value == 1)
    #expect(bench.run("try { c } catch e { e.kind }\n1").error == nil)
    #expect(bench.interpreter.value(of: "c") == nil)
  }

  @Test("help and source of functions") func help() throws {
    let bench = Bench()
    _ = bench.run("# Doubles a number.\nfn twice(x,\n  by=2) {\n  x * by\n}")
    let function = try #require(bench.interpreter.value(of: "twice")?.asFunction)
    #expect(function.signature == "twice(x, by=2)")
    #expect(function.helpText.contains("Doubles a number."))
    #expect(function.sourceText == "fn twice(x,\n  by=2) {\n  x * by\n}")
    let native = try #require(bench.interpreter.value(of: "stft")?.asFunction)
    #expect(
      native.signature == "stft(a, frame_length, frame_step, fft_length=none, window=\"hann\", max_delay=3s)")
    for part in [
      "Parameters", "in samples", "default \"hann\"", "Returns", "Errors", "Example", "→ 1", "Allen (1977)",
      "See also: map",
    ] {
      #expect(native.helpText.contains(part), "\(part) in \(native.helpText)")
    }
  }

  @Test(
    "input goes on while something is open",
    arguments: [
      ("x = 1", true, 0), ("f(", false, 1), ("fn f() {", false, 1), ("fn f() {\n  if x {", false, 2),
      ("fn f() { }", true, 0),
      ("x = [1,\n2", false, 1), ("x = \"abc", true, 0), ("x = \"\"\"abc", false, 0), ("x +", false, 0),
      ("x + # c", false, 0),
      ("a and", false, 0), ("x = 1 |>", false, 0), ("f(x) # (", true, 0), ("\"(\"", true, 0),
      ("x =>", false, 0), ("", true, 0),
      ("x = 3 +\n\n", true, 0), ("}", true, 0), ("f\"{", true, 0),
    ])
  func inputState(_ text: String, _ isComplete: Bool, _ openBrackets: Int) {
    let state = SourceText.inputState(of: text)
    #expect(state.isComplete == isComplete)
    #expect(state.openBrackets.count == openBrackets)
  }

  @Test("completion knows where it is") func completion() {
    let bench = Bench()
    _ = bench.run("record = {first: 1, second: {deep: 2}}\nbox1 = box(2)\nrange_of = 3")
    func texts(_ text: String) -> [String] {
      bench.interpreter.completion(in: text, at: text.utf8.count).candidates.map(\.text)
    }
    #expect(texts("ra") == ["range_of", "random", "range", "raise"])
    #expect(texts("record.f") == ["first"])
    #expect(texts("record.second.") == ["deep"])
    #expect(texts("x = box1.") == ["side", "total"])
    #expect(texts("stft(a, fr") == ["frame_length=", "frame_step="])
    #expect(texts("stft(a, frame_length=3, fr") == ["frame_step="])
    #expect(texts("# comment ra").isEmpty)
    let string = bench.interpreter.completion(in: "load(\"data/a", at: 12)
    #expect(string.context == .string(prefix: "data/a"))
    #expect(string.range == 6..<12)
  }

  @Test("tokens are coloured by what they are") func tokens() {
    let text = "fn f(x) { x + 3s } # c\n\"a\" true"
    let kinds = SourceText.tokens(of: text).map(\.kind)
    let expected: [HighlightToken.Kind] = [
      .keyword, .call, .bracket, .name, .bracket, .bracket, .name, .symbol, .number, .bracket, .comment,
      .string, .constant,
    ]
    #expect(kinds == expected)
  }

  @Test("long values are shortened in cells, with what was left out said; never in print") func shortened()
    throws
  {
    let bench = Bench()
    let value = try #require(bench.run("[i for i in range(1000)]").result?.value)
    #expect(value.cellText().contains("901 more items"))
    #expect(value.cellText().utf8.count < 1000)
    #expect(value.description.hasSuffix("998, 999]"))
    #expect(Value.string(String(repeating: "x", count: 10_000)).cellText().contains("6000 more characters"))
    #expect(bench.run("print([i for i in range(200)])").output.contains("150, 151"))
  }

  @Test("values written and read back are the same") func roundTrip() throws {
    var source = RandomSource(seed: 5)
    func random(_ depth: Int) -> Value {
      switch source.integer(below: depth > 3 ? 6 : 8) {
      case 0: return .nothing
      case 1: return .bool(source.integer(below: 2) == 0)
      case 2: return .number(source.integer(below: 2_000_000) - 1_000_000)
      case 3: return .number(source.normal() * 1e5)
      case 4:
        return source.integer(below: 2) == 0
          ? .seconds(Double(source.integer(below: 90000)) / 1000)
          : .hertz(Double(source.integer(below: 50000)))
      case 5:
        let letters: [String] = ["a", "\"", "'", "\\", "\n", "\t", "é", "日", "{", "}", "\u{1}", " "]
        return .string(
          (0..<source.integer(below: 6)).map { _ in letters[source.integer(below: letters.count)] }.joined())
      case 6: return .list((0..<source.integer(below: 4)).map { _ in random(depth + 1) })
      default:
        return .record(
          (0..<source.integer(below: 4)).map {
            ("k\($0)" + (source.integer(below: 3) == 0 ? " x" : ""), random(depth + 1))
          })
      }
    }
    let bench = Bench()
    for _ in 0..<300 {
      let value = random(0)
      // A quantity shows a blank before its unit; a script writes none.
      let text = value.description.replacingUnits()
      let outcome = bench.run("(\(text))")
      #expect(outcome.result?.value == value, "\(text) \(outcome.error?.description ?? "")")
    }
  }

  @Test("errors are drawn with colour when asked") func colour() throws {
    let error = try #require(Bench().script("x = sftt(1)").error)
    #expect(
      error.rendered(colored: false) == """
        error: no function named 'sftt'
          ┌─ test.cap:1:5
        1 │ x = sftt(1)
          │     ^^^^ did you mean 'stft'?
        """)
    #expect(error.rendered(colored: true).contains("\u{1B}[1;31m^^^^ did you mean"))
  }

  @Test("a cell in the middle of a file keeps the file's line numbers") func firstLine() throws {
    let source = Source(name: "tutorial.cap", bytes: Array("\n1 / 0".utf8), firstLine: 40)
    let diagnostic = try #require(Bench().run(source).error?.diagnostics.first)
    #expect(diagnostic.line == 41)
  }

  @Test("a native may run a cell of the same session") func reentrant() {
    final class Later: @unchecked Sendable { var interpreter: Interpreter? }
    let later = Later()
    let runner = FunctionDeclaration(
      "run_text", topic: "t", "Runs text",
      takes: ArgumentList(
        Argument("text", .string, "t")), returns: "a value"
    ) { _, text in
      guard let interpreter = later.interpreter else { return .nothing }
      return try interpreter.run(Source(name: "inner", text: text)).value
    }
    let bench = Bench(extra: [runner])
    later.interpreter = bench.interpreter
    let outcome = bench.run(
      "fn f(a, b) { a + run_text(\"[x * 2 for x in range(4)]\")[b] + a }\n[f(i, 3) for i in range(3)]")
    #expect(outcome.result?.value == [6, 8, 10], "\(outcome.error?.description ?? "")")
  }
}

extension String {
  /// `20 ms` to `20ms`, outside of what a random string of the test holds.
  fileprivate func replacingUnits() -> String {
    var text = self
    for unit in ["s", "ms", "Hz", "kHz"] {
      for digit in "0123456789" {
        text = text.split(separator: "\(digit) \(unit)", omittingEmptySubsequences: false).joined(
          separator: "\(digit)\(unit)")
      }
    }
    return text
  }
}
