import Essentials

/// `try { … } catch e { … }`, as a statement or where its value is wanted.
final class TryNode: Node {
  private let body: Node
  private let handler: Node
  private let target: Target?
  private unowned let source: Source
  init(_ body: Node, _ target: Target?, _ handler: Node, source: Source, _ span: Span) {
    self.body = body
    self.target = target
    self.handler = handler
    self.source = source
    super.init(span)
  }

  override func exec(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Flow {
    let scratch = cx.pointee.scratch.count
    do throws(EvaluationError) {
      return try body.exec(fp, cx)
    } catch {
      try caught(error, scratch, fp, cx)
    }
    return try handler.exec(fp, cx)
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    let scratch = cx.pointee.scratch.count
    do throws(EvaluationError) {
      return try body.eval(fp, cx)
    } catch {
      try caught(error, scratch, fp, cx)
    }
    return try handler.eval(fp, cx)
  }

  @inline(never) private func caught(_ error: EvaluationError, _ scratch: Int, _ fp: FramePointer, _ cx: Cx)
    throws(EvaluationError)
  {
    // Nobody keeps a user from stopping.
    if error.failure.kind == .interrupt { throw error }
    cx.pointee.scratch.count = scratch
    error.place(in: source)
    if let target { try target.set(.record(RaisedError.record(error)), fp, cx, span) }
  }
}

final class RaiseNode: Node {
  private let value: Node
  init(_ value: Node, _ span: Span) {
    self.value = value
    super.init(span)
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    throw RaisedError.error(try value.eval(fp, cx), span)
  }
}

/// Errors as the script sees them.
enum RaisedError {
  private static let keys = ["message", "kind", "line", "file", "hint"].map { StringObject($0) }

  static func record(_ error: EvaluationError) -> RecordObject {
    // Not through the diagnostic: that gathers the whole trace, and errors pass many handlers.
    let line = error.source.map { $0.position(of: Int(error.span.start)).line }
    let record = RecordObject(capacity: keys.count)
    let values: [Value] = [
      .string(error.failure.message), .string(error.failure.kind.rawValue),
      line.map { .number($0) } ?? .nothing, error.source.map { .string($0.name) } ?? .nothing,
      error.failure.hint.map { .string($0) } ?? .nothing,
    ]
    for (key, value) in zip(keys, values) { record.append(key, value) }
    record.origin = error
    return record
  }

  /// The error that `raise value` throws.
  static func error(_ value: Value, _ span: Span) -> EvaluationError {
    switch value {
    case .string(let text): return EvaluationError(Failure(.raised, text.text), span)
    case .record(let record):
      // A caught error goes on as it was.
      if let origin = record.origin as? EvaluationError { return origin }
      guard let message = record["message"]?.asString else {
        return EvaluationError(
          Failure(
            .type, "'raise' takes a text, or a record with a field 'message'",
            hint: "write raise \"what went wrong\""), span)
      }
      let kind = record["kind"]?.asString.flatMap { Failure.Kind(rawValue: $0) } ?? .raised
      return EvaluationError(
        Failure(kind == .interrupt ? .raised : kind, message, hint: record["hint"]?.asString), span)
    default:
      return EvaluationError(
        Failure(
          .type, "'raise' takes a text, not \(value.kindPhrase)", hint: "write raise \"what went wrong\""),
        span)
    }
  }
}
