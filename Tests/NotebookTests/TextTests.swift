import Notebook
import Testing

struct TextTests {
  @Test func tablesAlignTextLeftAndNumbersRight() {
    let table = Table(
      title: "Calls",
      columns: [Table.Column("recording"), Table.Column("calls", alignment: .right)],
      rows: [["a.mp3", "7"], ["forest.mp3", "12"], ["été", "0"]], notes: ["19 in all"], totalRowCount: 5)
    #expect(
      table.lines() == [
        "Calls", "recording   calls", "──────────  ─────", "a.mp3           7", "forest.mp3     12",
        "été             0", "… 2 more rows", "19 in all",
      ])
  }

  @Test func wideColumnsGiveWay() {
    let table = Table(
      columns: [Table.Column("text"), Table.Column("n", alignment: .right)],
      rows: [[String(repeating: "x", count: 200), "123456"]])
    let lines = table.lines(width: 40)
    #expect(lines.allSatisfy { TextWidth.of($0) <= 40 })
    #expect(lines.last?.hasSuffix("…  123456") == true)
  }

  @Test func rowsMayBeShortLongOrOfSeveralLines() {
    let table = Table(
      columns: [Table.Column("a"), Table.Column("b")], rows: [["1"], ["1", "2", "3"], ["x\ny", ""]])
    #expect(table.lines().suffix(3) == ["1", "1    2", "x y"])
  }

  @Test(arguments: [("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("🐒", 2), ("", 0)])
  func widths(text: String, cells: Int) { #expect(TextWidth.of(text) == cells) }

  @Test func cutTextsSaySo() {
    #expect(TextWidth.fitting("abcdef", 4) == "abc…")
    #expect(TextWidth.fitting("abcd", 4) == "abcd")
    #expect(TextWidth.fitting("日本語", 4) == "日…")
    #expect(TextWidth.fitting("abc", 0) == "")
  }

  @Test(arguments: [
    (0, "0 s"), (3.2e-8, "32.0 ns"), (1.234e-6, "1.23 µs"), (0.64, "640 ms"), (0.9996, "1.00 s"),
    (12.34, "12.3 s"),
    (99.96, "1 min 40 s"), (3725, "1 h 2 min"),
  ])
  func durations(seconds: Double, text: String) { #expect(Duration.text(seconds) == text) }
}
