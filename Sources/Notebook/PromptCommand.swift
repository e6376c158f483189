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
    } else {
      return nil
    }
  }

  /// Whether `text` is a command as far as it goes, so that Enter ends it.
  public static func isCommand(_ text: String) -> Bool { PromptCommand(text) != nil }

  /// Runs it.
  func run(in session: Session) throws {
    guard let command = Self.all.first(where: { $0.name == name }) else {
      if name == "?" { return try Help.show(argument, in: session) }
      if name == "??" { return try Help.showSource(argument, in: session) }
      let near = NearNames.of(name, in: Self.all.map(\.name))
      throw Failure(
        .name, "no command named '\(name)'",
        hint: near.first.map { "did you mean '\($0)'?" } ?? "%help lists the commands")
    }
    try command.run(argument, session)
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
      defer {
        let wall = Duration.text(Clock.now - clock)
        let cores = Duration.text(Clock.processorTime - processor)
        session.emit(.text("wall time \(wall), processor time \(cores)\n"))
      }
      try session.runCode(code)
    },
    Description(name: "%timeit", arguments: "CODE", summary: "run CODE many times and tell its mean time") {
      argument, session in
      try Timing.measure(try required(argument, "%timeit", "code to run"), in: session)
    },
  ]

  // MARK: Files and folders

  private static let files = [
    Description(name: "%run", arguments: "FILE [ARGS]", summary: "run a script; its variables stay") {
      argument, session in
      var words = words(of: argument)
      guard !words.isEmpty else { throw Failure(.value, "%run needs the name of a script") }
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
      let path = words(of: argument).first ?? ""
      guard !path.isEmpty else { throw Failure(.value, "%load needs the name of a script") }
      let source = try Source(path: path)
      guard let text = String(validating: source.bytes, as: UTF8.self), !text.contains("\0") else {
        throw Failure(.format, "'\(path)' is no text in UTF-8")
      }
      session.offerNextInput(text.trimmingBlanks())
    },
    Description(name: "%save", arguments: "FILE", summary: "write the cells that succeeded to a script") {
      argument, session in
      guard let path = words(of: argument).first, !path.isEmpty else {
        throw Failure(.value, "%save needs the name of a file, such as session.cap")
      }
      let cells = session.inputs.filter {
        $0.hasSucceeded && !isCommand($0.text) && $0.number < session.cellNumber
      }
      let text = cells.map { "# %% \($0.number)\n\($0.text)\n" }.joined(separator: "\n")
      try FileReplacement.write(text, to: path)
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
    Description(name: "%cd", arguments: "[FOLDER]", summary: "change the current folder, or tell it") {
      argument, session in
      if let folder = words(of: argument).first, chdir(folder) != 0 {
        throw Failure.system("change to", path: folder, errno: errno)
      }
      session.emit(.text(currentFolder() + "\n"))
    },
    Description(
      name: "%plots", arguments: "[inline|file|off|FOLDER]",
      summary: "show pictures here, only write them, draw none; put them into another folder; or tell which"
    ) {
      argument, session in
      if let word = words(of: argument).first {
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
    guard let path = words(of: argument).first, !path.isEmpty else {
      throw Failure(.value, "\(command) needs the name of a file, such as \(example)")
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

  // MARK: Looking around

  private static let looking = [
    Description(name: "%who", arguments: "", summary: "list the variables") { _, session in
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
    Description(name: "%reset", arguments: "", summary: "forget all variables") { _, session in
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
    Description(name: "%quit", arguments: "", summary: "leave (also Ctrl-D)") { _, session in
      session.requestExit()
    }
  ]

  private static func required(_ argument: String, _ command: String, _ what: String) throws(Failure)
    -> String
  {
    if argument.isEmpty { throw Failure(.value, "\(command) needs \(what)") }
    return argument
  }

  /// The words of an argument; quotes keep blanks in a word, `~` is the home folder.
  private static func words(of argument: String) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    for character in argument {
      if let open = quote {
        if character == open { quote = nil } else { word = (word ?? "") + String(character) }
      } else if character == "\"" || character == "'" {
        quote = character
        word = word ?? ""
      } else if character.isWhitespace {
        if let complete = word { words.append(complete) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    if let word { words.append(word) }
    return words.map { word in
      guard word == "~" || word.hasPrefix("~/"), let home = getenv("HOME") else { return word }
      return String(cString: home) + word.dropFirst()
    }
  }

  private static func currentFolder() -> String {
    guard let path = getcwd(nil, 0) else { return "." }
    defer { free(path) }
    return String(cString: path)
  }
}

extension StringProtocol {
  /// Without white space at both ends.
  func trimmingBlanks() -> String {
    var text = drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
