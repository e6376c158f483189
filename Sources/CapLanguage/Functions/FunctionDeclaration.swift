import Essentials

/// A library function, declared once: binding and checking of arguments, help, completion, documentation and
/// tests all read this.
public final class FunctionDeclaration: Sendable {
  /// What a native function does with its checked arguments.
  public typealias Body = @Sendable (Arguments, CallContext) throws -> Value

  /// Code that shows the function at work. The tests run every one.
  public struct Example: Sendable {
    /// Lines of Cap.
    public let code: String
    /// What running them prints and shows, pictures aside; nil for what is never the same twice.
    public let output: String?
    /// Whether it needs the files and variables of the folder that the tests set up for it (see
    /// `Tests/ExecutableTests/ExampleFolder.swift`), as a reader has his own.
    public let needsFolder: Bool

    /// An example whose output the tests compare.
    public init(_ code: String, output: String) {
      self.code = code
      self.output = output
      needsFolder = false
    }

    /// An example that works on files or earlier variables, and whose output the tests compare.
    public init(inFolder code: String, output: String) {
      self.code = code
      self.output = output
      needsFolder = true
    }

    /// An example whose output is too long, or never the same twice: run, but not compared.
    public init(illustrative code: String) {
      self.code = code
      output = nil
      needsFolder = true
    }
  }

  /// As written in a call.
  public let name: String
  /// The chapter of the documentation: "audio", "spectra", …
  public let topic: String
  /// One line that says what it does, no final period.
  public let summary: String
  /// In order of position.
  public let parameters: [Parameter]
  /// What it returns, with shapes and units.
  public let returns: String
  /// What it refuses, one sentence each.
  public let errors: [String]
  /// Shown in help, run by the tests.
  public let examples: [Example]
  /// Where a formula or a meaning comes from.
  public let source: String?
  /// Names of related functions.
  public let seeAlso: [String]
  /// More to say, in paragraphs.
  public let notes: String?

  let body: Body
  /// A short way for one plain argument.
  let quick: (@Sendable (Value) -> Value?)?
  /// Where the variadic parameter stands, or the number of parameters.
  let positionalCount: Int
  let variadicIndex: Int?
  /// What `values` starts from: defaults, `.unset` for what must be given.
  let defaults: [Value]

  /// Declares a function. At most 63 parameters.
  ///
  /// `quick` is asked first where one argument is given by position: the result for the commonest kinds, which
  /// needs no binding and has no effects, or nil for everything that `body` is to see.
  public init(
    _ name: String, topic: String, _ summary: String, parameters: [Parameter] = [], returns: String,
    errors: [String] = [], examples: [Example] = [], notes: String? = nil, source: String? = nil,
    seeAlso: [String] = [], quick: (@Sendable (Value) -> Value?)? = nil, body: @escaping Body
  ) {
    self.name = name
    self.topic = topic
    self.summary = summary
    self.parameters = Array(parameters.prefix(63))
    self.returns = returns
    self.errors = errors
    self.examples = examples
    self.notes = notes
    self.source = source
    self.seeAlso = seeAlso
    self.body = body
    self.quick = quick
    variadicIndex = parameters.firstIndex(where: \.isVariadic)
    positionalCount = variadicIndex ?? self.parameters.count
    defaults = self.parameters.map { $0.isVariadic ? .nothing : $0.defaultValue ?? .unset }
  }

  /// How a call looks: `stft(a, frame_length, frame_step, fft_length=none, window="hann")`.
  public var signature: String {
    let parts = parameters.map { parameter in
      if parameter.isVariadic { return "…\(parameter.name)" }
      guard let value = parameter.defaultValue else { return parameter.name }
      return "\(parameter.name)=\(value.description.replacingSpaces())"
    }
    return "\(name)(\(parts.joined(separator: ", ")))"
  }

  /// The whole help page as plain text.
  public var helpText: String {
    var lines = [signature, "", summary + "."]
    if let notes { lines += ["", notes] }
    if !parameters.isEmpty {
      lines += ["", "Parameters"]
      let width = parameters.map { TextWidth.of($0.name) }.max() ?? 0
      for parameter in parameters {
        let padding = String(repeating: " ", count: width - TextWidth.of(parameter.name))
        var text = "  \(parameter.name)\(padding)  \(parameter.documentation)"
        var facts = [parameter.kind.phrase]
        if parameter.isVariadic { facts[0] = "any number of: " + facts[0] }
        if let unit = parameter.unit { facts.append("in \(unit)") }
        if let value = parameter.defaultValue {
          facts.append("default \(value.description.replacingSpaces())")
        }
        text += " (\(facts.joined(separator: "; ")))"
        lines.append(text)
      }
    }
    lines += ["", "Returns", "  " + returns]
    if !errors.isEmpty { lines += ["", "Errors"] + errors.map { "  " + $0 } }
    if !examples.isEmpty {
      lines += ["", examples.count == 1 ? "Example" : "Examples"]
      for (index, example) in examples.enumerated() {
        if index > 0 { lines.append("") }
        lines += Self.lines(example.code).map { "  " + $0 }
        if let output = example.output, !output.isEmpty {
          lines += Self.lines(output).enumerated().map { ($0 == 0 ? "  → " : "    ") + $1 }
        }
      }
    }
    if let source { lines += ["", "Source: " + source] }
    if !seeAlso.isEmpty { lines += ["", "See also: " + seeAlso.joined(separator: ", ")] }
    return lines.joined(separator: "\n")
  }

  private static func lines(_ text: String) -> [String] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    while lines.last == "" { lines.removeLast() }
    return lines
  }
}

extension String {
  /// A quantity as a script writes it: `3s`, not `3 s`.
  fileprivate func replacingSpaces() -> String {
    let parts = split(separator: " ")
    if parts.count == 2, Double(parts[0]) != nil, UnitSuffix.all.contains(String(parts[1])) {
      return String(parts[0] + parts[1])
    }
    return self
  }
}
