/// A value of the language that shows itself as more than one line of text.
///
/// A domain object that adopts this (a table, a figure, a model's summary) is asked for its outputs
/// when it is the value of a cell's last expression; all front ends then show those.
public protocol RichDisplay {
  /// What to show in place of the one-line description.
  /// - Throws: a `Failure`, which ends the cell.
  func outputs(in session: Session) throws -> [Output]
}
