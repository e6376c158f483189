import CapLanguage

/// The functions that have nothing to do with sound: values, sequences, numbers, strings, files.
public enum LanguageFunctions {
  /// One array a file.
  static let topics: [[FunctionDeclaration]] = [
    NotebookFunctions.all, ValueFunctions.all, SequenceFunctions.all, OrderFunctions.all, MathFunctions.all,
    NumberQuestions.all,
    ReductionFunctions.all, AxisFunctions.all, TensorFunctions.all, ShapingFunctions.all, RandomFunctions.all,
    StringFunctions.all,
    RecordFunctions.all, FileFunctions.all, TableFunctions.all,
  ]

  /// All of them.
  public static let all: [FunctionDeclaration] = topics.flatMap { $0 }
}
