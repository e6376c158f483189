import Foundation
import TestSupport

/// Networks beside Keras: written here, one process each, and compared by Keras/compare.py.
struct KerasTrial {
  let python: String
  let first: Int
  let count: Int

  /// - Returns: the exit status of the comparison; 1 where a network could not be written.
  func run() throws -> Int32 {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("networks-keras-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var isWhole = true
    for number in first..<first + count {
      let file = folder.appendingPathComponent("\(number).safetensors").path
      let child = try Child(["--write", "\(number)", file], folder: folder)
      let ending = child.wait(Campaign.longest)
      guard ending == .status(0) else {
        tell("wrong: number \(number) cannot be written: \(ending) \(child.said.suffix(300))")
        isWhole = false
        continue
      }
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: python)
    let script = RepositoryPaths.root.appendingPathComponent("Tests/NetworkTrials/Keras/compare.py").path
    process.arguments = [script, folder.path]
    try process.run()
    process.waitUntilExit()
    return isWhole ? process.terminationStatus : 1
  }
}
