import CapLibrary
import Foundation
import TestSupport
import Testing

/// `docs/library.md` says what the declarations say. `UPDATE_REFERENCE=1 swift test --filter Reference` writes it.
@Suite struct ReferenceTests {
  @Test func documentIsCurrent() throws {
    let file = RepositoryPaths.root.appendingPathComponent("docs/library.md")
    let wanted = LibraryReference.markdown()
    if RepositoryPaths.updatesReferences {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try wanted.write(to: file, atomically: true, encoding: .utf8)
    }
    let found = try String(contentsOf: file, encoding: .utf8)
    #expect(found == wanted, "write it with UPDATE_REFERENCE=1 swift test --filter ReferenceTests")
  }
}
