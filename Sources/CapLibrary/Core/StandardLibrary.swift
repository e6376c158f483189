import CapLanguage

/// The standard library of Cap: every function, declared once.
public enum StandardLibrary {
  /// All functions, topic by topic: the order of the documentation.
  public static let functions: [FunctionDeclaration] = topics.flatMap { $0 }

  /// Names with a fixed value.
  public static let constants: [(name: String, value: Value, summary: String)] = [
    ("pi", .number(Double.pi), "the circumference of a circle over its diameter, 3.14159…"),
    ("e", .number(2.718281828459045), "the base of the natural logarithm, 2.71828…"),
    ("inf", .number(Double.infinity), "more than any number"),
    ("nan", .number(Double.nan), "not a number: unequal to everything, itself too"),
  ]

  // One array a file, in the order of the documentation. Further topics are added at their place here.
  private static let topics: [[FunctionDeclaration]] =
    LanguageFunctions.topics + [
      AudioFunctions.all, SpectraFunctions.all, DatasetFunctions.all, LayerFunctions.all,
      CompileFunctions.all, LossFunctions.all, MetricFunctions.all, OptimizerFunctions.all,
      ScheduleFunctions.all, FitFunctions.all, CallbackFunctions.all, LearningRateFunctions.all,
      PredictionFunctions.all, StepFunctions.all, SummaryFunctions.all, ModelFileFunctions.all,
      CallFunctions.all, PictureFunctions.all, ChartFunctions.all, AnnotationFunctions.all, DemoFunctions.all,
    ]
}
