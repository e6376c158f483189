import Foundation
import Glibc
import TestSupport
import Testing

/// The program on a pseudo-terminal of its own, driven by keys and watched on a screen.
final class PseudoTerminal {
  /// What the terminal shows.
  private(set) var screen: Screen
  private let master: Int32
  private let process: pid_t
  private var status: Int32?
  private var isClosed = false
  private let keptFolder: TemporaryFolder?

  /// Starts the program with these arguments; `environment` adds to a small one of our own. Without a `cell`
  /// the terminal does not tell how many pixels it has.
  init(
    _ arguments: [String] = [], environment: [String: String] = [:], folder: TemporaryFolder? = nil,
    columns: Int = 80, rows: Int = 24, cell: (width: Int, height: Int) = (0, 0)
  ) throws {
    keptFolder = folder
    screen = Screen(columns: columns, rows: rows)
    // As posix_openpt, unlockpt and ptsname do it; Swift's Glibc module leaves them out.
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var lock: Int32 = 0
    var number: Int32 = 0
    let unlock: UInt = 0x4004_5431
    let getNumber: UInt = 0x8004_5430
    try #require(master >= 0 && ioctl(master, unlock, &lock) == 0 && ioctl(master, getNumber, &number) == 0)
    let terminal = "/dev/pts/\(number)"
    Self.setSize(of: master, columns: columns, rows: rows, cell: cell)

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // The leader of a new session that opens a terminal gets it as its controlling one.
    posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, 0x80)  // POSIX_SPAWN_SETSID

    var variables = ["TERM": "xterm-256color", "INPUTRC": "/dev/null", "PAGER": "cat"]
    variables["PATH"] = ProcessInfo.processInfo.environment["PATH"]
    variables.merge(environment) { _, new in new }
    let start = folder.map { ["/bin/sh", "-c", "cd '\($0.url.path)' && exec \"$0\" \"$@\""] } ?? []
    let command = start + [Program.path] + arguments
    let words = command.map { strdup($0) } + [nil]
    let settings = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in words + settings { free(text) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, command[0], &actions, &attributes, words, settings)
    self.process = process
    try #require(code == 0, "cannot start \(Program.path): \(String(cString: strerror(code)))")
  }

  deinit {
    if status == nil {
      kill(process, SIGKILL)
      waitpid(process, nil, 0)
    }
    if !isClosed { close(master) }
  }

  /// Types.
  func type(_ keys: String) {
    var bytes = Array(keys.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
      if count > 0 { bytes = bytes.dropFirst(count) } else { return }
    }
  }

  /// Types a line and presses Enter.
  func enter(_ line: String) { type(line + "\r") }

  /// Waits until the screen shows `text`.
  func expect(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    try expect("shows '\(text)'", sourceLocation: sourceLocation) { $0.text.contains(text) }
  }

  /// Waits until the screen is as wanted. A minute is meant for a machine under load; it takes milliseconds.
  func expect(
    _ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ isReached: (Screen) -> Bool
  ) throws {
    let deadline = Date(timeIntervalSinceNow: 60)
    while !isReached(screen) {
      guard Date() < deadline, readSome() else {
        // Not in the expectation itself: its report would spell out the screen cell by cell.
        let hasReached = isReached(screen)
        try #require(
          hasReached, "waiting until it \(what); the screen:\n\(screen.text)",
          sourceLocation: sourceLocation)
        return
      }
    }
  }

  /// Waits for the program's end; its exit status, or 128 and the signal that ended it.
  func waitForExit() throws -> Int32 {
    let deadline = Date(timeIntervalSinceNow: 60)
    while Date() < deadline {
      // What it still writes must be read, or it would wait for us.
      _ = readSome(milliseconds: 20)
      var code: Int32 = 0
      if waitpid(process, &code, WNOHANG) == process {
        while readSome(milliseconds: 0) {}
        let ended = code & 0x7f == 0 ? (code >> 8) & 0xff : 128 + (code & 0x7f)
        status = ended
        return ended
      }
    }
    throw Timeout(what: "the program did not end; the screen:\n\(screen.text)")
  }

  /// Gives the terminal another size.
  func resize(columns: Int, rows: Int) {
    screen.resize(columns: columns, rows: rows)
    Self.setSize(of: master, columns: columns, rows: rows)
  }

  private static func setSize(
    of terminal: Int32, columns: Int, rows: Int, cell: (width: Int, height: Int) = (0, 0)
  ) {
    var size = winsize(
      ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: UInt16(columns * cell.width),
      ws_ypixel: UInt16(rows * cell.height))
    _ = ioctl(terminal, UInt(TIOCSWINSZ), &size)
  }

  /// Closes the terminal, as the window does that it is in; nothing is shown any more.
  func hangUp() {
    close(master)
    isClosed = true
  }

  /// Sends the program a signal.
  func send(_ signal: Int32) { kill(process, signal) }

  struct Timeout: Error, CustomStringConvertible {
    let what: String
    var description: String { what }
  }

  /// Reads what is there; false at the end of the stream.
  private func readSome(milliseconds: Int32 = 100) -> Bool {
    if isClosed {
      usleep(useconds_t(milliseconds) * 1000)
      return false
    }
    var descriptor = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    guard poll(&descriptor, 1, milliseconds) > 0 else { return milliseconds > 0 }
    var bytes = [UInt8](repeating: 0, count: 65536)
    let count = read(master, &bytes, bytes.count)
    guard count > 0 else { return false }
    screen.write(bytes[..<count])
    return true
  }
}
