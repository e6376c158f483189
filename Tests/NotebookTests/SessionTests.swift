import CapLanguage
import Essentials
import Foundation
import Notebook
import TestSupport
import Testing

struct SessionTests {
  @Test func aCellShowsWhatItPrintsThenItsValue() {
    let (session, recorder) = Session.recorded()
    let outcome = session.run(Cell(source: "print(\"a\")\n1 + 2"))
    #expect(outcome.hasSucceeded)
    #expect(outcome.number == 1)
    #expect(outcome.seconds >= 0)
    #expect(recorder.lines == ["<begin 1 code", "text a\n", "value 3", "<end succeeded"])
  }

  @Test(arguments: ["x = 3", "1 + 2;", "print", "none"])
  func assignmentsAndSemicolonsShowNothing(code: String) {
    let (session, recorder) = Session.recorded()
    session.run(Cell(source: code))
    #expect(recorder.outputs.filter { !$0.contains("function") } == [])
  }

  @Test func cellsAreNumberedAndShareVariables() {
    let (session, recorder) = Session.recorded()
    session.run(Cell(source: "x = 20"))
    session.run(Cell(source: "x + 1"))
    #expect(recorder.lines.filter { $0.hasPrefix("<begin") } == ["<begin 1 code", "<begin 2 code"])
    #expect(recorder.outputs == ["value 21"])
    #expect(session.inputs.map(\.text) == ["x = 20", "x + 1"])
    #expect(session.inputs.map(\.hasSucceeded) == [true, true])
  }

  @Test func anErrorEndsTheCellAndKeepsTheSession() {
    let (session, recorder) = Session.recorded()
    session.run(Cell(source: "x = 1\nfail()\nx = 2"))
    session.run(Cell(source: "x"))
    #expect(
      recorder.lines == [
        "<begin 1 code", "error [1]:2:1 value", "<end failed 1", "<begin 2 code", "value 1", "<end succeeded",
      ])
    #expect(session.inputs.map(\.hasSucceeded) == [false, true])
  }

  @Test func nothingOfACellRunsIfItDoesNotParse() {
    let (session, recorder) = Session.recorded()
    let outcome = session.run(Cell(source: "print(1)\nx = = 2"))
    #expect(!outcome.hasSucceeded)
    #expect(recorder.outputs.allSatisfy { $0.hasPrefix("error") })
    #expect(recorder.outputs.first == "error [1]:2:5 syntax")
  }

  @Test func anInterruptIsToldFromAnError() {
    let (session, recorder) = Session.recorded()
    session.run(Cell(source: "stop()"))
    #expect(recorder.lines.last == "<end interrupted")
    session.run(Cell(source: "7"))
    #expect(recorder.lines.suffix(2) == ["value 7", "<end succeeded"])
  }

  @Test func richValuesShowTheirOutputs() throws {
    let folder = try TemporaryFolder()
    let (session, recorder) = Session.recorded { $0.plotsFolder = folder.path("plots") }
    session.run(Cell(source: "pair()"))
    #expect(recorder.outputs == [#"table ["a"] [["1"]]"#, "picture " + folder.path("plots/pair.png")])
    #expect(FileManager.default.fileExists(atPath: folder.path("plots")))
  }

  @Test func picturesAreNumberedFromOneInAScriptAndGoOnAtThePrompt() throws {
    let folder = try TemporaryFolder()
    let plots = folder.path("a/b")
    let script = Session.recorded { $0.plotsFolder = plots }
    script.0.run(Cell(source: "plot()"))
    script.0.run(Cell(source: "plot()"))
    #expect(script.1.outputs == ["value \"\(plots)/plot-001.png\"", "value \"\(plots)/plot-002.png\""])

    try Data().write(to: URL(fileURLWithPath: plots + "/plot-007.png"))
    let again = Session.recorded { $0.plotsFolder = plots }
    #expect(try again.0.nextPlotPath() == plots + "/plot-001.png")
    let prompt = Session.recorded {
      $0.plotsFolder = plots
      $0.continuesPlotNumbering = true
    }
    #expect(try prompt.0.nextPlotPath() == plots + "/plot-008.png")
  }

  @Test func aFolderForPicturesThatCannotBeMadeIsAnError() throws {
    let folder = try TemporaryFolder()
    try Data().write(to: folder.url.appendingPathComponent("file"))
    let (session, recorder) = Session.recorded { $0.plotsFolder = folder.path("file/plots") }
    session.run(Cell(source: "plot()"))
    #expect(recorder.outputs == ["error [1]:1:1 file"])
    session.settings.plotsFolder = folder.path("file")
    #expect(throws: Failure.self) { try session.nextPlotPath() }
  }

  @Test func scriptsRunCellByCellUntilOneFails() {
    let (session, recorder) = Session.recorded()
    let outcome = session.run(
      Script(
        Source(
          name: "s.cap",
          text: "x = 1\n# %% [markdown]\n# Hello\n\n# %% Two\nx + 1\n# %%\n  fail()\n# %%\nprint(9)\n")))
    #expect(!outcome.hasSucceeded)
    #expect(
      recorder.lines == [
        "<begin 1 code", "<end succeeded", "<begin - prose", "prose Hello", "<end succeeded",
        "<begin 2 code Two",
        "value 2", "<end succeeded", "<begin 3 code", "error s.cap:8:3 value", "<end failed 1",
      ])
  }

  @Test func nothingOfAScriptRunsIfAnyCellDoesNotParse() {
    let (session, recorder) = Session.recorded()
    session.run(Script(Source(name: "s.cap", text: "print(1)\n# %%\nx = [1,\n# %%\n2]\n")))
    #expect(recorder.outputs.first?.hasPrefix("error s.cap:") == true)
    #expect(recorder.outputs.allSatisfy { $0.hasPrefix("error") })
  }

  @Test func emptyCellsTakeNoNumber() {
    let (session, recorder) = Session.recorded()
    session.run(Script(Source(name: "s.cap", text: "# only a comment\n\n# %%\n\n# %%\n5\n")))
    #expect(recorder.lines.first == "<begin 1 code")
    #expect(recorder.outputs == ["value 5"])
  }

  @Test func outputsReachEveryListenerInTheSameOrder() {
    let (session, first) = Session.recorded()
    let second = Recorder()
    session.add(second)
    DispatchQueue.concurrentPerform(iterations: 50) { session.emit(.text("\($0)\n")) }
    #expect(first.lines.count == 50)
    #expect(first.lines == second.lines)
  }

  @Test func deepRecursionIsAnErrorAndTheSessionGoesOn() {
    let (session, recorder) = Session.recorded()
    session.run(Cell(source: "fn f(n) { 1 + f(n + 1) }\nf(0)"))
    session.run(Cell(source: "1"))
    #expect(recorder.outputs.first?.hasSuffix("recursion") == true)
    #expect(recorder.outputs.last == "value 1")
  }
}
