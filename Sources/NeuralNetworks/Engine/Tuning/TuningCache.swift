import Essentials
import Glibc

/// What was measured on this machine: for each convolution the name of the way that was chosen, and
/// its time. A text file, a line an entry: key, name, microseconds, between tabs.
///
/// A cache and no more: a file that is missing, broken or cannot be written changes nothing but the
/// time that measuring takes.
final class TuningCache: Sendable {
  struct Entry: Sendable, Equatable {
    let name: String
    let microseconds: Int
  }

  private static let header = "capuchin-repl convolutions 1"
  private static let byteLimit = 1 << 20

  private struct State {
    var entries: [String: Entry] = [:]
    var unsaved: [String: Entry] = [:]
  }

  private let path: String?
  private let state: Monitor<State>
  private static let open = Monitor<[String: TuningCache]>([:])

  /// The cache in this file, read once in a process; without a path one that forgets.
  static func at(_ path: String?) -> TuningCache {
    guard let path else { return TuningCache(path: nil) }
    return open.withLock { open in
      if let found = open[path] { return found }
      let cache = TuningCache(path: path)
      open[path] = cache
      return cache
    }
  }

  private init(path: String?) {
    self.path = path
    state = Monitor(State(entries: path.map(Self.read) ?? [:]))
  }

  func entry(_ key: String) -> Entry? { state.withLock { $0.entries[key] } }

  func add(_ entry: Entry, for key: String) {
    state.withLock { state in
      state.entries[key] = entry
      state.unsaved[key] = entry
    }
  }

  /// Writes what is new, beside what others wrote meanwhile.
  func save() {
    let new = state.withLock { state in
      defer { state.unsaved = [:] }
      return state.unsaved
    }
    guard let path, !new.isEmpty else { return }
    let all = Self.read(path).merging(new) { _, own in own }
    let lines = all.sorted { $0.key < $1.key }.map { "\($0)\t\($1.name)\t\($1.microseconds)" }
    let text = ([Self.header] + lines).joined(separator: "\n") + "\n"
    try? Folder.make(Path.split(path).folder, permissions: 0o700)
    try? FileReplacement.write(text, to: path)
  }

  private static func read(_ path: String) -> [String: Entry] {
    guard let file = try? InputFile(path), file.isRegular,
      let bytes = try? file.remainingBytes(limit: byteLimit),
      let text = String(validating: bytes, as: UTF8.self)
    else { return [:] }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.first == header[...] else { return [:] }
    var entries: [String: Entry] = [:]
    for line in lines.dropFirst() {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard fields.count == 3, !fields[0].isEmpty, !fields[1].isEmpty, let time = Int(fields[2]), time >= 0
      else { continue }
      entries[String(fields[0])] = Entry(name: String(fields[1]), microseconds: time)
    }
    return entries
  }
}
