import Foundation

/// This program again, in a process that may end.
final class Child {
  private let process = Process()
  private let output: URL

  /// How it ended.
  enum Ending: Equatable {
    case status(Int32)
    case signal(Int32)
    case hang
  }

  init(_ arguments: [String], folder: URL) throws {
    output = folder.appendingPathComponent("output-\(UUID().uuidString)")
    _ = FileManager.default.createFile(atPath: output.path, contents: nil)
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = arguments
    var environment = ProcessInfo.processInfo.environment
    environment["SWIFT_BACKTRACE"] = "enable=no"
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    let handle = try FileHandle(forWritingTo: output)
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
  }

  deinit { try? FileManager.default.removeItem(at: output) }

  /// What it has said so far.
  var said: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

  /// How it ended; nil while it runs.
  var ending: Ending? {
    if process.isRunning { return nil }
    return process.terminationReason == .uncaughtSignal
      ? .signal(process.terminationStatus) : .status(process.terminationStatus)
  }

  /// Ends it.
  func end() {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// Waits for its end, for so many seconds.
  func wait(_ seconds: Double) -> Ending {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while Date() < deadline {
      if let ending { return ending }
      usleep(5000)
    }
    end()
    return .hang
  }

  /// Runs one network alone.
  /// - Returns: what is wrong with it; nil where all is well, or where there is no such network.
  static func complaint(_ description: NetworkDescription, folder: URL) -> String? {
    guard let child = try? Child(["--run", description.text], folder: folder) else { return nil }
    switch child.wait(120) {
    case .status(0), .status(Worker.malformed): return nil
    case .status(Worker.wrong):
      return child.said.split(separator: "\n").last { $0.hasPrefix("wrong ") }.map(String.init)
    case .status(let status): return "status \(status): \(child.said.suffix(300))"
    case .signal(let signal):
      let message = child.said.split(separator: "\n").first { $0.contains("atal error") } ?? ""
      return "signal \(signal) \(message)"
    case .hang: return "hangs for 120 s"
    }
  }
}
