import Foundation
import Glibc
import TestSupport
import Testing

/// Reports and notebooks as the command line and the prompt make them.
struct SessionDocumentTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ text: String, _ name: String) throws -> String {
    try text.write(toFile: folder.path(name), atomically: true, encoding: .utf8)
    return name
  }

  private func read(_ name: String) throws -> String {
    try String(contentsOfFile: folder.path(name), encoding: .utf8)
  }

  private func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: folder.path(name)) }

  private func run(_ arguments: [String], input: String? = nil) throws -> Program.Result {
    try Program.run(arguments, input: input, folder: folder.url)
  }

  private static let script = """
    # %% [markdown]
    # # Two tones

    # %% Draw
    plot(tone(440Hz, 0.1s), title="A <tone>", save="tone.png")
    print(args)
    table([{name: "a", n: 1}])

    """

  @Test func aScriptLeavesAPageAndANotebook() throws {
    let script = try write(Self.script, "two.cap")
    let result = try run([script, "--report", "out.html", "one", "--notebook=out.ipynb", "two"])
    #expect(result.status == 0)
    #expect(result.output.contains("[\"one\", \"two\"]"))
    let page = try read("out.html")
    #expect(page.hasPrefix("<!DOCTYPE html>") && page.hasSuffix("</html>\n"))
    for part in [
      "<title>Two tones</title>", "<h1>Two tones</h1>", "src=\"data:image/png;base64,iVBOR",
      "alt=\"A &lt;tone&gt;; amplitude", "<td style=\"text-align: right\">1</td>", "seed 1", "Swift 6.",
      "libsndfile 1.", "cmark-gfm 0.", "plots/tone.png",
    ] {
      #expect(page.contains(part), "\(part)")
    }
    let json = try JSONSerialization.jsonObject(with: Data(try read("out.ipynb").utf8)) as? [String: Any]
    #expect(json?["nbformat_minor"] as? Int == 5)
    let cells = try #require(json?["cells"] as? [[String: Any]])
    #expect(cells.map { $0["cell_type"] as? String } == ["markdown", "code"])
    let outputs = try #require(cells[1]["outputs"] as? [[String: Any]])
    #expect(outputs.map { $0["output_type"] as? String } == ["display_data", "stream", "display_data"])
    // The notebook runs, shows the same, and is the same script.
    #expect(try run(["out.ipynb", "one", "two"]).output == result.output)
    #expect(try run(["convert", "out.ipynb", "back.cap"]).status == 0)
    #expect(try read("back.cap") == Self.script)
    let again = try run(["out.ipynb", "one", "two", "--notebook", "out2.ipynb"])
    #expect(again.status == 0)
    // But for the picture, which tells in a text of its own which file drew it.
    func plain(_ name: String) throws -> String {
      try read(name).replacing(#/"image/png": "[^"]*"/#, with: "")
    }
    #expect(try plain("out2.ipynb") == plain("out.ipynb"))
  }

  @Test(arguments: [
    (["-e", "1 + 2", "--report", "p.html"], nil), (["--report", "p.html"], "1 + 2\n"),
    (["-", "--report=p.html"], "1 + 2\n"),
    (["--report", "p.html", "-e", "1 + 2", "--", "--report", "q.html"], nil),
  ])
  func everyWayToRunCodeHasReports(arguments: [String], input: String?) throws {
    let result = try run(arguments, input: input)
    #expect(result.status == 0)
    #expect(result.output == "3\n")
    #expect(try read("p.html").contains(">\n3</pre>"))
    #expect(!exists("q.html"))
  }

  @Test func scriptsMayHaveOptionsOfTheSameName() throws {
    let script = try write("args\n", "a.cap")
    #expect(try run([script, "--", "--report", "x"]).output == "[\"--report\", \"x\"]\n")
    #expect(try run([script, "x", "--", "--notebook"]).output == "[\"x\", \"--\", \"--notebook\"]\n")
  }

  @Test func aScriptThatFailsStillHasItsReport() throws {
    let script = try write("print(\"before\")\nraise \"broken\"\n", "f.cap")
    #expect(try run([script, "--report", "p.html", "--notebook", "p.ipynb"]).status == 1)
    #expect(try read("p.html").contains("<strong>error:</strong> broken"))
    #expect(try read("p.ipynb").contains("\"output_type\": \"error\""))
    #expect(try run(["-e", "print(1); exit(3)", "--report", "e.html"]).status == 3)
    #expect(exists("e.html"))
    #expect(try run(["-e", "x = (", "--report", "s.html"]).status == 1)
    #expect(try read("s.html").contains("class=\"error\""))
  }

  @Test func anInterruptedScriptStillHasItsReport() throws {
    let result = try Program.run(
      ["-e", "write_text(\"alive\", \"\")\nwhile true {}", "--report", "p.html"], folder: folder.url,
      onStart: { process in
        try Program.waitForFile(folder.path("alive"))
        kill(process.processIdentifier, SIGINT)
      })
    #expect(result.status == 130)
    #expect(try read("p.html").contains("interrupted"))
  }

  @Test(arguments: [
    ["--report", "none/p.html"], ["--report", "p.pdf"], ["--notebook", "p.html"],
    ["--report", "folder.html"],
    ["--report", "same.html"], ["--report", ""], ["--notebook", "none/n.ipynb"],
  ])
  func targetsThatCannotBeAreRefusedBeforeTheRun(arguments: [String]) throws {
    _ = try write("print(\"ran\")\n", "same.html")
    try FileManager.default.createDirectory(
      atPath: folder.path("folder.html"), withIntermediateDirectories: true)
    let result = try run(arguments + ["same.html"])
    #expect(result.status == 1)
    #expect(result.output == "")
    #expect(result.errors.contains("'\(arguments[1])'"))
    #expect(try read("same.html") == "print(\"ran\")\n")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).count == 2)
  }

  @Test(arguments: [
    ["--report"], ["--convert"], ["--convert", "a.cap"], ["--convert", "a", "b", "c"], ["a.cap", "--report"],
    ["--convert", "--check", "a.cap", "b.ipynb"],
  ])
  func wrongCommandLinesAreRefused(arguments: [String]) throws { #expect(try run(arguments).status == 64) }

  @Test func scriptsAndNotebooksAreConvertedWithoutRunning() throws {
    let text = "#! first\r\n\r\n# %% One {\"k\": 1}\r\nprint(\"ran\"\r\n# %% [md]\r\n#tight\r\n\r\n\r\n# %%"
    _ = try write(text, "a.cap")
    let result = try run(["--convert", "a.cap", "a.ipynb"])
    #expect(result.status == 0 && result.output == "" && result.errors == "")
    #expect(try read("a.ipynb").contains("\"nbformat\": 4"))
    #expect(Array(try run(["--convert", "a.ipynb", "-"]).output.utf8) == Array(text.utf8))
    let both = try run(["--convert", "a.cap", "b.cap"])
    #expect(both.status == 1 && both.errors.contains("both are scripts"))
    try Data([0xFF, 0xFE]).write(to: URL(fileURLWithPath: folder.path("latin.cap")))
    #expect(try run(["--convert", "latin.cap", "l.ipynb"]).errors.contains("UTF-8"))
    #expect(!exists("l.ipynb") && !exists("b.cap"))
  }

  @Test func notebooksRunAndTheirErrorsTellTheCell() throws {
    func notebook(_ sources: [String], language: String = "cap") -> String {
      let cells = sources.map {
        "{\"cell_type\": \"code\", \"metadata\": {}, \"outputs\": [], \"execution_count\": null, \"source\": \"\($0)\"}"
      }
      return "{\"cells\": [\(cells.joined(separator: ", "))], \"metadata\": {\"kernelspec\": {\"language\": "
        + "\"\(language)\"}}, \"nbformat\": 4, \"nbformat_minor\": 4}"
    }
    let good = try write(notebook(["x = 1", "# nothing", "%time x", "x + 1"]), "good.ipynb")
    let result = try run([good])
    #expect(result.status == 0)
    #expect(result.output.contains("wall time") && result.output.hasSuffix("2\n"))
    let reporting = try run([try write(notebook(["1 + 1", "%report so_far.html", "3"]), "reporting.ipynb")])
    #expect(reporting.output == "2\nreport written to so_far.html\n3\n")
    #expect(try read("so_far.html").contains(">\n2</pre>"))
    let raises = try run([try write(notebook(["x = 1", "x\\nraise \\\"no\\\""]), "raises.ipynb")])
    #expect(raises.status == 1 && raises.output == "")
    #expect(raises.errors.contains("raises.ipynb[2]:2:1"))
    // What is wrong with any cell is told before one of them runs.
    for source in ["x\\n y z", "x\\nnothing_like_this(1)"] {
      let broken = try run([try write(notebook(["print(1)", "%who", source]), "broken.ipynb")])
      #expect(broken.status == 1 && broken.output == "")
      #expect(broken.errors.contains("broken.ipynb[3]:2:"), "\(broken.errors)")
    }
    let python = try run([try write(notebook(["import os"], language: "python"), "p.ipynb")])
    #expect(python.status == 1 && python.errors.contains("python"))
    #expect(try run(["--check", good]).status == 0)
    #expect(try run([try write("{\"cells\": [", "half.ipynb")]).errors.contains("half.ipynb"))
  }

  @Test func aSessionAtThePromptLeavesItsDocuments() throws {
    let terminal = try PseudoTerminal(
      ["--report", "all.html"], environment: ["XDG_STATE_HOME": folder.path("state")], folder: folder,
      columns: 80, rows: 24)
    try terminal.expect("[1]")
    terminal.enter("x = 20 + 1")
    terminal.enter("x * 2")
    try terminal.expect("42\n[3]")
    terminal.enter("%report part.html")
    try terminal.expect("report written to part.html\n[4]")
    terminal.enter("%notebook part.ipynb")
    try terminal.expect("notebook written to part.ipynb\n[5]")
    terminal.enter("%report none/x.html")
    try terminal.expect("[6]")
    // Ctrl-D before the value is there would end the cell with the session.
    terminal.enter("\"la\" + \"st\"")
    try terminal.expect("\"last\"\n[7]")
    terminal.type("\u{4}")
    #expect(try terminal.waitForExit() == 0)
    #expect(try read("part.html").contains(">\n42</pre>"))
    #expect(try !read("part.html").contains("%report"))
    #expect(try run(["part.ipynb"]).output == "42\n")
    #expect(try read("all.html").contains("&quot;last&quot;</pre>"))
  }
}
