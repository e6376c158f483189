import CapLanguage
import Essentials

/// Tables, and their files.
enum TableFunctions {
  static let all = [table, readCSV, writeCSV]

  private static let topic = "tables"
  private static let rows = Argument(
    "rows", .items,
    "A list of records (a row each), a record of lists (a column each), a table; or lists, with `columns`")
  private static let columns = Argument(
    "columns", .optional(.list(.string)), default: .nothing,
    "Which columns, in which order; none for all, in the order in which they first appear")
  private static let separator = Argument(
    "separator",
    ArgumentKind<String>.string.map { text in
      guard text.count == 1, let character = text.first else {
        throw Failure(.value, "'separator' takes a single character, such as \",\" or \"\\t\"")
      }
      return character
    }, default: ",", "What stands between two fields")

  private static let table = FunctionDeclaration(
    "table", topic: topic, "Rows under named columns, which a cell shows aligned",
    takes: ArgumentList(
      rows,
      columns,
      Argument("title", .string, default: "", "A line above the table")),
    returns: "a table: t.column is a list, t[0] a record, t[:5] a table; `for` visits the rows as records",
    errors: [
      "key: a column that no row has", "shape: columns of different lengths",
      "type: items that are no records",
    ],
    examples: [
      Example(
        "table([{clip: \"a.wav\", calls: 12}, {clip: \"b.wav\", calls: 0}])",
        output: "clip   calls\n─────  ─────\na.wav     12\nb.wav      0"),
      Example("table({n: [1, 2, 3]}).n", output: "[1, 2, 3]"),
    ], seeAlso: ["read_csv", "write_csv", "counts"]
  ) { _, rows, columns, title in
    .object(
      try TableObject.make(
        rows.value, columns: columns,
        title: title))
  }

  private static let readCSV = FunctionDeclaration(
    "read_csv", topic: topic, "Reads a table from a file of comma-separated values",
    takes: ArgumentList(
      Argument("path", .path, "The file"),
      separator,
      Argument(
        "header", .bool, default: true, "Whether the first line names the columns; else they are column1, …")),
    returns:
      "a table; a column that holds nothing but numbers has numbers (nan for an empty field), others strings",
    errors: [
      "file: no such file", "format: no text, or lines of different lengths; the message names the line",
    ],
    examples: [Example(inFolder: "counts = read_csv(\"results.csv\")\nsum(counts.calls)", output: "8")],
    source: "RFC 4180", seeAlso: ["write_csv", "table"]
  ) { _, path, separator, header in
    let csv = try Path.reading(path, name: "path") {
      try CSVTable.read(path, separator: separator, hasHeader: header)
    }
    let columns = try csv.header.indices.map { index -> [Value] in
      switch try csv.column(index) {
      case .numbers(let numbers): numbers.map { .number($0) }
      case .texts(let texts):
        try texts.map { text in
          try Interruption.check()
          return .string(text)
        }
      }
    }
    var rows: [[Value]] = []
    rows.reserveCapacity(csv.rows.count)
    defer { if Interruption.isRequested { Background.free(&rows) } }
    for row in csv.rows.indices {
      try Interruption.check()
      rows.append(columns.map { $0[row] })
    }
    return .object(TableObject(columns: csv.header, rows: rows))
  }

  private static let writeCSV = FunctionDeclaration(
    "write_csv", topic: topic, "Writes a table to a file of comma-separated values",
    takes: ArgumentList(
      Argument("path", .path, "The file"),
      rows,
      columns,
      separator), returns: "none",
    errors: [
      "file: no such folder, no permission, or a full disk; a file there stays as it was",
      "key: a column that no row has", "type: items that are no records",
    ],
    examples: [
      Example(
        inFolder:
          "write_csv(\"results.csv\", [{recording: \"a.mp3\", calls: 3}], columns=[\"recording\", \"calls\"])",
        output: ""
      )
    ],
    notes:
      "Numbers are written with the fewest digits that read back as the same number, none as an empty field.",
    source: "RFC 4180", seeAlso: ["read_csv", "table"]
  ) { _, path, rows, columns, separator in
    let table = try TableObject.make(
      rows.value, columns: columns)
    var rows: [[String]] = []
    rows.reserveCapacity(table.rows.count)
    // Millions of rows take longer to be freed than Ctrl-C may.
    defer { if Interruption.isRequested { Background.free(&rows) } }
    for row in table.rows {
      try Interruption.check()
      rows.append(row.map(field))
    }
    let csv = try CSVTable(header: table.columns, rows: rows)
    try blaming("path") { try csv.write(to: path, separator: separator) }
    return .nothing
  }

  private static func field(_ value: Value) -> String {
    switch value {
    case .nothing: ""
    case .number(let number): CSVTable.field(number)
    case .quantity(let quantity): CSVTable.field(quantity.amount)
    default: value.displayText
    }
  }
}
