import CapLanguage
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
    if before.hasPrefix("%") {
      guard let blank = before.firstIndex(of: " ") else { return commands(before) }
      let command = before[..<blank]
      let argument = before[before.index(after: blank)...]
      let offset = before.utf8.count - argument.utf8.count
      switch command {
      case "%run", "%load", "%save", "%report", "%notebook", "%cd", "%plots":
        return paths(argument, end: cursor)
      default: return language(String(argument), at: argument.utf8.count, shift: offset)
      }
    }
    return language(text, at: cursor, shift: 0)
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

  private func language(_ text: String, at offset: Int, shift: Int) -> Proposal {
    let completion = session.interpreter.completion(in: text, at: offset)
    if case .string(let prefix) = completion.context { return paths(prefix[...], end: offset + shift) }
    var candidates = completion.candidates
    if case .argument = completion.context {
      // Between brackets the parameters are the news; statements cannot stand there.
      let parameters = candidates.filter { $0.kind == "parameter" }
      candidates =
        completion.range.isEmpty && !parameters.isEmpty
        ? parameters : candidates.filter { $0.kind != "keyword" }
    }
    return Proposal(
      start: completion.range.lowerBound + shift,
      candidates: candidates.map { Candidate(text: $0.text, detail: $0.detail) })
  }

  /// Files and folders that continue `typed`, which ends at the byte `end`.
  private func paths(_ typed: Substring, end: Int) -> Proposal {
    let slash = typed.lastIndex(of: "/")
    let folder = slash.map { String(typed[...$0]) } ?? ""
    let name = slash.map { typed[typed.index(after: $0)...] } ?? typed
    let candidates = Self.entries(of: folder.isEmpty ? "." : folder)
      .filter { $0.hasPrefix(name) && (name.hasPrefix(".") || !$0.hasPrefix(".")) }
      .sorted()
      .map { Candidate(text: $0 + (Self.isFolder(folder + $0) ? "/" : ""), detail: "") }
    return Proposal(start: end - name.utf8.count, candidates: candidates)
  }

  private static func entries(of path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder), names.count < 100_000 {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
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
