import CapLibrary
import Reports

/// The version of the program, and of what it was built with and stands on.
enum Version {
  static let text = "0.1.0"

  /// Swift, and every library that tells its version.
  static var all: [(name: String, version: String)] {
    [("Swift", swift)] + StandardLibrary.versions + Transcript.libraryVersions
  }

  #if compiler(>=6.4)
    private static let swift = "6.4 or newer"
  #elseif compiler(>=6.3)
    private static let swift = "6.3"
  #elseif compiler(>=6.2)
    private static let swift = "6.2"
  #else
    private static let swift = "6.1"
  #endif
}
