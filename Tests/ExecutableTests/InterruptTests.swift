import Foundation
import Glibc
import TestSupport
import Testing

/// Ctrl-C and signals at the prompt. How quick they are, `scripts/bench/interrupt.py` measures.
struct InterruptTests {
  private func prompt(folder: TemporaryFolder, environment: [String: String] = [:]) throws -> PseudoTerminal {
    let terminal = try PseudoTerminal(
      environment: ["XDG_STATE_HOME": folder.path("state")].merging(environment) { _, new in new },
      folder: folder, columns: 120)
    try terminal.expect("[1]")
    return terminal
  }

  @Test func everyKindOfCellEndsAndTheSessionGoesOn() throws {
    let folder = try TemporaryFolder()
    try "n = 0\nwhile true { n += 1 }\n".write(
      toFile: folder.path("loop.cap"), atomically: true, encoding: .utf8)
    // No loop and no call: what takes its time is reading it.
    try String(repeating: "x = 1 + [2, 3][0]\n", count: 300_000).write(
      toFile: folder.path("long.cap"), atomically: true, encoding: .utf8)
    let terminal = try prompt(folder: folder)
    // Each begins with a print, so that the key comes when it runs.
    let cells = [
      "while true { }", "map(range(1e12), x => x + 1);", "sorted(range(1e5), key=x => sleep(1s));",
      "[x for x in range(1e12)];", "fit(m, zeros([64, 2]), zeros(64), epochs=1e9, verbose=false);",
      "for b in dataset([1]) |> repeat |> batch(2) |> prefetch(2) { }", "sleep(1h)",
      "while true { sorted(list(random_uniform([1e5]))) }",
      "while true { replace(\"ab\" * 1e6, \"a\", \"c\") }",
      "while true { zeros([500, 500]) @ zeros([500, 500]) }", "while true { resample(noise(10s), 8kHz) }",
      "while true { sum(abs(stft(noise(10s), 320, 32))) }", "import \"loop.cap\"",
      "import \"long.cap\"",
    ]
    terminal.enter("m = sequential([dense(1)], input_shape=[2]); compile(m, loss=\"mse\"); alive = \"still\"")
    try terminal.expect("[2]")
    for (index, cell) in cells.enumerated() {
      terminal.enter("print(\"go\" + \"es \(index).\"); \(cell)")
      try terminal.expect("goes \(index)")
      // A second one, at once, is no more than the first.
      terminal.type("\u{3}\u{3}")
      try terminal.expect("[\(index + 3)]")
    }
    terminal.enter("alive + \" alive\"")
    try terminal.expect("\"still alive\"")
    #expect(
      terminal.screen.text.components(separatedBy: "error: interrupted").count == cells.count + 1,
      Comment(rawValue: terminal.screen.text))
  }

  @Test func runAndTimeitAreInterruptedToo() throws {
    let folder = try TemporaryFolder()
    try "n = 1\nprint(\"go\" + \"es\")\nwhile true { n += 1 }\n".write(
      toFile: folder.path("loop.cap"), atomically: true, encoding: .utf8)
    let terminal = try prompt(folder: folder)
    terminal.enter("%run loop.cap")
    try terminal.expect("goes")
    terminal.type("\u{3}")
    try terminal.expect("[2]")
    terminal.enter("n > 0")
    try terminal.expect("true\n[3]")
  }

  @Test func whatAnInterruptedFitHasLearntIsThere() throws {
    let terminal = try prompt(folder: TemporaryFolder())
    terminal.enter("m = sequential([dense(1)], input_shape=[2]); compile(m, loss=\"mse\"); w = m.weights")
    terminal.enter("h = fit(m, ones([64, 2]), ones(64), epochs=1e9)")
    try terminal.expect("Epoch 3/")
    terminal.type("\u{3}")
    try terminal.expect("interrupted")
    try terminal.expect("[3]")
    terminal.enter(
      "print(len(h.loss) >= 2, h.loss[-1] < h.loss[0], len(fit(m, ones([64, 2]), ones(64), epochs=2, verbose=false).loss))"
    )
    try terminal.expect("true true 2")
  }

  @Test func controlCInThePagerIsThePagers() throws {
    let terminal = try prompt(
      folder: TemporaryFolder(), environment: ["PAGER": "sh -c 'trap \"\" INT; cat; read x < /dev/tty'"])
    terminal.enter("stft?")
    try terminal.expect("See also")
    terminal.type("\u{3}")
    terminal.type("\r")
    try terminal.expect("[2]")
    terminal.enter("20 + 3")
    try terminal.expect("23\n[3]")
    #expect(!terminal.screen.text.contains("interrupted"))
  }

  @Test(arguments: [SIGTERM, SIGHUP]) func aSignalEndsARunningCellAndTheHistoryIsKept(signal: Int32) throws {
    let folder = try TemporaryFolder()
    let terminal = try prompt(folder: folder)
    terminal.enter("kept_\(signal) = 1")
    try terminal.expect("[2]")
    terminal.enter("print(\"go\" + \"es\"); while true { }")
    try terminal.expect("goes")
    terminal.send(signal)
    #expect(try terminal.waitForExit() == 128 + signal)
    let history = try String(contentsOfFile: folder.path("state/capuchin-repl/history"), encoding: .utf8)
    #expect(history == "kept_\(signal) = 1\nprint(\"go\" + \"es\"); while true { }\n")
  }

  @Test(arguments: [false, true]) func aClosedTerminalEndsItAndTheHistoryIsKept(whileACellRuns: Bool) throws {
    let folder = try TemporaryFolder()
    let terminal = try prompt(folder: folder)
    terminal.enter("kept = 1")
    try terminal.expect("[2]")
    if whileACellRuns {
      terminal.enter("print(\"go\" + \"es\"); while true { }")
      try terminal.expect("goes")
    }
    terminal.hangUp()
    #expect(try terminal.waitForExit() == 128 + SIGHUP)
    let history = try String(contentsOfFile: folder.path("state/capuchin-repl/history"), encoding: .utf8)
    #expect(history.hasPrefix("kept = 1\n"))
  }
}
