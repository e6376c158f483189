import CapLanguage

/// The functions that have nothing to do with sound: values, sequences, numbers, strings, files.
public enum LanguageFunctions {
  /// One array a file.
  static let topics: [[FunctionDeclaration]] = []

  /// All of them.
  public static let all: [FunctionDeclaration] = topics.flatMap { $0 }
}
