import CapLibrary
import Foundation
import TestSupport
import Testing

/// The examples in the help that work on files, run by the program in a folder that has them.
@Suite struct HelpExampleTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let code: String
    let output: String?
    var testDescription: String { "\(name): \(code)" }
  }

  static let cases: [Case] = StandardLibrary.functions.flatMap { function in
    function.examples.filter(\.needsFolder).map {
      Case(name: function.name, code: $0.code, output: $0.output)
    }
  }

  /// What is run, but not compared, and why.
  static let notCompared = [
    "help(stft)": "a page of text, which PromptTests look at",
    "help(\"audio\")": "a page of text",
    "timeit(() => sum(range(1000)))": "a time differs each time",
    "if len(args) == 0 { exit(64) }": "ends the program with a status of its own",
  ]

  @Test func allButAFewHaveAnOutput() {
    #expect(Set(Self.cases.filter { $0.output == nil }.map(\.code)) == Set(Self.notCompared.keys))
  }

  @Test(arguments: cases) func showsItsOutput(_ example: Case) throws {
    let result = try ExampleFolder().run(example.code, prelude: ExampleFolder.prelude)
    #expect(result.status == (example.code.contains("exit(64)") ? 64 : 0), "\(result.errors)")
    if let output = example.output {
      #expect(result.output == (output.isEmpty ? "" : output + "\n"))
    }
  }
}
