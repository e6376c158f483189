import CapLanguage
import Foundation
import TestSupport
import Testing

/// Golden programs: each `.cap` beside the `.out` that running it gives. `UPDATE_REFERENCE=1` writes the latter anew.
@Suite struct ProgramTests {
  static let folder = RepositoryPaths.root.appendingPathComponent("Tests/CapLanguageTests/Programs")
  static let names: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".cap") && !$0.hasPrefix("module_") }.sorted()
  }()

  @Test("there are programs") func exist() { #expect(Self.names.count >= 8) }

  @Test(arguments: ProgramTests.names) func program(_ name: String) throws {
    let url = Self.folder.appendingPathComponent(name)
    let source = Source(name: name, bytes: Array(try Data(contentsOf: url)), folder: Self.folder.path)
    let bench = Bench()
    let found = bench.check(source)
    let outcome = found.isEmpty ? bench.run(source) : Outcome(error: LanguageError(found))
    // Errors in imported files name their path, which differs from machine to machine.
    let transcript = outcome.transcript.replacingOccurrences(of: Self.folder.path + "/", with: "")
    let expected = Self.folder.appendingPathComponent(name.replacingOccurrences(of: ".cap", with: ".out"))
    if RepositoryPaths.updatesReferences {
      try transcript.write(to: expected, atomically: true, encoding: .utf8)
    }
    #expect(transcript == (try String(contentsOf: expected, encoding: .utf8)))
  }

  /// The trees of `Trees/*.cap`, beside them.
  static let trees = RepositoryPaths.root.appendingPathComponent("Tests/CapLanguageTests/Trees")
  static let treeNames: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: trees.path)) ?? []
    return files.filter { $0.hasSuffix(".cap") }.sorted()
  }()

  @Test("there are trees") func treesExist() { #expect(Self.treeNames.count >= 4) }

  @Test(arguments: ProgramTests.treeNames) func tree(_ name: String) throws {
    let url = Self.trees.appendingPathComponent(name)
    let source = Source(name: name, bytes: Array(try Data(contentsOf: url)))
    let tree = try Bench().interpreter.syntaxTree(of: source)
    let expected = Self.trees.appendingPathComponent(name.replacingOccurrences(of: ".cap", with: ".tree"))
    if RepositoryPaths.updatesReferences { try tree.write(to: expected, atomically: true, encoding: .utf8) }
    #expect(tree == (try String(contentsOf: expected, encoding: .utf8)))
  }
}
