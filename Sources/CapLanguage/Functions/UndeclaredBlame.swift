import Essentials

/// Failures that blame a parameter which the function that was called does not have: a caret could stand under no
/// argument. A test looks here; nothing else does.
public enum UndeclaredBlame {
  private static let found = Monitor<Set<String>>([])

  /// "mel blames 'low'", one for each pair that was met since this was last asked.
  public static func take() -> Set<String> {
    found.withLock { found in
      defer { found = [] }
      return found
    }
  }

  static func note(_ parameter: String, by function: String) {
    found.withLock { _ = $0.insert("\(function) blames '\(parameter)'") }
  }
}
