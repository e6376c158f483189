/// Names that a library's users know from elsewhere, and what stands for them here: for hints only. The language
/// knows the words of other languages; those of other libraries come with the library.
public protocol ForeignWords: Sendable {
  /// What to write for a name that nothing here carries: "write load(path)"; nil for an unknown one.
  func hint(name: String) -> String?
  /// What a parameter of that name may be called here, best first.
  func parameters(name: String) -> [String]
  /// The word of a choice that another one, in small letters, stands for; nil for an unknown one.
  func choice(word: String) -> String?
}

extension ForeignWords {
  /// None.
  public func hint(name: String) -> String? { nil }
  /// None.
  public func parameters(name: String) -> [String] { [] }
  /// None.
  public func choice(word: String) -> String? { nil }
}

/// For a library without peers.
struct NoForeignWords: ForeignWords {}

/// Names that other languages have for what Cap writes by itself.
enum ForeignNames {
  static func hint(_ name: String) -> String? {
    switch name {
    case "True", "TRUE": "write true"
    case "False", "FALSE": "write false"
    case "None", "null", "nil", "undefined", "NULL", "Null": "write none"
    case "NaN", "nan", "NAN": "write 0 * inf, or test with x != x"
    case "elif": "write else if"
    case "self", "this": "there are no methods; pass the value as an argument"
    case "dict", "struct", "object": "a record is written {name: value}"
    case "list", "tuple", "c", "vector", "Array", "cell": "a list is written [a, b]"
    case "input", "readline", "prompt": "a script is given its input in files and in args"
    case "ValueError", "Exception", "Error", "RuntimeError", "TypeError", "stop", "error":
      "write raise \"what went wrong\""
    case "NA": "write none, or nan for a missing number"
    case "Inf", "Infinity", "INFINITY": "write inf"
    case "append", "push": "write xs += [value]"
    case "end", "endif", "endfor", "endwhile", "fi", "begin", "done": "blocks stand in braces: { … }"
    case "lambda": "write x => …"
    case "str", "String", "toString", "paste", "paste0", "sprintf", "strcat", "num2str": "write f\"{x}\""
    case "def", "function", "func": "write fn name(…) { … }"
    case "import": "write import \"file.cap\""
    default: nil
    }
  }
}
