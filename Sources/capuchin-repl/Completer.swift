import CapLanguage
import Essentials
import Glibc
import Notebook

/// What Tab proposes: names, fields and arguments from the language, files inside strings, commands.
struct Completer {
  struct Candidate {
    let text: String
    let detail: String
  }

  struct Proposal {
    /// The byte from which a candidate replaces what is typed.
    let start: Int
    let candidates: [Candidate]
  }

  let session: Session

  func completion(in text: String, at cursor: Int) -> Proposal {
    let before = String(decoding: text.utf8.prefix(cursor), as: UTF8.self)
    if before.hasPrefix("?") {
      let name = before.drop(while: { $0 == "?" || $0 == " " })
      return subjects(name, end: cursor, withCommands: false)
    }
    guard before.hasPrefix("%") else { return language(text, at: cursor, shift: 0) }
    guard let blank = before.firstIndex(of: " ") else { return commands(before) }
    let argument = before[before.index(after: blank)...]
    switch before[..<blank] {
    case "%run": return words(argument, end: cursor)
    case "%load", "%save", "%report", "%notebook", "%cd", "%plots":
      let path = argument.hasPrefix("-f ") ? argument.dropFirst(3) : argument
      if let quote = path.first, quote == "\"" || quote == "'" { return words(path, end: cursor) }
      return paths(path, end: cursor)
    case "%help": return subjects(argument, end: cursor, withCommands: true)
    case "%time", "%timeit":
      let code = String(argument)
      return language(code, at: code.utf8.count, shift: before.utf8.count - code.utf8.count)
    default: return Proposal(start: cursor, candidates: [])
    }
  }

  /// The longest text that all of these start with.
  static func commonPrefix(_ texts: [String]) -> String {
    guard var common = texts.first else { return "" }
    for text in texts.dropFirst() {
      while !text.hasPrefix(common) { common.removeLast() }
    }
    return common
  }

  private func commands(_ typed: String) -> Proposal {
    let candidates = PromptCommand.all.filter { $0.name.hasPrefix(typed) }
    return Proposal(start: 0, candidates: candidates.map { Candidate(text: $0.name, detail: $0.summary) })
  }

  /// What `%help` and `?` explain: variables, functions, topics, commands.
  private func subjects(_ typed: Substring, end: Int, withCommands: Bool) -> Proposal {
    if withCommands, typed.hasPrefix("%") {
      let found = commands(String(typed))
      return Proposal(start: end - typed.utf8.count, candidates: found.candidates)
    }
    let name = String(typed)
    let completion = session.interpreter.completion(in: name, at: name.utf8.count)
    var candidates = completion.candidates.filter { $0.kind != "keyword" }
      .map { Candidate(text: $0.text, detail: $0.detail) }
    if withCommands {
      let topics = Set(session.interpreter.functions.map(\.topic)).filter { $0.hasPrefix(typed) }
      let known = Set(candidates.map(\.text))
      candidates += topics.subtracting(known).sorted().map { Candidate(text: $0, detail: "a topic") }
    }
    return Proposal(
      start: end - typed.utf8.count + completion.range.lowerBound, candidates: candidates)
  }

  private func language(_ text: String, at offset: Int, shift: Int) -> Proposal {
    let completion = session.interpreter.completion(in: text, at: offset)
    let start = completion.range.lowerBound
    let bytes = Array(text.utf8)
    switch completion.context {
    case .string(let prefix):
      let quote = start > 0 ? bytes[start - 1] : UInt8(ascii: "\"")
      return paths(
        prefix[...], end: offset + shift, quote: Character(UnicodeScalar(quote)),
        closes: offset == bytes.count || bytes[offset] != quote)
    case .word:
      let quote = bytes[start - 1]
      let closing = offset < bytes.count && bytes[offset] == quote ? "" : String(UnicodeScalar(quote))
      let isOnly = completion.candidates.count == 1
      return Proposal(
        start: start + shift,
        candidates: completion.candidates.map {
          Candidate(text: $0.text + (isOnly ? closing : ""), detail: $0.detail)
        })
    default: break
    }
    var candidates = completion.candidates
    if case .argument = completion.context {
      // Between brackets the parameters are the news; statements cannot stand there.
      let parameters = candidates.filter { $0.kind == "parameter" }
      candidates =
        completion.range.isEmpty && !parameters.isEmpty
        ? parameters : candidates.filter { $0.kind != "keyword" }
    }
    return Proposal(
      start: start + shift, candidates: candidates.map { Candidate(text: $0.text, detail: $0.detail) })
  }

  /// Files that continue the last word of a command line; quotes keep blanks in a word.
  private func words(_ argument: Substring, end: Int) -> Proposal {
    var quote: Character?
    var start = argument.startIndex
    for index in argument.indices {
      let character = argument[index]
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "\"" || character == "'" {
        quote = character
        start = argument.index(after: index)
      } else if character.isWhitespace {
        start = argument.index(after: index)
      }
    }
    if let quote { return paths(argument[start...], end: end, quote: quote, closes: true) }
    let found = paths(argument[start...], end: end)
    // A name with blanks is put in quotes, from the start of its word.
    guard found.candidates.count == 1, found.candidates[0].text.contains(" ") else { return found }
    let word = argument[start...]
    let kept = word.utf8.dropLast(end - found.start)
    let text = "\"" + String(Substring(kept)) + found.candidates[0].text
    return Proposal(
      start: end - word.utf8.count,
      candidates: [Candidate(text: text + (text.hasSuffix("/") ? "" : "\""), detail: "")])
  }

  /// Files and folders that continue `typed`, which ends at the byte `end`. Inside quotes of the language
  /// they are written with its escapes, and a file that is the only one closes the string.
  private func paths(_ typed: Substring, end: Int, quote: Character? = nil, closes: Bool = false) -> Proposal
  {
    let (path, name) = Path.split(typed)
    if path.isEmpty, name == "~" {
      return Proposal(start: end - 1, candidates: [Candidate(text: "~/", detail: "")])
    }
    let folder = Self.unescaped(path[...])
    let place = Path.expandingHome(folder)
    let wanted = Self.unescaped(name[...])
    let names = (Folder.names(in: place, limit: 100_000) ?? [])
      .filter { $0.hasPrefix(wanted) && (wanted.hasPrefix(".") || !$0.hasPrefix(".")) }
      .sorted()
    let candidates = names.map { file in
      let isFolder = Self.isFolder(place + file)
      let text = quote.map { Self.escaped(file, in: $0) } ?? file
      let closing = closes && names.count == 1 && !isFolder ? quote.map(String.init) ?? "" : ""
      return Candidate(text: text + (isFolder ? "/" : closing), detail: "")
    }
    return Proposal(start: end - name.utf8.count, candidates: candidates)
  }

  /// A name as it stands in a string of the language.
  private static func escaped(_ name: String, in quote: Character) -> String {
    var text = ""
    for character in name {
      if character == quote || character == "\\" { text.append("\\") }
      text.append(character)
    }
    return text
  }

  private static func unescaped(_ text: Substring) -> String {
    var plain = ""
    var isEscaped = false
    for character in text {
      if character == "\\", !isEscaped {
        isEscaped = true
      } else {
        plain.append(character)
        isEscaped = false
      }
    }
    return plain
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}

/// A list of candidates below the prompt: with a line about each while they are few, else in columns.
struct CompletionList {
  private let candidates: [Completer.Candidate]
  private let width: Int
  private let maxRows: Int

  init(_ candidates: [Completer.Candidate], width: Int, maxRows: Int) {
    self.candidates = candidates
    self.width = max(20, width - 1)
    self.maxRows = maxRows
  }

  func lines(colored: Bool) -> [String] {
    let longest = candidates.map { TextWidth.of($0.text) }.max() ?? 0
    if candidates.count <= min(12, maxRows), candidates.contains(where: { !$0.detail.isEmpty }) {
      return candidates.map { candidate in
        let padding = String(repeating: " ", count: longest - TextWidth.of(candidate.text) + 2)
        let detail = TextWidth.fitting(candidate.detail, width - longest - 2)
        return candidate.text + padding + (colored ? Style.dim + detail + Style.reset : detail)
      }
    }
    let cell = longest + 2
    let columns = max(1, width / cell)
    let shown = candidates.prefix(columns * maxRows)
    let rows = (shown.count + columns - 1) / columns
    var lines = (0..<rows).map { row in
      // Down the columns, as ls does.
      stride(from: row, to: shown.count, by: rows).map { index in
        let text = TextWidth.fitting(shown[index].text, width)
        return text + String(repeating: " ", count: max(0, cell - TextWidth.of(text)))
      }.joined()
    }
    if shown.count < candidates.count { lines.append("… \(candidates.count - shown.count) more") }
    return lines
  }
}
