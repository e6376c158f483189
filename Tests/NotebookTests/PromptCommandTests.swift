import CapLanguage
import Foundation
import Notebook
import TestSupport
import Testing

struct PromptCommandTests {
  private func interactive() -> (Session, Recorder) { Session.recorded { $0.isInteractive = true } }

  @Test func theLastValueAndEarlierOnesAreKept() {
    let (session, recorder) = interactive()
    for text in ["40 + 2", "x = 1", "_ + 1", "Out[1] * 2", "In[2]", "Out[2]"] { session.runInput(text) }
    #expect(
      recorder.outputs == ["value 42", "value 43", "value 84", "value \"x = 1\"", "error [6]:1:5 index"])
  }

  @Test(arguments: ["quit", "exit()", "%quit", " quit "]) func leaves(text: String) {
    let (session, _) = interactive()
    session.runInput(text)
    #expect(session.exitStatus == 0)
  }

  @Test(arguments: ["x = 5 % 3", "\"a?\"", "quit + 1", "x => x", "what is this?"])
  func codeIsNoCommand(text: String) {
    #expect(!PromptCommand.isCommand(text))
  }

  @Test func unknownCommandsSuggestANearOne() {
    let (session, recorder) = interactive()
    session.runInput("%tiem 1")
    guard case .output(.error(let diagnostic)) = recorder.events[1] else {
      Issue.record("no error: \(recorder.lines)")
      return
    }
    #expect(diagnostic.hint == "did you mean '%time'?")
  }

  @Test func helpForFunctionsTopicsVariablesAndTheUnknown() {
    let (session, recorder) = interactive()
    session.runInput("plot?")
    #expect(recorder.outputs.last?.contains("Draws nothing.") == true)
    session.runInput("%help tests")
    #expect(recorder.outputs.last?.contains("Interrupts itself") == true)
    session.runInput("names = {a: [1, 2]}")
    session.runInput("?names.a")
    #expect(recorder.outputs.last?.contains("names.a: list") == true)
    session.runInput("plt?")
    #expect(recorder.outputs.last == "error name")
    recorder.clear()
    session.runInput("%help")
    #expect(recorder.outputs.joined().contains("%timeit"))
    #expect(recorder.outputs.joined().contains("pair fail plot"))
  }

  @Test func theSourceOfAFunctionIsShownAsWritten() {
    let (session, recorder) = interactive()
    session.runInput("fn twice(x) {\n  x * 2  # doubled\n}")
    session.runInput("twice??")
    #expect(recorder.outputs == ["page fn twice(x) {\n  x * 2  # doubled\n}"])
  }

  @Test func whoListsTheUsersVariablesOnly() {
    let (session, recorder) = interactive()
    session.runInput("%who")
    #expect(recorder.outputs == ["text no variables yet\n"])
    session.runInput("n = 3")
    session.runInput("n")
    session.runInput("%who")
    #expect(recorder.outputs.last == #"table ["name", "kind", "value"] [["n", "number", "3"]]"#)
    session.runInput("%reset")
    session.runInput("%who")
    #expect(recorder.outputs.last == "text no variables yet\n")
    session.runInput("pi")
    #expect(recorder.outputs.last == "value 3.14")
  }

  @Test func timeShowsTheValueAndTheTime() {
    let (session, recorder) = interactive()
    session.runInput("%time 1 + 1")
    #expect(recorder.outputs.first == "value 2")
    #expect(recorder.outputs.last?.hasPrefix("text wall time ") == true)
    session.runInput("%time fail()")
    #expect(recorder.lines.last == "<end failed 1")
  }

  @Test func timeitLeavesNoVariablesAndPointsIntoTheCode() {
    let (session, recorder) = interactive()
    session.runInput("%timeit 1 + 1")
    #expect(recorder.outputs.last?.contains("7 rounds") == true, "\(recorder.outputs)")
    session.runInput("%timeit fail()")
    #expect(recorder.outputs.last == "error [2]:1:1 value")
    session.runInput("%who")
    #expect(recorder.outputs.last == "text no variables yet\n")
  }

  @Test func savedCellsCanBeRunAndLoaded() throws {
    let folder = try TemporaryFolder()
    let file = folder.path("my session.cap")
    let (session, recorder) = interactive()
    for text in ["x = 1", "fail()", "%who", "x + 1", "%save '\(file)'"] { session.runInput(text) }
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "# %% 1\nx = 1\n\n# %% 4\nx + 1\n")
    let (other, heard) = interactive()
    other.runInput("%run '\(file)'")
    #expect(heard.outputs == ["value 2"])
    other.runInput("%load '\(file)'")
    #expect(other.commands.takeNextInput() == "# %% 1\nx = 1\n\n# %% 4\nx + 1")
    #expect(other.commands.takeNextInput() == nil)
    recorder.clear()
    session.runInput("%run '\(folder.path("missing.cap"))'")
    #expect(recorder.outputs == ["error file"])
  }

  @Test func historyListsCellsWithTheirNumbers() {
    let (session, recorder) = interactive()
    for text in ["a = 1", "fn f() {\n  2\n}", "%history"] { session.runInput(text) }
    #expect(recorder.outputs == ["text [1] a = 1\n[2] fn f() {\n      2\n    }\n"])
    session.runInput("%history 1")
    #expect(recorder.outputs.last == "text [3] %history\n")
    session.runInput("%history x")
    #expect(recorder.outputs.last == "error value")
  }
}
