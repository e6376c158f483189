import Foundation
import TestSupport
import Testing

/// What stands in the documents is what the program does: scripts (`cap`), errors (`error`), conversations at
/// the prompt (`prompt`: `TranscriptTests`).
@Suite struct DocumentTests {
  private static func blocks(_ kind: String) -> [Document.Block] {
    Document.all.flatMap(\.blocks).filter { $0.kind == kind }
  }
  static let scripts = blocks("cap")
  static let errors = blocks("error")

  /// Blocks that are neither Cap nor what it shows, by their first line.
  static let others = [
    "scripts/tutorial.sh      # sets up, builds, and runs the tutorial: from sound files to counts of calls":
      "commands of a shell",
    "         module          → stands on": "the picture of the modules: ModuleTests",
    "Plan of a training step": "seconds that differ from machine to machine",
  ]

  @Test func everyBlockIsTested() {
    let rest = Document.all.flatMap(\.blocks).filter { !["cap", "prompt", "error"].contains($0.kind) }
    #expect(Set(rest.map { $0.lines.first ?? "" }).subtracting(Self.others.keys) == [])
    #expect(Self.scripts.count >= 8 && Self.errors.count >= 2)
  }

  /// `# →` lines say what the other lines print.
  @Test(arguments: scripts) func scriptsPrintWhatTheySay(_ block: Document.Block) throws {
    let marker = "# → "
    let code = block.lines.filter { !$0.hasPrefix(marker) }.joined(separator: "\n")
    let output = block.lines.filter { $0.hasPrefix(marker) }.map { $0.dropFirst(marker.count) + "\n" }
      .joined()
    let result = try ExampleFolder().run(code)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output == output)
  }

  /// The line that an error quotes, at its place in a script of that name, gives just that error.
  @Test(arguments: errors) func errorsLookAsTheySay(_ block: Document.Block) throws {
    let place = try #require(block.lines.first { $0.contains("┌─ ") }).components(separatedBy: "┌─ ")[1]
    let parts = place.split(separator: ":").map(String.init)
    let number = try #require(parts.count == 3 ? Int(parts[1]) : nil)
    let prefix = "\(number) │ "
    let code = try #require(block.lines.first { $0.hasPrefix(prefix) }).dropFirst(prefix.count)
    let script = "wave = tone(440Hz, 1s)" + String(repeating: "\n", count: number - 1) + code + "\n"
    let result = try ExampleFolder().run(script, name: parts[0])
    #expect(result.status == 1)
    #expect(result.errors == block.lines.map { $0 + "\n" }.joined())
  }
}
