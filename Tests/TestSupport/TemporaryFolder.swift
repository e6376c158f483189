import Foundation

/// A fresh folder that is removed when its owner lets go of it.
public final class TemporaryFolder: Sendable {
  /// The folder.
  public let url: URL

  /// Makes a folder with a unique name.
  public init() throws {
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("capuchin-repl-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The path of a file of this name in the folder.
  public func path(_ name: String) -> String { url.appendingPathComponent(name).path }
}
