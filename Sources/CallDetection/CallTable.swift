import Essentials

/// Calls with the recordings they are in, written in the forms that other tools read.
public struct CallTable: Sendable, Equatable {
  /// A call and the recording it is in.
  public struct Row: Sendable, Equatable {
    /// The recording's name or path; nil where there is only one.
    public let recording: String?
    /// When it is, and how sure.
    public let call: Call
    /// What was heard.
    public let label: String

    /// A call in a recording.
    public init(_ call: Call, recording: String? = nil, label: String = "call") {
      self.recording = recording
      self.call = call
      self.label = label
    }
  }

  /// The calls, in the order in which they are written.
  public let rows: [Row]

  /// A table of these rows.
  public init(_ rows: [Row]) { self.rows = rows }

  /// A table of the calls of one recording.
  public init(_ calls: [Call], recording: String? = nil, label: String = "call") {
    rows = calls.map { Row($0, recording: recording, label: label) }
  }

  /// Columns `recording`, `start`, `end`, `duration` (seconds), `peak_score`, `mean_score`; without
  /// the first where no row names a recording.
  public func csv() throws -> CSVTable {
    let named = rows.contains { $0.recording != nil }
    let columns = ["start", "end", "duration", "peak_score", "mean_score"]
    return try CSVTable(
      header: named ? ["recording"] + columns : columns,
      rows: rows.map { row in
        let call = row.call
        let numbers = [call.start, call.end, call.duration].map { NumberText.fixed($0, 6) }
        let scores = [call.peakScore, call.meanScore].map { NumberText.fixed($0, 6) }
        return (named ? [row.recording ?? ""] : []) + (numbers + scores).map(Self.shortened)
      })
  }

  /// A selection table as Raven Pro and Raven Lite import it
  /// (https://www.ravensoundsoftware.com/knowledge-base/): tab-separated, times in seconds,
  /// frequencies in hertz.
  /// - Parameters:
  ///   - lowFrequency: the lower edge of every selection.
  ///   - highFrequency: the upper edge of every selection.
  public func ravenText(lowFrequency: Double = 0, highFrequency: Double = 8000) -> String {
    let named = rows.contains { $0.recording != nil }
    var columns = [
      "Selection", "View", "Channel", "Begin Time (s)", "End Time (s)", "Low Freq (Hz)", "High Freq (Hz)",
    ]
    if named { columns.append("Begin File") }
    columns += ["Annotation", "Score"]
    var text = columns.joined(separator: "\t") + "\n"
    for (index, row) in rows.enumerated() {
      var fields = ["\(index + 1)", "Spectrogram 1", "1"]
      fields += [row.call.start, row.call.end].map { NumberText.fixed($0, 6) }
      fields += [lowFrequency, highFrequency].map { NumberText.fixed($0, 1) }
      if named { fields.append(Self.oneCell(Path.lastPart(row.recording ?? ""))) }
      fields += [Self.oneCell(row.label), NumberText.fixed(row.call.peakScore, 6)]
      text += fields.joined(separator: "\t") + "\n"
    }
    return text
  }

  /// A label track as Audacity imports it (https://manual.audacityteam.org/man/importing_and_exporting_labels.html):
  /// start, end and label in each line, separated by tabs.
  public func audacityText() -> String {
    rows.map { row in
      let name = row.recording.map { " " + Path.lastPart($0) } ?? ""
      let several = Set(rows.map(\.recording)).count > 1
      return [
        NumberText.fixed(row.call.start, 6), NumberText.fixed(row.call.end, 6),
        Self.oneCell(row.label + (several ? name : "")),
      ].joined(separator: "\t") + "\n"
    }.joined()
  }

  /// Replaces a file with the table as a Raven selection table.
  /// - Throws: a `file` failure that names the path.
  public func writeRaven(
    to path: String, lowFrequency: Double = 0, highFrequency: Double = 8000
  ) throws {
    try FileReplacement.write(
      ravenText(lowFrequency: lowFrequency, highFrequency: highFrequency), to: path)
  }

  /// Replaces a file with the table as Audacity labels.
  /// - Throws: a `file` failure that names the path.
  public func writeAudacity(to path: String) throws {
    try FileReplacement.write(audacityText(), to: path)
  }

  /// Tabs and line ends would start another cell or row.
  private static func oneCell(_ text: String) -> String {
    String(text.map { $0 == "\t" || $0.isNewline ? " " : $0 })
  }

  private static func shortened(_ decimals: String) -> String {
    CSVTable.field(Double(decimals) ?? .nan)
  }
}
