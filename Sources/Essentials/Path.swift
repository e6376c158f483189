import Glibc

/// Paths as texts, and what stands behind them. Relative ones start from the current folder.
public enum Path {
  /// What a path leads to, links followed.
  public enum Kind: Sendable {
    case folder
    /// A file, or anything that can be read or written like one.
    case file
  }

  /// What a path leads to; nil if to nothing.
  public static func kind(_ path: String) -> Kind? {
    var status = stat()
    guard stat(path.isEmpty ? "." : path, &status) == 0 else { return nil }
    return status.st_mode & S_IFMT == S_IFDIR ? .folder : .file
  }

  /// Whether a path is a symbolic link.
  public static func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  /// Whether a path starts from the root.
  public static func isAbsolute(_ path: String) -> Bool { path.utf8.first == UInt8(ascii: "/") }

  /// `folder/name`; an absolute name stands alone.
  public static func joined(_ folder: String, _ name: String) -> String {
    if folder.isEmpty || isAbsolute(name) { return name }
    return folder.utf8.last == UInt8(ascii: "/") ? folder + name : folder + "/" + name
  }

  /// What stands up to the last slash, that included, and what behind it: either may be empty.
  public static func split(_ path: some StringProtocol) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return ("", String(path)) }
    return (String(path[...slash]), String(path[path.index(after: slash)...]))
  }

  /// The part behind the last slash; a slash at the end does not count.
  public static func lastPart(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? (path.isEmpty ? "" : "/")
  }

  /// The part in front of the last slash: `.` where there is none.
  public static func folderPart(_ path: String) -> String {
    var parts = path.split(separator: "/")
    if !parts.isEmpty { parts.removeLast() }
    if parts.isEmpty { return isAbsolute(path) ? "/" : "." }
    return (isAbsolute(path) ? "/" : "") + parts.joined(separator: "/")
  }

  /// A name cut at its last point; a name that starts with its only point has no ending.
  public static func stemAndEnding(_ name: String) -> (stem: String, ending: String) {
    guard let point = name.lastIndex(of: "."), point > name.startIndex else { return (name, "") }
    return (String(name[..<point]), String(name[point...]))
  }

  /// The path from the root, with `.`, `..` and double slashes resolved by their text.
  /// - Throws: a `file` failure where the current folder is gone.
  public static func absolute(_ path: String) throws(Failure) -> String {
    var whole = path
    if !isAbsolute(path) {
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

  /// The path with the home folder in place of a leading `~`; other paths, and all without a home, as they are.
  public static func expandingHome(_ path: String) -> String {
    guard path == "~" || path.hasPrefix("~/"), let home = getenv("HOME") else { return path }
    return String(cString: home) + path.dropFirst()
  }
}
