import CapLanguage
import Essentials
import Notebook

/// Rows of values under named columns.
public final class TableObject: DomainObject, RichDisplay, PrintableText, @unchecked Sendable {
  /// The names of the columns, from left to right.
  public let columns: [String]
  /// The rows; each has one value a column.
  public private(set) var rows: [[Value]]
  /// A line above the table, empty for none.
  public let title: String

  /// How many rows a cell shows before it leaves some out.
  public static let displayedRowLimit = 60

  /// A table of these rows; short rows are filled up with `none`, long ones are cut.
  public init(columns: [String], rows: [[Value]], title: String = "") {
    self.columns = columns
    self.rows = rows.map { row in
      if row.count == columns.count { return row }
      return Array(row.prefix(columns.count))
        + Array(repeating: .nothing, count: max(0, columns.count - row.count))
    }
    self.title = title
    super.init()
  }

  // Millions of rows take longer to be freed than Ctrl-C may.
  deinit { if Interruption.isRequested { Background.free(&rows) } }

  /// The table that a value describes: a list of records (a row each), a record of equally long lists (a
  /// column each), a list of lists with `columns` named, or a table.
  /// - Parameters:
  ///   - value: the rows.
  ///   - columns: which columns to keep, in which order; nil for all, in the order of their first appearance.
  ///   - name: the parameter that a failure blames.
  /// - Throws: a `type` failure for other values, a `key` failure for a column that no row has, a `shape`
  ///   failure for columns of different lengths.
  public static func make(_ value: Value, columns: [String]? = nil, title: String = "", name: String = "rows")
    throws -> TableObject
  {
    switch value {
    case .object(let table as TableObject):
      guard let columns else { return table }
      return TableObject(
        columns: columns, rows: try select(columns, from: table.columns, table.rows),
        title: title.isEmpty ? table.title : title)
    case .record(let record):
      return try fromColumns(record, columns, title, name)
    default:
      let items = try Conversions.items(of: value, name: name)
      if let first = items.first, first.asRecord == nil, let columns {
        return try fromLists(items, columns, title, name)
      }
      return try fromRecords(items, columns, title, name)
    }
  }

  private static func fromRecords(_ items: [Value], _ columns: [String]?, _ title: String, _ name: String)
    throws -> TableObject
  {
    var all: [String] = []
    var known: Set<String> = []
    var records: [RecordObject] = []
    for (position, item) in items.enumerated() {
      try Interruption.check()
      guard let record = item.asRecord else {
        throw Failure(
          .type,
          "'\(name)' takes a list of records, but item \(position) is \(item.kindPhrase)",
          hint: "write each row as {column: value, …}, or name the columns of lists: columns=[…]",
          parameter: name)
      }
      records.append(record)
      for key in record.keys where known.insert(key).inserted { all.append(key) }
    }
    let wanted = columns ?? all
    if !records.isEmpty {
      for column in wanted where !known.contains(column) { throw unknown(column, in: all) }
    }
    let rows = try records.map { record in
      try Interruption.check()
      return wanted.map { record[$0] ?? .nothing }
    }
    return TableObject(columns: wanted, rows: rows, title: title)
  }

  private static func fromLists(_ items: [Value], _ columns: [String], _ title: String, _ name: String) throws
    -> TableObject
  {
    let rows = try items.enumerated().map { position, item in
      let row = try Conversions.items(of: item, name: name)
      guard row.count == columns.count else {
        throw Failure(
          .shape,
          "row \(position) has \(row.count) values, but there are \(columns.count) columns", parameter: name)
      }
      return row
    }
    return TableObject(columns: columns, rows: rows, title: title)
  }

  private static func fromColumns(
    _ record: RecordObject, _ columns: [String]?, _ title: String, _ name: String
  ) throws -> TableObject {
    var lists: [[Value]] = []
    for (key, value) in record.fields {
      let items: [Value]
      if case .string = value {
        items = [value]
      } else if Conversions.count(of: value) == nil {
        items = [value]
      } else {
        items = try Conversions.items(of: value, name: name)
      }
      if let first = lists.first, first.count != items.count {
        throw Failure(
          .shape,
          "the columns differ in length: '\(record.keys[0])' has \(first.count), '\(key)' has \(items.count)",
          parameter: name)
      }
      lists.append(items)
    }
    let rows = (0..<(lists.first?.count ?? 0)).map { row in lists.map { $0[row] } }
    guard let columns else { return TableObject(columns: record.keys, rows: rows, title: title) }
    return TableObject(columns: columns, rows: try select(columns, from: record.keys, rows), title: title)
  }

  private static func select(_ wanted: [String], from columns: [String], _ rows: [[Value]]) throws
    -> [[Value]]
  {
    let positions = try wanted.map { name in
      guard let position = columns.firstIndex(of: name) else { throw unknown(name, in: columns) }
      return position
    }
    return rows.map { row in positions.map { row[$0] } }
  }

  private static func unknown(_ column: String, in columns: [String]) -> Failure {
    Failure(
      .key, "there is no column '\(column)'",
      hint: NearNames.of(column, in: columns).first.map { "did you mean '\($0)'?" }
        ?? "the columns are \(columns.joined(separator: ", "))", parameter: "columns")
  }

  // MARK: Values

  /// The values of a column, or nil if there is none of that name.
  public func column(_ name: String) -> [Value]? {
    guard let position = columns.firstIndex(of: name) else { return nil }
    return rows.map { $0[position] }
  }

  /// A row as a record.
  public func record(at position: Int) -> Value {
    .record(Array(zip(columns, rows[position])))
  }

  public override var kindName: String { "table" }
  /// `Table 8 rows × 3 columns`.
  public override var summary: String {
    "Table \(rows.count) row\(rows.count == 1 ? "" : "s") × \(columns.count) column\(columns.count == 1 ? "" : "s")"
  }

  public override var fieldNames: [String] { columns + ["rows", "columns"].filter { !columns.contains($0) } }
  public override func field(_ name: String) throws -> Value? {
    if let values = column(name) { return .list(values) }
    switch name {
    case "rows": return .list(rows.indices.map { record(at: $0) })
    case "columns": return .strings(columns)
    default: return nil
    }
  }

  public override var count: Int? { rows.count }
  public override func element(at index: Int) throws -> Value { record(at: index) }

  public override func subscripted(_ subscripts: [Subscript]) throws -> Value? {
    guard subscripts.count == 1 else {
      throw Failure(
        .type, "a table takes one subscript: a row's position, a slice, or a column's name",
        hint: "t[0].name, or t[\"name\"][0]")
    }
    switch subscripts[0] {
    case .index(.string(let name)):
      guard let values = column(name.text) else { throw Self.unknown(name.text, in: columns) }
      return .list(values)
    case .index(let value):
      return record(at: try Indexing.position(value, count: rows.count, of: "table"))
    case .slice(let start, let stop, let step):
      let slice = try Indexing.slice(start, stop, step, count: rows.count)
      let picked = (0..<slice.count).map { rows[slice.start + $0 * slice.step] }
      return .object(TableObject(columns: columns, rows: picked, title: title))
    }
  }

  /// `table + table` appends the rows of one with the same columns.
  public override func binary(_ operation: BinaryOperation, right: Value) throws -> Value? {
    guard operation == .add, case .object(let other as TableObject) = right else { return nil }
    guard other.columns == columns else {
      throw Failure(
        .shape,
        "the tables differ in columns: \(columns.joined(separator: ", ")) and \(other.columns.joined(separator: ", "))"
      )
    }
    return .object(TableObject(columns: columns, rows: rows + other.rows, title: title))
  }

  public override func isEqual(to other: DomainObject) -> Bool {
    guard let other = other as? TableObject else { return false }
    return columns == other.columns && rows == other.rows
  }

  // MARK: Display

  /// The table as front ends show it: at most `rowLimit` rows.
  public func displayed(rowLimit: Int = TableObject.displayedRowLimit) -> Table {
    let shown = rows.prefix(rowLimit)
    let headings = columns.indices.map { position in
      let isNumeric =
        !shown.isEmpty && shown.allSatisfy { CellText.isNumeric($0[position]) }
        && shown.contains { !$0[position].isNothing }
      return Table.Column(columns[position], alignment: isNumeric ? .right : .left)
    }
    return Table(
      title: title, columns: headings, rows: shown.map { row in row.map(CellText.text) },
      totalRowCount: rows.count)
  }

  /// Shows a table.
  public func outputs(in session: Session) -> [Output] { [.table(displayed())] }

  /// The table as aligned lines.
  public func printedText() -> String { displayed(rowLimit: .max).lines().joined(separator: "\n") }
}

/// Values in the cells of a table.
public enum CellText {
  /// Whole numbers in full, others with at most 6 digits that count; strings bare; `none` as nothing.
  public static func text(_ value: Value) -> String {
    switch value {
    case .nothing: ""
    case .number(let number): self.number(number)
    case .quantity(let quantity): self.number(quantity.amount) + " " + quantity.unit.symbol
    default: value.displayText
    }
  }

  /// Whole numbers in full, others with at most 6 digits that count.
  public static func number(_ number: Double) -> String {
    if number == number.rounded(), number.magnitude < 1e15 { return NumberText.plain(number) }
    return NumberText.significant(number, digits: 6)
  }

  /// Whether a value stands on the right: numbers, quantities, and the gaps between them.
  static func isNumeric(_ value: Value) -> Bool {
    switch value {
    case .number, .quantity, .nothing: true
    default: false
    }
  }
}
