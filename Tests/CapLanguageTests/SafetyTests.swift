import CapLanguage
import Essentials
import Foundation
import Testing

/// No input makes the process trap or overflow its stack.
@Suite struct SafetyTests {
  private func kind(_ text: String, limits: Limits = Limits()) -> Failure.Kind? {
    Bench(limits: limits).run(text).error?.kind
  }

  @Test("values lie as the evaluator assumes") func layout() { #expect(ValueLayout.isAsAssumed) }

  @Test(
    "deep recursion runs to the limit and no further, in every shape of node",
    arguments: [
      "fn f(n) { 0 if n == 0 else 1 + f(n - 1) }",
      "fn f(n) { if n == 0 { return 0 } return 1 + f(n - 1) }",
      "fn f(n) { x = 0; for i in range(1) { if n > 0 { x = 1 + f(n - 1) } } x }",
      "fn f(n) { for i in [1] { if n > 0 { return 1 + f(n - 1) } } 0 }",
      "fn f(n) { while true { if n == 0 { return 0 } return 1 + f(n - 1) } }",
      "fn f(n) { try { if n == 0 { 0 } else { 1 + f(n - 1) } } catch e { raise e } }",
      "fn f(n) { if n == 0 { 0 } else { [f(n - 1) for i in [1]][0] + 1 } }",
      "fn f(n, k=1) { if n == 0 { 0 } else { f(n=n - 1) + k } }",
      "fn f(n) { if n == 0 { 0 } else { map([n - 1], f)[0] + 1 } }",
      "fn f(n) { if n == 0 { 0 } else { {a: [f(n - 1)]}.a[0] + len(f\"{n}\"[:1]) } }",
      "fn f(n) { g = (m) => f(m) + 1; if n == 0 { return 0 } g(n - 1) }",
      "fn f(n) { x = f\"{0 if n == 0 else f(n - 1) + 1}\"; n }",
    ])
  func recursion(_ definition: String) throws {
    let bench = Bench()
    let deep = bench.run(definition + "\nf(4900)")
    #expect(deep.result?.value == 4900, "\(deep.error?.description ?? "")")
    let endless = bench.run("f(1e9)")
    #expect(endless.error?.kind == .recursion)
    // The session goes on.
    #expect(bench.run("f(5)").result?.value == 5)
  }

  @Test(
    "nesting up to the limit runs, beyond it is an error",
    arguments: [
      ("(", "1", ")"), ("[", "1", "]"), ("{a: ", "1", "}"), ("-", "1", ""), ("not ", "true", ""),
      ("len([", "1", "])"),
      ("x => ", "1", ""), ("1 if true else ", "1", ""), ("2 ** ", "1", ""), ("if true { ", "1", " }"),
      ("f\"{", "1", "}\""),
      ("fn f() { ", "1", " }"), ("for x in [1] { ", "1", " }"), ("try { ", "1", " } catch { }"),
      ("[x for x in ", "[1]", "]"),
      ("while true { break; ", "1", " }"), ("(a = ", "1", ")"), ("len(", "[1]", ")[0"),
    ])
  func nesting(_ open: String, _ middle: String, _ close: String) {
    func text(_ count: Int) -> String {
      String(repeating: open, count: count) + middle + String(repeating: close, count: count)
    }
    let below = Bench().run(text(450))
    let parses = !["f\"{", "(a = ", "len("].contains(open)
    if parses { #expect(below.error?.kind != .syntax) }
    let counts = open.hasPrefix("f\"") ? [2100, 4000] : [2100, 30_000]
    for count in counts {
      #expect(Bench().run(text(count)).error != nil)
    }
  }

  @Test(
    "long chains are errors, not overflows",
    arguments: [
      " + 1", " |> len", "[0]", ".a", "(1)", " and true", " < 1", " == 1", " // 2", " in [1]", " ** 1",
    ])
  func chains(_ link: String) {
    let long = Bench().run("x = 1\ny = x" + String(repeating: link, count: 20_000))
    #expect(long.error != nil)
  }

  @Test(
    "long programs run",
    arguments: [
      String(repeating: "x = 1\n", count: 20_000),
      "fn f(n) { " + String(repeating: "if n == 1 { return 2 }\nn += 1\n", count: 5_000) + " n }\nf(2)",
      "x = 1\nif x == 0 { }" + String(repeating: " else if x == 0 { }", count: 10_000),
      "x = [" + String(repeating: "1, ", count: 100_000) + "]",
      "print(" + String(repeating: "1, ", count: 10_000) + ")",
      "x = 1" + String(repeating: " + 1", count: 2_000),
    ])
  func longPrograms(_ text: String) { #expect(Bench().run(text).error == nil) }

  @Test(
    "sizes are checked before they are allocated",
    arguments: [
      "\"a\" * 1e12", "[0] * 1e12", "[1, 2] * 1e18", "\"ab\" * 1e300", "x = \"a\" * 1e9\nx * 1e9",
      "[0] * 1e300",
    ])
  func memory(_ text: String) throws {
    let error = try #require(Bench().run(text).error)
    #expect(error.kind == .memory)
    #expect(error.description.contains("B"))
  }

  @Test(
    "odd numbers are errors or values, never traps",
    arguments: [
      "range(1e18)", "range(0, 1e300)", "range(0, 10, 0)", "[1][1e300]", "[1][-1e300]", "[1, 2][1e300:]",
      "[1, 2][:-1e300:-1]",
      "[1, 2][::1e300]", "\"abc\"[::-9e18]", "1e308 * 10", "0 ** -1", "(-8) ** 0.5", "5 % 0", "5 // 0",
      "5s % 0s", "1 / 0s",
      "f\"{1e300:d}\"", "f\"{1:99999999999d}\"", "f\"{1:.99999999999f}\"", "f\"{-1:c}\"", "f\"{1e300:x}\"",
      "f\"{1:,d}\"",
      "f\"{0.1:.100f}\"", "f\"{1e308:.400f}\"", "x = 1e308 * 1e308\nf\"{x:d}\"",
      "x = 1e308 * 1e308\n[1][x - x]",
      "x = 1e308 * 1e308\n[1, 2][x:]", "x = 1e308 * 1e308\n[x // 1, x % 3, 3 % x, 3 // x, -3 // x]",
      "0x" + String(repeating: "f", count: 1000), String(repeating: "9", count: 1000), "1e99999",
      "\"a\" * -5", "range(5)[1e300:]",
      "range(1e15)[::1e9]", "9007199254740993", "-0.0", "1e300s * 1e300Hz", "range(1e300, 1e301)",
    ])
  func oddNumbers(_ text: String) {
    let outcome = Bench().run(text)
    #expect(outcome.error != nil || outcome.result != nil)
  }

  @Test(
    "values that nest without end are stopped",
    arguments: [
      "xs = []\nwhile true { xs = [xs] }", "r = {}\nwhile true { r = {a: r} }",
      "xs = []\nwhile true { xs = [1, xs, 2] }",
      "fn wrap(f) { () => f() }\nf = () => 1\nwhile true { f = wrap(f) }",
      "xs = [0]\nwhile true { ys = [0]; ys[0] = xs; xs = ys }",
      "r = {}\nwhile true { s = {}; s.a = r; r = s }",
      "xs = []\nwhile true { ys = []; ys += [xs]; xs = ys }",
    ])
  func nestedValues(_ text: String) { #expect(kind(text) == .recursion) }

  @Test("the value stack is bounded") func valueStack() {
    var limits = Limits()
    limits.valueStackSlots = 20_000
    limits.callDepth = 1_000_000
    let text = "fn f(a, b, c, d, e, g, h) { f(a, b, c, d, e, g, h) }\nf(1, 2, 3, 4, 5, 6, 7)"
    #expect(kind(text, limits: limits) == .recursion)
    #expect(kind("fn f(a, b=1) { f(b=a, a=b) }\nf(1)", limits: limits) == .recursion)
    #expect(kind("fn f(a) { map([a], f) }\nf(1)", limits: limits) == .recursion)
  }

  @Test("the native stack is bounded even where calls are not") func nativeStack() {
    var limits = Limits()
    limits.callDepth = 100_000_000
    limits.valueStackSlots = 10_000_000
    let open = String(repeating: "[", count: 400)
    let close = String(repeating: "]", count: 400)
    // A small stack: the test library looks at the whole stack whenever an error passes a call.
    for text in ["fn f(n) { map([n], f) }\nf(0)", "fn f(n) { \(open)f(n)\(close) }\nf(0)"] {
      let outcome = Bench(limits: limits).run(Source(name: "test.cap", text: text), stackSize: 16 << 20)
      #expect(outcome.error?.kind == .recursion)
    }
  }

  private static let endless = [
    "while true { }", "fn f() { while true { try { raise \"x\" } catch { } } }\nf()",
    "fn f(n) { if n > 0 { f(n - 1); f(n - 1) } }\nf(200)", "for i in range(1e15) { }",
    "[i for i in range(1e15)]",
    "while true { try { while true { } } catch { } }", "sum(1 for i in range(1e15) if i < 0)",
  ]

  /// In a process of its own: the interrupt is meant for everything that runs in this one.
  @Test("an interrupt stops endless work, also where it is caught") func interrupt() async {
    await #expect(processExitsWith: .success) {
      for (number, text) in SafetyTests.endless.enumerated() {
        // Asked for by a thread that waits for the program's own word that it runs.
        let alive = Monitor(false)
        _ = Essentials.Thread.detach {
          alive.wait { $0 }
          Interruption.request()
        }
        let declaration = FunctionDeclaration("alive", topic: "numbers", "Says so", returns: "none") { _ in
          alive.withLock { $0 = true }
          alive.signal()
          return .nothing
        }
        let error = Bench(extra: [declaration]).run("alive()\n" + text).error
        Interruption.clear()
        guard error?.isInterrupt == true else { exit(Int32(number + 1)) }
      }
    }
  }

  @Test("bytes that are no text are errors with a place") func badBytes() throws {
    let broken: [[UInt8]] = [
      [0xFF, 0xFE, 0x00], [0x78, 0x20, 0x3D, 0x20, 0xC3], [0], [0x78, 0], [0xEF, 0xBB, 0xBF, 0x31],
      [34, 0xF0, 0x9F],
    ]
    for bytes in broken {
      let source = Source(name: "bytes.cap", bytes: bytes)
      _ = Bench().run(source)
    }
    let error = try #require(
      Bench().run(Source(name: "b.cap", bytes: Array("x = 1\ny = ".utf8) + [0xFF])).error)
    #expect(error.diagnostics.first?.line == 2)
    #expect(error.diagnostics.first?.column == 5)
    #expect(error.description.contains("not UTF-8"))
    // A byte order mark is no error.
    #expect(
      Bench().run(Source(name: "b.cap", bytes: [0xEF, 0xBB, 0xBF] + Array("1 + 1".utf8))).result?.value == 2)
  }

  @Test("random bytes, random tokens and cut programs never trap") func random() throws {
    var source = RandomSource(seed: 11)
    let bench = Bench()
    let words = [
      "x", "y", "f", "if", "else", "for", "in", "while", "fn", "return", "{", "}", "(", ")", "[", "]", ",",
      ":", "=", "+=", "=>",
      "|>", "+", "-", "*", "/", "**", "1", "2.5", "3s", "\"a\"", "f\"{x}\"", "none", "true", "not", "and",
      "try", "catch", "raise",
      "break", "\n", ";", ".", "_", "range(3)", "len", "print", "==", "<", "[1, 2]", "{a: 1}", "import",
      "from", "//", "%", "@",
    ]
    for _ in 0..<1500 {
      let count = 1 + source.integer(below: 40)
      let text = (0..<count).map { _ in words[source.integer(below: words.count)] }.joined(separator: " ")
      // `while` may run for ever: only checked.
      if text.contains("while") {
        _ = bench.check(Source(name: "r.cap", text: text))
      } else {
        _ = bench.run(text)
      }
      _ = SourceText.inputState(of: text)
      _ = SourceText.tokens(of: text)
      _ = bench.interpreter.completion(in: text, at: source.integer(below: text.utf8.count + 1))
    }
    for _ in 0..<300 {
      let bytes = (0..<source.integer(below: 200)).map { _ in UInt8.random(in: 0...255, using: &source) }
      let diagnostics = bench.check(Source(name: "r.cap", bytes: bytes))
      _ = LanguageError(diagnostics).rendered(colored: true)
    }
    let programs = try ProgramTests.names.map {
      try Data(contentsOf: ProgramTests.folder.appendingPathComponent($0))
    }
    for _ in 0..<400 {
      var bytes = [UInt8](programs[source.integer(below: programs.count)])
      switch source.integer(below: 3) {
      case 0: bytes.removeLast(source.integer(below: bytes.count))
      case 1: bytes.remove(at: source.integer(below: bytes.count))
      default: bytes[source.integer(below: bytes.count)] = UInt8.random(in: 32...126, using: &source)
      }
      let diagnostics = bench.check(Source(name: "r.cap", bytes: bytes))
      _ = LanguageError(diagnostics).rendered(colored: false)
    }
  }
}
