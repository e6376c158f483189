import CapLanguage
import Essentials
import Glibc
import Notebook

/// What a script says to its reader, and asks of the session.
enum NotebookFunctions {
  static let all = [printValues, help, warn, assert, time, timeit, sleep, progress, exit]

  private static let topic = "notebook"

  private static let printValues = FunctionDeclaration(
    "print", topic: topic, "Shows values as text",
    takes: ArgumentList(
      Argument<[Value]>.values(
        "values", "What to show; strings without quotes, tensors and tables with what they hold"),
      Argument("sep", .string, default: " ", "What stands between two values"),
      Argument("end", .string, default: "\n", "What stands behind the last")),
    returns: "none",
    examples: [
      Example("print(\"calls:\", 3)", output: "calls: 3"), Example("print(1, 2, sep=\"-\")", output: "1-2"),
    ],
    source: "Python's print", seeAlso: ["str", "format", "table"]
  ) { context, values, sep, end in
    let texts = try values.map { value in
      if case .object(let object as any PrintableText) = value { return try object.printedText() }
      return value.displayText
    }
    let text = texts.joined(separator: sep) + (end)
    if let session = context.host as? Session {
      session.emit(.text(text))
    } else {
      Swift.print(text, terminator: "")
    }
    return .nothing
  }

  private static let help = FunctionDeclaration(
    "help", topic: topic, "Explains a function, a topic or a value",
    takes: ArgumentList(
      Argument(
        "subject", .any, default: .nothing,
        "A function, its name, a topic, or any value; none lists all topics"
      )),
    returns: "none; the text is shown", errors: ["name: a name that nothing carries; near ones are told"],
    examples: [Example(illustrative: "help(stft)"), Example(illustrative: "help(\"audio\")")],
    seeAlso: ["kind"]
  ) { context, subject in
    let session = context.host as? Session
    switch subject.value {
    case .function(let function):
      if let session { session.emit(.page(function.helpText)) } else { emit(function.helpText + "\n", nil) }
    case .nothing: try session?.showHelp("")
    case .string(let name): try blaming("subject") { try session?.showHelp(name.text) }
    case let value: emit(description(of: value) + "\n", session)
    }
    return .nothing
  }

  private static func emit(_ text: String, _ session: Session?) {
    if let session { session.emit(.text(text)) } else { Swift.print(text, terminator: "") }
  }

  private static func description(of value: Value) -> String {
    var lines = ["\(value.kindName): \(value.cellText(itemLimit: 20, characterLimit: 500))"]
    let fields = value.asRecord?.keys ?? value.asObject?.fieldNames ?? []
    if !fields.isEmpty { lines.append("fields: " + fields.joined(separator: ", ")) }
    return lines.joined(separator: "\n")
  }

  private static let warn = FunctionDeclaration(
    "warn", topic: topic, "Shows a warning; nothing stops",
    takes: ArgumentList(
      Argument("text", .string, "What the reader should know")), returns: "none",
    examples: [Example(inFolder: "warn(\"more than half of the windows fire\")", output: "")],
    seeAlso: ["print", "assert"]
  ) { context, text in
    context.warn(text, kind: .raised)
    return .nothing
  }

  private static let assert = FunctionDeclaration(
    "assert", topic: topic, "Stops with an error unless a condition holds",
    takes: ArgumentList(
      Argument("condition", .bool, "What must be true"),
      Argument("message", .string, default: "the assertion does not hold", "What the error says")),
    returns: "none", errors: ["raised: the condition is false"],
    examples: [Example("assert(1 + 1 == 2, \"arithmetic is broken\")", output: "")],
    source: "Python's assert",
    seeAlso: ["warn"]
  ) { _, condition, message in
    guard condition else {
      throw Failure(.raised, message, parameter: "condition")
    }
    return .nothing
  }

  private static let time = FunctionDeclaration(
    "time", topic: topic, "The time now",
    returns: "a number: seconds since the start of 1970 (UTC), with fractions",
    examples: [Example("time() > 1.7e9", output: "true")], source: "Python's time.time",
    seeAlso: ["timeit", "sleep"]
  ) { _ in
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return .number(Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9)
  }

  private static func monotonic() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
  }

  private static let timeit = FunctionDeclaration(
    "timeit", topic: topic, "How long a call of a function takes",
    takes: ArgumentList(
      Argument("f", .function, "A function without parameters"),
      Argument(
        "number", .optional(.integer(.atLeast(1))), default: .nothing,
        "How often it is called; none calls it for about 0.2 s")),
    returns: "a time: the mean of all calls", errors: ["what the function throws"],
    examples: [
      Example(illustrative: "timeit(() => sum(range(1000)))"),
      Example("kind(timeit(() => 1, number=3))", output: "\"time\""),
    ],
    source: "Python's timeit", seeAlso: ["time"]
  ) { context, f, number in
    let function = f
    let wanted = number
    let start = monotonic()
    var calls = 0
    repeat {
      try Interruption.check()
      _ = try context.call(function, [])
      calls += 1
    } while wanted.map { calls < $0 } ?? (monotonic() - start < 0.2)
    let seconds = (monotonic() - start) / Double(calls)
    // Three digits that count: the rest is chance.
    return .seconds(Double(NumberText.significant(seconds, digits: 3)) ?? seconds)
  }

  private static let sleep = FunctionDeclaration(
    "sleep", topic: topic, "Waits",
    takes: ArgumentList(
      Argument("duration", .time(.between(0, 1e9)), "How long; Ctrl-C ends it")),
    returns: "none", errors: ["interrupt: the user asked to stop"],
    examples: [Example("sleep(1ms)", output: "")],
    seeAlso: ["time"]
  ) { _, duration in
    let end = monotonic() + (duration)
    while true {
      try Interruption.check()
      let rest = end - monotonic()
      if rest <= 0 { return .nothing }
      usleep(UInt32(Swift.min(rest, 0.05) * 1e6) + 1)
    }
  }

  private static let progress = FunctionDeclaration(
    "progress", topic: topic, "Shows how far a loop has come while it runs",
    takes: ArgumentList(
      Argument("xs", .items, "What the loop visits"),
      Argument("label", .string, default: "", "What stands beside the bar")),
    returns: "something with the same items, for `for`, `map` or a comprehension",
    examples: [Example("[x * x for x in progress([1, 2, 3])]", output: "[1, 4, 9]")],
    source: "tqdm", seeAlso: ["enumerate"]
  ) { context, xs, label in
    _ = try xs.iterator()
    return .object(
      ProgressObject(
        xs.value, label: label, session: context.host as? Session))
  }

  private static let exit = FunctionDeclaration(
    "exit", topic: topic, "Ends the script, or the session at the prompt",
    takes: ArgumentList(
      Argument(
        "status", .integer(.between(0, 255)), default: 0, "The exit status; 0 says that all is well")),
    returns: "nothing: what stands behind it does not run",
    examples: [Example(illustrative: "if len(args) == 0 { exit(64) }")],
    source: "Python's sys.exit", seeAlso: ["assert"]
  ) { context, status in
    (context.host as? Session)?.requestExit(status: Int32(status))
    // The session knows that this is no failure: it was asked to leave.
    throw Failure(.interrupt, "exit")
  }
}
