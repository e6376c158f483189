import CapLanguage
import Essentials
import Foundation
import Notebook
import Reports
import Testing

struct ReportTests {
  @Test func aPageHasItsPartsInOrder() throws {
    let recorded = try Recorded([.text("printed\n")])
    recorded.run(
      """
      # %% [markdown]
      # # A *title*
      # Prose with `code`.
      #
      # ## One

      # %% First
      x = 1
      show(0)
      x + 1

      # %% [markdown]
      # ## Two
      """)
    let page = try recorded.page()
    #expect(page.all("html").first?.attributes["lang"] == "en")
    #expect(page.all("title").map(\.text) == ["A title"])
    #expect(page.all("h1").map(\.text) == ["A title"])
    #expect(page.all("h2").map(\.text) == ["One", "Two"])
    #expect(page.all("em").map(\.text) == ["title"])
    let sections = page.all("section")
    #expect(sections.map { $0.classes } == [["prose"], ["cell"], ["prose"]])
    #expect(sections[1].attributes["id"] == "cell-1")
    #expect(page.all("span", class: "title").map(\.text) == ["First"])
    #expect(page.all("pre", class: "code").map(\.text) == ["x = 1\nshow(0)\nx + 1"])
    #expect(page.all("pre", class: "text").map { $0.text } == ["\nprinted"])
    #expect(page.all("pre", class: "value").map { $0.text } == ["\n2"])
    let foot = try #require(page.all("footer").first)
    #expect(foot.text.contains("program <1>") && foot.text.contains("seed 7"))
    #expect(foot.text.contains("library & co 1.2.3"))
    // A time for the cell, and one for all.
    #expect(page.all("span", class: "seconds").count == 2)
    #expect(page.all("span", class: "seconds").allSatisfy { $0.text.hasSuffix("s") })
  }

  @Test func codeHasTheColoursOfThePrompt() throws {
    let recorded = try Recorded()
    recorded.run("if true { x = \"<b>\" } # note\nfn f(a) { a }\nf(2s);\n")
    let spans = try recorded.page().all("span").filter { $0.path.contains("code") }
    #expect(
      spans.map { "\($0.classes.joined()) \($0.text)" } == [
        "keyword if", "literal true", "string \"<b>\"", "comment # note", "keyword fn", "call f", "call f",
        "literal 2s",
      ])
  }

  @Test func everyTextIsEscaped() throws {
    let recorded = try Recorded(
      [
        .text(hostile), .page(hostile), .value(hostile), .prose("# \(hostile)\n\n\(hostile)"),
        .picture(
          Picture(path: hostile, title: hostile, summary: hostile, width: 1, height: 1, bytes: pngBytes)),
        .picture(Picture(path: hostile, format: .pdf, title: hostile, width: 1, height: 1)),
        .table(
          Table(title: hostile, columns: [Table.Column(hostile)], rows: [[hostile], []], notes: [hostile])),
        .progress(Progress(id: 1, name: hostile, done: 1, total: 1, note: hostile)),
        .warning(Diagnostic(.warning, .value, hostile, hint: hostile)),
      ], title: hostile)
    recorded.run(
      "# %% \(hostile)\n" + (0..<9).map { "show(\($0))" }.joined(separator: "\n")
        + "\n\"\(hostile.replacingOccurrences(of: "\"", with: "\\\""))\"\n# %% [markdown]\n# \(hostile)\n"
        + "# ![\(hostile.replacingOccurrences(of: "]", with: ""))](<\(hostile)>)\n# %%\nraise \"\(hostile.replacingOccurrences(of: "\"", with: "'"))\"\n"
    )
    // The reader of pages throws at markup that is not ours.
    let page = try recorded.page()
    #expect(page.all("script").isEmpty)
    #expect(page.all("title").map(\.text) == [hostile])
    #expect(page.all("pre", class: "text").map(\.text) == ["\n" + hostile])
    #expect(page.all("img").first?.attributes["alt"] == hostile)
    #expect(page.all("th").map(\.text) == [hostile])
    #expect(page.all("div", class: "error").count == 1)
    #expect(page.all("div", class: "warning").first?.text.contains(hostile) == true)
  }

  @Test func nothingIsFetchedAndNothingRuns() throws {
    let recorded = try Recorded()
    recorded.run(
      """
      # %% [markdown]
      # ![far](https://example.org/x.png) ![farther](//example.org/y.png) ![file](file:///etc/passwd)
      # ![no picture](script.cap) <img src="https://example.org/z.png" onerror="x()"> [run](javascript:x())
      # ![own](data:image/png;base64,AAAA) ![page](data:text/html;base64,AAAA) <https://example.org/>
      """)
    let page = try recorded.page()
    #expect(page.all("img").map { $0.attributes["src"] } == ["data:image/png;base64,AAAA"])
    #expect(page.all("a").map { $0.attributes["href"] ?? "" }.allSatisfy { !$0.hasPrefix("javascript") })
    #expect(page.elements.allSatisfy { $0.attributes.keys.allSatisfy { !$0.hasPrefix("on") } })
    #expect(page.all("link").isEmpty && page.all("iframe").isEmpty && page.all("script").isEmpty)
    let policy = page.all("meta").first { $0.attributes["http-equiv"] == "Content-Security-Policy" }
    #expect(policy?.attributes["content"]?.hasPrefix("default-src 'none'") == true)
    let style = try #require(page.all("style").first).text
    #expect(!style.contains("url(") && !style.contains("@import"))
    for wanted in ["prefers-color-scheme: dark", "@media print", "max-width: 36rem"] {
      #expect(style.contains(wanted))
    }
  }

  @Test func picturesStandInThePage() throws {
    let folder = try Recorded().folder
    let path = folder.path("late.png")
    try Data(pngBytes).write(to: URL(fileURLWithPath: path))
    let recorded = try Recorded([
      .picture(
        Picture(path: "a.png", summary: "Time over frequency", width: 20, height: 10, bytes: pngBytes)),
      .picture(Picture(path: path, title: "Late", width: 0, height: 0)),
      .picture(Picture(path: "gone.png", title: "Gone", width: 2, height: 1)),
      .picture(Picture(path: "v.svg", format: .svg, width: 2, height: 1, bytes: Array("<svg/>".utf8))),
    ])
    recorded.run("show(0)\nshow(1)\nshow(2)\nshow(3)\n")
    // Read when it was shown, not when the page is written.
    try FileManager.default.removeItem(atPath: path)
    let images = try recorded.page().all("img")
    #expect(images.map { $0.attributes["alt"] } == ["Time over frequency", "Late", "v.svg"])
    #expect(images[0].attributes["src"] == "data:image/png;base64,iVBORw0KGgo=")
    #expect(images[0].attributes["width"] == "20" && images[0].attributes["height"] == "10")
    #expect(images[1].attributes["src"] == images[0].attributes["src"])
    #expect(images[2].attributes["src"] == "data:image/svg+xml;base64,PHN2Zy8+")
    #expect(
      try recorded.page().all("p", class: "picture").map(\.text) == ["Gone gone.png (PNG, not shown here)"])
  }

  @Test func tablesAreTables() throws {
    let table = Table(
      title: "Calls", columns: [Table.Column("name"), Table.Column("count", alignment: .right)],
      rows: [["a", "1"], ["b"]], notes: ["one short"], totalRowCount: 1000)
    let page = try Recorded.showing([.table(table)]).page()
    #expect(page.all("caption").map(\.text) == ["Calls"])
    #expect(page.all("th").map(\.text) == ["name", "count"])
    #expect(page.all("th").allSatisfy { $0.attributes["scope"] == "col" })
    #expect(page.all("td").map(\.text) == ["a", "1", "b", ""])
    #expect(
      page.all("td").map { $0.attributes["style"] } == [
        "text-align: left", "text-align: right", "text-align: left", "text-align: right",
      ])
    #expect(page.all("p", class: "notes").map(\.text) == ["… 998 more rows\none short"])
  }

  @Test func tablesOfManyColumnsAreCutAndCounted() throws {
    let columns = (0..<30).map { Table.Column("c\($0)", alignment: .right) }
    let page = try Recorded.showing([.table(Table(columns: columns, rows: [columns.map(\.title)]))]).page()
    #expect(page.all("th").map(\.text) == columns.prefix(20).map(\.title))
    #expect(page.all("td").count == 20)
    #expect(page.all("p", class: "notes").map(\.text) == ["… 10 more columns"])
  }

  @Test func onlyTheLastStateOfProgressStays() throws {
    let states = (1...3).map {
      Output.progress(Progress(id: 4, done: $0, total: 3, note: "loss: \($0)"))
    }
    let page = try Recorded.showing([.text("a\n")] + states + [.text("b\n")]).page()
    #expect(
      page.all("pre").filter { $0.classes != ["code"] }.map(\.text) == ["\na", "\n3/3 - loss: 3", "\nb"])
  }

  @Test(arguments: [
    ("\u{1B}[1;31mred\u{1B}[0m", "red"), ("a\rb", "b"), ("10%\r20%\r", "20%"), ("x\u{8}y", "y"),
    ("\u{1B}]0;title\u{7}a\u{1B}]8;;u\u{1B}\\b", "ab"), ("\u{1B}(Bc\u{1B}Md", "cd"),
    ("a\u{7}b\u{0}c\u{7F}", "ab␀c␡"), ("<\u{1B}[38;5;1", "<"),
    ("\u{1B}[0m\u{85}\u{FFFE}é🐦", "\u{FFFD}\u{FFFD}é🐦"),
    ("a\r\nb", "a\nb"), ("<\u{1B}\nx", "<\nx"), ("\n\n a", "\n\n a"),
  ])
  func terminalTextBecomesPlain(printed: String, shown: String) throws {
    let page = try Recorded.showing([.text(printed)]).page()
    #expect(page.all("pre", class: "text").map(\.text) == ["\n" + shown])
  }

  @Test func anErrorStandsWithItsCaretAndThePageEndsThere() throws {
    let recorded = try Recorded()
    let outcome = recorded.run("# %% A\nx = 1\n# %% B\nx + \"a\"\n# %% C\nx\n# %% [markdown]\n# Text\n")
    #expect(!outcome.hasSucceeded)
    let page = try recorded.page()
    #expect(page.all("span", class: "title").map(\.text) == ["A", "B"])
    let error = try #require(page.all("div", class: "error").first)
    #expect(error.text.contains("error: ") && error.text.contains("script.cap:4:"))
    #expect(page.all("span", class: "caret").first?.text.hasPrefix("^") == true)
    #expect(page.all("p", class: "skipped").map(\.text) == ["2 more cells did not run."])
  }

  @Test func aScriptThatDoesNotParseHasAReportToo() throws {
    let recorded = try Recorded()
    recorded.run("# %% [markdown]\n# # Title\n# %%\nx = (1\n")
    let page = try recorded.page()
    #expect(page.all("div", class: "error").count == 1)
    #expect(page.all("p", class: "skipped").map(\.text) == ["2 more cells did not run."])
    #expect(page.all("title").map(\.text) == ["script.cap"])
    let error = try recorded.notebook()["cells"]?.array?.last?["outputs"]?.array
    #expect(error?.map { $0["output_type"]?.string } == ["error"])
  }

  @Test func aSessionAtAPromptLeavesOutWhatIsAboutThePage() throws {
    let recorded = try Recorded()
    let path = recorded.folder.path("so far.html")
    for input in ["x = 2", "x *", "%who", "x? ", "%report \"\(path)\"", "x * 3", "%quit"] {
      recorded.session.runInput(input)
    }
    let soFar = try Page(try String(contentsOfFile: path, encoding: .utf8))
    #expect(soFar.all("pre", class: "code").map(\.text) == ["x = 2", "x *", "%who", "x? "])
    let page = try recorded.page()
    #expect(page.all("a", class: "number").map(\.text) == ["[1]", "[2]", "[3]", "[4]", "[6]"])
    #expect(page.all("span", class: "command").map(\.text).first == "%who")
  }

  @Test func veryLongTextIsCutInTheMiddleAndCounted() throws {
    let line = String(repeating: "é", count: 49) + "\n"
    let outputs = (0..<20_000).map { _ in Output.text(line) }
    let page = try Recorded.showing(Array(outputs.prefix(1))).page()
    #expect(page.all("pre", class: "text").map(\.text) == ["\n" + line.dropLast()])
    let recorded = try Recorded(outputs)
    recorded.run("n = 0\nwhile n < 20000 { show(n); n = n + 1 }\n")
    let text = try #require(try recorded.page().all("pre", class: "text").first).text
    #expect(text.utf8.count < 1 << 20)
    let lines = text.split(separator: "\n")
    let note = try #require(lines.first { $0.hasPrefix("…") })
    let left = try #require(note.split(separator: " ").dropFirst().first.flatMap { Int($0) })
    #expect(left + lines.count - 1 == 20_000)
  }

  @Test func theSameSessionGivesTheSamePageButForTheSeconds() throws {
    func page() throws -> String {
      let recorded = try Recorded([.text("a"), .warning(Diagnostic(.warning, .value, "b"))])
      recorded.run("# %% [markdown]\n# # T\n# %%\nshow(0)\nshow(1)\n3\n")
      return try recorded.html().replacing(#/<span class="seconds">[^<]*</span>/#, with: "")
    }
    #expect(try page() == page())
  }

  @Test func proseIsMarkdownAndItsCodeIsCap() throws {
    let recorded = try Recorded()
    recorded.run(
      "# %% [markdown]\n# | a | b |\n# |---|--:|\n# | 1 | 2 |\n#\n# ```cap\n# x = 1\n# ```\n#\n# ```python\n# y = 2\n# ```\n#\n"
        + "# - [x] done\n# - ~~no~~\n#\n# a<br>b <sub>2</sub><!-- no -->\n")
    let page = try recorded.page()
    #expect(page.all("td").map(\.text) == ["1", "2"])
    #expect(page.all("td").last?.attributes["style"] == "text-align: right")
    #expect(page.all("span", class: "literal").map(\.text) == ["1"])
    #expect(page.all("del").map(\.text) == ["no"])
    #expect(page.all("br").count == 1)
    #expect(page.all("p").contains { $0.text.hasSuffix("b <sub>2</sub>") })
  }

  @Test func aTargetIsWrittenWholeOrNotAtAll() throws {
    let recorded = try Recorded()
    recorded.run("1\n")
    #expect(throws: Failure.self) { try recorded.transcript.write(.report, to: "page.ipynb") }
    #expect(throws: Failure.self) { try recorded.transcript.write(.notebook, to: "page.html") }
    let missing = recorded.folder.path("none/page.html")
    let failure = #expect(throws: Failure.self) { try recorded.transcript.write(.report, to: missing) }
    #expect(failure?.message.contains(missing) == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: recorded.folder.url.path).isEmpty)
  }
}
