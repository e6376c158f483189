import CapLanguage
import CapLibrary
import Essentials
import Testing

/// Every function says all that help, completion and the reference tell of it.
@Suite struct DeclarationTests {
  private static let names = StandardLibrary.functions.map(\.name)
  private static let kinds = Set(Failure.Kind.allCases.map(\.rawValue))

  @Test func namesAreUnique() {
    var seen: Set<String> = []
    let twice = Self.names.filter { !seen.insert($0).inserted }
    #expect(twice == [])
  }

  @Test func constantsAreNoFunctions() {
    #expect(StandardLibrary.constants.filter { Self.names.contains($0.name) }.map(\.name) == [])
  }

  @Test(arguments: names) func isComplete(_ name: String) throws {
    let function = try #require(StandardLibrary.functions.first { $0.name == name })
    #expect(Self.isName(function.name))
    #expect(!function.topic.isEmpty)
    #expect(Self.isSentence(function.summary))
    #expect(!function.returns.isEmpty && !function.returns.hasSuffix("."))
    #expect(!function.examples.isEmpty)
    for parameter in function.parameters {
      #expect(Self.isName(parameter.name), "\(parameter.name)")
      #expect(Self.isSentence(parameter.documentation), "\(parameter.name)")
    }
    #expect(Set(function.parameters.map(\.name)).count == function.parameters.count)
    for example in function.examples { #expect(!example.code.isEmpty) }
    for other in function.seeAlso {
      #expect(Self.names.contains(other) && other != name, "see also \(other)")
    }
    for error in function.errors where error.contains(":") {
      let kind = String(error.prefix { $0 != ":" })
      #expect(Self.kinds.contains(kind), "\(error)")
    }
    #expect(function.helpText.contains(function.signature))
  }

  /// A parameter that must be given does not stand behind one that may be left out.
  @Test(arguments: names) func ordersParameters(_ name: String) throws {
    let function = try #require(StandardLibrary.functions.first { $0.name == name })
    var mayBeLeftOut = false
    for parameter in function.parameters {
      if parameter.defaultValue != nil || parameter.isVariadic {
        mayBeLeftOut = true
      } else {
        #expect(!mayBeLeftOut)
      }
    }
  }

  private static func isName(_ text: String) -> Bool {
    text.first?.isLetter == true
      && text.allSatisfy { ($0.isLetter && $0.isLowercase) || $0.isNumber || $0 == "_" }
  }

  private static func isSentence(_ text: String) -> Bool {
    // Names of things outside keep their small letter: libsoxr's, numpy's.
    let isSmall = text.first.map { $0.isLetter && $0.isLowercase } ?? true
    let word = text.prefix { $0.isLetter || $0.isNumber }
    return !text.hasSuffix(".")
      && (!isSmall || word.hasPrefix("lib") || text.hasPrefix("e ") || text.contains("("))
  }
}

/// Examples do what they say. Those that need files run in `ExecutableTests`.
@Suite struct ExampleTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let code: String
    let output: String
    var testDescription: String { "\(name): \(code)" }
  }

  static let cases: [Case] = StandardLibrary.functions.flatMap { function in
    function.examples.filter { !$0.needsFolder }.compactMap { example in
      example.output.map { Case(name: function.name, code: example.code, output: $0) }
    }
  }

  @Test(arguments: cases) func showsItsOutput(_ example: Case) throws {
    #expect(try CapRunner().run(example.code) == example.output)
  }
}
