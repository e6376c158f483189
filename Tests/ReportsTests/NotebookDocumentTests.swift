import CapLanguage
import Essentials
import Notebook
import Testing

struct NotebookDocumentTests {
  private func text(_ json: JSON?) -> String {
    json?.array?.compactMap(\.string).joined() ?? json?.string ?? ""
  }

  @Test func outputsHaveTheirForms() throws {
    let recorded = try Recorded([
      .text("a\n"), .text("b\n"), .page("help"), .warning(Diagnostic(.warning, .value, "careful")),
      .picture(Picture(path: "p.png", title: "P", width: 1, height: 1, bytes: pngBytes)),
      .table(Table(columns: [Table.Column("n")], rows: [["1"]])),
      .progress(Progress(id: 1, done: 1, total: 2, note: "x")),
      .progress(Progress(id: 1, done: 2, total: 2, note: "y", isDone: true)),
    ])
    recorded.run(
      "# first\n# %% T\n" + (0..<8).map { "show(\($0))\n" }.joined() + "1 + 1\n# %%\nraise \"bad\"\n# %%\n3\n"
    )
    let cells = try #require(try recorded.notebook()["cells"]?.array)
    #expect(cells.map { $0["execution_count"] } == [.null, .number(1), .number(2), .null])
    let outputs = try #require(cells[1]["outputs"]?.array)
    #expect(
      outputs.map { $0["output_type"]?.string } == [
        "stream", "display_data", "stream", "display_data", "display_data", "stream", "execute_result",
      ])
    #expect(text(outputs[0]["text"]) == "a\nb\n")
    #expect(outputs[0]["name"]?.string == "stdout")
    #expect(text(outputs[1]["data"]?["text/plain"]) == "help")
    #expect(outputs[2]["name"]?.string == "stderr")
    #expect(text(outputs[2]["text"]).contains("careful"))
    #expect(outputs[3]["data"]?["image/png"]?.string == "iVBORw0KGgo=")
    #expect(text(outputs[3]["data"]?["text/plain"]) == "P (p.png)")
    #expect(text(outputs[4]["data"]?["text/plain"]) == "n\n─\n1")
    let html = text(outputs[4]["data"]?["text/html"])
    #expect(html.contains("<td"))
    #expect(text(outputs[5]["text"]) == "2/2 - y\n")
    #expect(text(outputs[6]["data"]?["text/plain"]) == "2")
    #expect(outputs[6]["execution_count"]?.integer == 1)
    #expect(outputs.allSatisfy { $0["output_type"]?.string == "stream" || $0["metadata"] == .object([]) })
    let error = try #require(cells[2]["outputs"]?.array?.first)
    #expect(error.members?.map(\.name) == ["ename", "evalue", "output_type", "traceback"])
    #expect(error["evalue"]?.string == "bad")
    #expect(error["traceback"]?.array?.contains { $0.string?.contains("^^^") == true } == true)
    #expect(cells[3]["outputs"] == .array([]))
  }

  @Test func aScriptWithOutputsIsStillTheScript() throws {
    let script =
      "#! cap\n\n# %% [markdown]\n#tight\n\n\n# %% One\n1\n\n# only a comment\n# %% [raw]\n# kept\n# %%\n2"
    let recorded = try Recorded()
    recorded.run(script)
    let notebook = try recorded.notebook()
    #expect(notebook["cells"]?.array?.count == 5)
    #expect(try NotebookFormat(bytes: Array(notebook.text.utf8), name: "n").script == script)
    #expect(try recorded.notebookOutputs().count == 2)
  }

  @Test func aSessionAtAPromptBecomesANotebookThatRuns() throws {
    let recorded = try Recorded()
    let path = recorded.folder.path("s.ipynb")
    for input in ["x = 2", "%time x", "x + 1", "%notebook \(path)"] { recorded.session.runInput(input) }
    let script = try Script(path: path)
    #expect(script.cells.map(\.text) == ["x = 2", "%time x", "x + 1"])
    #expect(script.notebook.script == "# %%\nx = 2\n\n# %%\n# %time x\n\n# %%\nx + 1\n")
    let again = try Recorded()
    again.transcript.begin(script)
    #expect(again.session.run(script).hasSucceeded)
    let outputs = try again.notebookOutputs()
    #expect(outputs.map { $0["output_type"]?.string } == ["execute_result", "stream", "execute_result"])
  }
}
