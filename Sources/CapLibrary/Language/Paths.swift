import CapLanguage
import Essentials
import Glibc

/// Paths and what stands behind them. Relative ones start from the current folder.
enum Paths {
  /// What a path leads to, links followed.
  enum Kind {
    case folder
    /// A file, or anything that can be read or written like one.
    case file
  }

  /// What a path leads to; nil if to nothing.
  static func kind(_ path: String) -> Kind? {
    var status = stat()
    guard stat(path.isEmpty ? "." : path, &status) == 0 else { return nil }
    return status.st_mode & S_IFMT == S_IFDIR ? .folder : .file
  }

  /// Whether a path is a symbolic link.
  static func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  /// `folder/name`; an absolute name stands alone.
  static func joined(_ folder: String, _ name: String) -> String {
    if folder.isEmpty || name.utf8.first == UInt8(ascii: "/") { return name }
    return folder.utf8.last == UInt8(ascii: "/") ? folder + name : folder + "/" + name
  }

  /// The path with the home folder in place of a leading `~`.
  /// - Throws: a `value` failure for an empty path, or one with a zero byte, which would end it early.
  static func expanded(_ path: String, name: String) throws(Failure) -> String {
    guard !path.isEmpty else { throw Failure(.value, "the path is empty", parameter: name) }
    guard !path.utf8.contains(0) else {
      throw Failure(.value, "a path cannot hold the character \\x00", parameter: name)
    }
    return Folder.expandingHome(path)
  }

  /// The part behind the last slash; a slash at the end does not count.
  static func lastPart(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? (path.isEmpty ? "" : "/")
  }

  /// The part in front of the last slash: `.` where there is none.
  static func folderPart(_ path: String) -> String {
    var parts = path.split(separator: "/")
    if !parts.isEmpty { parts.removeLast() }
    let isAbsolute = path.utf8.first == UInt8(ascii: "/")
    if parts.isEmpty { return isAbsolute ? "/" : "." }
    return (isAbsolute ? "/" : "") + parts.joined(separator: "/")
  }

  /// A name cut at its last point; a name that starts with its only point has no ending.
  static func stemAndEnding(_ name: String) -> (stem: String, ending: String) {
    guard let point = name.lastIndex(of: "."), point > name.startIndex else { return (name, "") }
    return (String(name[..<point]), String(name[point...]))
  }

  /// The path from the root, with `.`, `..` and double slashes resolved by their text.
  static func absolute(_ path: String) throws(Failure) -> String {
    var whole = path
    if path.utf8.first != UInt8(ascii: "/") {
      guard let folder = getcwd(nil, 0) else {
        throw Failure(.file, "the current folder is gone: \(SystemError.text(errno))")
      }
      defer { free(folder) }
      whole = String(cString: folder) + "/" + path
    }
    var parts: [Substring] = []
    for part in whole.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }

  /// The failure for a folder that is not there: it names the first missing one, and near names.
  static func missingFolder(_ folder: String) -> Failure {
    var known = folder.utf8.first == UInt8(ascii: "/") ? "/" : ""
    for part in folder.split(separator: "/").map(String.init) {
      let next = joined(known, part)
      switch kind(next) {
      case .folder: known = next
      case .file: return Failure(.file, "'\(next)' is a file, not a folder")
      case nil: return Failure(.file, "no folder '\(next)'", hint: hint(part, in: known))
      }
    }
    return Failure(.file, "no folder '\(folder)'")
  }

  /// "did you mean 'x'?" for a name that is not in a folder.
  static func hint(_ name: String, in folder: String) -> String? {
    let near = NearNames.of(name, in: (Folder.names(in: folder) ?? []).sorted()).first
    return near.map { "did you mean '\(joined(folder, $0))'?" }
  }

  /// Runs `body`, which reads the file; where the file is missing, the failure says which near one is there.
  static func reading<Result>(_ path: String, name: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let failure as Failure {
      guard failure.kind == .file, failure.hint == nil, kind(path) == nil else { throw failure.blaming(name) }
      let folder = folderPart(path)
      if folder != ".", kind(folder) != .folder {
        throw Failure(.file, failure.message, hint: missingFolder(folder).description, parameter: name)
      }
      let hint = hint(lastPart(path), in: folder == "." && !path.hasPrefix("./") ? "" : folder)
      throw Failure(.file, failure.message, hint: hint, parameter: name)
    }
  }
}
