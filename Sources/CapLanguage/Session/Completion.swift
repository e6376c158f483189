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
    /// Inside a string: a path, perhaps; the text of the string up to the cursor, as written.
    case string(prefix: String)
    /// Inside a string that is the key of a record, or one of the words that a parameter takes; the
    /// candidates are as they are written between the quotes.
    case word
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
      let words = self.words(before: tokens.dropLast(), bytes)
      return Completion(
        context: words.isEmpty ? .string(prefix: prefix) : .word, range: quote + 1..<end,
        candidates: words.filter { $0.text.hasPrefix(prefix) })
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
    // Right behind `name=` a value is being written, no further parameter.
    if let call = OpenCall(before, bytes, self), call.named == nil {
      let (function, given) = (call.function, call.given)
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

  /// What may stand in a string behind these tokens: the keys of `record["`, the words of a parameter that
  /// takes one of several; nothing where any text may stand.
  private func words(before tokens: ArraySlice<Token>, _ bytes: [UInt8]) -> [Completion.Candidate] {
    if tokens.last?.kind == .symbol(.leftBracket) {
      let known = KnownValue(tokens.dropLast(), bytes, self)
      return known.fieldNames.map { name in
        Completion.Candidate(
          text: String(ValueWriter.quote(name).dropFirst().dropLast()), kind: "key", detail: "")
      }
    }
    guard let call = OpenCall(Array(tokens), bytes, self), let parameter = call.parameter,
      case .choice(let choices) = parameter.kind
    else { return [] }
    return choices.map { Completion.Candidate(text: $0, kind: "choice", detail: "") }
  }

  /// The fields of what stands before the dot, as far as that is known without running anything.
  private func fields(
    _ before: ArraySlice<Token>, _ bytes: [UInt8], _ prefix: String, _ range: Range<Int>
  ) -> Completion {
    let names = KnownValue(before, bytes, self).fieldNames.filter { Characters.isName($0) }
    return Completion(
      context: .field, range: range,
      candidates: names.filter { $0.hasPrefix(prefix) }.map { .init(text: $0, kind: "field", detail: "") })
  }
}

/// What an expression at the end of a text comes to, as far as that is known without running it: a variable,
/// its fields and items; of a call, the kind of its result.
private struct KnownValue {
  private(set) var fieldNames: [String] = []
  private var value: Value?

  /// The expression that ends with the last of `tokens`.
  init(_ tokens: ArraySlice<Token>, _ bytes: [UInt8], _ interpreter: Interpreter) {
    guard let last = tokens.last else { return }
    let rest = tokens.dropLast()
    switch last.kind {
    case .name:
      let name = String(decoding: bytes[last.span.range], as: UTF8.self)
      if rest.last?.kind == .symbol(.dot) {
        value = Self.field(name, of: KnownValue(rest.dropLast(), bytes, interpreter).value)
      } else {
        value = interpreter.value(of: name)
      }
    case .symbol(.rightBracket):
      // An item by a number or a string that stands there.
      let items = rest.dropLast()
      guard items.last?.kind == .symbol(.leftBracket), let key = rest.last else { return }
      let owner = KnownValue(items.dropLast(), bytes, interpreter).value
      let text = String(decoding: bytes[key.span.range], as: UTF8.self)
      switch (owner, key.kind) {
      case (.list(let list)?, .number):
        if let position = Int(text), list.indices.contains(position) { value = list[position] }
      case (_, .string): value = Self.field(String(text.dropFirst().dropLast()), of: owner)
      default: break
      }
    case .symbol(.rightParenthesis):
      guard let open = Self.opening(of: tokens), open > tokens.startIndex else { return }
      let callee = tokens[open - 1]
      guard callee.kind == .name, open - 1 == tokens.startIndex || tokens[open - 2].kind != .symbol(.dot),
        let function = interpreter.value(of: String(decoding: bytes[callee.span.range], as: UTF8.self))?
          .asFunction?.declaration
      else { return }
      fieldNames = function.gives?.ownFieldNames ?? []
      return
    default: return
    }
    switch value {
    case .record(let record): fieldNames = record.keys
    case .object(let object): fieldNames = object.fieldNames
    default: break
    }
  }

  private static func field(_ name: String, of owner: Value?) -> Value? {
    switch owner {
    case .record(let record): record[name]
    case .object(let object): (try? object.field(name)) ?? nil
    default: nil
    }
  }

  /// Where the bracket opens that the last token closes.
  private static func opening(of tokens: ArraySlice<Token>) -> Int? {
    var depth = 0
    for index in tokens.indices.reversed() {
      guard case .symbol(let symbol) = tokens[index].kind else { continue }
      if symbol.isClosing { depth += 1 }
      if symbol.isOpening { depth -= 1 }
      if depth == 0 { return index }
    }
    return nil
  }
}

/// The innermost call whose arguments are being written.
private struct OpenCall {
  let function: FunctionObject
  /// The names of the arguments that are given by name, as written.
  private var written: [String] = []
  /// The parameter whose value is being written by name, `window=`.
  private(set) var named: String?
  /// How many arguments stand before this one.
  private var position = 0

  init?(_ tokens: [Token], _ bytes: [UInt8], _ interpreter: Interpreter) {
    var depth = 0
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
        // What a pipe brings is the first argument.
        if index > 1, tokens[index - 2].kind == .symbol(.pipe) { position += 1 }
        guard let function = interpreter.value(of: name)?.asFunction else { return nil }
        self.function = function
        return
      } else if depth == 0, symbol == .comma {
        position += 1
      } else if symbol == .assign, depth == 0, index > 0, tokens[index - 1].kind == .name {
        let name = String(decoding: bytes[tokens[index - 1].span.range], as: UTF8.self)
        written.append(name)
        if index == tokens.count - 1 { named = name }
      }
    }
    return nil
  }

  /// The parameters that are given by name.
  var given: Set<String> {
    let parameters = function.declaration?.parameters ?? []
    return Set(written.map { name in parameters.first { $0.answers(to: name) }?.name ?? name })
  }

  /// The parameter whose value is being written, if the function is the library's.
  var parameter: Parameter? {
    guard let parameters = function.declaration?.parameters else { return nil }
    if let named { return parameters.first { $0.answers(to: named) } }
    return position < parameters.count ? parameters[position] : nil
  }
}
