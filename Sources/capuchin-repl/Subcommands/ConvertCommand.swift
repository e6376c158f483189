import ArgumentParser
import Glibc
import Notebook

/// `capuchin-repl convert FILE NEWFILE`, also as `--convert`.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Turn a script into a notebook (.ipynb) or back, and run nothing.",
    usage: "capuchin-repl convert FILE NEWFILE")

  @Argument(help: ArgumentHelp("The script or notebook to read.", valueName: "file"))
  var source: String

  @Argument(
    help: ArgumentHelp("The notebook or script to write; '-' for standard output.", valueName: "newfile"))
  var target: String

  func run() throws {
    let streams = StandardStreams()
    let view = TerminalView(
      streams: streams, allowsColor: Terminal.allowsColor, settings: SessionSettings())
    Glibc.exit(Converter(view: view, streams: streams).convert(source, to: target))
  }
}
