import Foundation
import TestSupport
import Testing

/// The same between the C files of a module: a file that calls a function stands above the file that has it.
struct FileArrowTests {
  static let modules = ["CReadline", "Kernels"]

  @Test(arguments: modules) func noCircleBetweenCFiles(_ module: String) throws {
    let arrows = try arrows(of: module)
    #expect(arrows.circle == nil)
    #expect(arrows.targets.values.contains { !$0.isEmpty }, "no call was found: is C still understood?")
  }

  @Test func theKernelsStandAsTheirHeaderSays() throws {
    let arrows = try arrows(of: "Kernels")
    let order = ["plan.c", "schedule.c", "forward.c", "backward.c", "tiles.c"]
    for (above, below) in zip(order, order.dropFirst()) { #expect(arrows.below(above).contains(below)) }
  }

  private func arrows(of module: String) throws -> Arrows {
    let files = try Manifest.files(in: "Sources/" + module, ["c"])
    let texts = try files.map { try code(of: $0) }
    var home: [String: String] = [:]
    for (file, text) in zip(files, texts) {
      for match in text.matches(of: /(?m)^(?!static|typedef|#|\s)[\w \*]*?\b(\w+)\([^;{}]*\)\s*\{/) {
        home[String(match.output.1)] = file.lastPathComponent
      }
    }
    var targets: [String: Set<String>] = [:]
    for (file, text) in zip(files, texts) {
      let called = text.matches(of: /\b(\w+)\s*\(/).compactMap { home[String($0.output.1)] }
      targets[file.lastPathComponent] = Set(called).subtracting([file.lastPathComponent])
    }
    return Arrows(files.map(\.lastPathComponent), targets)
  }

  /// Without comments.
  private func code(of file: URL) throws -> String {
    try String(contentsOf: file, encoding: .utf8).replacing(/\/\/[^\n]*/, with: "")
      .replacing(/\/\*.*?\*\//.dotMatchesNewlines(), with: "")
  }
}
