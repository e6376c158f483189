import CapLanguage
import Essentials
import Synchronization
import Testing

/// What must hold however values are stored: that changing one variable never changes another, that the order of
/// evaluation is the documented one, and that the evaluator's short ways give what the long ones give.
@Suite struct ValueSemanticsTests {
  private func output(_ text: String, _ bench: Bench = Bench()) -> String {
    let outcome = bench.script(text)
    if let error = outcome.error { return outcome.output + error.description }
    return outcome.output
  }

  @Test(
    "changing one variable changes no other",
    arguments: [
      ("s = \"ab\"; t = s; s += \"c\"; t += \"d\"; print(s, t)", "abc abd\n"),
      (
        "s = \"\"; all = []\nfor i in range(4) { s += f\"{i}\"; all += [s] }\nprint(all)",
        "[\"0\", \"01\", \"012\", \"0123\"]\n"
      ),
      ("fn f(s) { s += \"!\"; s }\na = \"x\"; print(f(a), a)", "x! x\n"),
      ("\"k\"; r = {}; k = \"k\"; r[k] = 1; k += \"2\"; print(r, k)", "{k: 1} k2\n"),
      (
        "g = [[0, 0], [0, 0]]; h = g; row = g[0]; g[0][1] += 5; print(g, h, row)",
        "[[0, 5], [0, 0]] [[0, 0], [0, 0]] [0, 0]\n"
      ),
      ("g = [[0]] * 3; g[1][0] += 1; print(g)", "[[0], [1], [0]]\n"),
      (
        "a = {x: {y: [1]}}; b = a; a.x.y[0] += 1; a.x.y += [3]; a.x.z = 4; print(a, b)",
        "{x: {y: [2, 3], z: 4}} {x: {y: [1]}}\n"
      ),
      ("xs = [1]; xs[0] = xs; print(xs); xs[0][0] = 2; print(xs)", "[[1]]\n[[2]]\n"),
      ("xs = [1, 2]; xs += xs; print(xs)", "[1, 2, 1, 2]\n"),
      ("r = {a: 1}; r.a = r; r.a.a += 1; print(r)", "{a: {a: 2}}\n"),
      (
        "ps = [{x: 1}, {x: 2}]; for p in ps { p.x += 10; print(p) }\nprint(ps)",
        "{x: 11}\n{x: 12}\n[{x: 1}, {x: 2}]\n"
      ),
      ("fn f(r) { r.n += 1; r }\nr = {n: 1}; q = f(r); print(r, q)", "{n: 1} {n: 2}\n"),
    ])
  func aliasing(program: String, expected: String) { #expect(output(program) == expected) }

  @Test(
    "functions see what they captured",
    arguments: [
      ("fn make(n) { x => x + n }\na = make(1); b = make(10); print(a(1), b(1))", "2 11\n"),
      // A variable that is set again is shared, before and after.
      ("fn f() { n = 1; get = () => n; n = 2; get() }\nprint(f())", "2\n"),
      ("fn f() { get = () => n; n = 3; get() }\nprint(f())", "3\n"),
      (
        "fn f() { fs = []; for i in range(3) { fs += [() => i] }\n[g() for g in fs] }\nprint(f())",
        "[2, 2, 2]\n"
      ),
      (
        "fn f() { fs = []; for i in range(3) { j = i; fs += [() => j] }\n[g() for g in fs] }\nprint(f())",
        "[2, 2, 2]\n"
      ),
      ("print([f() for f in [() => i for i in range(3)]])", "[0, 1, 2]\n"),
      ("fn f() { xs = [1]; get = () => xs; xs[0] = 5; ys = get(); ys[0] = 7; get() }\nprint(f())", "[5]\n"),
      ("fn f() { r = {n: 1}; get = () => r.n; r.n += 1; get() }\nprint(f())", "2\n"),
      (
        "fn f() { fn even(n) { true if n == 0 else odd(n - 1) }\nfn odd(n) { false if n == 0 else even(n - 1) }\neven(10) }\nprint(f())",
        "true\n"
      ),
      (
        "fn f() { fn fact(n) { 1 if n < 2 else n * fact(n - 1) }\ng = () => fact(5); g() }\nprint(f())",
        "120\n"
      ),
      ("fn f(a) { () => () => () => a }\nprint(f(4)()()())", "4\n"),
      ("fn f(a) { g = () => () => a; a += 1; g()() }\nprint(f(4))", "5\n"),
      ("fn f(a, g=() => a) { g() }\nprint(f(3), f(3, g=() => 9))", "3 9\n"),
      ("fn f(a, g=() => a) { a += 1; g() }\nprint(f(3))", "4\n"),
      ("fn f(a, b=2) { g = () => b; b *= 10; g() + a }\nprint(f(1), f(1, 3), f(1, b=4))", "21 31 41\n"),
      (
        "fn f(c) { if c { x = 1 }\ng = () => x\ntry { g() } catch e { e.kind } }\nprint(f(true), f(false))",
        "1 name\n"
      ),
      (
        "fn f() { total = 0; for i in range(4) { add = x => x + total; total = add(i) }\ntotal }\nprint(f())",
        "6\n"
      ),
    ])
  func captures(program: String, expected: String) { #expect(output(program) == expected) }

  @Test(
    "evaluation goes in the documented order",
    arguments: [
      // The value, then the keys from left to right.
      ("r = {a: {}}\nr[t(\"a\")][t(\"b\")] = t(1)\nprint(r)", "1\na\nb\n{a: {b: 1}}\n"),
      // The keys, then the right side, then the old value.
      ("r = {a: [1, 2]}\nr[t(\"a\")][t(0)] += t(5)\nprint(r)", "a\n0\n5\n{a: [6, 2]}\n"),
      ("xs = [1, 2, 3]\nxs[t(1)] += t(10)\nprint(xs)", "1\n10\n[1, 12, 3]\n"),
      ("fn f(a, b, c=3) { [a, b, c] }\nprint(f(t(1), c=t(2), b=t(4)))", "1\n2\n4\n[1, 4, 2]\n"),
      ("fn f(a, b) { a - b }\nprint(f(b=t(1), a=f(b=t(2), a=t(5))))", "1\n2\n5\n2\n"),
      ("print(t(\"a\") in {a: t(1)})", "a\n1\ntrue\n"),
    ])
  func order(program: String, expected: String) {
    #expect(output("fn t(x) { print(x); x }\n" + program) == expected)
  }

  /// A library function that runs another cell, as the prompt's commands do.
  private func benchThatRuns(_ cell: String) -> Bench {
    let slot = Mutex<Interpreter?>(nil)
    let swap = FunctionDeclaration(
      "swap", topic: "test", "Runs a cell",
      takes: ArgumentList(
        Argument("x", .any, "What to give")),
      returns: "its argument"
    ) { _, x in
      if let interpreter = slot.withLock({ $0 }) {
        _ = try interpreter.run(Source(name: "inner", text: cell))
      }
      return x.value
    }
    let bench = Bench(extra: [swap])
    slot.withLock { $0 = bench.interpreter }
    return bench
  }

  @Test("a key whose evaluation sets the variable anew finds the new value")
  func reassignedMeanwhile() {
    let bench = benchThatRuns(
      "d = {z: 5}; xs = [7]; s = \"new\"; " + (0..<600).map { "v\($0) = 1" }.joined(separator: "; "))
    #expect(output("d = {a: 1}\nd[swap(\"a\")] = 2\nprint(d)", bench) == "{z: 5, a: 2}\n")
    #expect(output("d = {a: 1}\nd[swap(\"z\")] += 1\nprint(d)", bench) == "{z: 6}\n")
    // Reading takes the record first, as in Python.
    #expect(output("d = {a: 1}\nprint(d[swap(\"a\")], d)", bench) == "1 {z: 5}\n")
    #expect(output("d = {a: 1}\nprint(swap(\"z\") in d)", bench) == "true\n")
    #expect(output("xs = [1, 2, 3]\nxs[swap(0)] += 1\nprint(xs)", bench) == "[8]\n")
    #expect(output("xs = [1, 2, 3]\nxs[0] = swap(4)\nprint(xs)", bench) == "[4]\n")
    #expect(output("xs = [1, 2, 3]\nxs += [swap(4)]\nprint(xs)", bench) == "[7, 4]\n")
    // The old value is read after the right side.
    #expect(output("s = \"old\"\ns += swap(\"!\")\nprint(s)", bench) == "new!\n")
    #expect(output("xs = [[1], [2]]\nprint([x for x in xs if swap(true)])", bench) == "[[1], [2]]\n")
  }

  @Test("texts are equal, and one key, if their scalars are")
  func unicode() {
    let composed = "\"caf\\u00e9\""
    let decomposed = "\"cafe\\u0301\""
    let program = """
      a = \(composed); b = \(decomposed)
      print(a == b, len(a), len(b), a < b)
      r = {}
      r[a] = 1; r[b] = 2
      print(len(r), r[a], r[b], a in r, a in [b], {x: a} == {x: b})
      print(r == {\(composed): 1, \(decomposed): 2})
      """
    #expect(output(program) == "false 4 5 false\n2 1 2 true false false\ntrue\n")
  }

  @Test(
    "records find their keys at every length and number", arguments: [1, 2, 7, 8, 9, 24, 25, 1000, 20_000])
  func keys(count: Int) {
    // Keys of 1 to 40 bytes, some beyond ASCII, made in two ways: whole and by appending.
    let program = """
      r = {}
      for i in range(\(count)) {
        k = f"{i}"
        for j in range(i % 12) { k += "é-x"[:1 + j % 3] }
        r[k] = i
      }
      wrong = 0
      for i in range(\(count)) {
        k = f"{i}"
        for j in range(i % 12) { k = f"{k}{"é-x"[:1 + j % 3]}" }
        if k not in r or r[k] != i { wrong += 1 }
        if f"{k}?" in r { wrong += 1 }
      }
      order = [k for k in r]
      copy = r
      copy["more"] = 1
      print(len(r), wrong, order[0], len(copy), r == copy, copy[order[-1]] == \(count - 1))
      """
    #expect(output(program) == "\(count) 0 0 \(count + 1) false true\n")
  }

  @Test("long texts are built, compared and used as keys")
  func longTexts() {
    let program = """
      s = ""
      for i in range(100_000) { s += f"{i % 10},é" }
      t = s
      t += "!"
      r = {}
      r[s] = 1
      r[t] = 2
      print(len(s), len(t), s == t, s == t[:-1], r[t[:-1]], r[t], s[-1], t[150_000])
      """
    #expect(output(program) == "300000 300001 false true 1 2 é 0\n")
  }

  @Test(
    "numbers in f-strings are written as print writes them",
    arguments: [
      "0", "-0.0", "7", "-7", "10", "99", "100", "999", "1000", "9999", "10000", "99999", "100000",
      "123456789",
      "999999999999999", "-999999999999999", "1e15", "1e16", "0.1", "-2.5", "1e300", "2**53",
    ])
  func numbers(_ number: String) {
    let outcome = output("x = \(number)\nprint(x)\nprint(f\"{x}\")\nprint(f\"<{x}>{x}\")")
    let lines = outcome.split(separator: "\n")
    #expect(lines.count == 3 && lines[0] == lines[1] && lines[2] == "<\(lines[0])>\(lines[0])")
  }

  @Test(
    "the short ways of operators give what Python gives",
    arguments: [
      ("7 // 2", "3"), ("-7 // 2", "-4"), ("7 // -2", "-4"), ("7.5 // 2", "3"), ("0 // 5", "0"),
      ("1e16 // 3", "3333333333333333"), ("9e15 // 1", "9000000000000000"), ("7 % 3", "1"), ("-7 % 3", "2"),
      ("7 % -3", "-2"), ("5000000000 % 7", "2"), ("2.5 % 1", "0.5"), ("1 == none", "false"),
      ("none == none", "true"), ("none != 1", "true"), ("\"a\" == \"a\"", "true"), ("\"a\" != 1", "true"),
      ("true == true", "true"), ("true == 1", "false"), ("[1] == none", "false"), ("[1, 2][-1]", "2"),
      ("[1, 2][-2]", "1"), ("{a: [1, {b: 4}]}.a[1][\"b\"]", "4"), ("-(3)", "-3"),
    ])
  func operators(expression: String, expected: String) {
    #expect(output("print(\(expression))") == expected + "\n")
  }

  @Test(
    "positions outside are refused by every way to them",
    arguments: [
      "xs[2]", "xs[-3]", "xs[0.5]", "xs[-0.5]", "xs[1e300]", "xs[0 / 1e300 + 2]", "xs[\"a\"]", "xs[true]",
    ])
  func outside(place: String) {
    for program in [
      "print(\(place))", "\(place) = 1", "\(place) += 1", "x = \(place) + 1",
      "g = [xs]; print(g[0]\(place.dropFirst(2)))",
    ] {
      let outcome = Bench().script("xs = [1, 2]\n" + program)
      #expect(
        outcome.error?.diagnostics.first.map { $0.kind == .index || $0.kind == .type } == true, "\(program)")
    }
  }
}
