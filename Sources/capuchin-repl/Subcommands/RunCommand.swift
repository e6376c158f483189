import ArgumentParser
import CReadline
import CapLanguage
import CapLibrary
import Essentials
import Glibc
import Notebook
import Reports

/// What the program does without a subcommand: a prompt, a script, a line of code.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "capuchin-repl",
    abstract: "A notebook-style, scriptable REPL for audio classification.",
    usage: """
      capuchin-repl [OPTIONS]                   a prompt, at a terminal
      capuchin-repl [OPTIONS] FILE [ARGS ...]   run a script
      capuchin-repl [OPTIONS] -e CODE [ARGS ...]
      capuchin-repl [OPTIONS] - [ARGS ...]      run a program from standard input
      capuchin-repl convert FILE NEWFILE        script to notebook, or notebook to script
      """,
    discussion: """
      FILE is a script, or a notebook if it ends in .ipynb. What stands behind it goes to the script as \
      'args', even if it looks like an option; only --report and --notebook are taken out, up to a '--'.

      The exit status is 0, or 1 if the script fails, 64 for a wrong command line, and 130 after an \
      interrupt.
      """,
    version: "capuchin-repl \(Version.text)"
  )

  @Option(
    name: .customShort("e"), parsing: .unconditional,
    help: ArgumentHelp("Run CODE, and show the value of its last expression.", valueName: "code"))
  var code: String?

  @Flag(help: "Look for errors, and run nothing.")
  var check = false

  @Flag(help: ArgumentHelp("Show the syntax tree of a script, and run nothing.", visibility: .hidden))
  var debugTree = false

  @Flag(help: "Turn a script into a notebook (.ipynb) or back, and run nothing.")
  var convert = false

  @Option(
    help: ArgumentHelp("Write what the session showed as a page, FILE.html.", valueName: "file"))
  var report: String?

  @Option(
    help: ArgumentHelp("Write it as a Jupyter notebook, FILE.ipynb.", valueName: "file"))
  var notebook: String?

  @Option(help: ArgumentHelp("The folder for pictures; made when it is needed.", valueName: "dir"))
  var plots = "plots"

  @Option(help: ArgumentHelp("The seed behind every random number.", valueName: "n"))
  var seed: UInt64 = SessionSettings().seed

  @Option(help: ArgumentHelp("How many threads work at a time (default: one a core).", valueName: "n"))
  var threads: Int?

  @Flag(help: "Show what the script prints, its values and errors: no prose, no progress, no notices.")
  var quiet = false

  @Flag(help: "No colours (also: the variable NO_COLOR).")
  var noColor = false

  @ArgumentParser.Argument(
    parsing: .captureForPassthrough,
    help: ArgumentHelp("The script, '-' for standard input, and its arguments.", valueName: "file"))
  var rest: [String] = []

  mutating func validate() throws {
    try takeDocuments()
    // Whatever the parser does not know lands in `rest`, wrong options included.
    if let first = rest.first, first.hasPrefix("-"), first != "-" {
      switch first {
      case "--": rest.removeFirst()
      case "-h", "--help": throw CleanExit.helpRequest(self)
      case "--version": throw CleanExit.message(Self.configuration.version)
      default:
        let name = String(first.prefix(while: { $0 != "=" }))
        let near = NearNames.of(name, in: Self.optionNames).first.map { "; did you mean '\($0)'?" } ?? ""
        throw ValidationError("There is no option '\(name)'\(near)")
      }
    }
    if let threads, !(1...256).contains(threads) {
      throw ValidationError("--threads takes a number from 1 to 256, not \(threads)")
    }
    if check, code == nil, rest.isEmpty, isatty(STDIN_FILENO) == 1 {
      throw ValidationError("--check needs a script")
    }
    if convert {
      guard code == nil, rest.count == 2 else {
        throw ValidationError("--convert takes two files: the one to read and the one to write")
      }
      guard !check, report == nil, notebook == nil else {
        throw ValidationError("--convert runs nothing, so there is nothing to check or to report")
      }
    }
  }

  /// Takes `--report FILE` and `--notebook FILE` out of what stands behind the script.
  private mutating func takeDocuments() throws {
    var kept: [String] = []
    var words = rest[...]
    while let word = words.popFirst() {
      if word == "--" {
        // Right behind the script it only says that the rest is the script's.
        if kept.count != 1 || code != nil { kept.append(word) }
        kept += words
        break
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts[0] == "--report" || parts[0] == "--notebook" else {
        kept.append(word)
        continue
      }
      guard let path = parts.count == 2 ? parts[1] : words.popFirst() else {
        throw ValidationError("Missing value for '\(word) <file>'")
      }
      if parts[0] == "--report" { report = path } else { notebook = path }
    }
    rest = kept
  }

  /// As the parser knows them: the first words of the lines of its help.
  private static var optionNames: [String] {
    helpMessage(includeHidden: true).split(separator: "\n").flatMap { line in
      line.hasPrefix("  -")
        ? line.split(whereSeparator: { " ,=".contains($0) }).prefix { $0.hasPrefix("-") }.map(String.init)
        : []
    }
  }

  func run() throws {
    Interruption.prepare()
    csignals_install { Interruption.request() }
    if let threads { WorkerPool.threadCount = threads }
    callocator_return_large_blocks()

    let streams = StandardStreams()
    let program = Program(code: code, rest: rest, streams: streams)
    var settings = SessionSettings()
    settings.plotsFolder = plots
    settings.seed = seed
    settings.isQuiet = quiet
    settings.isTerminal = streams.isTerminal
    settings.width = Terminal.width ?? 100
    settings.arguments = program.arguments
    settings.isInteractive = program.isPrompt
    settings.continuesPlotNumbering = program.isPrompt

    let session = Session(
      functions: StandardLibrary.functions,
      constants: StandardLibrary.constants.map { ($0.name, $0.value) }, foreign: PeerWords(),
      settings: settings)
    let colors = Terminal.allowsColor && !noColor
    let view = TerminalView(streams: streams, allowsColor: colors, settings: settings)
    session.add(view)
    if convert { Glibc.exit(Converter(view: view, streams: streams).convert(rest[0], to: rest[1])) }

    let status: Int32
    do {
      let documents = try Documents(
        report: check || debugTree ? nil : report, notebook: check || debugTree ? nil : notebook,
        program: program, session: session)
      if program.isPrompt {
        status = Prompt(
          session: session, view: view, streams: streams, documents: documents, allowsColor: colors
        ).run()
      } else {
        status = ScriptRunner(session: session, view: view, streams: streams, documents: documents)
          .run(program, check ? .check : debugTree ? .tree : .run)
      }
    } catch {
      view.show(Diagnostic(Failure(wrapping: error)))
      status = 1
    }
    // The evaluation thread and the workers are left where they are.
    Glibc.exit(status)
  }
}
