import Foundation
import Glibc
import TestSupport
import Testing

/// Keys, pastes and completion on a real pseudo-terminal.
struct PromptEditingTests {
  private func prompt(folder: TemporaryFolder, columns: Int = 80, rows: Int = 24) throws -> PseudoTerminal {
    let terminal = try PseudoTerminal(
      environment: ["XDG_STATE_HOME": folder.path("state"), "HOME": folder.url.path], folder: folder,
      columns: columns, rows: rows)
    try terminal.expect("[1]")
    return terminal
  }

  @Test func linesAreIndentedByWhatIsOpenAndBracketsFindTheirLine() throws {
    let terminal = try prompt(folder: TemporaryFolder())
    terminal.enter("f = map([1, 2], x => {")
    try terminal.expect("one level for the line, not one for each bracket") {
      $0.cursorLine.hasPrefix("      ") && $0.cursorColumn == 6
    }
    terminal.enter("y = [")
    try terminal.expect("a deeper line") { $0.cursorColumn == 8 }
    terminal.type("x,\rx]")
    terminal.type("\r")
    try terminal.expect("back in the block") { $0.cursorLine.count == 6 }
    terminal.enter("y")
    terminal.type("}")
    try terminal.expect("the bracket below the line that opens it") { $0.cursorLine == "    }" }
    terminal.type(")\r")
    try terminal.expect("[2]")
    terminal.enter("f")
    try terminal.expect("[[1, 1], [2, 2]]\n[3]")
  }

  @Test func twoBlankLinesShowWhatIsWrong() throws {
    let terminal = try prompt(folder: TemporaryFolder())
    terminal.enter("fn f() {")
    terminal.type("1 +\r\r\r")
    try terminal.expect("'{' is never closed")
    try terminal.expect("[2]")
  }

  @Test(arguments: ["\r", "\n", "\r\n", "\r\r"]) func aPastedScriptRunsCellByCell(lineEnd: String) throws {
    let terminal = try prompt(folder: TemporaryFolder())
    let script = [
      "# %% [markdown]", "# ## Some prose", "", "# %% First", "x = \"one\" + \"first\"", "x", "",
      "# %% Second", "fn f(a,", "     b=2) {", "\t# a comment }", "\tif a == 1 {", "\t\tb", "\t}", "}",
      "f(1,",
      "  b=\"two\" + \"second\")", "",
    ]
    terminal.type("\u{1B}[200~" + script.joined(separator: lineEnd) + "\u{1B}[201~")
    try terminal.expect("\"second\")")
    #expect(!terminal.screen.text.contains("onefirst"))
    terminal.enter("")
    try terminal.expect("Some prose")
    try terminal.expect("\"onefirst\"\n\"twosecond\"\n[2]")
  }

  @Test func aPasteWithoutBracketsKeepsItsIndentation() throws {
    let terminal = try prompt(folder: TemporaryFolder())
    terminal.type("fn g(a) {\n  if a {\n    1\n  } else {\n    2\n  }\n}\n")
    try terminal.expect(
      "[1] fn g(a) {\n      if a {\n        1\n      } else {\n        2\n      }\n    }\n[2]")
  }

  @Test func whatASearchFindsRunsWhole() throws {
    let terminal = try prompt(folder: TemporaryFolder())
    terminal.type("\u{1B}[200~fn h(a) {\n  a * 21\n}\nh(2)\u{1B}[201~\r")
    try terminal.expect("42\n[2]")
    terminal.enter("\"between\"")
    try terminal.expect("[3]")
    terminal.type("\u{12}a * 2")
    try terminal.expect("the entry is found") { $0.text.contains("`a * 2'") }
    terminal.type("\r")
    try terminal.expect("42\n[4]")
  }

  @Test func controlCLeavesASearchAndAnEmptyPrompt() throws {
    let terminal = try prompt(folder: TemporaryFolder())
    terminal.enter("first = 1")
    try terminal.expect("[2]")
    terminal.type("\u{12}fir")
    try terminal.expect("`fir'")
    terminal.type("\u{3}")
    try terminal.expect("an empty prompt") { $0.cursorLine == "[2] " || $0.cursorLine == "[2]" }
    terminal.type("\u{3}\u{3}\u{3}")
    terminal.enter("first + 1")
    try terminal.expect("2\n[3]")
  }

  @Test func cutsStayWithinTheLine() throws {
    let terminal = try prompt(folder: TemporaryFolder())
    terminal.type("\u{1B}[200~[1,\n 22 33,\n4]\u{1B}[201~")
    try terminal.expect("4]")
    // The line above: the last word goes, then what stands before the cursor, then the rest is put back.
    terminal.type("\u{1B}[A\u{5}\u{17}")
    try terminal.expect("[1] [1,\n     22\n    4]")
    terminal.type("\u{15}5,")
    try terminal.expect("[1] [1,\n    5,\n    4]")
    terminal.type("\u{1}\u{B}")
    try terminal.expect("[1] [1,\n\n    4]")
    terminal.type("\u{B}")
    try terminal.expect("[1] [1,\n    4]")
    terminal.type("\u{5}\r")
    try terminal.expect("[1, 4]\n[2]")
  }

  @Test func tabKnowsKeysWordsResultsHomeAndQuotes() throws {
    let folder = try TemporaryFolder()
    try "".write(toFile: folder.path("quo\"te one.wav"), atomically: true, encoding: .utf8)
    try "".write(toFile: folder.path("at home.wav"), atomically: true, encoding: .utf8)
    let terminal = try prompt(folder: folder)
    func complete(_ keys: String, _ line: String) throws {
      terminal.type(keys)
      try terminal.expect("completes to \(line)") { $0.cursorLine == line }
      // What is typed right behind the key would be lost with it: the terminal empties its queue.
      terminal.type("\u{3}")
      try terminal.expect("an empty prompt") { $0.cursorLine == "[2] " || $0.cursorLine == "[2]" }
    }
    terminal.enter("xs = [{name: 1, \"a key\": {deep: 2}}]")
    try terminal.expect("[2]")
    try complete("xs[0].na\t", "[2] xs[0].name")
    try complete("xs[0][\"a\t", "[2] xs[0][\"a key\"")
    try complete("xs[0][\"a key\"].\t", "[2] xs[0][\"a key\"].deep")
    try complete("tone(440Hz, 1s).du\t", "[2] tone(440Hz, 1s).duration")
    try complete(
      "tone(440Hz, 1s) |> stft(320, 32, window=\"r\t",
      "[2] tone(440Hz, 1s) |> stft(320, 32, window=\"rectangular\"")
    try complete("x = [len(map(xs, y => stft(y, fft\t", "[2] x = [len(map(xs, y => stft(y, fft_length=")
    try complete("exists(\"quo\t", "[2] exists(\"quo\\\"te one.wav\"")
    try complete("exists('~/at\t", "[2] exists('~/at home.wav'")
    try complete("%run at\t", "[2] %run \"at home.wav\"")
    try complete("%help spect\t", "[2] %help spectr")
    try complete("?mel\t", "[2] ?mel")
    // The quote that people type out of habit is there already.
    terminal.type("exists(\"at\t\")\r")
    try terminal.expect("true\n[3]")
  }

  @Test func timedCodeMayHaveSeveralLines() throws {
    let terminal = try prompt(folder: TemporaryFolder())
    terminal.enter("%time sum([1,")
    try terminal.expect("the line goes on") { $0.cursorColumn == 6 }
    terminal.enter("41])")
    try terminal.expect("42\nwall time")
  }

  @Test func resizingRedrawsAnEntryOfSeveralLines() throws {
    let terminal = try prompt(folder: TemporaryFolder(), columns: 60)
    let word = String(repeating: "abcdefghij", count: 4)
    terminal.type("\u{1B}[200~x = [\"\(word)\",\n\"second\",\n\"third\"]\u{1B}[201~\u{1B}[A")
    try terminal.expect("\"third\"]")
    try terminal.expect("the cursor is in the line above") { $0.cursorLine.contains("second") }
    for columns in [24, 100, 40] {
      terminal.resize(columns: columns, rows: 24)
      try terminal.expect("it is drawn once, in \(columns) columns") { screen in
        let text = screen.text.replacing("\n", with: "").replacing(" ", with: "")
        return text.hasSuffix("[1]x=[\"\(word)\",\"second\",\"third\"]")
          && text.components(separatedBy: "[1]").count == 2 && screen.cursorLine.contains("second")
      }
    }
    terminal.type("\u{1B}[B\u{5}\r")
    try terminal.expect("[2]")
    terminal.enter("len(x)")
    try terminal.expect("3\n[3]")
  }

  @Test func longValuesAndHelpBreakBetweenWords() throws {
    let terminal = try prompt(folder: TemporaryFolder(), columns: 40, rows: 200)
    terminal.enter("[i + 1000 for i in range(12)]")
    try terminal.expect("[1000, 1001, 1002, 1003, 1004, 1005,\n 1006, 1007, 1008, 1009, 1010, 1011]\n[2]")
    terminal.enter("resample?")
    try terminal.expect("the page breaks between words, below the text") { screen in
      screen.text.contains("\n           librosa's default") && screen.text.contains("[3]")
    }
  }
}
