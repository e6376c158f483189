import CapLanguage
import CapLibrary
import Essentials
import Notebook

/// What an input goes through: everything that looks at a text at the prompt, then the evaluator with the
/// whole library, and the display of what comes out. An input may do what it likes but end the process.
enum Subject {
  /// Runs an input to its end, or until `Interruption` is requested.
  /// - Returns: how it ended.
  @discardableResult
  static func run(_ bytes: [UInt8]) -> CellOutcome {
    let text = String(decoding: bytes, as: UTF8.self)
    look(at: text)

    let session = makeSession()
    session.add(Reader())
    let outcome = session.run(Script(Source(name: "input.cap", bytes: bytes)))
    complete(text, in: session)
    if outcome.hasSucceeded { readBack(in: session) }
    return outcome
  }

  /// A session with the library.
  static func makeSession() -> Session {
    Session(
      functions: HarmlessLibrary.functions,
      constants: StandardLibrary.constants.map { ($0.name, $0.value) }, foreign: PeerWords())
  }

  /// What the prompt does while a text is typed.
  private static func look(at text: String) {
    let count = text.utf8.count
    _ = SourceText.inputState(of: text)
    var end = 0
    for token in SourceText.tokens(of: text) {
      require(token.range.lowerBound >= end && token.range.upperBound <= count, "coloured stretches overlap")
      end = token.range.upperBound
    }
    require(
      Array(PercentFormat.text(of: PercentFormat.cells(of: text)).utf8) == Array(text.utf8),
      "cells do not give their file back")
    for cell in PercentFormat.cells(of: text) {
      _ = cell.prose
      _ = cell.isEmpty
    }
    _ = PromptCommand(text)
  }

  /// Tab, in the middle and at the end.
  private static func complete(_ text: String, in session: Session) {
    let count = text.utf8.count
    for offset in [count, count / 2, count / 3, 0] {
      let completion = session.interpreter.completion(in: text, at: offset)
      require(
        completion.range.lowerBound >= 0 && completion.range.upperBound <= offset,
        "a completion replaces what is not there")
    }
  }

  /// Values that are nothing but data are read back from how they are written.
  private static func readBack(in session: Session) {
    for variable in session.userVariables.prefix(8) {
      guard let size = dataSize(variable.value, depth: 0), size < 200 else { continue }
      let written = variable.value.description
      _ = session.run(Cell(source: "read_back = (\(written));"))
      if Interruption.isRequested { return }
      guard let read = session.interpreter.value(of: "read_back") else {
        fatalError("property: cannot read back \(written)")
      }
      require(read == variable.value, "\(written) is read back as \(read.description)")
    }
  }

  /// How many parts a value has; nil for one that is not written as a literal.
  private static func dataSize(_ value: Value, depth: Int) -> Int? {
    if depth > 20 { return nil }
    var total = 1
    switch value {
    // Not a number is unequal to itself; the infinite have names that a script may take.
    case .number(let number): return number.isFinite ? 1 : nil
    case .bool, .nothing, .string: return 1
    case .list(let items):
      for item in items {
        guard total < 1000, let size = dataSize(item, depth: depth + 1) else { return nil }
        total += size
      }
      return total
    case .record(let record):
      for item in record.values {
        guard total < 1000, let size = dataSize(item, depth: depth + 1) else { return nil }
        total += size
      }
      return total
    default: return nil
    }
  }

  private static func require(_ holds: Bool, _ what: @autoclosure () -> String) {
    guard holds else { fatalError("property: \(what())") }
  }
}

/// Reads everything that a session shows, as a front end does.
private final class Reader: SessionListener {
  func session(_ session: Session, did event: SessionEvent) {
    guard case .output(let output) = event else { return }
    switch output {
    case .table(let table): _ = table.lines()
    case .warning(let diagnostic), .error(let diagnostic):
      _ = diagnostic.rendered(colored: true)
      _ = (diagnostic.line, diagnostic.column)
    default: break
    }
  }
}
