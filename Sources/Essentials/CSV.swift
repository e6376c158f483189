/// A table of text: a header and rows of as many fields, read from and written as comma-separated
/// values (RFC 4180).
public struct CSVTable: Sendable, Equatable {
  /// The names of the columns.
  public let header: [String]
  /// The rows, each as long as the header.
  public let rows: [[String]]

  /// The most bytes that are read from a file.
  private static let byteLimit = 1 << 30

  /// A table of these rows.
  /// - Throws: a `value` failure that names the first row whose length is not the header's.
  public init(header: [String], rows: [[String]]) throws(Failure) {
    for (index, row) in rows.enumerated() where row.count != header.count {
      throw Failure(
        .value, "row \(index + 1) has \(row.count) fields, but there are \(header.count) columns")
    }
    self.header = header
    self.rows = rows
  }

  /// Reads a table from a file; see `parse(_:separator:hasHeader:name:)`.
  /// - Throws: a `file` failure where the file cannot be read, a `format` failure that names file and
  ///   line where it is no such table.
  public static func read(
    _ path: String, separator: Character = ",", hasHeader: Bool = true
  ) throws -> CSVTable {
    let bytes = try InputFile(path).remainingBytes(limit: byteLimit)
    guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
      throw Failure(.format, "'\(path)' is not text in UTF-8")
    }
    return try parse(text, separator: separator, hasHeader: hasHeader, name: "'\(path)'")
  }

  /// Reads a table from text: fields in quotes may hold separators, line ends and doubled quotes;
  /// lines end with LF, CR LF or CR; a byte order mark and empty lines are passed over.
  /// - Parameters:
  ///   - hasHeader: whether the first line names the columns; else they are `column1`, `column2`, ….
  ///   - name: what an error calls the text.
  /// - Throws: a `format` failure that names the line.
  public static func parse(
    _ text: String, separator: Character = ",", hasHeader: Bool = true, name: String = "the text"
  ) throws -> CSVTable {
    guard let separator = separator.asciiValue, separator != 0x22, separator != 0x0A, separator != 0x0D
    else {
      throw Failure(.value, "a separator is one ASCII character, and no quote", parameter: "separator")
    }
    try Interruption.check()
    var lines = try CSVParser(text: text, separator: separator, name: name).records()
    guard let first = lines.first else { return try CSVTable(header: [], rows: []) }
    let header =
      hasHeader ? first.fields : (1...first.fields.count).map { "column\($0)" }
    if hasHeader { lines.removeFirst() }
    // Millions of lines take longer to be freed than Ctrl-C may.
    defer { if Interruption.isRequested { Background.free(&lines) } }
    for record in lines where record.fields.count != header.count {
      throw Failure(
        .format,
        "\(name) has \(record.fields.count) fields in line \(record.line), but "
          + "\(header.count) columns")
    }
    return try CSVTable(
      header: header,
      rows: lines.map { record in
        try Interruption.check()
        return record.fields
      })
  }

  /// The table as text, lines ended by LF; fields are quoted where they must be.
  /// - Throws: an `interrupt` failure.
  public func text(separator: Character = ",") throws -> String {
    var text = line(header, separator)
    for row in rows {
      try Interruption.check()
      text += line(row, separator)
    }
    return text
  }

  private func line(_ row: [String], _ separator: Character) -> String {
    row.map { Self.quoted($0, separator, isAlone: row.count == 1) }
      .joined(separator: String(separator)) + "\n"
  }

  /// Replaces the file with the table.
  /// - Throws: a `file` failure that names the path.
  public func write(to path: String, separator: Character = ",") throws {
    try FileReplacement.write(try text(separator: separator), to: path)
  }

  /// What a column holds.
  public enum Column: Sendable, Equatable {
    /// Every field that is not empty is a number; empty fields are NaN.
    case numbers([Double])
    /// Anything else.
    case texts([String])
  }

  /// The column at an index, as numbers where it holds nothing else.
  /// - Throws: an `interrupt` failure.
  public func column(_ index: Int) throws(Failure) -> Column {
    let fields = rows.map { $0[index] }
    var numbers: [Double] = []
    var isNumeric = false
    for field in fields {
      try Interruption.check()
      if field.isEmpty {
        numbers.append(.nan)
      } else if let number = Self.number(field) {
        numbers.append(number)
        isNumeric = true
      } else {
        return .texts(fields)
      }
    }
    return isNumeric ? .numbers(numbers) : .texts(fields)
  }

  /// The column with a name, as numbers where it holds nothing else.
  /// - Throws: a `key` failure that lists the names.
  public func column(named name: String) throws(Failure) -> Column {
    guard let index = header.firstIndex(of: name) else {
      throw Failure(
        .key, "there is no column '\(name)'",
        hint: "the columns are \(header.map { "'\($0)'" }.joined(separator: ", "))")
    }
    return try column(index)
  }

  /// The number that a field is: decimal, with an exponent if need be, `nan` or `inf`.
  public static func number(_ field: String) -> Double? {
    let text = field.drop { $0 == " " }
    // Swift's own parser also takes hexadecimal numbers, which a table means as text.
    guard !text.isEmpty, !text.contains(where: { $0 == "x" || $0 == "X" }) else { return nil }
    var end = text
    while end.last == " " { end.removeLast() }
    return Double(end)
  }

  /// A number as a field: whole numbers without a point, others with the fewest digits that read
  /// back as the same number.
  public static func field(_ number: Double) -> String {
    NumberText.plain(number)
  }

  private static func quoted(_ field: String, _ separator: Character, isAlone: Bool) -> String {
    let needsQuotes =
      field.unicodeScalars.contains { $0 == "\"" || $0 == "\n" || $0 == "\r" }
      || field.contains(separator) || field.hasPrefix(" ") || field.hasSuffix(" ")
      // An empty line would be passed over when read.
      || (isAlone && field.isEmpty)
    if !needsQuotes { return field }
    return "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }
}

/// Cuts text into records.
private struct CSVParser {
  private let bytes: [UInt8]
  private let separator: UInt8
  private let name: String

  init(text: String, separator: UInt8, name: String) {
    bytes = Array(text.utf8)
    self.separator = separator
    self.name = name
  }

  func records() throws -> [(line: Int, fields: [String])] {
    var records: [(line: Int, fields: [String])] = []
    defer { if Interruption.isRequested { Background.free(&records) } }
    var index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var line = 1
    while index < bytes.count {
      if records.count & 0xFFF == 0 { try Interruption.check() }
      let first = line
      var fields: [String] = []
      let isEmpty = isLineEnd(index)
      repeat { fields.append(try field(&index, &line)) } while take(separator, &index)
      skipLineEnd(&index, &line)
      if !isEmpty { records.append((first, fields)) }
    }
    return records
  }

  private func isLineEnd(_ index: Int) -> Bool {
    index >= bytes.count || bytes[index] == 0x0A || bytes[index] == 0x0D
  }

  private func take(_ byte: UInt8, _ index: inout Int) -> Bool {
    guard index < bytes.count, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  private func skipLineEnd(_ index: inout Int, _ line: inout Int) {
    if take(0x0D, &index) {
      _ = take(0x0A, &index)
      line += 1
    } else if take(0x0A, &index) {
      line += 1
    }
  }

  private func field(_ index: inout Int, _ line: inout Int) throws -> String {
    guard take(0x22, &index) else {
      let start = index
      while !isLineEnd(index), bytes[index] != separator { index += 1 }
      return String(decoding: bytes[start..<index], as: UTF8.self)
    }
    let first = line
    var content: [UInt8] = []
    while index < bytes.count {
      if take(0x22, &index) {
        // Two quotes are one.
        if take(0x22, &index) {
          content.append(0x22)
          continue
        }
        guard isLineEnd(index) || bytes[index] == separator else {
          throw Failure(.format, "\(name) goes on after a closing quote in line \(line)")
        }
        return String(decoding: content, as: UTF8.self)
      }
      if bytes[index] == 0x0A { line += 1 }
      content.append(bytes[index])
      index += 1
    }
    throw Failure(.format, "\(name) has a quote in line \(first) that is never closed")
  }
}
