import Essentials
import Synchronization

/// A library function, declared once: binding and checking of arguments, help, completion, documentation and
/// tests all read this.
public final class FunctionDeclaration: Sendable {
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
  /// Names that call it too: what librosa, tf.signal or Keras call it.
  public let otherNames: [String]
  /// In order of position.
  public var parameters: [Parameter] { plan.parameters }
  /// What it returns, with shapes and units.
  public let returns: String
  /// The class of what it returns, where that is always the same: completion reads its fields.
  public let gives: DomainObject.Type?
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

  /// A short way for one plain argument.
  let quick: (@Sendable (Value) -> Value?)?
  private let makePlan: @Sendable () -> CallPlan
  /// The address of the plan that was made; 0 before.
  private let madePlan = Atomic<UInt>(0)

  /// What binding and the call itself need. Made when a call, help or completion first asks: most scripts use few of
  /// the functions, and to make all takes a tenth of a start.
  var plan: CallPlan {
    if let made = UnsafeRawPointer(bitPattern: madePlan.load(ordering: .acquiring)) {
      return Unmanaged<CallPlan>.fromOpaque(made).takeUnretainedValue()
    }
    let made = Unmanaged.passRetained(makePlan())
    let address = UInt(bitPattern: made.toOpaque())
    let (isFirst, other) = madePlan.compareExchange(
      expected: 0, desired: address, ordering: .acquiringAndReleasing)
    guard !isFirst, let earlier = UnsafeRawPointer(bitPattern: other) else {
      return made.takeUnretainedValue()
    }
    // Another thread was quicker.
    made.release()
    return Unmanaged<CallPlan>.fromOpaque(earlier).takeUnretainedValue()
  }

  deinit {
    guard let made = UnsafeRawPointer(bitPattern: madePlan.load(ordering: .acquiring)) else { return }
    Unmanaged<CallPlan>.fromOpaque(made).release()
  }

  /// Declares a function whose body gets its arguments decoded, one Swift value for each.
  ///
  /// `quick` is asked first where one argument is given by position: the result for the commonest kinds, which
  /// needs no binding and has no effects, or nil for everything that `body` is to see.
  @_disfavoredOverload @inlinable public convenience init<each Content>(
    _ name: String, also otherNames: [String] = [], topic: String, _ summary: String,
    takes list: @autoclosure @escaping @Sendable () -> ArgumentList<repeat each Content>,
    gives: DomainObject.Type? = nil, returns: String, errors: [String] = [], examples: [Example] = [],
    notes: String? = nil, source: String? = nil, seeAlso: [String] = [],
    quick: (@Sendable (Value) -> Value?)? = nil,
    body: @escaping @Sendable (CallContext, repeat each Content) throws -> Value
  ) {
    self.init(
      name, also: otherNames, topic: topic, summary, gives: gives, returns: returns, errors: errors,
      examples: examples, notes: notes, source: source, seeAlso: seeAlso, quick: quick
    ) {
      var parameters: [Parameter] = []
      let placed = list().placed(behind: &parameters)
      return CallPlan(parameters) { arguments, context in
        try body(context, repeat try (each placed).read(arguments))
      }
    }
  }

  /// Declares a function without arguments.
  public convenience init(
    _ name: String, topic: String, _ summary: String, gives: DomainObject.Type? = nil, returns: String,
    errors: [String] = [], examples: [Example] = [], notes: String? = nil, source: String? = nil,
    seeAlso: [String] = [], body: @escaping @Sendable (CallContext) throws -> Value
  ) {
    self.init(
      name, also: [], topic: topic, summary, gives: gives, returns: returns, errors: errors,
      examples: examples,
      notes: notes, source: source, seeAlso: seeAlso, quick: nil
    ) {
      CallPlan([]) { _, context in try body(context) }
    }
  }

  @usableFromInline init(
    _ name: String, also otherNames: [String], topic: String, _ summary: String, gives: DomainObject.Type?,
    returns: String, errors: [String], examples: [Example], notes: String?, source: String?,
    seeAlso: [String],
    quick: (@Sendable (Value) -> Value?)?, plan: @escaping @Sendable () -> CallPlan
  ) {
    self.name = name
    self.otherNames = otherNames
    self.topic = topic
    self.summary = summary
    self.gives = gives
    self.returns = returns
    self.errors = errors
    self.examples = examples
    self.notes = notes
    self.source = source
    self.seeAlso = seeAlso
    self.quick = quick
    makePlan = plan
  }

  /// The same function, whose arguments `check` sees first, one by one: what it throws is thrown by the call. For a
  /// host that allows less than all.
  public func looking(_ check: @escaping @Sendable (Parameter, Value) throws -> Void) -> FunctionDeclaration {
    let original = self
    return FunctionDeclaration(
      name, also: otherNames, topic: topic, summary, gives: gives, returns: returns, errors: errors,
      examples: examples, notes: notes, source: source, seeAlso: seeAlso, quick: nil
    ) {
      let plan = original.plan
      return CallPlan(plan.parameters) { arguments, context in
        for (parameter, value) in zip(plan.parameters, arguments.values) {
          for value in parameter.isVariadic ? arguments.collected : [value] { try check(parameter, value) }
        }
        return try plan.body(arguments, context)
      }
    }
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
    if !otherNames.isEmpty { lines += ["", "Also called \(otherNames.joined(separator: ", "))."] }
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
        if !parameter.otherNames.isEmpty {
          facts.append("also \(parameter.otherNames.joined(separator: ", "))")
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
