import Foundation
import Glibc
import TestSupport
import Testing

/// The prompt on a real pseudo-terminal.
struct PromptTests {
  /// A prompt that keeps its history in a folder of its own.
  private func prompt(
    state: TemporaryFolder, _ arguments: [String] = [], environment: [String: String] = [:],
    columns: Int = 80,
    rows: Int = 24
  ) throws -> PseudoTerminal {
    let terminal = try PseudoTerminal(
      arguments, environment: ["XDG_STATE_HOME": state.path("state")].merging(environment) { _, new in new },
      folder: state, columns: columns, rows: rows)
    try terminal.expect("[1]")
    return terminal
  }

  @Test func valuesShowAndCellsAreNumbered() throws {
    let terminal = try prompt(state: TemporaryFolder())
    terminal.enter("\"ab\" + \"cd\"")
    try terminal.expect("\"abcd\"\n[2]")
    terminal.enter("x = _ + \"ef\"")
    try terminal.expect("[3]")
    #expect(!terminal.screen.text.contains("abcdef"))
    terminal.enter("x")
    try terminal.expect("\"abcdef\"\n[4]")
    terminal.enter("")
    terminal.enter("1;")
    try terminal.expect("1;\n[5]")
    terminal.type("\u{4}")
    #expect(try terminal.waitForExit() == 0)
  }

  @Test func anErrorKeepsTheSession() throws {
    let terminal = try prompt(state: TemporaryFolder())
    terminal.enter("kept = 5")
    terminal.enter("nothing_like_this")
    try terminal.expect("^^^")
    try terminal.expect("[3]")
    terminal.enter("kept + 1")
    try terminal.expect("6\n[4]")
    terminal.enter("quit")
    #expect(try terminal.waitForExit() == 0)
  }

  @Test func openBracketsBlocksAndStringsGoOn() throws {
    let terminal = try prompt(state: TemporaryFolder())
    terminal.enter("fn twice(s) {")
    try terminal.expect("the next line is indented") {
      $0.cursorLine.hasPrefix("      ") && $0.cursorColumn == 6
    }
    terminal.enter("s + s")
    terminal.type("}")
    try terminal.expect("the bracket stands below its block") { $0.cursorLine == "    }" }
    terminal.enter("")
    try terminal.expect("[2]")
    terminal.enter("twice(")
    terminal.enter("\"xy\"")
    terminal.enter(")")
    try terminal.expect("\"xyxy\"\n[3]")
  }

  @Test func anEntryOfSeveralLinesCanBeEdited() throws {
    let terminal = try prompt(state: TemporaryFolder())
    terminal.enter("x = [")
    terminal.enter("1,")
    terminal.type("2]")
    // Up into the line above, to its end, and another item.
    terminal.type("\u{1B}[A\u{5} 7,")
    try terminal.expect("1, 7,")
    terminal.type("\u{1B}[B\u{5}\r")
    try terminal.expect("[2]")
    terminal.enter("sum(x)")
    try terminal.expect("10\n[3]")
  }

  @Test func aPastedScriptStaysWholeUntilEnter() throws {
    let terminal = try prompt(state: TemporaryFolder())
    terminal.type("\u{1B}[200~a = 1\rif a == 1 {\r  b = \"pas\"\r}\rb + \"ted\"\r\u{1B}[201~")
    try terminal.expect("b + \"ted\"")
    #expect(!terminal.screen.text.contains("pasted"))
    terminal.enter("")
    try terminal.expect("\"pasted\"\n[2]")
  }

  @Test func tabCompletesNamesFieldsArgumentsFilesAndCommands() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      at: folder.url.appendingPathComponent("forest recordings"), withIntermediateDirectories: true)
    try "".write(toFile: folder.path("forest recordings/a.mp3"), atomically: true, encoding: .utf8)
    let terminal = try prompt(state: folder)
    terminal.enter("capuchin_count = {loudness: 3}")
    try terminal.expect("[2]")
    terminal.type("capuc\t")
    try terminal.expect("[2] capuchin_count")
    terminal.type(".lou\t")
    try terminal.expect("[2] capuchin_count.loudness")
    terminal.enter("")
    try terminal.expect("3\n[3]")
    terminal.type("exists(\"for\ta\t\")")
    try terminal.expect("exists(\"forest recordings/a.mp3\")")
    terminal.enter("")
    try terminal.expect("true\n[4]")
    terminal.type("%his\t")
    try terminal.expect("[4] %history")
    terminal.type("\u{15}fn scale(samples, factor) { samples * factor }\r")
    try terminal.expect("[5]")
    terminal.type("scale(2, fac\t5)")
    try terminal.expect("scale(2, factor=5)")
    terminal.enter("")
    try terminal.expect("10\n[6]")
  }

  @Test func betweenBracketsTheParametersAreListed() throws {
    let terminal = try prompt(state: TemporaryFolder())
    terminal.type("stft(1, fr\t")
    try terminal.expect("[1] stft(1, frame_")
    terminal.type("\u{15}stft(1, \t")
    try terminal.expect("frame_step=")
    #expect(!terminal.screen.text.contains("absolute_path"))
  }

  @Test func severalCandidatesAreListed() throws {
    let terminal = try prompt(state: TemporaryFolder())
    terminal.enter("zebra_one = 1; zebra_two = 2")
    try terminal.expect("[2]")
    terminal.type("zeb\t")
    try terminal.expect("[2] zebra_")
    terminal.type("\t")
    try terminal.expect("the candidates stand below, then the entry again") { screen in
      screen.text.contains("zebra_one") && screen.text.contains("zebra_two")
        && screen.cursorLine == "[2] zebra_"
    }
    terminal.type("two\r")
    try terminal.expect("2\n[3]")
  }

  @Test func controlCClearsTheLineAndKeepsTheSession() throws {
    let terminal = try prompt(state: TemporaryFolder())
    terminal.type("x = [1,\r 2, garbage")
    try terminal.expect("garbage")
    terminal.type("\u{3}")
    try terminal.expect("an empty prompt comes") { $0.cursorLine == "[1] " || $0.cursorLine == "[1]" }
    terminal.enter("\"al\" + \"ive\"")
    try terminal.expect("\"alive\"\n[2]")
  }

  @Test func controlCStopsACellAndKeepsTheSession() throws {
    let terminal = try prompt(state: TemporaryFolder())
    terminal.enter("n = 41")
    terminal.enter("n = 42; print(\"run\" + \"ning\"); while true { }")
    try terminal.expect("running")
    terminal.type("\u{3}")
    try terminal.expect("interrupted")
    try terminal.expect("[3]")
    terminal.enter("n * 1000")
    try terminal.expect("42000\n[4]")
    terminal.type("\u{4}")
    #expect(try terminal.waitForExit() == 0)
  }

  @Test func historyIsKeptAcrossSessionsAndSearchedByPrefix() throws {
    let state = try TemporaryFolder()
    let first = try prompt(state: state)
    first.enter("first_thing = 1")
    try first.expect("[2]")
    first.enter("fn two(a) {")
    try first.expect("the next line is indented") { $0.cursorColumn == 6 }
    first.enter("a + 2")
    first.enter("}")
    try first.expect("[3]")
    first.enter("other = 3")
    try first.expect("[4]")
    first.type("\u{4}")
    #expect(try first.waitForExit() == 0)

    let second = try prompt(state: state)
    second.type("\u{1B}[A")
    try second.expect("[1] other = 3")
    second.type("\u{1B}[A")
    try second.expect("[1] fn two(a) {\n      a + 2\n    }")
    second.type("\u{1B}[B\u{1B}[B")
    try second.expect("the line is empty again") { $0.cursorLine == "[1] " || $0.cursorLine == "[1]" }
    second.type("fir\u{1B}[A")
    try second.expect("[1] first_thing = 1")
    second.type("\r")
    try second.expect("[2]")
    second.enter("first_thing + 100")
    try second.expect("101\n[3]")
  }

  @Test func twoSessionsAtOnceLoseNothing() throws {
    let state = try TemporaryFolder()
    let one = try prompt(state: state)
    let two = try prompt(state: state)
    one.enter("from_one = 1")
    try one.expect("[2]")
    two.enter("from_two = 2")
    try two.expect("[2]")
    // Killed, not left: nothing is saved at the end only.
    one.send(SIGKILL)
    two.send(SIGTERM)
    #expect(try one.waitForExit() == 128 + SIGKILL)
    #expect(try two.waitForExit() == 128 + SIGTERM)
    let third = try prompt(state: state)
    third.enter("%history")
    third.type("\u{1B}[A\u{1B}[A")
    try third.expect("from_two = 2")
    third.type("\u{1B}[A")
    try third.expect("from_one = 1")
  }

  @Test func aBrokenHistoryIsReadAsFarAsItGoes() throws {
    let state = try TemporaryFolder()
    let folder = state.url.appendingPathComponent("state/capuchin-repl")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let bytes =
      Data("good = 1\n".utf8) + Data([0xff, 0xfe, 10, 0, 1, 2, 10]) + Data("better = 2\nhalf\\".utf8)
    try bytes.write(to: folder.appendingPathComponent("history"))
    let terminal = try prompt(state: state)
    terminal.type("be\u{1B}[A")
    try terminal.expect("[1] better = 2")
    terminal.type("\u{15}go\u{1B}[A")
    try terminal.expect("[1] good = 1")
  }

  @Test(arguments: ["/proc/nowhere", "/dev/null"]) func withoutAPlaceForHistoryItStarts(home: String) throws {
    let terminal = try PseudoTerminal(environment: ["XDG_STATE_HOME": home, "HOME": home])
    try terminal.expect("[1]")
    terminal.enter("20 + 3")
    try terminal.expect("23\n[2]")
  }

  @Test func withoutAHomeItStarts() throws {
    let terminal = try PseudoTerminal()
    try terminal.expect("[1]")
    terminal.enter("20 + 3")
    try terminal.expect("23\n[2]")
  }

  @Test func aDumbTerminalWorksLineByLine() throws {
    let terminal = try prompt(state: TemporaryFolder(), environment: ["TERM": "dumb"])
    terminal.enter("x = [1,")
    try terminal.expect("...")
    terminal.enter("2]")
    try terminal.expect("[2]")
    terminal.enter("len(x) + 40")
    try terminal.expect("42")
    #expect(!terminal.screen.stream.contains("\u{1B}"))
    terminal.type("\u{4}")
    #expect(try terminal.waitForExit() == 0)
  }

  @Test func longLinesWrapAndResizingRedraws() throws {
    let terminal = try prompt(state: TemporaryFolder(), columns: 40)
    let digits = String(repeating: "1234567890", count: 9)
    terminal.type("x = \"\(digits)\"")
    try terminal.expect("the line wraps") { screen in
      screen.text.replacing("\n", with: "").contains("[1] x = \"\(digits)\"")
    }
    terminal.resize(columns: 110, rows: 24)
    try terminal.expect("[1] x = \"\(digits)\"")
    terminal.resize(columns: 30, rows: 24)
    try terminal.expect("it wraps again, once") { screen in
      let text = screen.text.replacing("\n", with: "")
      return text.contains("[1] x = \"\(digits)\"") && text.components(separatedBy: "[1]").count == 2
    }
    terminal.enter("")
    try terminal.expect("[2]")
    terminal.enter("len(x)")
    try terminal.expect("90\n[3]")
  }

  @Test(arguments: [[:], ["LC_ALL": "C"], ["LANG": "POSIX"], ["LC_ALL": "C.UTF-8"]])
  func lettersBeyondASCIIAreEditedWhole(locale: [String: String]) throws {
    let terminal = try prompt(state: TemporaryFolder(), environment: locale)
    terminal.type("\"é日x\u{1B}[D\u{7F}\u{7F}ß\u{5}\" + \"ü\"\r")
    try terminal.expect("\"ßxü\"\n[2]")
  }

  @Test func helpForANameAndTimings() throws {
    let terminal = try prompt(state: TemporaryFolder())
    terminal.enter("len?")
    try terminal.expect("len(")
    terminal.enter("%time 1 + 1")
    try terminal.expect("wall time")
    terminal.enter("%help")
    try terminal.expect("%timeit")
  }

  @Test func anInterruptedFitKeepsItsHistoryAndTheModel() throws {
    let terminal = try prompt(state: TemporaryFolder(), columns: 120)
    terminal.enter("m = sequential([dense(1)], input_shape=[2]); compile(m, loss=\"mse\")")
    try terminal.expect("[2]")
    terminal.enter("h = fit(m, zeros([64, 2]), zeros(64), epochs=1000000); print(\"not\", \"reached\")")
    try terminal.expect("Epoch 3/1000000")
    terminal.type("\u{3}")
    try terminal.expect("interrupted")
    terminal.enter("print(len(h.loss) >= 2, predict(m, zeros([1, 2])).shape, \"kept\")")
    try terminal.expect("true [1, 1] kept")
    #expect(!terminal.screen.text.contains("not reached"))
    terminal.type("\u{4}")
    #expect(try terminal.waitForExit() == 0)
  }

  @Test func controlDLeavesInTheMiddleOfACell() throws {
    let terminal = try prompt(state: TemporaryFolder())
    terminal.enter("print(\"run\" + \"ning\"); while true { }")
    try terminal.expect("running")
    terminal.type("\u{4}")
    #expect(try terminal.waitForExit() == 0)
  }

  @Test func whatIsTypedWhileACellRunsComesNext() throws {
    let terminal = try prompt(state: TemporaryFolder())
    terminal.enter("print(\"run\" + \"ning\"); sleep(0.5s)")
    try terminal.expect("running")
    terminal.enter("\"next \" + \"entry\"")
    try terminal.expect("\"next entry\"\n[3]")
    terminal.enter("sleep(0.2s)")
    terminal.enter("\"one \" + \"more\"")
    terminal.type("\u{4}")
    #expect(try terminal.waitForExit() == 0)
    #expect(terminal.screen.text.contains("\"one more\""))
  }

  @Test func aClosedTerminalEndsIt() throws {
    let terminal = try prompt(state: TemporaryFolder())
    terminal.send(SIGHUP)
    #expect(try terminal.waitForExit() == 128 + SIGHUP)
  }
}
