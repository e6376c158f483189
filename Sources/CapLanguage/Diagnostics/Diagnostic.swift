import Essentials

/// What is wrong with a script, and where: ready to be shown.
public struct Diagnostic: Sendable {
  /// How bad it is.
  public enum Severity: String, Sendable {
    /// It stops.
    case error
    /// It goes on.
    case warning
  }

  /// A further place that matters: the bracket that was never closed.
  public struct Note: Sendable {
    /// What is there, no final period.
    public let message: String
    /// Where.
    public let span: Span
  }

  /// One call on the way from the cell to the error, innermost first.
  public struct TraceEntry: Sendable {
    /// The function that was called.
    public let function: String
    /// Where it was called.
    public let source: Source
    /// The call.
    public let span: Span
  }

  /// How bad it is.
  public let severity: Severity
  /// The kind that `catch` sees.
  public let kind: Failure.Kind
  /// One sentence, no final period.
  public let message: String
  /// What to do about it, if there is something; stands beside the caret.
  public let hint: String?
  /// The text that it is about; nil for errors without a place.
  public let source: Source?
  /// The place.
  public let span: Span
  /// Further places.
  public let notes: [Note]
  /// The calls that led there, innermost first.
  public let trace: [TraceEntry]

  /// A diagnostic about a place in a source, or none.
  public init(
    _ severity: Severity = .error, _ kind: Failure.Kind, _ message: String, hint: String? = nil,
    source: Source? = nil, span: Span = .empty, notes: [Note] = [], trace: [TraceEntry] = []
  ) {
    self.severity = severity
    self.kind = kind
    self.message = message
    self.hint = hint
    self.source = source
    self.span = span
    self.notes = notes
    self.trace = trace
  }

  /// A failure that has no place in a script.
  public init(_ failure: Failure) {
    self.init(.error, failure.kind, failure.message, hint: failure.hint)
  }

  /// The name of the file or cell.
  public var fileName: String? { source?.name }
  /// The line, from 1.
  public var line: Int? { source?.position(of: Int(span.start)).line }
  /// The column in characters, from 1.
  public var column: Int? { source?.position(of: Int(span.start)).column }
}

/// Why a cell did not run, or did not end: one error of evaluation, or all that are wrong with its text.
public struct LanguageError: Error, Sendable, CustomStringConvertible {
  /// At least one.
  public let diagnostics: [Diagnostic]

  /// Wraps diagnostics.
  public init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }

  /// The kind of the first.
  public var kind: Failure.Kind { diagnostics.first?.kind ?? .syntax }
  /// Whether the user asked to stop.
  public var isInterrupt: Bool { kind == .interrupt }
  /// All of them as text without colour.
  public var description: String { rendered(colored: false) }

  /// All of them as text, with a blank line between.
  public func rendered(colored: Bool) -> String {
    diagnostics.map { $0.rendered(colored: colored) }.joined(separator: "\n\n")
  }
}
