import Foundation
import TestSupport
import Testing

/// The examples in the documents do what stands beside them.
@Suite struct DocumentTests {
  /// A block of Cap in a document, with what its `# →` lines say it prints.
  struct Example: Sendable, CustomTestStringConvertible {
    let code: String
    let output: String
    var testDescription: String { code.split(separator: "\n").first.map(String.init) ?? "" }
  }

  static let examples: [Example] = {
    let url = RepositoryPaths.root.appendingPathComponent("docs/language.md")
    let text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
    return text.components(separatedBy: "```cap\n").dropFirst().map { part in
      let lines = part.components(separatedBy: "\n```")[0].components(separatedBy: "\n")
      let marker = "# → "
      return Example(
        code: lines.filter { !$0.hasPrefix(marker) }.joined(separator: "\n"),
        output: lines.filter { $0.hasPrefix(marker) }.map { String($0.dropFirst(marker.count)) }
          .joined(separator: "\n"))
    }
  }()

  @Test func thereAreExamples() { #expect(Self.examples.count >= 6) }

  @Test(arguments: DocumentTests.examples) func printsWhatItSays(_ example: Example) throws {
    #expect(try CapRunner().run(example.code) == example.output)
  }
}
