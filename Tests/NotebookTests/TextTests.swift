import Essentials
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

  @Test(arguments: [(24, 12), (24, 3), (80, 5), (10, 200), (3, 4), (0, 2)])
  func tooManyColumnsAreLeftOutAndCounted(width: Int, count: Int) {
    let table = Table(
      columns: (0..<count).map { Table.Column("c\($0)", alignment: $0 % 3 == 0 ? .left : .right) },
      rows: [(0..<count).map { $0 % 3 == 0 ? "text \($0) and more" : "\($0 * 1111)" }], totalRowCount: 3)
    let lines = table.lines(width: width)
    let shown = lines[0].split(separator: " ").filter { $0.hasPrefix("c") }.count
    #expect(shown >= 1)
    if shown > 1 { #expect(lines.prefix(3).allSatisfy { TextWidth.of($0) <= width }) }
    let more = count - shown
    #expect(lines[0].hasSuffix("…") == (more > 0))
    #expect(
      lines.last == "… 2 more rows" + (more == 0 ? "" : ", \(more) more column\(more == 1 ? "" : "s")"))
  }

  @Test func rowsMayBeShortLongOrOfSeveralLines() {
    let table = Table(
      columns: [Table.Column("a"), Table.Column("b")], rows: [["1"], ["1", "2", "3"], ["x\ny", ""]])
    #expect(table.lines().suffix(3) == ["1", "1    2", "x y"])
  }

  @Test(arguments: [
    (0, "0 s"), (3.2e-8, "32.0 ns"), (1.234e-6, "1.23 µs"), (0.64, "640 ms"), (0.9996, "1.00 s"),
    (12.34, "12.3 s"),
    (99.96, "1 min 40 s"), (3725, "1 h 2 min"),
  ])
  func durations(seconds: Double, text: String) { #expect(DurationText.text(seconds) == text) }
}
