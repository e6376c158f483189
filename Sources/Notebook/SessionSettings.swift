/// What the user decides before a session begins.
public struct SessionSettings: Sendable {
  /// The folder for pictures, relative to the current folder or absolute; made when it is needed.
  public var plotsFolder = "plots"
  /// Where pictures show.
  public var pictures = PictureMode.inline
  /// Whether numbered pictures go on after those that the folder holds: at the prompt, not in scripts.
  public var continuesPlotNumbering = false
  /// The seed behind every random number.
  public var seed: UInt64 = 1
  /// Whether only what the script itself prints is wanted: no prose, no progress, no notices.
  public var isQuiet = false
  /// Whether outputs go to a terminal, where progress can be redrawn.
  public var isTerminal = false
  /// Whether a user sits at a prompt.
  public var isInteractive = false
  /// The width for tables and long lines, in cells.
  public var width = 100
  /// The script's arguments.
  public var arguments: [String] = []

  /// The defaults.
  public init() {}
}

/// Where pictures show: `%plots inline`, `%plots file`, `%plots off`.
public enum PictureMode: String, Sendable, CaseIterable {
  /// In files, and in front ends that can show them.
  case inline
  /// In files only.
  case file
  /// Nowhere: only those are drawn that a file is asked for by name.
  case off
}
