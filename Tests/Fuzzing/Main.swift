import Foundation
import TestSupport

/// The fuzzer of Cap: `scripts/fuzz.sh`.
@main struct Main {
  private static let usage = """
    usage: scripts/fuzz.sh [SECONDS] [--seed N] [--workers N] [--findings FOLDER]
           scripts/fuzz.sh --run FILE
           scripts/fuzz.sh --show N [--seed N]
    Runs changed and generated programs in processes of their own. What ends one is made small and kept in
    FOLDER (.build/findings); the exit status is then 1. --run runs one input, as a worker would; --show writes
    the first N inputs of a seed.
    """

  static func main() throws {
    var arguments = CommandLine.arguments.dropFirst()
    var campaign = Campaign()
    campaign.findings = RepositoryPaths.root.appendingPathComponent(".build/findings")
    func number<Number: LosslessStringConvertible>(_ text: String?) -> Number {
      guard let text, let number = Number(text) else { fail(usage) }
      return number
    }
    while let argument = arguments.popFirst() {
      switch argument {
      case "--seed": campaign.seed = number(arguments.popFirst())
      case "--workers": campaign.workers = max(1, number(arguments.popFirst()))
      case "--findings": campaign.findings = URL(fileURLWithPath: arguments.popFirst() ?? "")
      case "--run": return try run(arguments.popFirst() ?? "")
      case "--show":
        let source = InputSource(seed: campaign.seed, lap: 0)
        for position in 0..<number(arguments.popFirst()) {
          print("# \(position)\n" + String(decoding: source.input(position), as: UTF8.self))
        }
        return
      case "--worker":
        guard let slot = Slot(path: arguments.popFirst() ?? "") else { fail("no slot") }
        return Worker.run(seed: number(arguments.popFirst()), lap: number(arguments.popFirst()), slot: slot)
      default: campaign.seconds = number(argument)
      }
    }
    campaign.program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
    let count = try campaign.run()
    if count > 0 { fail("\(count) findings in \(campaign.findings.path)") }
  }

  private static func run(_ path: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("cap-fuzz-run-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    guard FileManager.default.changeCurrentDirectoryPath(folder.path), let slot = Slot(path: ".slot") else {
      fail("cannot work in \(folder.path)")
    }
    Worker.run(one: bytes, slot: slot)
  }

  private static func fail(_ text: String) -> Never {
    say(text)
    exit(1)
  }
}
