/// The kinds of picture file.
public enum PictureFormat: String, Sendable, CaseIterable {
  /// Pixels.
  case png
  /// Shapes, for web pages.
  case svg
  /// Shapes, for papers.
  case pdf

  /// By the ending of a path.
  /// - Throws: a `value` failure for another ending.
  public init(path: String) throws(Failure) {
    let ending = Path.stemAndEnding("-" + Path.lastPart(path)).ending.dropFirst().lowercased()
    guard let format = PictureFormat(rawValue: ending) else {
      throw Failure(
        .value, "'\(path)' has no ending that says which kind of picture to write",
        hint: "end it with .png, .svg or .pdf", parameter: "save")
    }
    self = format
  }
}
