import CapLanguage
import Essentials
import Glibc

/// What a prompt understands beside the language: `%time f(x)`, `stft?`, `quit`.
public struct PromptCommand: Sendable {
  /// A command as it is listed.
  public struct Description: Sendable {
    /// With its percent sign: `%time`.
    public let name: String
    /// What may follow it.
    public let arguments: String
    /// What it does.
    public let summary: String
    fileprivate let run: @Sendable (_ argument: String, _ session: Session) throws -> Void
  }

  /// All commands in the order of `%help`.
  public static let all: [Description] = timing + files + looking + leaving

  private let name: String
  private let argument: String

  /// The command in `text`, or nil if it is code for the language.
  public init?(_ text: String) {
    let trimmed = text.trimmingBlanks()
    if trimmed.hasPrefix("%") {
      name = String(trimmed.prefix(while: { !$0.isWhitespace }))
      argument = trimmed.dropFirst(name.count).trimmingBlanks()
    } else if let asked = Self.question(trimmed) {
      (name, argument) = asked
    } else if ["quit", "quit()", "exit", "exit()"].contains(trimmed) {
      (name, argument) = ("%quit", "")
    } else if ["help", "?"].contains(trimmed) {
      (name, argument) = ("%help", "")
    } else {
      return nil
    }
  }

  /// Whether `text` is a command as far as it goes, so that Enter ends it.
  public static func isCommand(_ text: String) -> Bool { PromptCommand(text) != nil }

  /// Whether `text`, a command or code, is whole, or goes on in another line.
  public static func inputState(of text: String) -> InputState {
    guard let command = PromptCommand(text) else { return SourceText.inputState(of: text) }
    return SourceText.inputState(of: command.takesCode ? command.argument : "")
  }

  /// Where the code of `%time` and `%timeit` starts in `text`, in bytes; nil for other commands.
  public static func codeOffset(in text: String) -> Int? {
    guard let command = PromptCommand(text), command.takesCode else { return nil }
    let start = text.prefix(while: \.isWhitespace).utf8.count + command.name.utf8.count
    return start + text.utf8.dropFirst(start).prefix(while: { $0 == 32 || $0 == 9 }).count
  }

  private var takesCode: Bool { name == "%time" || name == "%timeit" }

  /// Runs it.
  func run(in session: Session) throws {
    guard let command = Self.all.first(where: { $0.name == name }) else {
      if name == "?" { return try Help.show(argument, in: session) }
      if name == "??" { return try Help.showSource(argument, in: session) }
      throw Self.unknown(name)
    }
    try command.run(argument, session)
  }

  /// The failure for a command that is none.
  static func unknown(_ name: String) -> Failure {
    let near = NearNames.of(name, in: all.map(\.name)).first
    let longer = all.first { name.count > 2 && $0.name.hasPrefix(name) }?.name
    return Failure(
      .name, "no command named '\(name)'",
      hint: foreign(name) ?? (near ?? longer).map { "did you mean '\($0)'?" } ?? "%help lists the commands")
  }

  /// What takes the place of a command of IPython or a shell.
  static func foreign(_ name: String) -> String? {
    switch name.drop(while: { $0 == "%" }) {
    case "whos", "who_ls", "vars": "%who lists the variables"
    case "ls", "ll", "dir": "list_dir(\".\") lists a folder"
    case "pwd": "%cd without a folder tells the current one"
    case "clear", "cls": "Ctrl-L clears the screen"
    case "hist": "%history lists the cells"
    case "matplotlib", "pylab": "pictures need no setting; %plots says where they go"
    case "cat", "less", "more", "pycat": "read_text(path) shows a file"
    case "mkdir": "make_dir(path) makes a folder"
    case "edit", "recall", "rerun": "Up and Ctrl-R find earlier entries; %load puts a script into the prompt"
    case "prun", "lprun": "%time and %timeit tell how long code takes"
    case "who", "history", "time", "timeit", "run", "save", "load", "reset", "cd", "plots":
      name.hasPrefix("%") ? nil : "%\(name) is a command of the prompt"
    default: nil
    }
  }

  /// `name?`, `name??`, `?name`, `??name`.
  private static func question(_ text: String) -> (String, String)? {
    let marks = text.hasSuffix("?") ? text.reversed().prefix(while: { $0 == "?" }).count : 0
    let leading = text.prefix(while: { $0 == "?" }).count
    let name: Substring
    switch (leading, marks) {
    case (0, 1...2): name = text.dropLast(marks)
    case (1...2, 0): name = text.dropFirst(leading)
    default: return nil
    }
    let subject = name.trimmingBlanks()
    guard !subject.isEmpty, subject.allSatisfy({ $0.isLetter || $0.isNumber || "_.%".contains($0) }) else {
      return nil
    }
    return (max(leading, marks) == 1 ? "?" : "??", subject)
  }

  // MARK: Timing

  private static let timing = [
    Description(name: "%time", arguments: "CODE", summary: "run CODE once and tell how long it took") {
      argument, session in
      let code = try required(argument, "%time", "code to run, such as %time fit(m, train)")
      let clock = Clock.now
      let processor = Clock.processorTime
      func tell() {
        let wall = DurationText.text(Clock.now - clock)
        let cores = DurationText.text(Clock.processorTime - processor)
        session.emit(.text("wall time \(wall), processor time \(cores)\n"))
      }
      do { try session.runCode(code) } catch let error as LanguageError {
        // Nothing has run if the code does not parse.
        if error.diagnostics.first?.kind != .syntax { tell() }
        throw error
      }
      tell()
    },
    Description(name: "%timeit", arguments: "CODE", summary: "run CODE many times and tell its mean time") {
      argument, session in
      try Timing.measure(
        try required(argument, "%timeit", "code to run, such as %timeit fft(x)"), in: session)
    },
  ]

  // MARK: Files and folders

  private static let files = [
    Description(name: "%run", arguments: "FILE [ARGS]", summary: "run a script; its variables stay") {
      argument, session in
      var words = CommandArgument.words(argument)
      guard !words.isEmpty else {
        throw Failure(.value, "%run needs the name of a script, such as %run tutorial.cap")
      }
      let script = try Script(path: words.removeFirst())
      let before = session.interpreter.scriptArguments
      session.interpreter.scriptArguments = words
      defer { session.interpreter.scriptArguments = before }
      try session.runNested(script)
    },
    Description(
      name: "%load", arguments: "FILE", summary: "put a script into the prompt, to be edited and run"
    ) {
      argument, session in
      let path = CommandArgument.path(argument)
      guard !path.isEmpty else {
        throw Failure(.value, "%load needs the name of a script, such as %load tutorial.cap")
      }
      let source = try Source(path: path)
      guard let text = String(validating: source.bytes, as: UTF8.self), !text.contains("\0") else {
        throw Failure(.format, "'\(path)' is no text in UTF-8")
      }
      session.commands.offerNextInput(text.trimmingBlanks())
    },
    Description(
      name: "%save", arguments: "[-f] FILE",
      summary: "write the cells that succeeded to a script; -f replaces a file"
    ) {
      argument, session in
      let isForced = argument == "-f" || argument.hasPrefix("-f ")
      let path = CommandArgument.path(isForced ? argument.dropFirst(2).trimmingBlanks() : argument)
      guard !path.isEmpty else {
        throw Failure(.value, "%save needs the name of a file, such as %save session.cap")
      }
      guard isForced || access(path, F_OK) != 0 || session.commands.hasSaved(path) else {
        throw Failure(.file, "'\(path)' is there already", hint: "%save -f \(path) replaces it")
      }
      let cells = session.inputs.filter { $0.hasSucceeded && $0.number < session.cellNumber }
        .compactMap { input in code(in: input.text).map { (input.number, $0) } }
      let text = cells.map { "# %% \($0.0)\n\($0.1)\n" }.joined(separator: "\n")
      try FileReplacement.write(text, to: path)
      session.commands.noteSaved(path)
      session.emit(.text("\(cells.count) cell\(cells.count == 1 ? "" : "s") written to \(path)\n"))
    },
    Description(
      name: "%report", arguments: "FILE", summary: "write the session so far as a page: FILE.html"
    ) { argument, session in
      try write(.report, argument, "%report", "report.html", session)
    },
    Description(
      name: "%notebook", arguments: "FILE",
      summary: "write the session so far as a Jupyter notebook: FILE.ipynb"
    ) { argument, session in
      try write(.notebook, argument, "%notebook", "session.ipynb", session)
    },
    Description(
      name: "%cd", arguments: "[FOLDER]", summary: "change the current folder, or tell it; - goes back"
    ) {
      argument, session in
      if !argument.isEmpty {
        let before = currentFolder()
        var folder = CommandArgument.path(argument)
        if folder == "-" {
          guard let last = session.commands.previousFolder else {
            throw Failure(.state, "%cd - goes back to the folder before, and there has been none")
          }
          folder = last
        }
        guard chdir(folder) == 0 else {
          throw Failure.system("change to", path: folder, errno: errno)
        }
        session.commands.previousFolder = before
      }
      session.emit(.text(currentFolder() + "\n"))
    },
    Description(
      name: "%plots", arguments: "[inline|file|off|FOLDER]",
      summary: "show pictures here, only write them, draw none; put them into another folder; or tell which"
    ) {
      argument, session in
      if !argument.isEmpty {
        let word = CommandArgument.path(argument)
        if let mode = PictureMode(rawValue: word) {
          session.settings.pictures = mode
        } else {
          session.settings.plotsFolder = word
        }
      }
      let folder = session.settings.plotsFolder
      let text =
        switch session.settings.pictures {
        case .inline: "pictures go to \(folder)/, and show here where the terminal can"
        case .file: "pictures go to \(folder)/"
        case .off: "no pictures, other than those with save=\"…\", which go to \(folder)/"
        }
      session.emit(.text(text + "\n"))
    },
  ]

  private static func write(
    _ document: SessionDocument, _ argument: String, _ command: String, _ example: String, _ session: Session
  ) throws {
    let path = CommandArgument.path(argument)
    guard !path.isEmpty else {
      throw Failure(.value, "\(command) needs the name of a file, such as \(command) \(example)")
    }
    guard let recorder = session.recorder else {
      throw Failure(.state, "this session keeps no record that \(command) could write")
    }
    try recorder.write(document, to: path)
    session.emit(.text("\(document.rawValue) written to \(path)\n"))
  }

  /// Whether the text is a command about the session's documents or its end, which none of them shows.
  public static func isAboutTheRecord(_ text: String) -> Bool {
    PromptCommand(text).map { ["%report", "%notebook", "%quit"].contains($0.name) } ?? false
  }

  /// The code that an input ran: of `%time CODE` the CODE; nil for other commands.
  private static func code(in text: String) -> String? {
    guard let command = PromptCommand(text) else { return text }
    return command.name == "%time" ? command.argument : nil
  }

  // MARK: Looking around

  private static let looking = [
    Description(name: "%who", arguments: "", summary: "list the variables") { argument, session in
      try nothing(argument, "%who", "%help NAME tells about one variable")
      let variables = session.userVariables
      guard !variables.isEmpty else { return session.emit(.text("no variables yet\n")) }
      session.emit(
        .table(
          Table(
            columns: [Table.Column("name"), Table.Column("kind"), Table.Column("value")],
            rows: variables.map {
              [$0.name, $0.kindName, $0.value.cellText(itemLimit: 8, characterLimit: 200)]
            })))
    },
    Description(name: "%history", arguments: "[N]", summary: "list the cells so far, or the last N") {
      argument, session in
      var inputs = session.inputs.filter { $0.number < session.cellNumber }
      if !argument.isEmpty {
        guard let count = Int(argument), count > 0 else {
          throw Failure(.value, "%history takes a number of cells, not '\(argument)'")
        }
        inputs = inputs.suffix(count)
      }
      let lines = inputs.map { input in
        let prompt = "[\(input.number)] "
        let indent = "\n" + String(repeating: " ", count: prompt.count)
        return prompt
          + input.text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: indent)
      }
      if !lines.isEmpty { session.emit(.text(lines.joined(separator: "\n") + "\n")) }
    },
    Description(name: "%reset", arguments: "", summary: "forget all variables") { argument, session in
      try nothing(argument, "%reset", "it forgets all variables; to free one, assign none")
      session.reset()
    },
    Description(
      name: "%help", arguments: "[NAME]", summary: "list topics, a topic's functions, or a function's help"
    ) {
      argument, session in
      try Help.show(argument, in: session)
    },
  ]

  private static let leaving = [
    Description(name: "%quit", arguments: "", summary: "leave (also Ctrl-D)") { argument, session in
      try nothing(argument, "%quit", "exit(status) leaves with a status")
      session.requestExit()
    }
  ]

  private static func required(_ argument: String, _ command: String, _ what: String) throws(Failure)
    -> String
  {
    if argument.isEmpty { throw Failure(.value, "\(command) needs \(what)") }
    return argument
  }

  /// - Throws: a `value` failure if anything is given to a command that takes nothing.
  private static func nothing(_ argument: String, _ command: String, _ hint: String) throws(Failure) {
    if !argument.isEmpty {
      throw Failure(.value, "\(command) takes no argument, but got '\(argument)'", hint: hint)
    }
  }

  private static func currentFolder() -> String {
    guard let path = getcwd(nil, 0) else { return "." }
    defer { free(path) }
    return String(cString: path)
  }
}
