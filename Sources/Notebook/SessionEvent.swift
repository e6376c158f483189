import CapLanguage

/// What front ends are told, in order.
public enum SessionEvent: Sendable {
  /// A cell begins. `number` is the `n` of `In[n]`, nil for prose.
  case cellBegan(Cell, number: Int?)
  /// The running cell shows something.
  case output(Output)
  /// The cell is over.
  case cellEnded(CellOutcome)
}

/// How a cell ended.
public struct CellOutcome: Sendable {
  /// The ways a cell can end.
  public enum Status: Sendable {
    /// All of it ran.
    case succeeded
    /// Errors ended it, or kept it from running; they have been shown already.
    case failed([Diagnostic])
    /// The user ended it.
    case interrupted
  }

  /// The `n` of `In[n]` and `Out[n]`, nil for prose.
  public let number: Int?
  /// How it ended.
  public let status: Status
  /// Wall time in seconds.
  public let seconds: Double

  /// Whether all of the cell ran.
  public var hasSucceeded: Bool {
    if case .succeeded = status { return true }
    return false
  }
}

/// A front end, a report, a notebook file: whoever shows what a session does.
///
/// Events come one at a time, in order, on whatever thread they happen; a listener must not call
/// back into the session's `run` or `emit`.
public protocol SessionListener: AnyObject, Sendable {
  /// Something happened.
  func session(_ session: Session, did event: SessionEvent)
}
