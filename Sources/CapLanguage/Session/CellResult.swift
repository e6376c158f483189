/// What a cell came to.
public struct CellResult: Sendable {
  /// The value of its last expression; `.nothing` where it ends in something else.
  public let value: Value
  /// Whether a notebook shows it: it ends in an expression, no `;` behind it, whose value is not `none`.
  public let isShown: Bool

  /// Makes a result.
  public init(value: Value, isShown: Bool) {
    self.value = value
    self.isShown = isShown
  }
}

/// Whoever runs the interpreter: the notebook's session. Natives reach it through `CallContext.host` and
/// cast it to what they know. May be called from several threads.
public protocol InterpreterHost: AnyObject, Sendable {
  /// Shows a warning.
  func warn(_ diagnostic: Diagnostic)
}
