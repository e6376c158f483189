import Essentials
import Glibc
import Notebook

/// Shows a long text one screen at a time.
struct Pager {
  private let command: String

  /// `$PAGER`, else `less`; nil where there is neither, or the terminal cannot move its cursor.
  init?() {
    guard Terminal.movesCursor else { return nil }
    if let chosen = getenv("PAGER").map({ String(cString: $0) }), !chosen.isEmpty {
      command = chosen
    } else if Self.isOnPath("less") {
      command = "less"
    } else {
      return nil
    }
  }

  /// Whether `text` has more rows than the terminal.
  static func isNeeded(for text: String) -> Bool {
    guard let rows = Terminal.height, let columns = Terminal.width else { return false }
    var used = 0
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      used += max(0, TextWidth.of(line) - 1) / columns + 1
    }
    return used > rows - 1
  }

  /// Shows `text` and waits until the reader leaves; false if the pager could not be started.
  func show(_ text: String) -> Bool {
    guard let pipe = popen(command, "w") else { return false }
    fputs(text, pipe)
    // 127 is the shell's word for a command that is not there.
    let status = pclose(pipe)
    return status >= 0 && status >> 8 != 127
  }

  private static func isOnPath(_ program: String) -> Bool {
    guard let path = getenv("PATH").map({ String(cString: $0) }) else { return false }
    return path.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
  }
}
