import Essentials
import Foundation
import TestSupport
import Testing

@Suite struct CSVTests {
  @Test func quotesLineEndsAndByteOrderMark() throws {
    let text = "\u{FEFF}name,n\r\n\"a, \"\"b\"\"\",1\r\n\r\n\"two\r\nlines\",-2.5e3\r,\n"
    let table = try CSVTable.parse(text)
    #expect(table.header == ["name", "n"])
    #expect(table.rows == [["a, \"b\"", "1"], ["two\r\nlines", "-2.5e3"], ["", ""]])
    let numbers = try table.column(named: "n")
    guard case .numbers(let values) = numbers else {
      Issue.record("not numbers")
      return
    }
    #expect(values[0] == 1 && values[1] == -2500 && values[2].isNaN)
    #expect(try CSVTable.parse("a\tb\n1\t2", separator: "\t").rows == [["1", "2"]])
    #expect(try CSVTable.parse("1,2\n", hasHeader: false).header == ["column1", "column2"])
    #expect(try CSVTable.parse("").header.isEmpty)
    #expect(try CSVTable.parse("a,b").rows.isEmpty)
    #expect(try CSVTable.parse("a,b\n5 o\"clock,").rows == [["5 o\"clock", ""]])
  }

  @Test func columnsAreNumbersOnlyWhereAllFieldsAre() throws {
    let table = try CSVTable(
      header: ["a", "b", "c", "d"], rows: [["1", "0x10", "", " 2 "], ["inf", "2", "", "+3"]])
    #expect(try table.column(0) == .numbers([1, .infinity]))
    #expect(try table.column(1) == .texts(["0x10", "2"]))
    #expect(try table.column(2) == .texts(["", ""]))
    #expect(try table.column(3) == .numbers([2, 3]))
    #expect { try table.column(named: "e") } throws: { ($0 as? Failure)?.kind == .key }
  }

  @Test func mistakesNameTheLine() throws {
    for (text, line) in [
      ("a,b\n1\n", "line 2"), ("a,b\n\"x\ny\",1\n1,2,3\n", "line 4"), ("a\n\n\"open\n\n", "line 3"),
      ("a\n\"x\"y\n", "line 2"),
    ] {
      #expect {
        try CSVTable.parse(text)
      } throws: { error in
        let failure = error as? Failure
        return failure?.kind == .format && failure?.message.contains(line) == true
      }
    }
    #expect(throws: Failure.self) { try CSVTable(header: ["a"], rows: [["1", "2"]]) }
    #expect(throws: Failure.self) { try CSVTable.parse("a", separator: "\"") }
    #expect(throws: Failure.self) { try CSVTable.parse("a", separator: "→") }
  }

  /// Whatever stands in the fields, they are read back as they were written.
  @Test(arguments: 0..<50) func roundTrip(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let pieces = ["a", "\"", ",", "\n", "\r", "\r\n", " ", "é", "→", "", "\t", "12"]
    let columns = random.integer(below: 4) + 1
    func field() -> String {
      (0..<random.integer(below: 4)).map { _ in pieces[random.integer(below: pieces.count)] }.joined()
    }
    let table = try CSVTable(
      header: (0..<columns).map { _ in field() },
      rows: (0..<random.integer(below: 5)).map { _ in (0..<columns).map { _ in field() } })
    let folder = try TemporaryFolder()
    for separator: Character in [",", "\t"] {
      try table.write(to: folder.path("t.csv"), separator: separator)
      #expect(try CSVTable.read(folder.path("t.csv"), separator: separator) == table)
    }
  }

  @Test func otherFilesAreRefused() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("t.csv")
    try Data([0x61, 0xFF, 0x0A]).write(to: URL(fileURLWithPath: path))
    #expect { try CSVTable.read(path) } throws: { ($0 as? Failure)?.kind == .format }
    #expect { try CSVTable.read(folder.path("none")) } throws: { ($0 as? Failure)?.kind == .file }
    #expect { try CSVTable.read(folder.url.path) } throws: { ($0 as? Failure)?.kind == .file }
    #expect { try CSVTable(header: ["a"], rows: []).write(to: "/dev/full") } throws: {
      ($0 as? Failure)?.kind == .file
    }
  }

  @Test func numbersAsFields() {
    #expect(CSVTable.field(3) == "3" && CSVTable.field(-0.5) == "-0.5" && CSVTable.field(1e300) == "1e+300")
    #expect(CSVTable.number(" 7 ") == 7 && CSVTable.number("7s") == nil && CSVTable.number("") == nil)
  }
}
