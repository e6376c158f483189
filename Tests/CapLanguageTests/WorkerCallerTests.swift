import CapLanguage
import Essentials
import Testing

/// Functions of a script on many threads.
@Suite struct WorkerCallerTests {
  @Test("a parallel map gives what a map gives") func sameResults() {
    let program = """
      base = [1, 2, 3]
      table = {a: x => x + 1}
      fn make(k) { fn add(x) { x + k + sum(base) + table.a(0) }
        add }
      f = make(10)
      fn work(x) { s = 0
        for i in range(200) { s += f(i) % 7; s += len(f"{x}{i}") }
        s }
      """
    let bench = Bench()
    _ = bench.run(program)
    let serial = bench.run("map(range(64), work)").result?.value
    let parallel = bench.run("parallel_map(range(64), work)").result?.value
    #expect(serial != nil && serial == parallel)
  }

  @Test("workers see the variables as they were, while the script goes on changing them") func snapshot()
    throws
  {
    final class Holder: @unchecked Sendable { var caller: WorkerCaller? }
    let holder = Holder()
    let keep = FunctionDeclaration(
      "keep", topic: "t", "Keeps a caller",
      takes: ArgumentList(
        Argument("f", .function, "f")), returns: "none"
    ) { context, f in
      holder.caller = context.workerCaller(for: f)
      return .nothing
    }
    let bench = Bench(extra: [keep])
    let setup = bench.run(
      """
      shared = [0]
      fn outer() {
        count = 5
        fn f(x) { shared[0] + count + x }
        keep(x => f(x) + len(shared))
        count = 500
        f(0)
      }
      shared = [1]
      outer()
      """)
    #expect(setup.result?.value == 501)
    let caller = try #require(holder.caller)
    let writer = Essentials.Thread.detach {
      _ = bench.run("for i in range(20000) { shared = [i, i]; shared += [1] }")
    }
    #expect(writer)
    let results = try WorkerPool.map(count: 500) { try caller.call([.number($0)]).asNumber ?? -1 }
    let expected: [Double] = (0..<500).map { Double($0) + 7.0 }
    #expect(results == expected)
  }

  @Test("random numbers are decided by the path, not by the thread") func randomPaths() {
    let bench = Bench()
    _ = bench.run("fn draw(x) { [random(), random()] }")
    let first = bench.run("parallel_map(range(50), draw)").result?.value
    let second = bench.run("parallel_map(range(50), draw)").result?.value
    #expect(first != nil && first == second)
    let items = first?.asList ?? []
    #expect(Set(items.map(\.description)).count == 50)
  }

  @Test("errors of workers carry their place and calls") func errors() throws {
    let bench = Bench()
    let outcome = bench.run("fn g(x) { 1 / (x - 7) }\nfn f(x) { g(x) }\nparallel_map(range(20), f)")
    let diagnostic = try #require(outcome.error?.diagnostics.first)
    #expect(diagnostic.kind == .arithmetic)
    #expect(diagnostic.line == 1)
    #expect(diagnostic.trace.map(\.function).prefix(2) == ["g", "f"])
  }

  @Test("endless recursion on workers is an error") func recursion() {
    let outcome = Bench().run("fn f(x) { f(x) + 1 }\nparallel_map(range(8), f)")
    #expect(outcome.error?.kind == .recursion)
  }
}
