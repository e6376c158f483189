import CapLanguage
import Essentials

/// Help at the prompt: topics, functions, variables.
enum Help {
  /// What is known about `subject`; an overview if it is empty.
  static func show(_ subject: String, in session: Session) throws {
    let interpreter = session.interpreter
    if subject.isEmpty { return overview(in: session) }
    if subject.hasPrefix("%") {
      guard let command = PromptCommand.all.first(where: { $0.name == subject }) else {
        throw Failure(.name, "no command named '\(subject)'", hint: "%help lists the commands")
      }
      return session.emit(.text("\(command.name) \(command.arguments)\n  \(command.summary)\n"))
    }
    if let value = try value(of: subject, in: session) {
      if let function = value.asFunction {
        session.emit(.page(function.helpText))
      } else {
        session.emit(.text(describe(subject, value)))
      }
      return
    }
    let functions = interpreter.functions.filter { $0.topic == subject }
    guard functions.isEmpty else { return list(functions, title: subject, in: session) }
    let near = NearNames.of(
      subject, in: interpreter.functions.map(\.name) + interpreter.variables.map(\.name))
    throw Failure(
      .name, "nothing named '\(subject)'",
      hint: near.first.map { "did you mean '\($0)'?" } ?? "%help lists topics and functions")
  }

  /// The source of a user's function; help for everything else.
  static func showSource(_ subject: String, in session: Session) throws {
    if let source = try value(of: subject, in: session)?.asFunction?.sourceText {
      session.emit(.page(source))
    } else {
      try show(subject, in: session)
    }
  }

  private static func overview(in session: Session) {
    var topics: [String] = []
    var names: [String: [String]] = [:]
    for function in session.interpreter.functions {
      if names[function.topic] == nil { topics.append(function.topic) }
      names[function.topic, default: []].append(function.name)
    }
    let width = max(40, session.settings.width)
    var lines: [String] = []
    if !topics.isEmpty {
      let table = Table(
        title: "Functions by topic", columns: [Table.Column("topic"), Table.Column("functions")],
        rows: topics.flatMap { rows($0, names[$0] ?? [], width: width - 16) })
      lines += table.lines(width: width) + [""]
    }
    let commands = Table(
      title: "At the prompt", columns: [Table.Column("command"), Table.Column("what it does")],
      rows: PromptCommand.all.map { ["\($0.name) \($0.arguments)", $0.summary] } + [
        ["NAME?", "help for a function or a variable"], ["NAME??", "the source of a function of yours"],
        ["_, Out[n], In[n]", "the last value, the value and the text of cell n"],
      ])
    lines += commands.lines(width: width)
    lines += ["", "stft? explains one function, %help audio lists the functions of one topic."]
    session.emit(.page(lines.joined(separator: "\n")))
  }

  /// One topic's names on as many rows as they need.
  private static func rows(_ topic: String, _ names: [String], width: Int) -> [[String]] {
    var lines = [""]
    for name in names {
      if lines[lines.count - 1].isEmpty {
        lines[lines.count - 1] = name
      } else if lines[lines.count - 1].count + name.count + 1 > width {
        lines.append(name)
      } else {
        lines[lines.count - 1] += " " + name
      }
    }
    return lines.enumerated().map { [$0 == 0 ? topic : "", $1] }
  }

  private static func list(_ functions: [FunctionDeclaration], title: String, in session: Session) {
    session.emit(
      .table(
        Table(
          title: title, columns: [Table.Column("function"), Table.Column("what it does")],
          rows: functions.map { [$0.name, $0.summary] })))
  }

  /// The value of `name` or `name.field.field`.
  private static func value(of subject: String, in session: Session) throws -> Value? {
    var parts = subject.split(separator: ".").map(String.init)
    guard !parts.isEmpty, var value = session.interpreter.value(of: parts.removeFirst()) else { return nil }
    for part in parts {
      switch value {
      case .record(let record):
        guard let field = record[part] else { return nil }
        value = field
      case .object(let object):
        guard let field = try object.field(part) else { return nil }
        value = field
      default: return nil
      }
    }
    return value
  }

  private static func describe(_ name: String, _ value: Value) -> String {
    var lines = ["\(name): \(value.kindName)", "  " + value.cellText(itemLimit: 20, characterLimit: 500)]
    switch value {
    case .object(let object) where !object.fieldNames.isEmpty:
      lines.append("  fields: " + object.fieldNames.joined(separator: ", "))
    case .list(let list): lines.append("  \(list.count) items")
    case .record(let record): lines.append("  fields: " + record.keys.joined(separator: ", "))
    default: break
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension Session {
  /// Shows what is known about a name: a function, a topic, a variable, a command of the prompt; an overview
  /// for an empty one.
  /// - Throws: a `name` failure that tells near names.
  public func showHelp(_ subject: String) throws { try Help.show(subject, in: self) }
}
