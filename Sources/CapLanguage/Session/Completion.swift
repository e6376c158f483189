/// What may stand at the cursor.
public struct Completion: Sendable {
  /// What is being written there.
  public enum Context: Sendable, Equatable {
    /// A name.
    case name
    /// A field after a dot.
    case field
    /// An argument of a call: parameters come first, then names.
    case argument(function: String)
    /// Inside a string: a path, perhaps; the text of the string up to the cursor.
    case string(prefix: String)
    /// Nothing that can be completed, such as a comment.
    case nothing
  }
  /// One proposal.
  public struct Candidate: Sendable, Equatable {
    /// What to write; `frame_length=` for a parameter.
    public let text: String
    /// "function", "keyword", "parameter", "field", or the kind of the variable's value.
    public let kind: String
    /// A line about it: a signature or a summary.
    public let detail: String
  }
  /// What is being written.
  public let context: Context
  /// The bytes that a candidate replaces.
  public let range: Range<Int>
  /// In the order to show them.
  public let candidates: [Candidate]
}

extension Interpreter {
  /// What may stand at byte `offset` of `text`.
  public func completion(in text: String, at offset: Int) -> Completion {
    let bytes = Array(text.utf8.prefix(max(0, offset)))
    let end = bytes.count
    let lexer = Lexer(bytes, range: 0..<end)
    let tokens = lexer.tokens.filter { $0.kind != .end && $0.kind != .newline }
    if let comment = lexer.comments.last, Int(comment.end) == end { return nothing(end) }
    if let last = tokens.last, last.kind == .invalid, Int(last.end) == end,
      let quote = bytes[Int(last.start)...].firstIndex(where: { $0 == 34 || $0 == 39 }),
      quote - Int(last.start) <= 2
    {
      let prefix = String(decoding: bytes[(quote + 1)...], as: UTF8.self)
      return Completion(context: .string(prefix: prefix), range: quote + 1..<end, candidates: [])
    }
    var before = tokens
    var range = end..<end
    if let last = tokens.last, Int(last.end) == end {
      switch last.kind {
      case .name, .keyword:
        range = last.span.range
        before.removeLast()
      case .number, .string: return nothing(end)
      default: break
      }
    }
    let prefix = String(decoding: bytes[range], as: UTF8.self)
    if before.last?.kind == .symbol(.dot) { return fields(before.dropLast(), bytes, prefix, range) }
    let names = self.names(prefix)
    // What can stand inside the brackets of a call.
    let valueWords = ["and", "else", "false", "fn", "for", "if", "in", "none", "not", "or", "true"]
    if let (function, given) = call(before, bytes) {
      let parameters = function.parameterNames.filter { $0.hasPrefix(prefix) && !given.contains($0) }.map {
        name in
        Completion.Candidate(
          text: name + "=", kind: "parameter",
          detail: function.declaration?.parameters.first { $0.name == name }?.documentation ?? "")
      }
      return Completion(
        context: .argument(function: function.name), range: range,
        candidates: parameters + names.filter { $0.kind != "keyword" || valueWords.contains($0.text) })
    }
    return Completion(context: .name, range: range, candidates: names)
  }

  private func nothing(_ end: Int) -> Completion {
    Completion(context: .nothing, range: end..<end, candidates: [])
  }

  private func names(_ prefix: String) -> [Completion.Candidate] {
    let set = variables.filter { $0.name.hasPrefix(prefix) }.map {
      Completion.Candidate(text: $0.name, kind: $0.kindName, detail: detail($0.value))
    }
    let taken = Set(set.map(\.text))
    let library = functions.filter { $0.name.hasPrefix(prefix) && !taken.contains($0.name) }.map {
      Completion.Candidate(text: $0.name, kind: "function", detail: $0.signature)
    }
    let fixed = constants.filter { $0.name.hasPrefix(prefix) && !taken.contains($0.name) }.map {
      Completion.Candidate(text: $0.name, kind: $0.value.kindName, detail: detail($0.value))
    }
    let words = Keyword.all.filter { !prefix.isEmpty && $0.hasPrefix(prefix) }.map {
      Completion.Candidate(text: $0, kind: "keyword", detail: "")
    }
    return set.sorted { $0.text < $1.text } + (library + fixed).sorted { $0.text < $1.text } + words
  }

  private func detail(_ value: Value) -> String {
    switch value {
    case .function(let function): function.signature
    case .object(let object): object.summary
    default: value.cellText(itemLimit: 8, characterLimit: 60)
    }
  }

  /// The fields of what stands before the dot, where that is a variable and its fields and nothing that would
  /// have to be run.
  private func fields(
    _ before: ArraySlice<Token>, _ bytes: [UInt8], _ prefix: String, _ range: Range<Int>
  ) -> Completion {
    var path: [String] = []
    var rest = before
    while let last = rest.last, last.kind == .name {
      path.insert(String(decoding: bytes[last.span.range], as: UTF8.self), at: 0)
      rest = rest.dropLast()
      guard rest.last?.kind == .symbol(.dot) else { break }
      rest = rest.dropLast()
    }
    var value = path.first.flatMap { self.value(of: $0) }
    for name in path.dropFirst() {
      switch value {
      case .record(let record): value = record[name]
      case .object(let object): value = (try? object.field(name)) ?? nil
      default: value = nil
      }
    }
    let names: [String] =
      switch value {
      case .record(let record): record.keys.filter { Characters.isName($0) }
      case .object(let object): object.fieldNames
      default: []
      }
    return Completion(
      context: .field, range: range,
      candidates: names.filter { $0.hasPrefix(prefix) }.map { .init(text: $0, kind: "field", detail: "") })
  }

  /// The function whose arguments are being written, and the names already given.
  private func call(_ tokens: [Token], _ bytes: [UInt8]) -> (FunctionObject, Set<String>)? {
    var depth = 0
    var given: Set<String> = []
    for (index, token) in tokens.enumerated().reversed() {
      guard case .symbol(let symbol) = token.kind else { continue }
      if symbol.isClosing {
        depth += 1
      } else if symbol.isOpening {
        if depth > 0 {
          depth -= 1
          continue
        }
        guard symbol == .leftParenthesis, index > 0, tokens[index - 1].kind == .name else { return nil }
        let name = String(decoding: bytes[tokens[index - 1].span.range], as: UTF8.self)
        // A parameter list of a declaration is no call.
        if index > 1, tokens[index - 2].kind == .keyword(.fn) { return nil }
        return value(of: name)?.asFunction.map { ($0, given) }
      } else if symbol == .assign, depth == 0, index > 0, tokens[index - 1].kind == .name {
        // Right behind `name=` a value is being written, but further parameters may follow a comma.
        given.insert(String(decoding: bytes[tokens[index - 1].span.range], as: UTF8.self))
        if index == tokens.count - 1 { return nil }
      }
    }
    return nil
  }
}
