/// What a document says about how it was made.
public struct DocumentFacts: Sendable {
  /// The title of a page whose prose has none: the name of the script.
  public let title: String
  /// The program and its version.
  public let program: String
  /// The seed behind every random number.
  public let seed: UInt64
  /// Libraries and their versions.
  public let versions: [(name: String, version: String)]

  /// States the facts.
  public init(title: String, program: String, seed: UInt64, versions: [(name: String, version: String)]) {
    self.title = title
    self.program = program
    self.seed = seed
    self.versions = versions
  }
}
