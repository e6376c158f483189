import Foundation

/// How an input ends, found out in a process of its own.
enum Ending: Equatable {
  case well
  /// A trap or signal; `where` is the message and the first place in our code, as far as they are known.
  case crash(signal: Int32, where: String)
  case hang
  case memory

  /// One word for a file's name.
  var name: String {
    switch self {
    case .well: "well"
    case .crash: "crash"
    case .hang: "hang"
    case .memory: "memory"
    }
  }
}

/// Runs single inputs in processes of their own.
struct Trial {
  let program: String
  let folder: URL

  /// Runs an input. With `details`, the place of a crash is looked up, which takes a second or two.
  func run(_ input: [UInt8], details: Bool = false) -> (ending: Ending, errors: String) {
    let file = folder.appendingPathComponent("trial.cap")
    guard (try? Data(input).write(to: file)) != nil else { return (.well, "cannot write \(file.path)") }
    let worker = Child(
      program, ["--run", file.path], folder: folder, errors: folder.appendingPathComponent("trial.err"),
      backtrace: details)
    guard let worker else { return (.well, "cannot start \(program)") }
    let ending = worker.wait(details: details)
    let errors = (try? String(contentsOf: folder.appendingPathComponent("trial.err"), encoding: .utf8)) ?? ""
    if case .crash(let signal, _) = ending {
      return (.crash(signal: signal, where: Self.place(errors)), errors)
    }
    return (ending, errors)
  }

  /// The message of a trap, and the first frames in our modules, of what Swift's backtracer writes.
  static func place(_ errors: String) -> String {
    var lines = errors.split(separator: "\n").map(String.init)
    let message = lines.first { $0.contains("atal error") } ?? ""
    lines = lines.filter { line in
      line.contains(" in ") && line.contains("/Sources/") && line.first?.isNumber == true
    }
    let places = lines.prefix(2).map { line in
      line.split(separator: " ").last { $0.contains(".swift") }.map(String.init) ?? line
    }
    return ([message] + places.map { $0.split(separator: "/").suffix(2).joined(separator: "/") })
      .filter { !$0.isEmpty }.joined(separator: " | ")
  }
}

/// A process under watch.
final class Child {
  /// No input may run longer, in milliseconds: it was interrupted long before.
  static let longest = 10_000
  /// No process may hold more, in bytes.
  static let mostMemory = 3 << 30

  private let process = Process()
  private let began = Clock.milliseconds()

  init?(
    _ program: String, _ arguments: [String], folder: URL, errors: URL? = nil, backtrace: Bool = false
  ) {
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    var environment = ProcessInfo.processInfo.environment
    environment["SWIFT_BACKTRACE"] =
      backtrace
      ? "enable=yes,color=no,interactive=no,images=none,registers=none,threads=crashed" : "enable=no"
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    if let errors {
      _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
      if let handle = FileHandle(forWritingAtPath: errors.path) { process.standardError = handle }
    }
    guard (try? process.run()) != nil else { return nil }
  }

  /// How it ended; nil while it runs.
  var ending: Ending? {
    if process.isRunning { return nil }
    if process.terminationReason == .uncaughtSignal {
      return .crash(signal: process.terminationStatus, where: "")
    }
    return process.terminationStatus == 0
      ? .well : .crash(signal: 0, where: "status \(process.terminationStatus)")
  }

  /// Whether it holds more memory than it may.
  var isTooLarge: Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/statm", encoding: .utf8),
      let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { return false }
    return pages * sysconf(Int32(_SC_PAGESIZE)) > Self.mostMemory
  }

  /// Ends it.
  func end() {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// Waits for its end, for as long as an input may run.
  func wait(details: Bool) -> Ending {
    while true {
      if let ending { return ending }
      if isTooLarge {
        end()
        return .memory
      }
      if Clock.milliseconds() - began > Self.longest + (details ? 20_000 : 1_000) {
        end()
        return .hang
      }
      usleep(2_000)
    }
  }
}
