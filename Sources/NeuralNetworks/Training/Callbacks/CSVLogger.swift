import Essentials
import Glibc

/// Writes a row an epoch. The file is replaced whole each time, so it is never half a table.
final class CSVLogger: CallbackRun {
  private let path: String
  private let append: Bool
  private var lines: [String] = []
  private var hasBegun = false

  init(_ path: String, append: Bool) {
    self.path = path
    self.append = append
  }

  func epochEnded(_ report: EpochReport, model: Sequential) throws -> Bool {
    if !hasBegun {
      hasBegun = true
      if append, access(path, F_OK) == 0 {
        lines = try written()
      }
    }
    if lines.isEmpty { lines.append((["epoch"] + report.logs.map(\.name)).joined(separator: ",")) }
    lines.append(([String(report.epoch)] + report.logs.map { "\($0.value)" }).joined(separator: ","))
    let text = lines.joined(separator: "\n") + "\n"
    try FileReplacement.write(text, to: path)
    return true
  }

  var state: CallbackState? { CallbackState(numbers: [("rows", Double(lines.count))]) }

  func resume(from state: CallbackState) {
    // A row may have been written of an epoch that is done once more.
    guard let written = try? written() else { return }
    hasBegun = true
    lines = Array(written.prefix(state.count("rows")))
  }

  private func written() throws -> [String] {
    let bytes = try InputFile(path).remainingBytes(limit: 64 << 20)
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
