import Essentials
import Glibc
import Notebook

/// What was typed at the prompt, kept across sessions.
///
/// One line an entry, with `\n` and `\\` written as two characters. Every entry is appended when it
/// is entered, under a lock, so that two sessions at once lose nothing and a killed one has lost
/// nothing. Whatever is wrong with the file, the session goes on without it.
struct InputHistory {
  /// At most so many entries are kept; the file may hold half as many again before it is cut.
  static let limit = 10_000
  private static let longestEntry = 1 << 18

  /// The entries, oldest first.
  private(set) var entries: [String] = []
  private let path: String?

  /// Reads the file at `path`; nil keeps the history in memory only.
  init(path: String?) {
    guard let path, (try? Folder.make(Path.folderPart(path), permissions: 0o700)) != nil else {
      self.path = nil
      return
    }
    self.path = path
    entries = Self.read(path)
    if entries.count > Self.limit { cut() }
  }

  /// `$XDG_STATE_HOME/capuchin-repl/history`, by default under `~/.local/state`; nil without a home.
  static var standardPath: String? {
    func variable(_ name: String) -> String? {
      guard let value = getenv(name).map({ String(cString: $0) }), value.hasPrefix("/") else { return nil }
      return value
    }
    if let folder = variable("XDG_STATE_HOME") { return "\(folder)/capuchin-repl/history" }
    if let home = variable("HOME") { return "\(home)/.local/state/capuchin-repl/history" }
    return nil
  }

  /// Adds an entry, unless it is empty or repeats the last one.
  mutating func add(_ entry: String) {
    guard !entry.allSatisfy(\.isWhitespace), entry != entries.last, entry.utf8.count <= Self.longestEntry
    else {
      return
    }
    entries.append(entry)
    guard let path else { return }
    Self.withLock(beside: path) {
      let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { return }
      defer { close(descriptor) }
      let line = Array((Self.escaped(entry) + "\n").utf8)
      _ = line.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }
  }

  /// Leaves only the newest entries in the file, those of other sessions included.
  private mutating func cut() {
    guard let path else { return }
    var kept = entries
    Self.withLock(beside: path) {
      kept = Array(Self.read(path).suffix(Self.limit / 2 + Self.limit / 4))
      try? FileReplacement.write(kept.map { Self.escaped($0) + "\n" }.joined(), to: path)
      chmod(path, 0o600)
    }
    entries = kept
  }

  private static func read(_ path: String) -> [String] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return [] }
    // A file that grew out of bounds is read from its end.
    let bound = 64 << 20
    if Int(status.st_size) > bound { lseek(descriptor, Int(status.st_size) - bound, SEEK_SET) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = block.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count <= 0 { break }
      bytes += block[..<count]
    }
    return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
      guard line.count <= 2 * longestEntry, !line.contains(0) else { return nil }
      return String(validating: line, as: UTF8.self).flatMap(unescaped)
    }
  }

  private static func escaped(_ entry: String) -> String {
    var text = ""
    for scalar in entry.unicodeScalars {
      switch scalar {
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\0": continue
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  private static func unescaped(_ line: String) -> String? {
    var text = ""
    var isEscape = false
    for scalar in line.unicodeScalars {
      if isEscape {
        isEscape = false
        switch scalar {
        case "n": text += "\n"
        case "r": text += "\r"
        default: text.unicodeScalars.append(scalar)
        }
      } else if scalar == "\\" {
        isEscape = true
      } else if scalar.value < 0x20, scalar != "\t" {
        return nil
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text.isEmpty ? nil : text
  }

  /// Runs `body` while no other session does the same; without a lock if there is none to have.
  private static func withLock(beside path: String, _ body: () -> Void) {
    let descriptor = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    defer { if descriptor >= 0 { close(descriptor) } }
    if descriptor >= 0 { flock(descriptor, LOCK_EX) }
    body()
  }
}
