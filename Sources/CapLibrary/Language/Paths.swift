import CapLanguage
import Essentials
import Glibc

/// What the library's functions take as paths.
extension Path {
  /// The path with the home folder in place of a leading `~`.
  /// - Throws: a `value` failure for an empty path, or one with a zero byte, which would end it early.
  static func expanded(_ path: String, name: String) throws(Failure) -> String {
    guard !path.isEmpty else { throw Failure(.value, "the path is empty", parameter: name) }
    guard !path.utf8.contains(0) else {
      throw Failure(.value, "a path cannot hold the character \\x00", parameter: name)
    }
    return Path.expandingHome(path)
  }

  /// The failure for a folder that is not there: it names the first missing one, and near names.
  static func missingFolder(_ folder: String) -> Failure {
    var known = isAbsolute(folder) ? "/" : ""
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
