import ArgumentParser

/// The command line: its first word may name a subcommand, which gets the rest; else all of it is `RunCommand`'s.
@main
enum Main {
  /// All but the default. A new one is a file in `Subcommands` and a name here.
  private static let subcommands: [any ParsableCommand.Type] = [ConvertCommand.self]

  static func main() {
    let words = Array(CommandLine.arguments.dropFirst())
    guard let name = words.first,
      let command = subcommands.first(where: { $0.configuration.commandName == name })
    else { return RunCommand.main(words) }
    command.main(Array(words.dropFirst()))
  }
}
