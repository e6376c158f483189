import Foundation

/// Random networks on trial: `scripts/networks-trial.sh`.
@main struct Main {
  private static let usage = """
    usage: scripts/networks-trial.sh [SECONDS] [--seed N] [--findings FOLDER]
           scripts/networks-trial.sh --run 'network batch=… | LAYER … | …'
           scripts/networks-trial.sh --number N
           scripts/networks-trial.sh --show N [--seed N]
           scripts/networks-trial.sh --coverage
           scripts/networks-trial.sh --keras PYTHON [COUNT] [--seed N]
    Holds random networks on the engine against a plain implementation in double precision. What is wrong is
    made small and kept in FOLDER (.build/findings); the exit status is then 1. --run and --number try one
    network, --show writes the first N of a seed, --coverage tells what no network would try. --keras holds COUNT
    networks (100) against Keras, by a Python that has it.
    """

  static func main() throws {
    var arguments = CommandLine.arguments.dropFirst()
    var campaign = Campaign()
    func next<Number: LosslessStringConvertible>() -> Number {
      guard let number = arguments.popFirst().flatMap({ Number($0) }) else { fail(usage) }
      return number
    }
    while let argument = arguments.popFirst() {
      switch argument {
      case "--seed": campaign.seed = next()
      case "--findings": campaign.findings = URL(fileURLWithPath: next())
      case "--run": exit(Worker.run(next()))
      case "--number":
        let description = NetworkGenerator.network(next())
        print(description.text)
        exit(Worker.run(description.text))
      case "--show":
        let count: Int = next()
        if arguments.popFirst() == "--seed" { campaign.seed = next() }
        let first = campaign.seed * 1_000_000
        for number in first..<first + count { print(NetworkGenerator.network(number).text) }
        return
      case "--coverage":
        let missing = Coverage.missing()
        guard missing.isEmpty else { fail(missing.joined(separator: "\n")) }
        print("every kind of layer, function, loss and optimizer is tried")
        return
      case "--keras":
        let python: String = next()
        let count = arguments.first.flatMap { Int($0) } ?? 100
        if arguments.first.flatMap({ Int($0) }) != nil { arguments.removeFirst() }
        if arguments.popFirst() == "--seed" { campaign.seed = next() }
        exit(try KerasTrial(python: python, first: campaign.seed * 1_000_000, count: count).run())
      case "--write":
        let number: Int = next()
        return try KerasFile.write(NetworkGenerator.network(number), to: next())
      case "--worker": return Worker.run(from: next(), until: Date(timeIntervalSince1970: next()))
      default:
        guard let seconds = Double(argument) else { fail(usage) }
        campaign.seconds = seconds
      }
    }
    if try campaign.run() > 0 { exit(1) }
  }

  private static func fail(_ text: String) -> Never {
    FileHandle.standardError.write(Data((text + "\n").utf8))
    exit(1)
  }
}
