import Glibc

/// What the terminal can do.
enum Terminal {
  /// The width of the terminal behind standard output in cells, nil if there is none.
  static var width: Int? { window?.columns }

  /// Its height in lines, nil if there is none.
  static var height: Int? { window?.rows }

  /// The window behind standard output.
  struct Window {
    /// In cells.
    let columns: Int
    /// In cells.
    let rows: Int
    /// A cell's size in pixels, where the terminal tells.
    let cell: (width: Int, height: Int)?
  }

  /// The window behind standard output, nil if there is none.
  static var window: Window? {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
      return nil
    }
    let cell = (width: Int(size.ws_xpixel / size.ws_col), height: Int(size.ws_ypixel / size.ws_row))
    // Some terminals tell nonsense.
    let isLikely = (4...100).contains(cell.width) && (6...200).contains(cell.height)
    return Window(columns: Int(size.ws_col), rows: Int(size.ws_row), cell: isLikely ? cell : nil)
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
