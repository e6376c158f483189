import Glibc

/// What stands in folders.
public enum Folder {
  /// The names in a folder, unordered, without `.` and `..`; nil if it cannot be read.
  /// - Parameter limit: At most so many are read.
  public static func names(in folder: String, limit: Int = .max) -> [String]? {
    guard let directory = opendir(folder.isEmpty ? "." : folder) else { return nil }
    defer { closedir(directory) }
    var names: [String] = []
    while names.count < limit, let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// The path with the home folder in place of a leading `~`; other paths, and all without a home, as they are.
  public static func expandingHome(_ path: String) -> String {
    guard path == "~" || path.hasPrefix("~/"), let home = getenv("HOME") else { return path }
    return String(cString: home) + path.dropFirst()
  }
}
