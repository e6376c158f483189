import Notebook
import Testing

struct PercentFormatTests {
  @Test func cellsKeepTitlesKindsAndLineNumbers() {
    let cells = PercentFormat.cells(
      of: """
        # A script
        x = 1

        # %% [markdown] Intro
        # # Title
        #
        # Text `code`

        # %% 2. Load
        load(x)
        # %%
        """)
    #expect(cells.map(\.kind) == [.code, .prose, .code, .code])
    #expect(cells.map(\.title) == ["", "Intro", "2. Load", ""])
    #expect(cells.map(\.firstLine) == [1, 5, 10, 12])
    #expect(cells[1].prose == "# Title\n\nText `code`")
    #expect(cells[2].source == "load(x)\n")
    #expect(cells[3].isEmpty)
  }

  @Test(arguments: [
    "", "\n", "x", "x\n", "\n\nx\n", "# %%", "# %%\n", "# %%\n# %%\n",
    "# %% [markdown]\n# a\n\n# %% b\n\n\ny\r\n",
    "#%% tight\n  # %% indented is no marker\n# %%timeit is none either\n", "# %% [md]\n# a\nx = 1\n# more\n",
  ])
  func joinedCellsAreTheFile(text: String) {
    #expect(PercentFormat.text(of: PercentFormat.cells(of: text)) == text)
  }

  @Test func codeBehindProseWithoutAMarkerRuns() {
    let cells = PercentFormat.cells(of: "# %% [markdown]\n# Text\n\nx = 1\n# comment\n")
    #expect(cells.map(\.kind) == [.prose, .code])
    #expect(cells[1].firstLine == 4)
    #expect(cells[1].source == "x = 1\n# comment\n")
  }

  @Test(arguments: ["#%% T", "# %% T", "#  %%  T  ", "# %% T\r"])
  func markersAreReadLeniently(line: String) {
    let cells = PercentFormat.cells(of: line + "\nx\n")
    #expect(cells.map(\.title) == ["T"])
  }

  @Test(arguments: ["# %%timeit x", " # %% T", "x # %% T", "## %% T", "# %"])
  func otherLinesAreNoMarkers(line: String) {
    #expect(PercentFormat.cells(of: line + "\n").map(\.marker) == [nil])
  }
}
