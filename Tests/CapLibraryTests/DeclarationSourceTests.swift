import CapLibrary
import Foundation
import TestSupport
import Testing

/// What the compiler does not see of declarations: their sources are read.
@Suite struct DeclarationSourceTests {
  /// A file of the library or the floors below it.
  struct SourceFile: Sendable, CustomTestStringConvertible {
    let path: String
    let text: String
    var testDescription: String { path }
  }

  static let library = files(of: ["CapLibrary"])
  static let floorsBelow = files(of: [
    "Essentials", "Tensors", "AudioSignals", "Datasets", "Plotting", "NeuralNetworks", "CallDetection",
    "DemoSounds",
  ])

  private static func files(of modules: [String]) -> [SourceFile] {
    let sources = RepositoryPaths.root.appendingPathComponent("Sources")
    return modules.flatMap { module -> [SourceFile] in
      let folder = sources.appendingPathComponent(module)
      let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
      return paths.filter { $0.hasSuffix(".swift") }.sorted().compactMap { path in
        (try? String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)).map {
          SourceFile(path: "\(module)/\(path)", text: $0)
        }
      }
    }
  }

  /// A declaration that no list names would be a function that nobody can call.
  @Test func everyDeclarationIsInTheLibrary() {
    let names = Set(StandardLibrary.functions.map(\.name))
    let declared = Self.library.flatMap { file in
      file.text.matches(of: /FunctionDeclaration\(\s*"(\w+)"/).map { String($0.1) }
    }
    #expect(declared.count > 150)
    #expect(declared.filter { !names.contains($0) } == [])
  }

  /// A body that does not look at an argument leaves a promise of the declaration unkept.
  @Test func bodiesReadTheirArguments() {
    var count = 0
    for file in Self.library {
      for header in file.text.matches(of: /\) \{\s*(?:\[self\] )?(?:_|context), ([\w`, \n]+?) in\b/) {
        let body = Self.block(from: header.range.upperBound, in: file.text)
        let words = Set(body.matches(of: /[`\w]+/).map { String(body[$0.range]) })
        for name in header.1.split(whereSeparator: { ", \n".contains($0) }).map(String.init) {
          count += 1
          #expect(name != "_" && words.contains(name), "\(file): '\(name)' is not read")
        }
      }
    }
    #expect(count > 300)
  }

  /// What stands up to the brace that closes the one open at `start`.
  private static func block(from start: String.Index, in text: String) -> Substring {
    var depth = 1
    var index = start
    while index < text.endIndex {
      if text[index] == "{" { depth += 1 }
      if text[index] == "}" { depth -= 1 }
      if depth == 0 { break }
      index = text.index(after: index)
    }
    return text[start..<index]
  }

  /// The floors below blame parameters that some function of the library has, by this name or another.
  @Test(arguments: library + floorsBelow) func blamesAreDeclared(_ file: SourceFile) {
    for match in file.text.matches(of: /(?:parameter: |blaming\()"(\w+)"/) {
      let name = String(match.1)
      #expect(
        Self.neverBlamed.contains(name)
          || StandardLibrary.functions.contains { $0.parameters.contains { $0.isBlamed(as: name) } },
        "no function has a parameter '\(name)'")
    }
  }

  /// What the library does not ask for: settings of `AudioFile.save`, parts of a dataset by number.
  private static let neverBlamed: Set = ["encoding", "bit_rate", "index"]
}
