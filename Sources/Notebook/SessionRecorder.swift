/// What a session can leave behind.
public enum SessionDocument: String, Sendable, CaseIterable {
  /// A page to read: HTML.
  case report
  /// A Jupyter notebook.
  case notebook
}

/// Keeps what a session does, and writes it down.
public protocol SessionRecorder: SessionListener {
  /// Writes all cells that are over.
  /// - Throws: a `value` failure for a name that does not fit the document, a `file` failure.
  func write(_ document: SessionDocument, to path: String) throws
}
