import Foundation
import TestSupport

/// What `Package.swift` says of the targets, read from its text: asking the package manager would wait for the lock
/// that a test run holds.
struct Manifest {
  struct Target {
    let kind: String
    let name: String
    /// Targets of this package only.
    let dependencies: [String]
    /// Relative to the repository.
    let folder: String
  }

  let targets: [Target]

  init() throws {
    let text = try String(
      contentsOf: RepositoryPaths.root.appendingPathComponent("Package.swift"), encoding: .utf8
    )
    .split(separator: "\n").filter { !$0.drop(while: \.isWhitespace).hasPrefix("//") }.joined(separator: "\n")
    var targets: [Target] = []
    for match in text.matches(of: /\.(target|executableTarget|testTarget|systemLibrary)\(/) {
      let call = Self.bracketed(text[match.range.upperBound...], "(", ")")
      guard let name = call.firstMatch(of: /name:\s*"([^"]+)"/)?.output.1 else { continue }
      var dependencies: [String] = []
      if let list = call.firstMatch(of: /\bdependencies:\s*\[/) {
        let items = Self.bracketed(call[list.range.upperBound...], "[", "]").replacing(
          /\.product\([^)]*\)/, with: "")
        dependencies = items.matches(of: /"([^"]+)"/).map { String($0.output.1) }
      }
      let kind = String(match.output.1)
      let path = call.firstMatch(of: /\bpath:\s*"([^"]+)"/).map { String($0.output.1) }
      targets.append(
        Target(
          kind: kind, name: String(name), dependencies: dependencies,
          folder: path ?? (kind == "testTarget" ? "Tests/" : "Sources/") + name))
    }
    self.targets = targets
  }

  /// What stands before the bracket that closes the one that was just opened.
  private static func bracketed(_ text: Substring, _ open: Character, _ close: Character) -> Substring {
    var depth = 1
    for index in text.indices {
      if text[index] == open { depth += 1 }
      if text[index] == close { depth -= 1 }
      if depth == 0 { return text[..<index] }
    }
    return text
  }

  /// What is in `Sources`.
  var modules: [Target] { targets.filter { $0.folder.hasPrefix("Sources/") } }

  /// The files of a target with one of these endings.
  static func files(in folder: String, _ endings: Set<String>) throws -> [URL] {
    let root = RepositoryPaths.root.appendingPathComponent(folder)
    let found = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
    return (found?.allObjects ?? []).compactMap { $0 as? URL }.filter { endings.contains($0.pathExtension) }
      .sorted { $0.path < $1.path }
  }
}
