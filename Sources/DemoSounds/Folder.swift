import Essentials
import Glibc

/// Folders, through the C library.
enum Folder {
  enum State { case missing, empty, holds([String]), noFolder }

  /// What is at a path.
  static func state(_ path: String) throws(Failure) -> State {
    var status = stat()
    guard stat(path, &status) == 0 else {
      if errno == ENOENT { return .missing }
      throw Failure.system("look at", path: path, errno: errno).blaming("folder")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { return .noFolder }
    let names = try names(in: path)
    return names.isEmpty ? .empty : .holds(names)
  }

  /// The names in a folder, sorted, without `.` and `..`.
  static func names(in path: String) throws(Failure) -> [String] {
    guard let directory = opendir(path) else {
      throw Failure.system("read the folder", path: path, errno: errno).blaming("folder")
    }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  static func make(_ path: String) throws(Failure) {
    guard mkdir(path, 0o755) == 0 else {
      throw Failure.system("make the folder", path: path, errno: errno).blaming("folder")
    }
  }

  /// Removes a folder and what is in it; what cannot be removed stays.
  static func remove(_ path: String) {
    for name in (try? names(in: path)) ?? [] {
      let inner = path + "/" + name
      if unlink(inner) != 0 { remove(inner) }
    }
    rmdir(path)
  }
}
