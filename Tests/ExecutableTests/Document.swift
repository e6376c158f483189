import Foundation
import TestSupport
import Testing

/// A page of the documentation, as far as the tests read it: its fenced blocks.
struct Document: Sendable, CustomTestStringConvertible {
  /// A block between fences.
  struct Block: Sendable, CustomTestStringConvertible {
    /// The word behind the opening fence: `cap`, `prompt`, `error`, or nothing.
    let kind: String
    /// Its lines.
    let lines: [String]
    let document: String
    /// The index of its first line in the document's lines.
    let start: Int
    var testDescription: String { "\(document):\(start + 1): \(lines.first ?? "")" }
  }

  /// The path from the root of the repository.
  let path: String
  let lines: [String]
  let blocks: [Block]

  var testDescription: String { path }

  init(_ path: String) {
    self.path = path
    let text = (try? String(contentsOf: Self.url(path), encoding: .utf8)) ?? ""
    lines = text.components(separatedBy: "\n")
    var blocks: [Block] = []
    var open: (kind: String, start: Int)?
    for (index, line) in lines.enumerated() where line.hasPrefix("```") {
      if let begun = open {
        blocks.append(
          Block(
            kind: begun.kind, lines: Array(lines[begun.start..<index]), document: path, start: begun.start))
        open = nil
      } else {
        open = (String(line.dropFirst(3)), index + 1)
      }
    }
    self.blocks = blocks
  }

  static func url(_ path: String) -> URL { RepositoryPaths.root.appendingPathComponent(path) }

  /// The README and every page in `docs`; `library.md` is written from the declarations, whose examples are
  /// tested where they stand.
  static let all: [Document] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: url("docs").path)) ?? []
    let pages = names.filter { $0.hasSuffix(".md") && $0 != "library.md" }.sorted()
    return (["README.md"] + pages.map { "docs/" + $0 }).map(Document.init)
  }()
}
