import Foundation
import TestSupport
import Testing

/// The built program, run as a process.
enum Program {
  /// Where it was built.
  static let path = BuiltProgram.path("capuchin-repl")

  /// How a run ended.
  struct Result {
    let status: Int32
    let output: String
    let errors: String
  }

  /// Runs the program to its end. Killed by a signal, the status is 128 and the signal's number.
  static func run(
    _ arguments: [String], executable: String = path, input: String? = nil,
    environment: [String: String] = [:], folder: URL? = nil,
    onStart: ((Process) throws -> Void)? = nil
  ) throws -> Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    if let folder { process.currentDirectoryURL = folder }
    let output = Pipe()
    let errors = Pipe()
    let standardInput = Pipe()
    process.standardOutput = output
    process.standardError = errors
    if input == nil {
      process.standardInput = FileHandle.nullDevice
    } else {
      process.standardInput = standardInput
    }
    // Read on threads of their own, or a full pipe would stop the program.
    let texts = Texts()
    let group = DispatchGroup()
    for (pipe, isOutput) in [(output, true), (errors, false)] {
      DispatchQueue.global().async(group: group) {
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        texts.set(String(decoding: data, as: UTF8.self), isOutput: isOutput)
      }
    }
    try process.run()
    if let input {
      try? standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
      try? standardInput.fileHandleForWriting.close()
    }
    try onStart?(process)
    process.waitUntilExit()
    group.wait()
    let status =
      process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
    return Result(status: status, output: texts.output, errors: texts.errors)
  }

  /// Waits for a file that the program makes, as a sign that it has come so far.
  static func waitForFile(_ path: String) throws {
    let deadline = Date(timeIntervalSinceNow: 60)
    while !FileManager.default.fileExists(atPath: path) {
      try #require(Date() < deadline, "'\(path)' was not made")
      usleep(5000)
    }
  }

  private final class Texts: @unchecked Sendable {
    private let lock = NSLock()
    private var texts = ["", ""]
    func set(_ text: String, isOutput: Bool) { lock.withLock { texts[isOutput ? 0 : 1] = text } }
    var output: String { lock.withLock { texts[0] } }
    var errors: String { lock.withLock { texts[1] } }
  }
}
