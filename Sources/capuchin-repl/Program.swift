import Glibc

/// What there is to run.
struct Program {
  /// Where it comes from.
  enum Origin {
    case code(String)
    case file(String)
    case standardInput
    case prompt
  }

  let origin: Origin
  let arguments: [String]

  init(code: String?, rest: [String], streams: StandardStreams) {
    if let code {
      origin = .code(code)
      arguments = rest
    } else if let file = rest.first {
      origin = file == "-" ? .standardInput : .file(file)
      arguments = Array(rest.dropFirst())
    } else {
      origin = isatty(STDIN_FILENO) == 1 && streams.isTerminal ? .prompt : .standardInput
      arguments = []
    }
  }

  var isPrompt: Bool {
    if case .prompt = origin { return true }
    return false
  }
}
