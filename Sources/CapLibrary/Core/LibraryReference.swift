import CapLanguage

/// The reference of the standard library, written from the declarations.
public enum LibraryReference {
  /// `docs/library.md`: every function by topic, with its parameters, result, errors and examples.
  public static func markdown() -> String {
    var topics: [String] = []
    var functions: [String: [FunctionDeclaration]] = [:]
    for function in StandardLibrary.functions {
      if functions[function.topic] == nil { topics.append(function.topic) }
      functions[function.topic, default: []].append(function)
    }
    var lines = [
      "# The standard library", "",
      "Written from the declarations in `Sources/CapLibrary`; the examples with a result are run by the tests. At the",
      "prompt, `name?` or `help(name)` shows the same.", "",
    ]
    for topic in topics {
      let names = functions[topic, default: []].map { "[`\($0.name)`](#\($0.name))" }
      lines.append("- **\(topic)**: \(names.joined(separator: " "))")
    }
    let constants = StandardLibrary.constants.map { "`\($0.name)` (\($0.summary))" }
    lines += ["- **constants**: \(constants.joined(separator: ", "))", ""]
    for topic in topics {
      lines += ["## \(topic.prefix(1).uppercased())\(topic.dropFirst())", ""]
      for function in functions[topic, default: []] { lines += entry(function) }
    }
    return lines.joined(separator: "\n")
  }

  private static func entry(_ function: FunctionDeclaration) -> [String] {
    var lines = [
      "### \(function.name)", "", "```", function.signature, "```", "", function.summary + ".", "",
    ]
    if !function.otherNames.isEmpty { lines += ["Also called \(codes(function.otherNames)).", ""] }
    if let notes = function.notes { lines += [notes, ""] }
    if !function.parameters.isEmpty {
      lines += ["| parameter | takes | |", "|---|---|---|"]
      for parameter in function.parameters {
        var takes = parameter.isVariadic ? "any number of: " + parameter.kind.phrase : parameter.kind.phrase
        if let unit = parameter.unit { takes += ", in \(unit)" }
        let also = parameter.otherNames.isEmpty ? "" : " (also \(codes(parameter.otherNames)))"
        lines.append("| `\(parameter.name)`\(also) | \(cell(takes)) | \(cell(parameter.documentation)) |")
      }
      lines.append("")
    }
    lines += ["Returns \(function.returns).", ""]
    if !function.errors.isEmpty {
      lines += ["Errors: \(function.errors.map(error).joined(separator: "; ")).", ""]
    }
    if !function.examples.isEmpty {
      lines.append("```")
      for (index, example) in function.examples.enumerated() {
        if index > 0 { lines.append("") }
        lines.append(example.code)
        if let output = example.output, !output.isEmpty {
          lines += output.split(separator: "\n", omittingEmptySubsequences: false).map { "# " + $0 }
        }
      }
      lines += ["```", ""]
    }
    if let source = function.source { lines += ["Source: \(source).", ""] }
    let known = function.seeAlso.map { "[`\($0)`](#\($0))" }
    if !known.isEmpty { lines += ["See also \(known.joined(separator: ", ")).", ""] }
    return lines
  }

  /// "shape: ragged lists" with its kind set off.
  private static func error(_ text: String) -> String {
    guard let colon = text.firstIndex(of: ":") else { return text }
    return "*\(text[..<colon])*\(text[colon...])"
  }

  private static func codes(_ names: [String]) -> String { names.map { "`\($0)`" }.joined(separator: ", ") }

  private static func cell(_ text: String) -> String {
    text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }
}
