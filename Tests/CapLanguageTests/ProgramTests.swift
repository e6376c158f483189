import CapLanguage
import Foundation
import TestSupport
import Testing

/// Golden programs: each `.cap` beside the `.out` that running it gives. `REWRITE_GOLDEN=1` writes the latter anew.
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
    if ProcessInfo.processInfo.environment["REWRITE_GOLDEN"] == "1" {
      try transcript.write(to: expected, atomically: true, encoding: .utf8)
    }
    #expect(transcript == (try String(contentsOf: expected, encoding: .utf8)))
  }
}
