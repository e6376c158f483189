import CapLanguage

/// One thing that a cell shows.
///
/// Every front end shows the same stream of these: the terminal, a script's standard output, a
/// report. What cannot be said as an output cannot be shown, so nothing works in one front end only.
public enum Output: Sendable {
  /// Text as a script printed it, with its own line ends.
  case text(String)
  /// A text to be read from its beginning, such as a help page; no final line end.
  case page(String)
  /// The value of a cell's last expression, as text of one or more lines without a final line end.
  case value(String)
  /// The prose of a markdown cell.
  case prose(String)
  /// A picture that was drawn.
  case picture(Picture)
  /// Rows under headings, laid out by whoever shows them.
  case table(Table)
  /// How far long work has come; each replaces the one before with the same `id`.
  case progress(Progress)
  /// Something that the reader should know, and that stops nothing.
  case warning(Diagnostic)
  /// What ended the cell.
  case error(Diagnostic)
}

/// Rows of text under headings.
public struct Table: Sendable, Equatable {
  /// On which side a column's texts stand.
  public enum Alignment: Sendable {
    /// Text.
    case left
    /// Numbers.
    case right
  }

  /// A heading and how the texts below it are aligned.
  public struct Column: Sendable, Equatable {
    /// The heading.
    public let title: String
    /// The side on which the column's texts stand.
    public let alignment: Alignment

    /// Makes a column; numbers want `.right`.
    public init(_ title: String, alignment: Alignment = .left) {
      self.title = title
      self.alignment = alignment
    }
  }

  /// A line above the table, empty for none.
  public let title: String
  /// The columns, from left to right.
  public let columns: [Column]
  /// The rows; one text for each column (missing ones are empty).
  public let rows: [[String]]
  /// Lines below the table, such as a model's total of parameters.
  public let notes: [String]
  /// How many rows there are when `rows` holds only some of them, else the count of `rows`.
  public let totalRowCount: Int

  /// Makes a table; give `totalRowCount` when `rows` are only the first of many.
  public init(
    title: String = "", columns: [Column], rows: [[String]], notes: [String] = [], totalRowCount: Int? = nil
  ) {
    self.title = title
    self.columns = columns
    self.rows = rows
    self.notes = notes
    self.totalRowCount = totalRowCount ?? rows.count
  }
}
