import Essentials

/// Imports and functions.
extension Parser {
  private mutating func importPath() throws(Stop) -> (String, Span) {
    if kind == .name {
      let token = self.token
      let name = text(token)
      let hint =
        [
          "numpy", "np", "tensorflow", "tf", "keras", "librosa", "scipy", "pandas", "matplotlib", "os", "sys",
          "math", "random", "glob",
        ]
        .contains(name)
        ? "Cap needs no import: all functions are there; help() lists them"
        : "files are named in quotes: import \"\(name).cap\""
      throw fail("'import' takes the path of a Cap file in quotes, found '\(name)'", hint: hint, token.span)
    }
    guard kind == .string else {
      throw fail(
        "expected the path of a Cap file in quotes, found \(found())", hint: "write import \"helpers.cap\"",
        here())
    }
    let token = advance()
    let literal = try stringLiteral(token)
    guard case .string(let path) = literal.kind else {
      throw fail("the path of an import is a plain string", token.span)
    }
    if functionDepth > 0 || loopDepth > 0 || blockDepth > 0 {
      report("'import' stands at the top of a file, not inside a block or function", token.span)
    }
    return (path, token.span)
  }

  mutating func importFile() throws(Stop) -> Statement {
    let first = advance()
    let (path, pathSpan) = try importPath()
    var alias = Self.moduleName(path)
    if isAtName("as") {
      _ = advance()
      guard kind == .name else { throw fail("expected a name after 'as', found \(found())", here()) }
      alias = text(advance())
    }
    return Statement(.importFile(path: path, pathSpan: pathSpan, alias: alias, names: nil), span(from: first))
  }

  mutating func importNames() throws(Stop) -> Statement {
    let first = advance()
    let (path, pathSpan) = try importPath()
    guard take(.import) else {
      throw fail(
        "expected 'import', found \(found())", hint: "write from \"helpers.cap\" import f, g", here())
    }
    var names: [(name: String, alias: String, span: Span)] = []
    repeat {
      guard kind == .name else { throw fail("expected a name to import, found \(found())", here()) }
      let token = advance()
      var alias = text(token)
      if isAtName("as") {
        _ = advance()
        guard kind == .name else { throw fail("expected a name after 'as', found \(found())", here()) }
        alias = text(advance())
      }
      names.append((text(token), alias, token.span))
    } while take(.comma)
    return Statement(.importFile(path: path, pathSpan: pathSpan, alias: "", names: names), span(from: first))
  }

  /// `a/my-tools.cap` arrives as `my_tools`.
  static func moduleName(_ path: String) -> String {
    var name = Path.lastPart(path)
    if name.hasSuffix(".cap") { name.removeLast(4) }
    var safe = ""
    for scalar in name.unicodeScalars {
      safe.unicodeScalars.append(Characters.isLetter(scalar) || scalar == "_" ? scalar : "_")
    }
    if safe.isEmpty || Characters.isDigit(safe.utf8.first ?? 48) || Keyword.isReserved(safe) {
      safe = "_" + safe
    }
    return safe
  }

  // MARK: Functions

  mutating func functionStatement() throws(Stop) -> Statement {
    let first = advance()
    let name = advance()
    let function = try functionRest(name: text(name), first: first)
    return Statement(.function(function, nameSpan: name.span), span(from: first))
  }

  /// Parameters and body.
  mutating func functionRest(name: String?, first: Token) throws(Stop) -> FunctionSyntax {
    let open = try expect(.leftParenthesis, "after \(name.map { "'fn \($0)'" } ?? "'fn'")")
    let parameters = try parameterList(.rightParenthesis)
    let signature = (name ?? "") + source.text(Int(open.start)..<Int(lastEnd))
    if isAt(.arrow) {
      // `fn f(x) => x + 1`: said once, and read on.
      let arrow = advance()
      report("a function's body stands in braces", hint: "write fn \(name ?? "")(…) { … }", arrow.span)
      if !isAt(.leftBrace) {
        let body = try functionScope { parser throws(Stop) in try parser.expression() }
        return FunctionSyntax(
          name: name, parameters: parameters, body: [Statement(.expression(body), body.span)],
          span: span(from: first),
          signatureText: signature)
      }
    }
    let body = try functionScope { parser throws(Stop) in try parser.block("fn", after: first) }
    return FunctionSyntax(
      name: name, parameters: parameters, body: body, span: span(from: first), signatureText: signature)
  }

  mutating func functionScope<Result>(_ body: (inout Parser) throws(Stop) -> Result) throws(Stop) -> Result {
    let outerLoops = loopDepth
    loopDepth = 0
    functionDepth += 1
    defer {
      loopDepth = outerLoops
      functionDepth -= 1
    }
    return try body(&self)
  }

  /// `a, b=2)`, the opening bracket taken already.
  mutating func parameterList(_ closing: Symbol) throws(Stop) -> [FunctionSyntax.Parameter] {
    ignoringNewlines += 1
    defer { ignoringNewlines -= 1 }
    var parameters: [FunctionSyntax.Parameter] = []
    var seen: Set<String> = []
    while !isAt(closing) {
      guard kind == .name else {
        if isAt(.star) || isAt(.doubleStar) {
          throw fail(
            "a function of a script takes a fixed number of arguments", hint: "pass a list", token.span)
        }
        throw fail("expected the name of a parameter, found \(found())", here())
      }
      let name = advance()
      if !seen.insert(text(name)).inserted { report("a second parameter named '\(text(name))'", name.span) }
      if isAt(.colon) {
        throw fail("parameters have no types in Cap", hint: "a default is written name=value", token.span)
      }
      var defaultValue: Expression?
      if take(.assign) {
        defaultValue = try expression()
      } else if let last = parameters.last, last.defaultValue != nil {
        report("'\(text(name))' has no default, but stands after a parameter that has one", name.span)
      }
      parameters.append(.init(name: text(name), span: name.span, defaultValue: defaultValue))
      if parameters.count == 256 { report("a function takes at most 255 parameters", name.span) }
      if !take(.comma) { break }
    }
    _ = try expect(closing, "or ',' after the parameters")
    return parameters
  }
}
