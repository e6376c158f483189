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
    let original = NativeFunction(function)
    return FunctionDeclaration(
      function.name, topic: function.topic, function.summary, parameters: function.parameters,
      returns: function.returns, errors: function.errors, examples: function.examples, notes: function.notes,
      source: function.source, seeAlso: function.seeAlso
    ) { arguments, context in
      var positional: [Value] = []
      var named: [(String, Value)] = []
      for parameter in function.parameters {
        if pathNames.contains(parameter.name), let path = arguments[parameter.name].asString {
          try confine(path, parameter.name)
        }
        if parameter.isVariadic {
          positional += arguments.variadic(parameter.name)
        } else if arguments.isGiven(parameter.name) {
          // Names cannot stand in front of what a variadic parameter collects.
          if function.parameters.contains(where: \.isVariadic), parameter.defaultValue == nil {
            positional.append(arguments[parameter.name])
          } else {
            named.append((parameter.name, arguments[parameter.name]))
          }
        }
      }
      return try context.call(original, positional, named: named)
    }
  }

  private static func confine(_ path: String, _ name: String) throws {
    if path.hasPrefix("/dev/full") { return }
    if path.hasPrefix("/") || path.hasPrefix("~") || path.split(separator: "/").contains("..") {
      throw Failure(.file, "the fuzzer writes in its own folder only", parameter: name)
    }
  }
}
