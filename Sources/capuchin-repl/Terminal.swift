import Glibc

/// What the terminal can do.
enum Terminal {
  /// The width of the terminal behind standard output in cells, nil if there is none.
  static var width: Int? { size?.columns }

  /// Its height.
  static var height: Int? { size?.rows }

  private static var size: (columns: Int, rows: Int)? {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
      return nil
    }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// Whether it can move its cursor.
  static let movesCursor: Bool = {
    guard let name = getenv("TERM").map({ String(cString: $0) }) else { return false }
    return !["", "dumb", "unknown"].contains(name)
  }()

  /// Whether colours are wanted, where the stream is a terminal: https://no-color.org.
  static let allowsColor: Bool = {
    if let value = getenv("NO_COLOR"), value.pointee != 0 { return false }
    return movesCursor
  }()
}
