import Essentials

/// An error on its way through the evaluator: a failure with its place and the calls that led there.
///
/// A native function that calls a function of the script meets it and lets it pass.
public final class EvaluationError: Error, @unchecked Sendable {
  /// What went wrong.
  public let failure: Failure
  let span: Span
  /// Filled in when the error leaves the function (or cell) it happened in: nodes know offsets only.
  private(set) var source: Source?
  let notes: [Diagnostic.Note]
  /// What a script raised, for `catch`.
  let value: Value?

  private struct Step {
    let function: String
    let span: Span
    var source: Source?
  }
  private var steps: [Step] = []

  init(_ failure: Failure, _ span: Span, notes: [Diagnostic.Note] = [], value: Value? = nil) {
    self.failure = failure
    self.span = span
    self.notes = notes
    self.value = value
  }

  /// Says in whose text the latest places are.
  func place(in source: Source) {
    if self.source == nil { self.source = source }
    if let last = steps.indices.last, steps[last].source == nil { steps[last].source = source }
  }

  /// Notes that `function` was called at `span` (in a source that `place` tells later).
  func passed(_ function: String, calledAt span: Span) {
    steps.append(Step(function: function, span: span, source: nil))
  }

  /// As shown to the user.
  public var diagnostic: Diagnostic {
    Diagnostic(
      .error, failure.kind, failure.message, hint: failure.hint, source: source, span: span, notes: notes,
      trace: steps.compactMap { step in
        step.source.map { Diagnostic.TraceEntry(function: step.function, source: $0, span: step.span) }
      })
  }
}
