import CapLanguage
import CapLibrary
import Essentials
import Glibc

/// The standard library as the fuzzer gives it to its programs: every function, but nothing outside of the
/// current folder is written or removed, and nothing waits for long.
enum HarmlessLibrary {
  /// All functions.
  static let functions = StandardLibrary.functions.map(harmless)

  /// What only reads may look everywhere.
  private static let readers: Set<String> = [
    "load", "info", "files", "exists", "is_file", "is_folder", "list_dir", "file_size", "read_text",
    "read_lines",
    "read_csv", "load_npy", "load_model", "load_weights", "basename", "dirname", "stem", "extension",
    "absolute_path",
    "path_join",
  ]
  private static let pathNames: Set<String> = ["path", "folder", "save", "file", "filename", "directory"]

  private static func harmless(_ function: FunctionDeclaration) -> FunctionDeclaration {
    guard !readers.contains(function.name),
      function.parameters.contains(where: { pathNames.contains($0.name) })
    else { return function }
    return function.looking { parameter, value in
      if pathNames.contains(parameter.name), let path = value.asString { try confine(path, parameter.name) }
    }
  }

  private static func confine(_ path: String, _ name: String) throws {
    if path.hasPrefix("/dev/full") { return }
    if path.hasPrefix("/") || path.hasPrefix("~") || path.split(separator: "/").contains("..") {
      throw Failure(.file, "the fuzzer writes in its own folder only", parameter: name)
    }
  }
}
