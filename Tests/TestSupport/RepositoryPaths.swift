import Foundation

/// Where the tests find the repository's files and the optional real recordings.
public enum RepositoryPaths {
  /// The repository's root, from where this file was compiled.
  public static let root: URL = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Whether tests are to write what they compare with anew (`UPDATE_REFERENCE=1`): documents, conversations, golden
  /// files.
  public static let updatesReferences = ProcessInfo.processInfo.environment["UPDATE_REFERENCE"] == "1"

  /// Real recordings for local checks: `CAPUCHIN_DATA`, else `../shared/data/capuchin` where that
  /// folder is present, else nil. They are never part of the repository.
  public static let realRecordings: URL? = {
    let environment = ProcessInfo.processInfo.environment["CAPUCHIN_DATA"]
    let folder =
      environment.map { URL(fileURLWithPath: $0) }
      ?? root.deletingLastPathComponent().appendingPathComponent("shared/data/capuchin")
    let clips = folder.appendingPathComponent("Parsed_Capuchinbird_Clips").path
    return FileManager.default.fileExists(atPath: clips) ? folder : nil
  }()
}
