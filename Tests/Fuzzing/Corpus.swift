import CapLibrary
import Foundation
import TestSupport

/// The programs that mutation starts from: the corpus folder, and every piece of Cap that the repository
/// holds anyway (golden programs, mistakes, the tutorial, the documents, the library's examples).
enum Corpus {
  /// The folder of inputs that are kept for the fuzzer only: what it found, and what it should not forget.
  static let folder = RepositoryPaths.root.appendingPathComponent("Tests/Fuzzing/Corpus")

  /// All programs; empty texts left out.
  static func programs() -> [[UInt8]] {
    let root = RepositoryPaths.root
    var programs: [[UInt8]] = []
    for path in ["Tests/Fuzzing/Corpus", "Tests/CapLanguageTests/Programs", "scripts", "scripts/bench"] {
      for file in files(root.appendingPathComponent(path), ending: "cap") {
        if let data = try? Data(contentsOf: file) { programs.append([UInt8](data)) }
      }
    }
    for path in ["CapLanguageTests/MistakeTests.swift", "CapLibraryTests/MistakeTests.swift"] {
      programs += mistakes(root.appendingPathComponent("Tests/" + path))
    }
    for file in files(root.appendingPathComponent("docs"), ending: "md") { programs += codeBlocks(file) }
    programs += StandardLibrary.functions.flatMap { $0.examples.map { Array($0.code.utf8) } }
    return programs.filter { !$0.isEmpty && $0.count <= Slot.capacity }
  }

  /// What must never end the process again, by name: run before anything is mutated.
  static func kept() -> [(name: String, bytes: [UInt8])] {
    files(folder, ending: "cap").compactMap { file in
      (try? Data(contentsOf: file)).map { (file.lastPathComponent, [UInt8]($0)) }
    }
  }

  private static func files(_ folder: URL, ending: String) -> [URL] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix("." + ending) }.sorted().map { folder.appendingPathComponent($0) }
  }

  /// The texts of `Mistake("…", …)` in a test file.
  private static func mistakes(_ file: URL) -> [[UInt8]] {
    guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
    return text.components(separatedBy: "Mistake(").dropFirst().compactMap { part in
      var code = ""
      var rest = part.drop(while: \.isWhitespace)
      guard rest.popFirst() == "\"" else { return nil }
      while let next = rest.popFirst(), next != "\"" {
        if next == "\\", let escaped = rest.popFirst() {
          code.append(escaped == "n" ? "\n" : escaped)
        } else if next != "«", next != "»" {
          code.append(next)
        }
      }
      return Array(code.utf8)
    }
  }

  /// The blocks between fences in a document.
  private static func codeBlocks(_ file: URL) -> [[UInt8]] {
    guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
    return text.components(separatedBy: "\n```").enumerated().filter { $0.offset % 2 == 1 }.map { block in
      Array(block.element.drop(while: { $0 != "\n" }).utf8)
    }
  }
}
