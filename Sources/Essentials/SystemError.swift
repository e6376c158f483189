import Glibc

/// The C library's words for its error numbers.
public enum SystemError {
  /// The text of `strerror_r`, with a lower-case first letter: "no such file or directory".
  public static func text(_ code: Int32) -> String {
    let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer -> String in
      buffer.initialize(repeating: 0)
      guard let base = buffer.baseAddress, strerror_r(code, base, 255) == 0 else {
        return "error \(code)"
      }
      return String(cString: base)
    }
    return text.prefix(1).lowercased() + text.dropFirst()
  }
}
