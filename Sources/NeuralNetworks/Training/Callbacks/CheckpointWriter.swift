import Essentials

/// Writes the model after epochs.
final class CheckpointWriter: CallbackRun {
  private let path: String
  /// What decides which epoch is the best; nil to keep each.
  private var progress: Progress?
  private let weightsOnly: Bool

  init(_ path: String, _ progress: Progress?, weightsOnly: Bool) {
    self.path = path
    self.progress = progress
    self.weightsOnly = weightsOnly
  }

  func epochEnded(_ report: EpochReport, model: Sequential) throws -> Bool {
    if let progress {
      let value = try progress.value(in: report)
      guard try progress.isBetter(value, than: progress.best, model: model) else { return true }
      self.progress?.best = value
    }
    let place = try Self.filled(path, report)
    if weightsOnly { try model.saveWeights(place) } else { try model.save(place) }
    return true
  }

  /// A path with an epoch's number and measures in it.
  /// - Throws: a `value` failure for a name that was not measured or a format that is none.
  static func filled(_ path: String, _ report: EpochReport) throws(Failure) -> String {
    var result = ""
    var rest = path[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      result += rest[..<open]
      let parts = rest[rest.index(after: open)..<close].split(
        separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts.first ?? "")
      let value =
        name == "epoch" ? Double(report.epoch + 1) : report.logs.first { $0.name == name }?.value
      guard let value else {
        throw Failure(
          .value, "the path '\(path)' names '\(name)', which is not measured",
          hint: "measured are epoch, " + report.logs.map(\.name).joined(separator: ", "), parameter: "path")
      }
      guard let text = Self.text(value, format: parts.count > 1 ? parts[1] : "") else {
        throw Failure(
          .value, "the path '\(path)' has the format '\(parts[1])' for \(name)",
          hint: "write {epoch:02d} for two digits, {val_loss:.4f} for four decimals", parameter: "path")
      }
      result += text
      rest = rest[rest.index(after: close)...]
    }
    return result + rest
  }

  /// Python's formats `d`, `03d`, `.2f`.
  private static func text(_ value: Double, format: Substring) -> String? {
    let whole = Int(exactly: value)
    if format.isEmpty { return whole.map(String.init) ?? "\(value)" }
    if format.hasPrefix("."), format.hasSuffix("f"), let digits = Int(format.dropFirst().dropLast()),
      (0...15).contains(digits)
    {
      return NumberText.fixed(value, digits)
    }
    guard format.hasSuffix("d"), let whole else { return nil }
    let width = format.dropLast()
    guard width.isEmpty || Int(width) != nil, let length = Int(width.isEmpty ? "0" : width), length < 20
    else {
      return nil
    }
    let digits = String(whole)
    let fill = width.hasPrefix("0") ? "0" : " "
    return String(repeating: fill, count: max(0, length - digits.count)) + digits
  }

  var state: CallbackState? { CallbackState(numbers: [("best", progress?.best)]) }
  func resume(from state: CallbackState) { progress?.best = state["best"] }
}
