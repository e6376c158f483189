import Essentials
import Foundation
import Notebook
import TestSupport
import Testing

struct NotebookFormatTests {
  private func notebook(_ script: String) -> String { NotebookFormat(script: script).fileText() }
  private func read(_ text: String) throws -> NotebookFormat {
    try NotebookFormat(bytes: Array(text.utf8), name: "x.ipynb")
  }

  /// Compares bytes: strings are equal already when they read the same.
  private func expectSame(_ script: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let back = try read(notebook(script)).script
    #expect(
      Array(back.utf8) == Array(script.utf8), "\(script.debugDescription)", sourceLocation: sourceLocation)
  }

  @Test(arguments: [
    "", "\n", "x", "x\n", "\n\nx\n\n\n", "# %%", "# %%\n", "# %%\n# %%\n",
    "#! /usr/bin/env capuchin-repl\n# %% a\nx",
    "# %% [markdown]\n# a\n\n# %% b\n\n\ny\r\n", "# %% a\r\nx = 1\r\n\r\n# %% [md]\r\n# b\r\n",
    "#%% tight\n  # %% indented is no marker\n# %%timeit is none either\n", "# %% [md]\n# a\nx = 1\n# more\n",
    "# %% [markdown] T\n# a\n#\n#b\n\n   # c\n# %% T [markdown]\n",
    "# %% T tags=[\"slow\", \"x  y\"] n=1\nx\n",
    "# %% T {\"a\": {\"b\": null}}  \nx\n", "# %% title=\"no title\" cap=1\nx\n", "# %% a=3 b\nx\n",
    "# %% [raw]\n# ---\n# a: 1\n# ---\n\n# %%\n%time x\n", "# %%\nx\ry\r\n\n",
    "# %%   \u{2028} wide\nx\u{2028}\n",
    "# %% scrolled=true\nx\n", "\u{FEFF}# %% bom\nx\n", "# %% e\u{301} \u{E9}\n\"e\u{301}\u{0}\u{1B}[1m\"\n",
    "# %% [markdown]\n\n\n",
    "# %% [markdown]\n#\n#\n", "# %% [markdown]\n# \\%% a\n", "# %%\n\n\n# %%\n \n# %%\n\t\n",
  ])
  func aScriptSurvivesTheNotebook(script: String) throws { try expectSame(script) }

  @Test(arguments: [
    ("A tags=[\"b\"] n=1", "A", ["n", "tags"]), ("A tags=5", "A tags=5", []),
    ("A {\"tags\": [\"a\", \"a\"]}", nil, []),
    ("name=\"\"", "name=\"\"", []), ("jupyter={}", "jupyter={}", []), ("B {\"k\": {}} [md]", "B", ["k"]),
    ("cap=1 b=2", "cap=1", ["b"]), ("scrolled=true", "", ["scrolled"]), ("x = 1", "x = 1", []),
  ])
  func metadataAreWhatNbformatAllows(marker: String, title: String?, names: [String]) throws {
    let cell = try #require(
      try JSON(parsing: Array(notebook("# %% \(marker)\nx\n").utf8))["cells"]?.array?.first)
    let found = cell["metadata"]?.members ?? []
    if let title { #expect(found.first { $0.name == "title" }?.value.string ?? "" == title) }
    #expect(found.map(\.name).filter { !["title", "cap"].contains($0) } == names)
    try expectSame("# %% \(marker)\nx\n")
  }

  @Test func theScriptsOfThisProjectSurvive() throws {
    let folder = RepositoryPaths.root.path
    let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    let scripts = files.filter { $0.hasSuffix(".cap") && !$0.contains(".build") }
    #expect(scripts.count > 20)
    for path in scripts {
      try expectSame(try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8))
    }
  }

  @Test(arguments: 0..<40)
  func anyScriptSurvives(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let pieces = [
      "# %%", "# %% ", "# %% [markdown]", "# %% [md] A title", "#%%", "# %% B {\"k\": [1, 2]}",
      "# %% C [raw] x=1", "# %% D n=1 k=2", "# %% k=1 n=[] [md]",
      "# text", "#text", "#", "# # Heading", "   # indented", "x = 1", "f(\"# %%\")", "%time x", "stft?",
      "\"\"\"", "",
      "", "", " ", "\t", "# %% x", "é = \"\u{1F426}\"", "e\u{301}", "\u{0}", "\\", "# \\%% y", "## %%",
      "# %%x", "\u{2028}", "\u{85}",
    ]
    for _ in 0..<50 {
      let ends = [["\n"], ["\r\n"], ["\n", "\n", "\r\n", "\r", ""]][random.integer(below: 3)]
      var script = ""
      for _ in 0..<random.integer(below: 14) {
        script += pieces[random.integer(below: pieces.count)] + ends[random.integer(below: ends.count)]
      }
      if random.integer(below: 3) == 0 { script = String(script.unicodeScalars.dropLast()) }
      try expectSame(script)
    }
  }

  @Test func aNotebookHoldsWhatAReaderSees() throws {
    let script = "# %% [markdown] Intro\n# # Title\n#\n# Text\n\n# %% Load tags=[\"slow\"]\nx = 1\n\ny = 2\n"
    let json = try JSON(parsing: Array(notebook(script).utf8))
    #expect(json["nbformat"]?.integer == 4)
    #expect(json["nbformat_minor"]?.integer == 5)
    #expect(json["metadata"]?["kernelspec"]?["language"]?.string == "cap")
    #expect(json["metadata"]?["language_info"]?["name"]?.string == "cap")
    let cells = try #require(json["cells"]?.array)
    #expect(cells.map { $0["cell_type"]?.string } == ["markdown", "code"])
    #expect(cells[0]["source"]?.array?.compactMap(\.string) == ["# Title\n", "\n", "Text"])
    #expect(cells[0]["metadata"]?["title"]?.string == "Intro")
    #expect(cells[0].members?.map(\.name) == ["cell_type", "id", "metadata", "source"])
    #expect(cells[1]["source"]?.array?.compactMap(\.string) == ["x = 1\n", "\n", "y = 2"])
    #expect(cells[1]["metadata"]?["tags"] == .array([.string("slow")]))
    #expect(cells[1]["execution_count"] == .null)
    #expect(cells[1]["outputs"] == .array([]))
    let ids = cells.compactMap { $0["id"]?.string }
    #expect(Set(ids).count == 2 && ids.allSatisfy { !$0.isEmpty && $0.utf8.count <= 64 })
  }

  private func file(_ cells: String, metadata: String = "{}", version: String = "4") -> String {
    "{\"cells\": [\(cells)], \"metadata\": \(metadata), \"nbformat\": \(version), \"nbformat_minor\": 2}"
  }

  @Test func aNotebookBecomesAScript() throws {
    let text = file(
      """
      {"cell_type": "markdown", "metadata": {"collapsed": true}, "source": "# Title\\n\\n%% no cell"},
      {"cell_type": "code", "metadata": {"title": "Run", "tags": ["a"]}, "source": ["x = 1\\n", "x"], "outputs": []},
      {"cell_type": "code", "metadata": {"odd name": 1, "title": "[markdown]"}, "source": ["%time x"], "outputs": []},
      {"cell_type": "raw", "metadata": {}, "source": "plain"}
      """)
    let expected = """
      # %% [markdown]
      # # Title
      #
      # \\%% no cell

      # %% Run tags=["a"]
      x = 1
      x

      # %% {"odd name":1}
      # %time x

      # %% [raw]
      # plain

      """
    let script = try read(text).script
    #expect(script == expected)
    // And from there on nothing changes any more.
    try expectSame(script)
  }

  @Test func editsWinOverWhatWasRemembered() throws {
    let script = "a = 1\n# %% [markdown]\n#tight\n# %%  Two\n\n\nb = 2\n\n\n\n# %%"
    let text = notebook(script)
    #expect(try read(text).script == script)
    let edited = text.replacingOccurrences(of: "\"b = 2\"", with: "\"b = 3\"")
      .replacingOccurrences(of: "\"tight\"", with: "\"loose\"")
      .replacingOccurrences(of: "\"title\": \"Two\"", with: "\"title\": \"Three\"")
    #expect(edited != text)
    #expect(
      try read(edited).script
        == "a = 1\n# %% [markdown]\n# loose\n\n# %% Three\n\n\nb = 3\n\n\n\n# %%")
    // A cell that had no marker gets one where it would run into the cell above.
    let cells = try read(notebook("a = 1\n")).cells
    #expect(NotebookFormat(cells: cells + cells).script == "a = 1\n\n# %%\na = 1\n")
  }

  @Test(arguments: [
    ("", "byte 0"), ("{", "name"), ("[]", "no JSON object"), ("{}", "nbformat"),
    ("{\"nbformat\": 4}", "list of cells"),
    ("{\"nbformat\": 3, \"worksheets\": []}", "nbformat 3"), ("{\"nbformat\": 1e999}", "broken"),
    ("{\"nbformat\": 4, \"cells\": [{\"cell_type\": \"heading\"}]}", "cell 1"),
    ("{\"nbformat\": 4, \"cells\": [1]}", "cell 1"), ("{\"nbformat\": 4, \"cells\": {}}", "list of cells"),
    ("{\"nbformat\": 4, \"cells\": [{\"cell_type\": \"code\", \"source\": [1]}]}", "cell 1"),
    ("{\"nbformat\": 4, \"cells\": [{\"cell_type\": \"code\"}]}", "no source"),
    ("{\"nbformat\": 99999999999999999999999, \"cells\": []}", "nbformat"),
    (String(repeating: "[", count: 100_000), "nesting"),
    (String(repeating: "{\"a\":", count: 100_000), "nesting"),
    (
      "{\"nbformat\": 4, \"cells\": [], \"metadata\": {\"language_info\": {\"name\": \"python\"}}}",
      "python"
    ),
    ("{\"nbformat\": 4, \"cells\": [], \"metadata\": {\"kernelspec\": {\"language\": \"R\"}}}", "in R"),
    ("{\"nbformat\": 4, \"cells\": [], \"metadata\": {\"kernelspec\": {\"name\": \"julia-1.9\"}}}", "julia"),
  ])
  func whatIsNoNotebookOfCapIsRefused(text: String, says: String) {
    let failure = #expect(throws: Failure.self) { try read(text) }
    #expect(failure?.kind == .format)
    #expect(failure?.message.contains("x.ipynb") == true)
    #expect(failure?.message.contains(says) == true, "\(failure?.message ?? "")")
  }

  @Test func brokenUTF8IsRefused() {
    #expect(throws: Failure.self) {
      try NotebookFormat(bytes: Array("{\"a\": \"".utf8) + [0xFF, 0xC0] + Array("\"}".utf8), name: "x.ipynb")
    }
  }

  @Test func namesOfCellsStayUnlessTheyAreTakenOrWrong() throws {
    func cell(_ id: String) -> String {
      "{\"cell_type\": \"raw\", \"id\": \(id), \"metadata\": {}, \"source\": \"\"}"
    }
    let text = file(["\"a\"", "\"a\"", "\"\"", "\"ä\"", "7", "\"cell-2\""].map(cell).joined(separator: ","))
    let cells = try JSON(parsing: Array(try read(text).fileText().utf8))["cells"]?.array ?? []
    #expect(cells.compactMap { $0["id"]?.string } == ["a", "cell-2", "cell-3", "cell-4", "cell-5", "cell-6"])
  }
}
