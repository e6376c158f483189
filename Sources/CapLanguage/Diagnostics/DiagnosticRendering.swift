extension Diagnostic {
  /// The diagnostic as text, several lines, no final line end.
  public func rendered(colored: Bool) -> String { "\(severity.rawValue): \(message)" }
}
