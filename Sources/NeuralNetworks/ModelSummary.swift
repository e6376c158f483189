import Essentials
import Tensors

/// What a model consists of.
public struct ModelSummary: Sendable {
  /// One layer.
  public struct Row: Sendable, Equatable {
    /// Keras's name: `conv2d`, `conv2d_1`.
    public let name: String
    /// Keras's class: `Conv2D`.
    public let layerClass: String
    /// Without the batch axis; nil while the model is not built.
    public let outputShape: Shape?
    /// The number of weights.
    public let parameterCount: Int

    /// With `None` for the batch: `(None, 1489, 255, 16)`.
    public var outputDescription: String {
      guard let outputShape else { return "?" }
      return "(" + (["None"] + outputShape.map(String.init)).joined(separator: ", ")
        + (outputShape.isEmpty ? ",)" : ")")
    }
  }

  /// The model's name.
  public let name: String
  /// The layers in order.
  public let rows: [Row]
  /// Weights that training changes.
  public let trainableCount: Int
  /// Weights that it does not: moving statistics.
  public let nonTrainableCount: Int

  /// All weights.
  public var totalCount: Int { trainableCount + nonTrainableCount }

  /// The table as Keras prints it.
  public var text: String {
    let header = ["Layer (type)", "Output Shape", "Param #"]
    let cells = rows.map {
      ["\($0.name) (\($0.layerClass))", $0.outputDescription, Self.grouped($0.parameterCount)]
    }
    let widths = (0..<3).map { column in ([header] + cells).map { $0[column].count }.max() ?? 0 }
    func line(_ left: String, _ fill: String, _ middle: String, _ right: String) -> String {
      left + widths.map { String(repeating: fill, count: $0 + 2) }.joined(separator: middle) + right
    }
    func row(_ cells: [String], _ edge: String) -> String {
      let padded = cells.indices.map { column -> String in
        let gap = String(repeating: " ", count: widths[column] - cells[column].count)
        return column == 2 ? " \(gap)\(cells[column]) " : " \(cells[column])\(gap) "
      }
      return edge + padded.joined(separator: edge) + edge
    }
    var lines = ["Model: \"\(name)\"", line("┏", "━", "┳", "┓"), row(header, "┃"), line("┡", "━", "╇", "┩")]
    for (index, cells) in cells.enumerated() {
      if index > 0 { lines.append(line("├", "─", "┼", "┤")) }
      lines.append(row(cells, "│"))
    }
    lines.append(line("└", "─", "┴", "┘"))
    for (label, count) in [
      ("Total", totalCount), ("Trainable", trainableCount), ("Non-trainable", nonTrainableCount),
    ] {
      lines.append(" \(label) params: \(Self.grouped(count)) (\(Self.size(count)))")
    }
    return lines.joined(separator: "\n")
  }

  /// `6021857` as `6,021,857`.
  public static func grouped(_ number: Int) -> String {
    var digits = String(number)
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return ([digits] + groups).joined(separator: ",")
  }

  private static func size(_ count: Int) -> String {
    var size = Double(count) * 4
    for unit in ["B", "KB", "MB"] {
      if size < 1024 { return "\(NumberText.fixed(size, 2)) \(unit)" }
      size /= 1024
    }
    return "\(NumberText.fixed(size, 2)) GB"
  }

}
