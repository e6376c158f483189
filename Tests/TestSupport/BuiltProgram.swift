import Foundation

/// Programs of this package, where they were built: beside the tests.
public enum BuiltProgram {
  /// The path of a program; its bare name where it is not found.
  public static func path(_ name: String) -> String {
    // Under `swift test` the tests are `…/debug/PACKAGE.xctest`, loaded or run from there.
    let candidates =
      CommandLine.arguments.filter { $0.contains(".xctest") } + [Bundle.main.bundlePath]
      + [Bundle.main.executablePath ?? "", CommandLine.arguments[0]]
    for candidate in candidates {
      var folder = URL(fileURLWithPath: candidate)
      while folder.path != "/" {
        let program = folder.appendingPathComponent(name)
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: program.path, isDirectory: &isFolder), !isFolder.boolValue {
          return program.path
        }
        folder.deleteLastPathComponent()
      }
    }
    return name
  }
}
