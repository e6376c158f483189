import Glibc

/// What stands in folders, and making and removing them.
public enum Folder {
  /// The names in a folder, unordered, without `.` and `..`; nil, and `errno`, if it cannot be read.
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

  /// Makes a folder and those above it; one that is there is fine.
  /// - Parameters:
  ///   - makesParents: Whether those above it may be made too.
  ///   - permissions: Of what is made, less the process's mask.
  /// - Throws: a `file` failure that names the folder that cannot be made.
  public static func make(
    _ path: String, makesParents: Bool = true, permissions: mode_t = 0o777
  ) throws(Failure) {
    var made = Path.isAbsolute(path) ? "/" : ""
    for part in makesParents ? path.split(separator: "/") : [path[...]] {
      made = Path.joined(made, String(part))
      if mkdir(made, permissions) == 0 { continue }
      let code = errno
      // What is there may be told in many ways: a file system that is read only says so first.
      guard Path.kind(made) == .folder else {
        throw Failure.system("make the folder", path: made, errno: code)
      }
    }
  }

  /// Removes a folder and what is in it; what cannot be removed stays.
  public static func remove(_ path: String) {
    for name in names(in: path) ?? [] {
      let inner = Path.joined(path, name)
      if unlink(inner) != 0 { remove(inner) }
    }
    rmdir(path)
  }
}
